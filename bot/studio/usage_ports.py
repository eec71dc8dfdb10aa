"""What the studio needs to add up what was used, and to tell servers about it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.domain.caps import Period
from bot.domain.spending_notes import SpendingNote
from bot.domain.usage import Spent, UsageLine


class Usage(Protocol):
    """Sums over the ledger and the jobs. A period's end is not included."""

    async def of_member(self, member_id: int, period: Period) -> Spent:
        """What a member had settled, everywhere."""
        ...

    async def of_server(self, guild_id: int, period: Period) -> Spent:
        """What a server had settled."""
        ...

    async def by_quarter(self, guild_id: int, period: Period) -> Sequence[tuple[int, Spent]]:
        """What a server used in each quarter of an hour, by its beginning (UTC milliseconds)."""
        ...

    async def by_model(self, guild_id: int, period: Period) -> Sequence[tuple[str, Spent]]:
        """What a server used by model, the dearest first."""
        ...

    async def by_member(self, guild_id: int, period: Period, limit: int) -> Sequence[tuple[int, Spent]]:
        """What a server's members used, the dearest first."""
        ...

    async def outcomes(self, guild_id: int, period: Period) -> Mapping[tuple[str, str | None], int]:
        """How many of a server's requests ended or stand how, by state and failure code."""
        ...

    async def latencies(self, guild_id: int, period: Period, bucket: int) -> Mapping[int, int]:
        """How many successes took how long, in buckets of so many milliseconds."""
        ...

    async def days_of_member(self, guild_id: int, member_id: int, period: Period) -> dict[int, int]:
        """Micro-dollars of a member on a server by day, counted in 24 hours from the period's start."""
        ...

    async def days_of_members(self, guild_id: int, period: Period) -> Sequence[int]:
        """Micro-dollars of every day of every member of a server, in the same days."""
        ...

    async def lines_of_server(
        self, guild_id: int, period: Period, after: tuple[int, str], limit: int
    ) -> Sequence[UsageLine]:
        """A server's requests that have ended, in order of age, after one of them (its time and id)."""
        ...

    async def lines_in_state(
        self, state: str, period: Period, after: tuple[int, str], limit: int
    ) -> Sequence[UsageLine]:
        """Everybody's requests that ended so, in order of age, after one of them."""
        ...


class SpendingNotes(Protocol):
    """Notes to servers."""

    async def insert(self, notice: SpendingNote) -> bool:
        """Keep a note that is to be sent; False where there is one about this already."""
        ...

    async def unsent(self, limit: int) -> Sequence[SpendingNote]:
        """Notes that are still to be sent, the oldest first."""
        ...

    async def mark_sent(self, notice: SpendingNote, now: int) -> None: ...
