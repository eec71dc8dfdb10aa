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


Locked = dict[tuple[str, str], tuple[str, int]]


def entries(text: str) -> Locked:
    """Version and number of hashes by name and marker; any line that is neither fails.

    A package whose latest version leaves out the oldest Python is locked once for each side of that.
    """
    found: Locked = {}
    key = ("", "")
    for line in text.splitlines():
        if package := PACKAGE.fullmatch(line):
            key = (package["name"], package["marker"] or "")
            assert key not in found, f"{key} is locked twice"
            found[key] = (package["version"], 0)
            if package["marker"]:
                Marker(package["marker"])
        else:
            assert key[0] and HASH.fullmatch(line), f"neither a package nor a hash: {line!r}"
            version, hashes = found[key]
            found[key] = (version, hashes + 1)
    return found


def twice_for_one_python(locked: Locked) -> list[str]:
    """Names that an interpreter would find with two versions."""
    wrong = []
    for minor in range(11, 20):
        here = {"python_full_version": f"3.{minor}.0", "python_version": f"3.{minor}"}
        names = [name for name, marker in locked if not marker or Marker(marker).evaluate(here)]
        wrong += sorted({name for name in names if names.count(name) > 1})
    return wrong


def needed_to_run() -> list[Requirement]:
    """What pyproject.toml names for a bot that only runs, on either database."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], project["optional-dependencies"]["postgres"]]
    return [Requirement(text) for group in groups for text in group]


def declared() -> list[Requirement]:
    """Every dependency of pyproject.toml, with those of the extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return [Requirement(text) for group in groups for text in group]


def test_the_lock_holds_names_versions_markers_and_hashes_only() -> None:
    locked = entries(LOCK.read_text("ascii"))
    assert len(locked) > 20
    assert [key for key, (_, hashes) in locked.items() if not hashes] == []
    assert twice_for_one_python(locked) == []


def test_what_runs_is_locked_to_the_same_versions_without_what_only_develops() -> None:
    everything, running = (
        {(name, version) for (name, _), (version, _) in entries(path.read_text("ascii")).items()}
        for path in (LOCK, RUN_LOCK)
    )
    assert running < everything
    names = {name for name, _ in running}
    developing = {"pytest", "mypy", "ruff", "uv", "pip", "setuptools", "simcord", "playwright", "hypothesis"}
    assert developing & names == set()
    assert {"discord-py", "google-genai", "asyncpg", "prometheus-client"} <= names


def test_the_lock_covers_what_pyproject_asks_for() -> None:
    for path, requirements in ((LOCK, declared()), (RUN_LOCK, needed_to_run())):
        versions: dict[str, list[str]] = {}
        for (name, _), (version, _) in entries(path.read_text("ascii")).items():
            versions.setdefault(name, []).append(version)
        wrong = [
            str(requirement)
            for requirement in requirements
            if not any(
                map(requirement.specifier.contains, versions.get(canonicalize_name(requirement.name), ()))
            )
        ]
        assert wrong == [], f"{path.name}: run `make lock`"


def test_every_dependency_has_a_lower_bound() -> None:
    bounds = {
        str(requirement): {part.operator for part in requirement.specifier} for requirement in declared()
    }
    assert [text for text, operators in bounds.items() if not operators & {"~=", ">="}] == []


def test_pythons_from_the_oldest_supported_on_are_covered() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert tomllib.loads(text)["project"]["requires-python"] == ">=3.11"
    assert "--universal --python-version 3.11 --generate-hashes" in (ROOT / "Makefile").read_text("utf-8")
