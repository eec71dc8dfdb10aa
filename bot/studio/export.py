"""Giving a member what is kept of them, as ZIP files."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.domain.images import EXTENSIONS, Sender
from bot.domain.privacy import EXPORT_PAUSE_MS
from bot.errors import ExportTooSoon
from bot.studio.archive import Archive
from bot.studio.ports import Blobs, Clock
from bot.studio.store_ports import Store

PAGE = 200  # rows at once
AT_ONCE = 2  # exports that are written at the same time: they read many files


@dataclass(frozen=True, slots=True)
class Export:
    """What was written."""

    parts: tuple[Path, ...]
    counts: Mapping[str, int]
    left_out: int  # files that fit into no part


class Exports:
    """Writes exports into a temporary folder that is gone afterwards."""

    def __init__(self, *, store: Store, blobs: Blobs, clock: Clock, folder: Path) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._folder = folder
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def tidy(self) -> None:
        """Remove what an earlier run left half written. Called before there are exports."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def begin(self, member_id: int) -> None:
        """Write down that a member takes what there is; raise ExportTooSoon where they just did."""
        now = self._clock.now()
        latest = await self._store.write(
            lambda tx: tx.privacy.begin_export(member_id, now=now, pause=EXPORT_PAUSE_MS)
        )
        if latest is not None:
            raise ExportTooSoon(again_at=latest + EXPORT_PAUSE_MS)

    @asynccontextmanager
    async def written(self, member_id: int, limit: int, readme: str) -> AsyncIterator[Export]:
        """Write everything of a member into files of at most `limit` bytes; they last as long as the block.

        `readme` says, in the member's language, what is what.
        """
        async with self._turns:
            folder = await asyncio.to_thread(_new_folder, self._folder)
            try:
                yield await self._write(member_id, folder, limit, readme)
            finally:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _write(self, member_id: int, folder: Path, limit: int, readme: str) -> Export:
        archive = await asyncio.to_thread(Archive, folder, limit, readme)
        counts: dict[str, int] = {}
        left_out: list[Mapping[str, Any]] = []
        seen: set[str] = set()
        try:
            async with self._store.reading() as tx:
                kinds = tx.privacy.kinds(personal=True)
            for kind in kinds:
                counts[kind] = 0
                async for rows in self._pages(kind, member_id):
                    counts[kind] += len(rows)
                    await asyncio.to_thread(archive.add_rows, kind, rows)
                    for name, digest, sender in files_of(kind, rows, member_id):
                        if digest not in seen:
                            seen.add(digest)
                            if why := await self._add(archive, name, digest, sender):
                                left_out.append({"file": name, "sha256": digest, "why": why})
            await asyncio.to_thread(archive.add_rows, "not-included", left_out)
        finally:
            parts = await asyncio.to_thread(archive.close)
        return Export(tuple(parts), counts, len(left_out))

    async def _add(self, archive: Archive, name: str, digest: str, sender: Sender) -> str:
        """Add a file; return why it is left out, or nothing."""
        if await self._store.read(lambda tx: tx.images.is_withheld(digest, sender)):
            return "withheld by moderators"  # shown to nobody, and not handed back by us
        if not await asyncio.to_thread(archive.add_file, name, self._blobs.path(digest)):
            return "too large or missing"
        return ""

    async def _pages(self, kind: str, member_id: int) -> AsyncIterator[list[Mapping[str, Any]]]:
        after: str | None = ""
        while after is not None:
            async with self._store.reading() as tx:
                page = await tx.privacy.export(kind, member_id, after, PAGE)
            after = page.after
            yield list(page.rows)


def _new_folder(parent: Path) -> Path:
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=parent))


def files_of(kind: str, rows: list[Mapping[str, Any]], member_id: int) -> list[tuple[str, str, Sender]]:
    """Return the files that a member's rows name: how each is called in the export, its SHA-256, and who
    might send it to a model, which is who may have it."""
    found = []
    for row in rows:
        sender = Sender(row.get("guild_id"), member_id)
        if kind == "images":
            found.append((f"images/{row['id']}{_ending(row['mime'])}", row["sha256"], sender))
        elif kind == "characters":
            name = f"references/character-{row['id']}-{row['position'] + 1}{_ending(row['mime'])}"
            found.append((name, row["sha256"], sender))
        elif kind == "requests":
            sender = replace(sender, parent=row["request"].get("parent"))
            found += [
                (f"references/{row['id']}-{number}{_ending(item['mime'])}", item["sha256"], sender)
                for number, item in enumerate(row["request"].get("references", ()), 1)
            ]
    return found


def _ending(mime: str) -> str:
    return "." + EXTENSIONS[mime].lstrip(".") if mime in EXTENSIONS else ""
