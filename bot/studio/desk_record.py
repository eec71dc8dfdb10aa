"""The desk's record: the audit with its chain, and the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from bot.domain.audit import AuditEntry, AuditFilter, ChainReport, entry_time
from bot.domain.cases import CaseState
from bot.domain.records import DAY_MS, DeskFigures, QueueFilter
from bot.domain.roles import Act
from bot.studio.authority import Authority, server_of
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.store_ports import Store

EXPORT_LIMIT = 10_000  # entries
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Export:
    """Entries of the audit, newest first, and whether the chain holds."""

    entries: Sequence[AuditEntry]
    chain: ChainReport
    cut_off: bool  # there are more


async def verify_audit(store: Store) -> ChainReport:
    """Say whether every link of the audit's chain holds."""
    async with store.reading() as tx:
        return await tx.audit.verify()


class DeskRecord:
    """What was done at the desk."""

    def __init__(self, *, store: Store, authority: Authority, clock: Clock, zone: tzinfo) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock
        self._zone = zone

    async def entries(
        self, person: Person, wanted: AuditFilter, limit: int, before: str = ""
    ) -> Sequence[AuditEntry]:
        """Return the latest entries of the moderator's server, newest first: those before the id of one,
        where there is one."""
        guild_id = server_of(person)
        await self._authority.require(person, Act.SEE_CASES)
        at = entry_time(before)
        last = None if at is None else AuditEntry(before, guild_id, 0, at, "")
        async with self._store.reading() as tx:
            return await tx.audit.of_server(guild_id, limit=limit, before=last, wanted=wanted)

    async def export(self, person: Person, wanted: AuditFilter) -> Export:
        """Return the entries for a file, and whether the chain of all servers holds."""
        found: list[AuditEntry] = []
        while len(found) <= EXPORT_LIMIT:
            page = await self.entries(person, wanted, _PAGE, found[-1].id if found else "")
            found += page
            if len(page) < _PAGE:
                break
        chain = await verify_audit(self._store)
        return Export(found[:EXPORT_LIMIT], chain, len(found) > EXPORT_LIMIT)

    async def figures(
        self, person: Person, days: int, name_of: Callable[[int], Awaitable[str]]
    ) -> DeskFigures:
        """Return the desk's figures of so many days up to today; `name_of` names a moderator."""
        guild_id = server_of(person)
        await self._authority.require(person, Act.SEE_CASES)
        now = self._clock.now()
        last = self._day(now)
        period = [last - timedelta(days=back) for back in reversed(range(days))]
        async with self._store.reading() as tx:
            cases = await tx.cases.since(guild_id, now - days * DAY_MS)
            open_now = await tx.cases.count(guild_id, QueueFilter(CaseState.OPEN))
        decided = [case for case in cases if case.decided_at and self._day(case.decided_at) in period]
        moderators = Counter(case.decided_by for case in decided if case.decided_by)
        return DeskFigures(
            days=[day.isoformat() for day in period],
            opened=_counted(period, [self._day(case.opened_at) for case in cases]),
            decided=_counted(period, [self._day(case.decided_at or 0) for case in decided]),
            open_now=open_now,
            decision_times=[(case.decided_at or 0) - case.opened_at for case in decided],
            by_reason=dict(Counter(case.reason for case in cases).most_common()),
            by_moderator=await _named(dict(moderators.most_common(10)), name_of),
        )

    def _day(self, millis: int) -> date:
        return datetime.fromtimestamp(millis / 1000, tz=UTC).astimezone(self._zone).date()


def _counted(period: Sequence[date], days: Sequence[date]) -> list[int]:
    counts = Counter(days)
    return [counts[day] for day in period]


async def _named(counts: Mapping[int, int], name_of: Callable[[int], Awaitable[str]]) -> dict[str, int]:
    named: dict[str, int] = {}
    for member_id, count in counts.items():
        name = await name_of(member_id)
        named[name] = named.get(name, 0) + count
    return named
