"""What servers and members have set."""

from __future__ import annotations

from bot.domain.server_settings import InForce, MemberSettings, ServerSettings, ServerState
from bot.errors import StaleState
from storage.encoding import from_text, to_text
from storage.engine import Connection, Value

GET_SERVER = "SELECT * FROM server_settings WHERE guild_id = :guild_id"

INSERT_SERVER = """
INSERT INTO server_settings (guild_id, data, version, updated_at, updated_by)
VALUES (:guild_id, :data, :version, :updated_at, :updated_by)
ON CONFLICT DO NOTHING
RETURNING guild_id
"""

UPDATE_SERVER = """
UPDATE server_settings
SET data = :data, version = :version, updated_at = :updated_at, updated_by = :updated_by
WHERE guild_id = :guild_id AND version = :version - 1
RETURNING guild_id
"""

GET_MEMBER = "SELECT data FROM member_settings WHERE member_id = :member_id"

PUT_MEMBER = """
INSERT INTO member_settings (member_id, data, updated_at) VALUES (:member_id, :data, :now)
ON CONFLICT (member_id) DO UPDATE SET data = excluded.data, updated_at = excluded.updated_at
"""

GET_IN_FORCE = """
SELECT
    (SELECT data FROM member_settings WHERE member_id = :member_id) AS member,
    (SELECT data FROM server_settings WHERE guild_id = :guild_id) AS server,
    (SELECT version FROM word_lists WHERE guild_id = :guild_id) AS words_version
"""

DELETE_MEMBER = "DELETE FROM member_settings WHERE member_id = :member_id"


class SettingsRepository:
    """Settings within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_server(self, guild_id: int) -> ServerState:
        """Return what a server has set; version 0 with the defaults where nothing is kept."""
        row = await self._connection.fetch_one(GET_SERVER, {"guild_id": guild_id})
        if row is None:
            return ServerState(guild_id, ServerSettings())
        return ServerState(
            guild_id=row["guild_id"],
            settings=ServerSettings.from_json(from_text(row["data"])),
            version=row["version"],
            updated_at=row["updated_at"],
            updated_by=row["updated_by"],
        )

    async def save_server(self, state: ServerState) -> None:
        """Write settings whose version is one more than what is kept; StaleState where it is not."""
        params: dict[str, Value] = {
            "guild_id": state.guild_id,
            "data": to_text(state.settings.to_json()),
            "version": state.version,
            "updated_at": state.updated_at,
            "updated_by": state.updated_by,
        }
        sql = INSERT_SERVER if state.version == 1 else UPDATE_SERVER
        if await self._connection.fetch_one(sql, params) is None:
            raise StaleState(
                f"the settings of server {state.guild_id} are not at {state.version - 1} any more"
            )

    async def of_member(self, member_id: int) -> MemberSettings:
        """Return what a member has set, or the defaults."""
        row = await self._connection.fetch_one(GET_MEMBER, {"member_id": member_id})
        return MemberSettings() if row is None else MemberSettings.from_json(from_text(row["data"]))

    async def in_force(self, member_id: int, guild_id: int | None) -> InForce:
        """Return what a member and the server where they are have set, at one go."""
        row = await self._connection.fetch_one(GET_IN_FORCE, {"member_id": member_id, "guild_id": guild_id})
        if row is None:
            return InForce()
        member, server = row["member"], row["server"]
        return InForce(
            MemberSettings() if member is None else MemberSettings.from_json(from_text(member)),
            ServerSettings() if server is None else ServerSettings.from_json(from_text(server)),
            row["words_version"] or 0,
        )

    async def save_member(self, member_id: int, settings: MemberSettings, *, now: int) -> None:
        """Write what a member has set."""
        await self._connection.execute(
            PUT_MEMBER, {"member_id": member_id, "data": to_text(settings.to_json()), "now": now}
        )

    async def forget_member(self, member_id: int) -> None:
        """Remove what a member has set."""
        await self._connection.execute(DELETE_MEMBER, {"member_id": member_id})
