"""Putting a backup back: all of it or nothing, also where it is killed."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.config import load_settings
from bot.errors import StorageError, StorageFull
from bot.keeping import run_migrate, run_restore
from storage.exchange import ASIDE
from storage.safety import STAGING, was_interrupted
from storage.store import DATABASE, LOCK, backup, bring_up_to_date, open_store, restore
from tests.storage.backups import NOBODY, VERSION, jobs_in, names, posix
from tests.storage.processes import line, started
from tests.storage.samples import select


async def test_what_cannot_be_moved_leaves_everything_in_its_place(
    backed_up: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, target = backed_up
    rename, before = Path.rename, names(folder)

    def busy(path: Path, to: Path) -> Path:
        if path == folder / "blobs":
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", busy)
    with pytest.raises(StorageError, match=r"blobs cannot be moved: .*busy\. What was there is back"):
        restore("", folder, target, force=True)
    assert names(folder) == before
    monkeypatch.undo()
    assert await jobs_in(folder) == 3


@pytest.fixture
def mounted(backed_up: tuple[Path, Path]) -> Iterator[tuple[Path, Path]]:
    """The same with the pictures on a mount, where this user may make one."""
    blobs = backed_up[0] / "blobs"
    elsewhere = backed_up[0].with_name("disk")
    shutil.move(blobs, elsewhere)
    blobs.mkdir()
    try:
        subprocess.run(["mount", "--bind", elsewhere, blobs], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a folder needs root")
    yield backed_up
    subprocess.run(["umount", blobs], check=True)


async def test_a_folder_that_is_a_mount_is_refused_before_anything_moves(mounted: tuple[Path, Path]) -> None:
    folder, target = mounted
    before = names(folder)
    with pytest.raises(StorageError, match=r"blobs is a mount of its own.*Nothing was changed"):
        restore("", folder, target, force=True)
    assert names(folder) == before
    assert await jobs_in(folder) == 3


class Killed(BaseException):
    """The process is gone."""


def die_before(step: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Let nothing change names in folders from the step of that number on; return whether it came to that."""
    left = step

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*args: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left <= 0:
                raise Killed
            return change(*args, **options)

        return changed

    for name in ("rename", "replace", "unlink", "mkdir", "rmdir"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    monkeypatch.setattr(shutil, "rmtree", counted(shutil.rmtree))
    return lambda: left <= 0


async def test_a_restore_that_is_killed_at_any_step_is_noticed_and_done_again(
    backed_up: tuple[Path, Path], tmp_path: Path
) -> None:
    folder, target = backed_up
    whole, step, noticed, dead = tmp_path / "whole", 0, 0, True
    shutil.copytree(folder, whole)
    while dead:
        step += 1
        shutil.rmtree(folder)
        shutil.copytree(whole, folder)
        with pytest.MonkeyPatch.context() as monkeypatch:
            died = die_before(step, monkeypatch)
            with suppress(Killed):
                restore("", folder, target, force=True)
            dead = died()
        if was_interrupted(folder):
            noticed += 1
            with pytest.raises(StorageError, match=r"a restore of .* was interrupted.*--force"):
                await jobs_in(folder)
            with pytest.raises(StorageError, match="was interrupted"):
                restore("", folder, target)
            with pytest.raises(StorageError, match="was interrupted"):
                backup("", folder, tmp_path / "another.tar", version=VERSION)
        else:
            done = any(path.name.startswith(ASIDE) for path in folder.iterdir())
            assert await jobs_in(folder) == (2 if done else 3)
        restore("", folder, target, force=True)
        assert await jobs_in(folder) == 2
        assert not (folder / STAGING).exists()
        kept = [path for path in folder.iterdir() if path.name.startswith(ASIDE)]
        assert any((path / DATABASE).is_file() and (path / "blobs").is_dir() for path in kept)
    assert noticed > 5  # with the marker, each entry aside, each in


@posix
async def test_a_restore_that_is_told_to_stop_takes_everything_back(backed_up: tuple[Path, Path]) -> None:
    folder, target = backed_up
    with started("command", folder, "restore", str(target)) as process:
        assert await asyncio.to_thread(line, process) == "working"
        assert was_interrupted(folder)
        process.terminate()
        assert await asyncio.to_thread(process.wait) == 128 + signal.SIGTERM
    assert not (folder / STAGING).exists()
    assert await jobs_in(folder) == 3


def test_operators_are_told_where_it_was(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANTAIN_STORAGE__PATH", "relative")
    settings = load_settings(None)
    assert run_restore(settings, good, force=False) == 0
    assert f"{tmp_path / 'relative'}: restored 1 pictures" in capsys.readouterr().out
    assert run_migrate(settings) == 0
    assert capsys.readouterr().out == f"The database in {tmp_path / 'relative'} is up to date.\n"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
async def test_what_root_restores_belongs_to_the_folder_s_owner(
    backed_up: tuple[Path, Path], tmp_path: Path
) -> None:
    _, target = backed_up
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    roots = elsewhere / "lost+found"
    roots.mkdir()
    os.chown(elsewhere, NOBODY, NOBODY)
    for force in (False, True):
        restore("", elsewhere, target, force=force)
        owners = {path.relative_to(elsewhere): path.lstat().st_uid for path in elsewhere.rglob("*")}
        assert owners.pop(Path("lost+found")) == 0
        assert set(owners.values()) == {NOBODY}
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    os.chown(fresh, NOBODY, NOBODY)
    await bring_up_to_date("", fresh)
    assert {path.lstat().st_uid for path in fresh.rglob("*")} == {NOBODY}


def test_a_restore_onto_a_full_disk_names_the_folder(
    good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: object, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("storage.restore.write_all", full)
    with pytest.raises(StorageFull, match=rf"no space is left for {re.escape(str(tmp_path / 'data'))}:"):
        restore("", tmp_path / "data", good)
    assert names(tmp_path / "data") == [LOCK]


async def test_the_archive_may_lie_in_the_folder_itself(good: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    inside = Path(shutil.move(good, folder / "backup.tar"))
    assert restore("", folder, inside)[1] is None
    async with open_store("", folder) as store:
        assert await select(store, "SELECT COUNT(*) AS jobs FROM jobs", "jobs") == [(2,)]
    assert "backup.tar" in names(folder)
