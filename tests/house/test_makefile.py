"""The Makefile's first steps on a machine that lacks something, and that .ci/run does what it says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


class Checkout:
    """A copy of what `make` needs, and programs of our own in front of the machine's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.programs.mkdir()
        (folder / ".ci").mkdir()
        for name in ("Makefile", ".ci/run"):
            shutil.copy(ROOT / name, folder / name)
        (folder / "requirements.lock").write_text("")

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        # Without what an outer make hands to an inner one.
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
        }
        environ.pop("PYTHON", None)
        environ["PATH"] = f"{self.programs}{os.pathsep}{environ['PATH']}"
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_an_old_python_is_refused_with_a_remedy(checkout: Checkout) -> None:
    checkout.program("python3", '[ "$1" = -V ] && echo "Python 3.9.2"; exit 1')
    done = checkout.run("make", "test")
    assert done.returncode != 0
    assert "needs Python 3.11 or newer, and 'python3' is Python 3.9.2" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert not (checkout.folder / ".venv").exists()


def test_a_missing_python_is_named(checkout: Checkout) -> None:
    done = checkout.run("make", "PYTHON=python-that-is-not-there")
    assert done.returncode != 0
    assert "'python-that-is-not-there' was not found" in done.stderr


def test_a_python_without_ensurepip_is_told_what_to_install(checkout: Checkout) -> None:
    checkout.program("python3", f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"')
    done = checkout.run("make", "run")
    assert done.returncode != 0
    assert "apt install python3-venv" in done.stderr


def test_the_environment_is_made_once_and_again_when_the_lock_changes(checkout: Checkout) -> None:
    checkout.program("python3", f'exec {sys.executable} "$@"')
    first = checkout.run("make")
    assert first.returncode == 0, first.stderr
    assert "Installing" in first.stdout
    assert "Installing" not in checkout.run("make").stdout

    stamp = checkout.folder / ".venv" / ".installed"
    newer = stamp.stat().st_mtime + 10
    os.utime(checkout.folder / "requirements.lock", (newer, newer))
    assert "Installing" in checkout.run("make").stdout

    # The interpreter that it was made with was removed.
    os.utime(checkout.folder / "requirements.lock", (1, 1))
    for name in ("python", "python3"):
        (checkout.folder / ".venv" / "bin" / name).unlink()
    again = checkout.run("make")
    assert again.returncode == 0, again.stderr
    assert "Installing" in again.stdout


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_ci_goes_on_without_packages_and_calls_what_the_readme_names(checkout: Checkout) -> None:
    checkout.program("make", 'echo "make $*" >>calls')
    checkout.program("id", "echo 0")
    checkout.program("apt-get", 'echo "apt-get $*" >>calls; exit 100')
    done = checkout.run("bash", ".ci/run")
    assert done.returncode == 0, done.stderr
    calls = (checkout.folder / "calls").read_text().splitlines()
    assert [call for call in calls if call.startswith("make")] == ["make check", "make test"]


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_ci_fails_where_a_step_fails(checkout: Checkout) -> None:
    checkout.program("make", '[ "$1" != check ]')
    checkout.program("id", "echo 1000")
    assert checkout.run("bash", ".ci/run").returncode != 0
