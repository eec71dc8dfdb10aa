"""In which servers the bot has published its commands: a small file beside the data.

Discord cannot be asked for "every server with commands of ours", and asking server by server would cost a
start one request for each. Without the file nothing is known, and nothing is taken back.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Collection
from pathlib import Path

from storage.faults import file_faults
from storage.files import write_whole

PUBLISHED = "published.json"

log = logging.getLogger(__name__)


class PublishedServers:
    """The ids that were written last."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / PUBLISHED

    async def get(self) -> frozenset[int]:
        """Return them; none where the file is missing or damaged. Raises StorageError."""
        with file_faults(self._path):
            return await asyncio.to_thread(self._read)

    async def put(self, guild_ids: Collection[int]) -> None:
        """Write them durably where they are others than before. Raises StorageError."""
        with file_faults(self._path):
            await asyncio.to_thread(self._write, guild_ids)

    def _read(self) -> frozenset[int]:
        try:
            return frozenset(int(each) for each in json.loads(self._path.read_text("ascii")))
        except FileNotFoundError:
            return frozenset()
        except (ValueError, TypeError):
            log.warning("%s is damaged: commands in servers that are not named any more may stay", self._path)
            return frozenset()

    def _write(self, guild_ids: Collection[int]) -> None:
        if self._read() != frozenset(guild_ids):
            write_whole(self._path, json.dumps(sorted(guild_ids)).encode())
