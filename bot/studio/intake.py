"""Taking in the pictures that a member sent along: fetched, made anew, kept.

Only what was made anew is kept. The file as it was sent exists while it is looked at: where it was taken, by
whom and with which camera stays between the member and Discord.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from weakref import WeakValueDictionary

from bot.domain.images import LEAST_SIDE, MAX_INPUT_BYTES, IntakeNote, Prepared, Sender
from bot.domain.requests import Reference, Request, Source
from bot.errors import InputProblem, InputRefused, NotAllowed, StorageError


class Downloads(Protocol):
    """Gets attachments from Discord."""

    def fetch(self, url: str) -> AbstractAsyncContextManager[Path]:
        """Download a file that is there until the context ends; raise InputRefused where that cannot be."""
        ...


class Preparing(Protocol):
    """Makes pictures anew, off the event loop."""

    async def take_in(self, path: Path, *, longest_side: int = 2048) -> Prepared:
        """Return what a model may see of a file; raise InputRefused where it cannot be used."""
        ...


class ChecksFiles(Protocol):
    """What knows withheld pictures by their bytes: `bot.studio.consequences.WithheldFiles`."""

    async def check(self, sha256: str, sender: Sender) -> None:
        """Raise NotAllowed for one that this member may not have sent to a model."""
        ...


class Spool(Protocol):
    """One picture that is being written. Nobody sees it before `commit`."""

    async def write(self, data: bytes) -> None:
        """Append some bytes."""
        ...

    async def commit(self) -> tuple[str, int]:
        """Keep the picture, durably; return its SHA-256 (hex) and its size in bytes."""
        ...


class PictureStore(Protocol):
    """Where pictures are kept, addressed by SHA-256."""

    def spool(self) -> AbstractAsyncContextManager[Spool]:
        """Begin a picture; leaving the context without a commit removes it."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture that a member sent, as it is kept and as a model will see it."""

    sha256: str
    mime: str
    size: int  # bytes
    width: int
    height: int
    notes: tuple[IntakeNote, ...] = ()

    @property
    def reference(self) -> Reference:
        """How it goes to the provider."""
        return Reference(self.sha256, self.mime, self.size)


class Intake:
    """From an attachment to a kept picture. The same attachment twice is the same picture.

    One of a member's pictures is made anew at a time: several that are slow to decode hold up nobody else.
    """

    def __init__(
        self, downloads: Downloads, imaging: Preparing, blobs: PictureStore, withheld: ChecksFiles
    ) -> None:
        self._downloads = downloads
        self._imaging = imaging
        self._blobs = blobs
        self._withheld = withheld
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()  # of members

    async def take(self, source: Source, sender: Sender, *, longest_side: int = 2048) -> Taken:
        """Fetch, prepare and keep one picture.

        Raises InputRefused, naming the file, for what its sender can do something about; NotAllowed for a
        picture that is withheld from them; StorageError.
        """
        try:
            check_claims(source)
            async with self._downloads.fetch(source.url) as path:
                await self._withheld.check(await asyncio.to_thread(_digest, path), sender)
                async with self._turns.setdefault(sender.member_id, asyncio.Lock()):
                    prepared = await self._imaging.take_in(path, longest_side=longest_side)
            check_size(prepared)
        except InputRefused as refused:
            raise refused.naming(source.filename) from refused
        async with self._blobs.spool() as spool:
            await spool.write(prepared.data)
            sha256, size = await spool.commit()
        return Taken(sha256, prepared.mime, size, prepared.width, prepared.height, prepared.notes)

    async def complete(self, request: Request, sources: Sequence[Source], sender: Sender) -> Request:
        """Return a request with attachments taken in, in their order, after its own references."""
        for source in sources:
            check_claims(source)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self.take(source, sender)) for source in sources]
        except* (InputRefused, NotAllowed, StorageError) as errors:
            raise errors.exceptions[0] from None
        taken = [task.result() for task in tasks]
        remarks = {note: None for item in taken for note in item.notes}
        brought_in = {source.message_id: None for source in sources if source.message_id is not None}
        return request.evolve(
            references=(*request.references, *(item.reference for item in taken)),
            brought_in=(*request.brought_in, *brought_in),
            remarks=(*request.remarks, *remarks),
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_size(prepared: Prepared) -> None:
    """Raise InputRefused for a picture in which there is nothing to be seen."""
    if max(prepared.width, prepared.height) < LEAST_SIDE:
        raise InputRefused(InputProblem.TOO_FEW_PIXELS, width=prepared.width, height=prepared.height)


def check_claims(source: Source) -> None:
    """Raise InputRefused for what is too large by Discord's own account: that costs nothing to ask early."""
    if source.size > MAX_INPUT_BYTES:
        raise InputRefused(InputProblem.TOO_MANY_BYTES, limit=MAX_INPUT_BYTES, name=source.filename)
