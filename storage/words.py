"""Servers' own words."""

from __future__ import annotations

from bot.domain.rules.words import ServerWords, from_json, to_json
from bot.errors import StaleState
from storage.encoding import from_text, to_text
from storage.engine import Connection, Value

GET_VERSION = "SELECT version FROM word_lists WHERE guild_id = :guild_id"
GET_LIST = "SELECT * FROM word_lists WHERE guild_id = :guild_id"

INSERT_LIST = """
INSERT INTO word_lists (guild_id, entries, version, updated_at, updated_by)
VALUES (:guild_id, :entries, :version, :updated_at, :updated_by)
ON CONFLICT DO NOTHING
RETURNING guild_id
"""

UPDATE_LIST = """
UPDATE word_lists
SET entries = :entries, version = :version, updated_at = :updated_at, updated_by = :updated_by
WHERE guild_id = :guild_id AND version = :version - 1
RETURNING guild_id
"""


class WordListRepository:
    """Word lists within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def version_of(self, guild_id: int) -> int:
        """The version of a server's list; 0 where it has none."""
        row = await self._connection.fetch_one(GET_VERSION, {"guild_id": guild_id})
        return 0 if row is None else int(row["version"])

    async def of_server(self, guild_id: int) -> ServerWords:
        """A server's list; version 0 and empty where it has none."""
        row = await self._connection.fetch_one(GET_LIST, {"guild_id": guild_id})
        if row is None:
            return ServerWords(guild_id)
        return ServerWords(
            guild_id=row["guild_id"],
            entries=from_json(from_text(row["entries"])),
            version=row["version"],
            updated_at=row["updated_at"],
            updated_by=row["updated_by"],
        )

    async def save(self, words: ServerWords) -> None:
        """Write a list whose version is one more than what is kept; StaleState where it is not."""
        params: dict[str, Value] = {
            "guild_id": words.guild_id,
            "entries": to_text(to_json(words.entries)),
            "version": words.version,
            "updated_at": words.updated_at,
            "updated_by": words.updated_by,
        }
        sql = INSERT_LIST if words.version == 1 else UPDATE_LIST
        if await self._connection.fetch_one(sql, params) is None:
            raise StaleState(f"the words of server {words.guild_id} are not at {words.version - 1} any more")
