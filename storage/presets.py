"""The presets that servers made."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.presets import Preset, ServerPreset, folded
from bot.errors import StaleState
from storage.encoding import from_text, to_text
from storage.engine import Connection, Row, Value

INSERT_PRESET = """
INSERT INTO presets (
    guild_id, name_key, name, data, version, created_at, created_by, updated_at, updated_by
) VALUES (
    :guild_id, :name_key, :name, :data, :version, :created_at, :created_by, :updated_at, :updated_by
)
ON CONFLICT DO NOTHING
RETURNING name_key
"""

UPDATE_PRESET = """
UPDATE presets
SET name = :name, data = :data, version = :version, updated_at = :updated_at, updated_by = :updated_by
WHERE guild_id = :guild_id AND name_key = :name_key AND version = :version - 1
RETURNING name_key
"""

GET_PRESET = "SELECT * FROM presets WHERE guild_id = :guild_id AND name_key = :name_key"
LIST_PRESETS = "SELECT * FROM presets WHERE guild_id = :guild_id ORDER BY name_key"
DELETE_PRESET = """
DELETE FROM presets WHERE guild_id = :guild_id AND name_key = :name_key RETURNING name_key
"""


class PresetRepository:
    """Servers' presets within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, kept: ServerPreset) -> None:
        """Write a new preset; StaleState where its server has one of that name."""
        if await self._connection.fetch_one(INSERT_PRESET, _params(kept)) is None:
            raise StaleState(f"server {kept.guild_id} has a preset of that name already")

    async def save(self, kept: ServerPreset) -> None:
        """Write a changed preset whose version is one more than what is kept; StaleState otherwise."""
        if await self._connection.fetch_one(UPDATE_PRESET, _params(kept)) is None:
            raise StaleState(f"the preset of server {kept.guild_id} is not at {kept.version - 1} any more")

    async def get(self, guild_id: int, name: str) -> ServerPreset | None:
        """Return a server's preset by name, whatever its case."""
        row = await self._connection.fetch_one(GET_PRESET, {"guild_id": guild_id, "name_key": folded(name)})
        return None if row is None else _preset(row)

    async def of_server(self, guild_id: int) -> Sequence[ServerPreset]:
        """All presets of a server by name."""
        return [
            _preset(row) for row in await self._connection.fetch_all(LIST_PRESETS, {"guild_id": guild_id})
        ]

    async def delete(self, guild_id: int, name: str) -> bool:
        """Remove a preset; False where there is none of that name."""
        params: dict[str, Value] = {"guild_id": guild_id, "name_key": folded(name)}
        return await self._connection.fetch_one(DELETE_PRESET, params) is not None


def _params(kept: ServerPreset) -> dict[str, Value]:
    return {
        "guild_id": kept.guild_id,
        "name_key": kept.preset.key,
        "name": kept.preset.name,
        "data": to_text(kept.preset.to_json()),
        "version": kept.version,
        "created_at": kept.created_at,
        "created_by": kept.created_by,
        "updated_at": kept.updated_at,
        "updated_by": kept.updated_by,
    }


def _preset(row: Row) -> ServerPreset:
    return ServerPreset(
        guild_id=row["guild_id"],
        preset=Preset.from_json(from_text(row["data"])),
        version=row["version"],
        created_at=row["created_at"],
        created_by=row["created_by"],
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
    )
