"""What caps need from the database beside the ledger: limits of servers, tiers for a time, grants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.grants import Draw, Grant, GrantEntry, Reset
from bot.domain.server_limits import LimitsState, Membership


class Limits(Protocol):
    """What servers allow, and who has which tier for a time."""

    async def lock_server(self, guild_id: int) -> None:
        """Let no other transaction decide about this server's caps until this one ends."""
        ...

    async def lock_bot(self) -> None:
        """Let no other transaction decide about the caps of everybody together until this one ends."""
        ...

    async def of_server(self, guild_id: int) -> LimitsState:
        """What a server allows; version 0 without bounds where nothing is kept."""
        ...

    async def save_server(self, state: LimitsState) -> None:
        """Write limits whose version is one more than what is kept; StaleState where it is not."""
        ...

    async def give_tier(self, membership: Membership) -> None:
        """Give a member a tier for a time, in the place of the time that it had."""
        ...

    async def take_tier(self, guild_id: int, member_id: int, tier: str, *, now: int) -> bool:
        """Let a member's tier end now; False where the member does not have it for a time."""
        ...

    async def tiers_of(self, guild_id: int, member_id: int, *, now: int) -> Sequence[str]:
        """The names of the tiers that a member has for a time."""
        ...

    async def memberships(self, guild_id: int, *, now: int, limit: int) -> Sequence[Membership]:
        """Who has a tier for a time, what ends first before the others."""
        ...

    async def append_reset(self, reset: Reset) -> None:
        """Write that a member's use counts anew in a server."""
        ...

    async def last_reset(self, guild_id: int, member_id: int) -> int:
        """When a member's use was reset in a server last, 0 where it never was."""
        ...


class Grants(Protocol):
    """Images beside the daily cap: append-only."""

    async def append(self, entry: GrantEntry) -> None:
        """Write an entry; StaleState where a grant, its end, or a job's part in it is written already."""
        ...

    async def open(self, guild_id: int, member_id: int, *, now: int) -> Sequence[Grant]:
        """A member's grants in a server that hold something, those that end first before the others."""
        ...

    async def drawn(self, member_id: int, *, since: int, until: int) -> int:
        """How many of the images that a member used in a period came from grants."""
        ...

    async def draws_of(self, job_id: str) -> Sequence[Draw]:
        """What a job has drawn on grants."""
        ...

    async def last_carry(self, guild_id: int, member_id: int) -> GrantEntry | None:
        """What was carried over last, with the images that it held in the beginning."""
        ...

    async def balance(self, entry: GrantEntry) -> int:
        """What is left of the grant that an entry belongs to."""
        ...
