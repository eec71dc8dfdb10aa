"""requirements.lock: complete, hashed, and silent about where packages come from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.lock"

PACKAGE = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][0-9A-Za-z.+!]*)(?: ; (?P<marker>[^\\]+))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?P<more> \\)?")


def entries(text: str) -> dict[str, tuple[str, int]]:
    """Version and number of hashes of each package; any line that is neither fails."""
    found: dict[str, tuple[str, int]] = {}
    name = ""
    for line in text.splitlines():
        if package := PACKAGE.fullmatch(line):
            name = package["name"]
            assert name not in found, f"{name} is locked twice"
            found[name] = (package["version"], 0)
            if package["marker"]:
                Marker(package["marker"])
        else:
            assert name and HASH.fullmatch(line), f"neither a package nor a hash: {line!r}"
            version, hashes = found[name]
            found[name] = (version, hashes + 1)
    return found


def declared() -> list[Requirement]:
    """Every dependency of pyproject.toml, with those of the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(text) for group in groups for text in group]


def test_the_lock_holds_names_versions_markers_and_hashes_only() -> None:
    locked = entries(LOCK.read_text("ascii"))
    assert len(locked) > 20
    assert [name for name, (_, hashes) in locked.items() if not hashes] == []


def test_the_lock_covers_what_pyproject_asks_for() -> None:
    locked = entries(LOCK.read_text("ascii"))
    wrong = [
        str(requirement)
        for requirement in declared()
        if not requirement.specifier.contains(locked.get(canonicalize_name(requirement.name), ("0", 0))[0])
    ]
    assert wrong == [], "run `make lock`"


def test_every_dependency_has_a_lower_bound() -> None:
    bounds = {
        str(requirement): {part.operator for part in requirement.specifier} for requirement in declared()
    }
    assert [text for text, operators in bounds.items() if not operators & {"~=", ">="}] == []


def test_pythons_from_the_oldest_supported_on_are_covered() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert tomllib.loads(text)["project"]["requires-python"] == ">=3.11"
    assert "--universal --python-version 3.11 --generate-hashes" in (ROOT / "Makefile").read_text("utf-8")
