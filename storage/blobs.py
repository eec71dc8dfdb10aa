"""Files on disk: pictures addressed by SHA-256, and answers that the database did not take at once.

::

    blobs/ab/abcdef…              a picture's original bytes, never changed
    blobs/incoming/….part         one that is still arriving
    answers/<job>-<position>.json what a provider sent, until the database has it
"""

from __future__ import annotations

import logging
import math
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from bot.domain.answers import Answer
from bot.errors import StorageError, StorageFull, StorageReadOnly
from storage.blob_folder import ANSWERS, BLOBS, INCOMING
from storage.encoding import from_text, to_text
from storage.faults import file_faults
from storage.files import make_folder, remove_parts, write_whole
from storage.spool import Files, Spool

log = logging.getLogger(__name__)

# Threads of its own: pictures that are being decoded elsewhere do not delay what has to reach the disk.
THREADS = 4
# Room for the largest picture that a provider may send, and for what the database writes beside it.
LEAST_ROOM = 96 * 2**20
# With so much room it is not looked at again for some seconds.
MUCH_ROOM = 4 * 2**30
MUCH_LASTS = 5.0  # seconds
# What another process has not touched for so long, it will not finish (see `Blobs.open`).
FORGOTTEN_AFTER = 3600.0  # seconds

_SHA256 = re.compile(r"[0-9a-f]{64}")
_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Blobs:
    """The files of one data folder. Get it from `Blobs.open`."""

    def __init__(self, folder: Path, files: Files, *, shared: bool) -> None:
        self._blobs = folder / BLOBS
        self._incoming = self._blobs / INCOMING
        self._answers = folder / ANSWERS
        self._files = files
        self._shared = shared
        # Answers that are on disk, as far as this process knows: nearly always there are none.
        self._on_disk: set[Path] = set()
        self._enough_until = 0.0  # on the monotonic clock

    @classmethod
    @asynccontextmanager
    async def open(
        cls, folder: Path, *, shared: bool = False, threads: int = THREADS
    ) -> AsyncIterator[Blobs]:
        """Open the files of a data folder, and remove what a crash left unfinished.

        `shared` says that other processes may be at work in it: what is fresh is left to them. `threads` is
        explained at `Files`.
        """
        files = Files(threads)
        try:
            blobs = cls(folder, files, shared=shared)
            await files.run(blobs._prepare, folder)
            yield blobs
        finally:
            files.close()

    def path(self, sha256: str) -> Path:
        """Where a picture's bytes are; ValueError for what is no SHA-256 in lower-case hexadecimal."""
        if _SHA256.fullmatch(sha256) is None:
            raise ValueError("that is no SHA-256")
        return self._blobs / sha256[:2] / sha256

    def spool(self) -> Spool:
        """Begin a new picture."""
        return Spool(self._files, self._incoming, self.path)

    async def ensure_room(self) -> None:
        """Raise StorageFull when the disk has no room for an answer: better to know before it is paid."""
        if time.monotonic() < self._enough_until:
            return
        free = await self._files.run(lambda: shutil.disk_usage(self._blobs).free, self._blobs)
        if free < LEAST_ROOM:
            raise StorageFull(f"only {free // 2**20} MiB are free for {self._blobs}. Free some space there")
        if free >= MUCH_ROOM:
            self._enough_until = time.monotonic() + MUCH_LASTS

    async def keep_answer(self, job_id: str, position: int, answer: Answer) -> None:
        """Put an answer on disk, durably: when this returns, a crash cannot lose it."""
        path = self._answer(job_id, position)
        self._on_disk.add(path)
        await self._files.run(lambda: write_whole(path, _encode(answer)), path)

    async def kept_answers(self, job_id: str) -> dict[int, Answer]:
        """The answers of a job that are on disk, by position. One that cannot be read counts as absent."""
        _checked(job_id)
        found = await self._files.run(lambda: self._answers_of(job_id), self._answers)
        self._on_disk.update(found.values())
        return await self._files.run(lambda: _read(found), self._answers) if found else {}

    async def drop_answers(self, job_id: str, count: int) -> None:
        """Remove what is on disk of a finished job's answers, so many; the database has their content."""
        paths = {self._answer(job_id, position) for position in range(count)}
        if not self._shared:
            paths &= self._on_disk
        if paths:
            await self._files.run(lambda: _remove(paths), self._answers)
            self._on_disk -= paths

    def _answer(self, job_id: str, position: int) -> Path:
        return self._answers / f"{_checked(job_id)}-{position:d}.json"

    # In a thread from here on.

    def _prepare(self) -> None:
        before = time.time() - FORGOTTEN_AFTER if self._shared else math.inf
        for folder in (self._blobs, self._incoming, self._answers):
            with file_faults(folder):
                make_folder(folder)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise StorageReadOnly(f"{folder} cannot be written. Make it writable for this user")
            removed = remove_parts(folder, before=before)
            if removed:
                log.info("removed %d unfinished files from %s", removed, folder)
        self._on_disk.update(self._answers / name for name in os.listdir(self._answers))

    def _answers_of(self, job_id: str) -> dict[int, Path]:
        found = {}
        for path in self._answers.glob(f"{job_id}-*.json"):
            owner, _, position = path.stem.rpartition("-")
            if owner == job_id and position.isdecimal():
                found[int(position)] = path
        return found


def _read(paths: Mapping[int, Path]) -> dict[int, Answer]:
    answers = {}
    for position, path in sorted(paths.items()):
        try:
            answers[position] = Answer.from_json(from_text(path.read_text(encoding="ascii")))
        except (ValueError, TypeError, KeyError, RecursionError):  # not JSON, or JSON of another shape
            log.exception("answer %s cannot be read and is taken as not there", path)
    return answers


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _checked(job_id: str) -> str:
    if _JOB_ID.fullmatch(job_id) is None:
        raise ValueError("that is no job's id")
    return job_id


def _encode(answer: Answer) -> bytes:
    try:
        return to_text(answer.to_json()).encode("ascii")
    except RecursionError as exc:
        raise StorageError("the provider's answer is nested too deeply to be kept") from exc
