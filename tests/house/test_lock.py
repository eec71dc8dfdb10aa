"""requirements*.lock: complete, hashed, and silent about where packages come from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK, RUN_LOCK = ROOT / "requirements.lock", ROOT / "requirements.run.lock"

PACKAGE = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[0-9][0-9A-Za-z.+!]*)(?: ; (?P<marker>[^\\]+))? \\")
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?P<more> \\)?")


def entries(path: Path) -> dict[str, dict[str, str]]:
    """The version of each package by the marker under which it is taken; any line without a sense fails."""
    found: dict[str, dict[str, str]] = {}
    hashes = 1
    for line in path.read_text("ascii").splitlines():
        if package := PACKAGE.fullmatch(line):
            assert hashes, f"nothing proves what comes before {line!r}"
            hashes, marker = 0, package["marker"] or ""
            if marker:
                Marker(marker)
            versions = found.setdefault(package["name"], {})
            assert marker not in versions and "" not in versions, f"{package['name']} is locked twice"
            versions[marker] = package["version"]
        else:
            assert found and HASH.fullmatch(line), f"neither a package nor a hash: {line!r}"
            hashes += 1
    assert hashes
    return found


def declared() -> list[Requirement]:
    """Every dependency of pyproject.toml, with those of the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(text) for group in groups for text in group]


def test_the_lock_holds_names_versions_markers_and_hashes_only() -> None:
    assert len(entries(LOCK)) > 20


def test_what_runs_is_locked_to_the_same_versions_without_what_only_develops() -> None:
    everything, running = entries(LOCK), entries(RUN_LOCK)
    assert [name for name in running if not {*running[name].values()} <= {*everything[name].values()}] == []
    only_developing = {
        "pytest",
        "mypy",
        "ruff",
        "uv",
        "pip",
        "setuptools",
        "simcord",
        "playwright",
        "hypothesis",
    }
    assert only_developing & running.keys() == set()
    assert {"discord-py", "google-genai", "asyncpg", "prometheus-client"} <= running.keys()


def test_the_lock_covers_what_pyproject_asks_for() -> None:
    locked = entries(LOCK)
    wrong = [
        str(requirement)
        for requirement in declared()
        for version in locked.get(canonicalize_name(requirement.name), {"": "0"}).values()
        if not requirement.specifier.contains(version)
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
