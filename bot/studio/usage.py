"""What was used: a member's own, a server's with charts, and as CSV."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Any

from bot.domain.caps import Period, day_of, month_of
from bot.domain.consequences import Restriction
from bot.domain.images import FittedFile
from bot.domain.jobs import JobState
from bot.domain.standing import Standing
from bot.domain.usage import Outcomes, ServerUsage, Spent, UsageLine, by_day, from_histogram
from bot.domain.usage_csv import HEADER, line_row
from bot.errors import ImageError
from bot.studio.allowances import Allowances
from bot.studio.consequences import images_of_day, restriction_of
from bot.studio.pictures import Person
from bot.studio.ports import Charts, Clock, Waits
from bot.studio.settings import managed_server
from bot.studio.store_ports import Store, Transaction

log = logging.getLogger(__name__)

TOP = 10  # members
BUCKET = 100  # milliseconds: how exactly times are told
PAGE = 5_000  # lines at once


@dataclass(frozen=True, slots=True)
class Left:
    """A daily cap, what is used of it, and what is granted beside it: as they hold here and now."""

    limit: int
    used: int
    granted: int
    resets_at: int  # UTC milliseconds
    limit_micros: int | None = None  # None: no cap of dollars
    used_micros: int = 0
    described: int = 0
    describable: int = 0  # descriptions of a day
    strikes: int = 0  # that count here
    usual: int | None = None  # the cap without these strikes, where they lower it
    usual_from: int | None = None  # UTC milliseconds: when some of them have expired
    cooldown_until: int | None = None  # UTC milliseconds: nothing is made before, because of strikes

    @property
    def left(self) -> int:
        """How many images are left beside what is granted."""
        return max(0, self.limit - self.used)

    def under(self, restriction: Restriction, used: int) -> Left:
        """Return what strikes make of it; `used` is what counts against a cap of theirs."""
        struck = replace(self, strikes=restriction.strikes, cooldown_until=restriction.cooldown_until)
        cap = restriction.cap
        if cap is None or (self.limit <= cap and self.left + self.granted <= cap - used):
            return struck
        return replace(
            struck, limit=cap, used=used, granted=0, usual=self.limit, usual_from=restriction.cap_until
        )


@dataclass(frozen=True, slots=True)
class MyUsage:
    """A member's own usage, everywhere."""

    today: Spent
    month: Spent
    left: Left
    zone: str


@dataclass(frozen=True, slots=True)
class Export:
    """CSV of a server's requests; `whole` says whether it has all of the period."""

    data: bytes
    lines: int
    whole: bool


class UsageService:
    """Adds up. A member's own is for the member; a server's is for those who manage it."""

    def __init__(
        self,
        *,
        store: Store,
        charts: Charts,
        allowances: Allowances,
        clock: Clock,
        waits: Waits,
        zone: tzinfo,
    ) -> None:
        self._store = store
        self._charts = charts
        self._allowances = allowances
        self._clock = clock
        self._waits = waits
        self._zone = zone

    async def mine(self, person: Person, standing: Standing) -> MyUsage:
        """Return what a person used and has left where they are."""
        return await self._store.write(lambda tx: self._mine(tx, person, standing))

    async def _mine(self, tx: Transaction, person: Person, standing: Standing) -> MyUsage:
        # A day that begins may write what the days before it left: no reading transaction.
        now = self._clock.now()
        today = day_of(now, self._zone)
        await tx.lock_member(person.id)
        terms = await self._allowances.terms(tx, person.id, person.guild_id, standing, now=now)
        balance = await self._allowances.balance(tx, person.id, terms, now=now)
        left = Left(
            terms.allowance.daily_images,
            balance.used.images,
            balance.granted,
            balance.day.end,
            terms.allowance.daily_micros,
            balance.used.micros,
            described=await tx.ledger.descriptions_used(person.id, since=today.start, until=today.end),
            describable=self._allowances.operator.daily_descriptions,
        )
        if person.guild_id is not None:
            struck = await restriction_of(tx, person.guild_id, person.id, now)
            left = left.under(struck, await images_of_day(tx, person.id, balance.day))
        return MyUsage(
            today=await tx.usage.of_member(person.id, today),
            month=await tx.usage.of_member(person.id, month_of(now, self._zone)),
            left=left,
            zone=str(self._zone),
        )

    async def of_server(self, person: Person, days: int) -> ServerUsage:
        """Return what the server that a person manages used in so many days; raise NotAllowed."""
        guild_id = managed_server(person)
        period = self._last(days)
        today = datetime.fromtimestamp(self._clock.now() / 1000, tz=self._zone).date()
        async with self._store.reading() as tx:
            quarters = await tx.usage.by_quarter(guild_id, period)
            models = await tx.usage.by_model(guild_id, period)
            members = await tx.usage.by_member(guild_id, period, TOP)
            outcomes = await tx.usage.outcomes(guild_id, period)
            latencies = await tx.usage.latencies(guild_id, period, BUCKET)
        return ServerUsage(
            days=by_day(quarters, today - timedelta(days=days - 1), today, self._zone),
            models=tuple(models),
            members=tuple(members),
            outcomes=Outcomes.of(outcomes),
            median_seconds=from_histogram(latencies, 0.5, BUCKET / 1000),
            slow_seconds=from_histogram(latencies, 0.95, BUCKET / 1000),
        )

    async def chart(self, values: Mapping[str, Any]) -> FittedFile | None:
        """Return a chart; None where none can be drawn: the words say the same."""
        try:
            return await self._waits(self._charts.chart(values), "chart")
        except ImageError as error:
            log.error("no chart: %s", error)
            return None

    async def export(self, person: Person, days: int, limit: int) -> Export:
        """Return a server's requests as CSV of at most `limit` bytes, the oldest first; raise NotAllowed."""
        guild_id = managed_server(person)
        period = self._last(days)
        parts, size, lines = [HEADER.encode()], len(HEADER), 0
        after = (0, "")
        while True:
            async with self._store.reading() as tx:
                page = await tx.usage.lines_of_server(guild_id, period, after, PAGE)
            rows = await asyncio.to_thread(_encoded, page)
            for data in rows:
                if size + len(data) > limit:
                    return Export(b"".join(parts), lines, whole=False)
                parts.append(data)
                size += len(data)
                lines += 1
            if len(page) < PAGE:
                return Export(b"".join(parts), lines, whole=True)
            after = (page[-1].asked_at, page[-1].job_id)

    def _last(self, days: int) -> Period:
        """The last days, today included, by the time zone's midnights."""
        end = day_of(self._clock.now(), self._zone).end
        first = datetime.fromtimestamp(self._clock.now() / 1000, tz=self._zone).date() - timedelta(
            days=days - 1
        )
        start = datetime(first.year, first.month, first.day, tzinfo=self._zone)
        return Period(int(start.timestamp() * 1000), end)


async def all_lines(tx: Transaction, period: Period, guild_id: int | None = None) -> AsyncIterator[UsageLine]:
    """Yield every request that ended, of one server or of everybody: successes first, then failures."""
    states = [None] if guild_id is not None else [JobState.SUCCEEDED, JobState.FAILED]
    for state in states:
        after = (0, "")
        while True:
            if guild_id is not None:
                page = await tx.usage.lines_of_server(guild_id, period, after, PAGE)
            else:
                page = await tx.usage.lines_in_state(str(state), period, after, PAGE)
            for line in page:
                yield line
            if len(page) < PAGE:
                break
            after = (page[-1].asked_at, page[-1].job_id)


def _encoded(lines: Sequence[UsageLine]) -> list[bytes]:
    return [line_row(line).encode() for line in lines]
