"""Files that nobody needs: found by what the database names, removed beside a bot that is at work."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

from storage.blob_folder import ANSWERS, BLOBS, older_blobs, remove_orphans
from storage.engine import Connection, Engine, Params, Row
from storage.faults import file_faults

# So long a file may be without anybody who names it: an upload whose request has not been accepted yet.
SECONDS_TO_BE_NAMED = 24 * 3600.0
PAGE = 500

# Where files are named; a test looks whether any other column names one. `key` and `position` say where a
# page ends. Requests before characters and images: what is taken over meanwhile is found in the later ones.
LISTS = (
    """
    SELECT id AS key, 0 AS position, request AS a, '' AS b FROM jobs WHERE id > :key ORDER BY id LIMIT :limit
    """,
    """
    SELECT job_id AS key, position, pictures AS a, content AS b FROM answers
    WHERE (job_id, position) > (CAST(:key AS TEXT), CAST(:position AS BIGINT))
    ORDER BY job_id, position LIMIT :limit
    """,
    """
    SELECT id AS key, 0 AS position, said AS a, '' AS b FROM turns
    WHERE id > :key AND said IS NOT NULL ORDER BY id LIMIT :limit
    """,
    """
    SELECT id AS key, 0 AS position, sha256 AS a, '' AS b FROM images
    WHERE id > :key AND forgotten_at IS NULL ORDER BY id LIMIT :limit
    """,
    """
    SELECT character_id AS key, position, sha256 AS a, '' AS b FROM character_pictures
    WHERE (character_id, position) > (CAST(:key AS TEXT), CAST(:position AS BIGINT))
    ORDER BY character_id, position LIMIT :limit
    """,
)
# Whether any request was ever accepted: a database without one cannot be that of pictures.
IS_USED = "SELECT id FROM jobs LIMIT 1"
LIST_FREED = "SELECT sha256 FROM freed_files"
FORGET_FREED = "DELETE FROM freed_files WHERE sha256 = :sha256"

# What SQLite's database is copied to before an upgrade (`SqliteEngine.before_upgrade`), whole or not.
_COPY = re.compile(r"database\.sqlite3\.before-[0-9]{4,}(\.[0-9]+)?\.bak(\.part)?")
_DIGEST = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


class Orphans:
    """Removes files of a data folder. A file that is named anew meanwhile stays (`remove_orphans`)."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    async def remove_freed(self) -> int:
        """Remove files that lost somebody who needed them, where nobody else does; return how many."""
        before = time.time()
        freed = {str(row["sha256"]) for row in await self._read(LIST_FREED, {})}
        if not freed:
            return 0
        removed = await self._remove(freed - await self._named(), before)

        async def forget(connection: Connection) -> None:
            for digest in sorted(freed):
                await connection.execute(FORGET_FREED, {"sha256": digest})

        await self._engine.write(forget)
        return removed

    async def remove_orphans(self) -> int:
        """Remove files that nothing names and nothing has for a day; return how many.

        None at all where the database has no request: it is a new one, and the files are another's.
        """
        if not await self._read(IS_USED, {}):
            return 0
        before = time.time() - SECONDS_TO_BE_NAMED
        with file_faults(self._folder):
            older = await asyncio.to_thread(older_blobs, self._folder, before)
        return await self._remove(set(older) - await self._named(), before) if older else 0

    async def remove_copies(self, before: int) -> int:
        """Remove what upgrades copied before that moment (UTC milliseconds); return how many."""
        with file_faults(self._folder):
            return await asyncio.to_thread(_remove_copies, self._folder, before / 1000)

    async def _remove(self, digests: set[str], before: float) -> int:
        paths = [self._folder / BLOBS / digest[:2] / digest for digest in sorted(digests)]
        with file_faults(self._folder):
            removed, _ = await asyncio.to_thread(remove_orphans, paths, before)
        return removed

    async def _named(self) -> set[str]:
        """Every file that somebody needs."""
        named = await asyncio.to_thread(_named_by_answers, self._folder / ANSWERS)
        for sql in LISTS:
            async for row in self._rows(sql):
                named.update(_DIGEST.findall(row["a"]))
                named.update(_DIGEST.findall(row["b"] or ""))
        return named

    async def _rows(self, sql: str) -> AsyncIterator[Row]:
        """All rows of a list, page by page: nobody waits for us meanwhile."""
        key, position = "", -1
        while True:
            rows = await self._read(sql, {"key": key, "position": position, "limit": PAGE})
            for row in rows:
                yield row
            if len(rows) < PAGE:
                return
            key, position = rows[-1]["key"], rows[-1]["position"]

    async def _read(self, sql: str, params: Params) -> list[Row]:
        async def read(connection: Connection) -> list[Row]:
            return list(await connection.fetch_all(sql, params))

        return await self._engine.read(read)


def _remove_copies(folder: Path, before: float) -> int:
    removed = 0
    for path in folder.iterdir():
        if _COPY.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _named_by_answers(folder: Path) -> set[str]:
    """What the answers of unfinished jobs name."""
    named: set[str] = set()
    for path in folder.glob("*.json"):
        try:
            named.update(_DIGEST.findall(path.read_text(encoding="ascii", errors="replace")))
        except FileNotFoundError:
            continue
    return named
