"""What servers allow, and who has which tier for a time."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.grants import Reset
from bot.domain.server_limits import LimitsState, Membership, ServerLimits
from bot.errors import StaleState
from storage.encoding import from_text, to_text
from storage.engine import BUDGET, Connection, Row, Value

GET_LIMITS = "SELECT * FROM server_limits WHERE guild_id = :guild_id"

INSERT_LIMITS = """
INSERT INTO server_limits (guild_id, data, version, updated_at, updated_by)
VALUES (:guild_id, :data, :version, :updated_at, :updated_by)
ON CONFLICT DO NOTHING
RETURNING guild_id
"""

UPDATE_LIMITS = """
UPDATE server_limits
SET data = :data, version = :version, updated_at = :updated_at, updated_by = :updated_by
WHERE guild_id = :guild_id AND version = :version - 1
RETURNING guild_id
"""

PUT_MEMBERSHIP = """
INSERT INTO memberships (guild_id, member_id, tier, given_at, until, given_by)
VALUES (:guild_id, :member_id, :tier, :given_at, :until, :given_by)
ON CONFLICT (guild_id, member_id, tier) DO UPDATE SET
    given_at = excluded.given_at, until = excluded.until, given_by = excluded.given_by
"""

END_MEMBERSHIP = """
UPDATE memberships SET until = :now
WHERE guild_id = :guild_id AND member_id = :member_id AND tier = :tier AND until > :now
"""

LIST_TIERS_OF_MEMBER = """
SELECT tier FROM memberships WHERE guild_id = :guild_id AND member_id = :member_id AND until > :now
"""

LIST_MEMBERSHIPS = """
SELECT * FROM memberships
WHERE guild_id = :guild_id AND until > :now
ORDER BY until, member_id, tier
LIMIT :limit
"""

INSERT_RESET = """
INSERT INTO resets (guild_id, member_id, at, actor_id, reason)
VALUES (:guild_id, :member_id, :at, :actor_id, :reason)
ON CONFLICT DO NOTHING
"""

GET_LAST_RESET = """
SELECT MAX(at) AS at FROM resets WHERE guild_id = :guild_id AND member_id = :member_id
"""


class LimitsRepository:
    """Limits within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen: dict[int, LimitsState] = {}  # several parts of one decision ask for the same

    async def lock_server(self, guild_id: int) -> None:
        """Let no other transaction decide about this server's caps until this one ends."""
        await self._connection.lock(guild_id)
        self._seen.pop(guild_id, None)  # it may have changed until now

    async def lock_bot(self) -> None:
        """Let no other transaction decide about the caps of everybody together until this one ends."""
        await self._connection.lock(BUDGET)

    async def of_server(self, guild_id: int) -> LimitsState:
        """Return what a server allows; version 0 without bounds where nothing is kept."""
        if guild_id not in self._seen:
            self._seen[guild_id] = await self._of_server(guild_id)
        return self._seen[guild_id]

    async def _of_server(self, guild_id: int) -> LimitsState:
        row = await self._connection.fetch_one(GET_LIMITS, {"guild_id": guild_id})
        if row is None:
            return LimitsState(guild_id, ServerLimits())
        return LimitsState(
            guild_id=row["guild_id"],
            limits=ServerLimits.from_json(from_text(row["data"])),
            version=row["version"],
            updated_at=row["updated_at"],
            updated_by=row["updated_by"],
        )

    async def save_server(self, state: LimitsState) -> None:
        """Write limits whose version is one more than what is kept; StaleState where it is not."""
        params: dict[str, Value] = {
            "guild_id": state.guild_id,
            "data": to_text(state.limits.to_json()),
            "version": state.version,
            "updated_at": state.updated_at,
            "updated_by": state.updated_by,
        }
        self._seen.pop(state.guild_id, None)
        sql = INSERT_LIMITS if state.version == 1 else UPDATE_LIMITS
        if await self._connection.fetch_one(sql, params) is None:
            raise StaleState(f"the limits of server {state.guild_id} are not at {state.version - 1} any more")

    async def give_tier(self, membership: Membership) -> None:
        """Give a member a tier for a time, in the place of the time that it had."""
        await self._connection.execute(
            PUT_MEMBERSHIP,
            {
                "guild_id": membership.guild_id,
                "member_id": membership.member_id,
                "tier": membership.tier,
                "given_at": membership.given_at,
                "until": membership.until,
                "given_by": membership.given_by,
            },
        )

    async def take_tier(self, guild_id: int, member_id: int, tier: str, *, now: int) -> bool:
        """Let a member's tier end now; False where the member does not have it for a time."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id, "tier": tier, "now": now}
        return await self._connection.execute(END_MEMBERSHIP, params) == 1

    async def tiers_of(self, guild_id: int, member_id: int, *, now: int) -> Sequence[str]:
        """The names of the tiers that a member has for a time."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id, "now": now}
        return [row["tier"] for row in await self._connection.fetch_all(LIST_TIERS_OF_MEMBER, params)]

    async def memberships(self, guild_id: int, *, now: int, limit: int) -> Sequence[Membership]:
        """Who has a tier for a time, what ends first before the others."""
        params: dict[str, Value] = {"guild_id": guild_id, "now": now, "limit": limit}
        return [_membership(row) for row in await self._connection.fetch_all(LIST_MEMBERSHIPS, params)]

    async def append_reset(self, reset: Reset) -> None:
        """Write that a member's use counts anew in a server. The same moment twice is one."""
        await self._connection.execute(
            INSERT_RESET,
            {
                "guild_id": reset.guild_id,
                "member_id": reset.member_id,
                "at": reset.at,
                "actor_id": reset.actor_id,
                "reason": reset.reason,
            },
        )

    async def last_reset(self, guild_id: int, member_id: int) -> int:
        """When a member's use was reset in a server last, 0 where it never was."""
        params: dict[str, Value] = {"guild_id": guild_id, "member_id": member_id}
        row = await self._connection.fetch_one(GET_LAST_RESET, params)
        return 0 if row is None or row["at"] is None else int(row["at"])


def _membership(row: Row) -> Membership:
    return Membership(
        guild_id=row["guild_id"],
        member_id=row["member_id"],
        tier=row["tier"],
        given_at=row["given_at"],
        until=row["until"],
        given_by=row["given_by"],
    )
