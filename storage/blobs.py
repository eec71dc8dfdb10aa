"""Files on disk: pictures addressed by SHA-256, and the answers of jobs that are not finished yet.

::

    blobs/ab/abcdef…              a picture's original bytes, never changed
    blobs/incoming/….part         one that is still arriving
    answers/<job>-<position>.json what a provider sent, until the database has it
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from io import FileIO
from pathlib import Path
from typing import Self, TypeVar

from bot.background import stand_back
from bot.domain.answers import Answer
from bot.errors import StorageError, StorageFull
from storage.blob_folder import ANSWERS, BLOBS, INCOMING
from storage.encoding import from_text, to_text
from storage.faults import file_faults
from storage.files import make_folder, part_of, remove_parts, sync_folder, write_all, write_whole
from storage.uninterrupted import to_the_end

log = logging.getLogger(__name__)

T = TypeVar("T")

# Threads of its own: pictures that are being decoded elsewhere do not delay what has to reach the disk.
THREADS = 4
# Bytes that a spool collects before it bothers a thread.
CHUNK = 1024 * 1024
# Room for the largest picture that a provider may send, and for what the database writes beside it.
LEAST_ROOM = 96 * 2**20
# With so much room it is not looked at again for some seconds.
MUCH_ROOM = 4 * 2**30
MUCH_LASTS = 5.0  # seconds
# What another process has not touched for so long, it will not finish (see `Blobs.open`).
FORGOTTEN_AFTER = 3600.0  # seconds

_SHA256 = re.compile(r"[0-9a-f]{64}")
_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Files:
    """Does file work in so many threads, and turns its errors into StorageErrors.

    With none it is done at once, on the event loop: for a program where nobody waits for that.
    """

    def __init__(self, threads: int) -> None:
        self._threads = (
            ThreadPoolExecutor(threads, thread_name_prefix="blobs", initializer=stand_back)
            if threads
            else None
        )

    async def run(self, work: Callable[[], T], path: Path) -> T:
        """Do `work` to its end; `path` is named where it fails."""
        with file_faults(path):
            if self._threads is None:
                return work()
            return await to_the_end(asyncio.get_running_loop().run_in_executor(self._threads, work))

    def close(self) -> None:
        """Stop the threads; everything that was begun has been awaited."""
        if self._threads is not None:
            self._threads.shutdown(wait=False)


class Spool:
    """A picture that is arriving: write it piece by piece, then commit.

    As a context manager it leaves nothing behind unless it was committed. One task uses it.
    """

    def __init__(self, files: Files, incoming: Path, place: Callable[[str], Path]) -> None:
        self._files = files
        self._part = part_of(incoming)
        self._place = place
        self._pending: list[bytes] = []
        self._waiting = 0  # bytes that are pending
        self._hash = hashlib.sha256()
        self._size = 0
        self._file: FileIO | None = None
        self._open = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.abort()

    async def write(self, data: bytes) -> None:
        """Add bytes."""
        self._check()
        self._pending.append(data)
        self._waiting += len(data)
        if self._waiting >= CHUNK:
            await self._or_abort(self._flush)

    async def commit(self) -> tuple[str, int]:
        """Make the picture durable and return its SHA-256 and size. One that exists already is kept."""
        self._check()
        await self._or_abort(self._publish)
        self._open = False
        return self._hash.hexdigest(), self._size

    async def abort(self) -> None:
        """Throw away what has been written; nothing happens after a commit."""
        if self._open:
            self._open = False
            await self._files.run(self._discard, self._part)

    def _check(self) -> None:
        if not self._open:
            raise StorageError("the picture was committed or given up already")

    async def _or_abort(self, work: Callable[[], None]) -> None:
        try:
            await self._files.run(work, self._part)
        except BaseException:
            await self.abort()
            raise

    # In a thread from here on.

    def _flush(self) -> None:
        if self._file is None:
            descriptor = os.open(self._part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            self._file = FileIO(descriptor, "w")
        for data in self._pending:
            self._hash.update(data)
            write_all(self._file, data)
        self._size += self._waiting
        self._pending, self._waiting = [], 0

    def _publish(self) -> None:
        self._flush()
        target = self._place(self._hash.hexdigest())
        make_folder(target.parent)
        if self._is_kept(target):
            self._discard()
        else:
            assert self._file is not None  # noqa: S101 - _flush opened it
            os.fsync(self._file.fileno())
            self._close()
            self._part.replace(target)
        sync_folder(target.parent)

    def _is_kept(self, target: Path) -> bool:
        """Whether the same picture is there; if so, say that it is wanted again (`remove_orphans`)."""
        try:
            os.utime(target)
            return target.stat().st_size == self._size
        except FileNotFoundError:
            return False

    def _discard(self) -> None:
        self._close()
        self._part.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Blobs:
    """The files of one data folder. Get it from `Blobs.open`."""

    def __init__(self, folder: Path, files: Files) -> None:
        self._blobs = folder / BLOBS
        self._incoming = self._blobs / INCOMING
        self._answers = folder / ANSWERS
        self._files = files
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
            blobs = cls(folder, files)
            await files.run(lambda: blobs._prepare(shared), folder)
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
        await self._files.run(lambda: write_whole(path, _encode(answer)), path)

    async def kept_answers(self, job_id: str) -> dict[int, Answer]:
        """The answers of a job that are on disk, by position. One that cannot be read counts as absent."""
        _checked(job_id)
        return await self._files.run(lambda: self._read_answers(job_id), self._answers)

    async def drop_answers(self, job_id: str, count: int) -> None:
        """Remove the answers that a finished job may have, so many; their content is in the database now."""
        paths = [self._answer(job_id, position) for position in range(count)]
        await self._files.run(lambda: _remove(paths), self._answers)

    def _answer(self, job_id: str, position: int) -> Path:
        return self._answers / f"{_checked(job_id)}-{position:d}.json"

    # In a thread from here on.

    def _prepare(self, shared: bool) -> None:
        before = time.time() - FORGOTTEN_AFTER if shared else math.inf
        for folder in (self._blobs, self._incoming, self._answers):
            make_folder(folder)
            removed = remove_parts(folder, before=before)
            if removed:
                log.info("removed %d unfinished files from %s", removed, folder)

    def _answers_of(self, job_id: str) -> dict[int, Path]:
        # Not `glob`, which compares every name with a pattern: in a burst there are hundreds.
        found = {}
        for name in os.listdir(self._answers):
            if name.startswith(job_id) and name.endswith(".json"):
                owner, _, position = name.removesuffix(".json").rpartition("-")
                if owner == job_id and position.isdecimal():
                    found[int(position)] = self._answers / name
        return found

    def _read_answers(self, job_id: str) -> dict[int, Answer]:
        answers = {}
        for position, path in sorted(self._answers_of(job_id).items()):
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
