"""Disks that a test may fill or protect: small ones in memory, where the machine lets us mount them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MIB = 2**20


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """A file system of `size` bytes at `folder`; skips the test where this user cannot mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={size},mode=700", "plantain-test", str(folder))
    try:
        yield folder
    finally:
        _unmount(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder and what is in it unchangeable, for root as well."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(0o700)
        return
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,bind,ro", str(folder))
        yield
    finally:
        _unmount(folder)


def fill(folder: Path, *, leave: int = 0) -> Path:
    """Take all space but `leave` bytes with one file; returns the file, to be unlinked."""
    file = folder / "filling"
    with file.open("wb", buffering=0) as stream:
        taken = max(0, shutil.disk_usage(folder).free - leave)
        while taken > 0:
            try:
                stream.write(bytes(min(MIB, taken)))
            except OSError:
                break  # the last pages were taken meanwhile
            taken -= MIB
    return file


def _mount(*arguments: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    program = shutil.which("mount")
    if program is None:
        pytest.skip("there is no program 'mount' here")
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")


def _unmount(folder: Path) -> None:
    # Lazily: whoever still has a file open there is on its way out.
    subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)
