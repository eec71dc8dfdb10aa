"""Threads that work on files and pictures let the event loop go first."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.background import STEPS_BACK, stand_back
from bot.imaging import Imaging
from storage.blobs import Blobs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no niceness")
LOWEST = 19


def niceness() -> int:
    """Of the calling thread."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def niceness_of(name: str) -> set[int]:
    """Of the running threads whose name begins so."""
    found = [thread.native_id for thread in threading.enumerate() if thread.name.startswith(name)]
    return {os.getpriority(os.PRIO_PROCESS, number) for number in found if number is not None}


def test_a_thread_steps_back_alone() -> None:
    before = niceness()
    with ThreadPoolExecutor(1, initializer=stand_back) as threads:
        assert threads.submit(niceness).result() == min(LOWEST, before + STEPS_BACK)
    assert niceness() == before


async def test_those_for_files_and_pictures_do(tmp_path: Path) -> None:
    lower = {min(LOWEST, niceness() + STEPS_BACK)}
    async with Blobs.open(tmp_path) as blobs, Imaging(workers=1) as imaging:
        async with blobs.spool() as spool:
            await spool.write(b"no picture")
            sha256, _ = await spool.commit()
        assert await imaging.inspect(blobs.path(sha256)) is None
        assert niceness_of("blobs") == lower
        assert niceness_of("imaging") == lower
