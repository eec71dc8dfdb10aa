"""Starting the programs of `tests.storage.programs`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def started(program: str, folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Start a program; at the end it is gone."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.storage.programs", program, str(folder), *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str]) -> str:
    """Return the next line that the program says; it waits for it."""
    assert process.stdout is not None
    found = process.stdout.readline()
    assert found, f"the program ended with {process.wait(timeout=60)}"
    return found.rstrip("\n")


def everything(program: str, folder: Path) -> list[str]:
    """Run a program to its end and return all that it said."""
    with started(program, folder) as process:
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return said.splitlines()
