"""Watching what servers spend: a note at each mark of a budget, and when somebody spends far more than usual.

Notes are kept with what they say before they are sent, so that each is sent once, also across restarts.
Without a log channel nothing is kept: whoever sets one is told what holds then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from bot.domain.caps import Period, month_of
from bot.domain.jobs import Job
from bot.domain.server_settings import ServerSettings
from bot.domain.spending_notes import NoteKind, SpendingNote
from bot.domain.usage import DAY_MS, HISTORY_DAYS, LEAST, is_unusual, marks_reached, usual_day
from bot.errors import DeliveryError, StorageError
from bot.studio.ports import Clock, Waits
from bot.studio.store_ports import Store, Transaction

log = logging.getLogger(__name__)

MOST_AT_ONCE = 50


class Announcer(Protocol):
    """Tells a server something in a channel."""

    async def announce(self, channel_id: int, notice: SpendingNote, settings: ServerSettings) -> None:
        """Post a note. Safe to repeat within minutes; raise DeliveryError where that fails."""
        ...


NOBODY = 0  # no member's spending is looked at


class Watch:
    """Looks at a server's spending whenever something was made there."""

    def __init__(self, store: Store, announcer: Announcer, clock: Clock, waits: Waits, zone: tzinfo) -> None:
        self._store = store
        self._announcer = announcer
        self._clock = clock
        self._waits = waits
        self._zone = zone
        self._spent: set[tuple[int, int]] = set()  # server and member
        self._something = asyncio.Event()
        self._something.set()  # what an earlier run left unsent

    def ended(self, job: Job) -> None:
        """A job has ended; it may have cost something."""
        if job.origin.guild_id is not None:
            self._spent.add((job.origin.guild_id, job.origin.member_id))
            self._something.set()

    def changed(self, guild_id: int) -> None:
        """A server's budget, or whom to tell, is another one now."""
        self._spent.add((guild_id, NOBODY))
        self._something.set()

    async def run(self) -> None:
        """Look and tell, for ever."""
        while True:
            await self._waits(self._something.wait(), "spending")
            self._something.clear()
            spent, self._spent = self._spent, set()
            try:
                await self._send(await self._look(sorted(spent)))
            except StorageError as error:
                log.warning("nobody is told about spending: %s", error)
            except Exception:
                log.exception("looking at spending broke")

    # --- looking ------------------------------------------------------------------------------------------

    async def _look(self, spent: Sequence[tuple[int, int]]) -> Sequence[SpendingNote]:
        """Keep what there is to tell; return what is still to be sent."""

        async def look(tx: Transaction) -> tuple[Sequence[SpendingNote], Sequence[SpendingNote]]:
            return await self._found(tx, spent), await tx.spending_notes.unsent(MOST_AT_ONCE)

        found, unsent = await self._store.read(look)
        if found:
            async with self._store.transaction() as tx:
                for notice in found:
                    await tx.spending_notes.insert(notice)
                unsent = await tx.spending_notes.unsent(MOST_AT_ONCE)
        return unsent

    async def _found(self, tx: Transaction, spent: Sequence[tuple[int, int]]) -> list[SpendingNote]:
        """What there is to tell of servers, and of members there."""
        found: list[SpendingNote] = []
        for guild_id, of_server in groupby(spent, key=itemgetter(0)):
            settings = (await tx.settings.of_server(guild_id)).settings
            if settings.log_channel is not None:
                found += await self._budget(tx, guild_id, settings)
                for _, member_id in of_server:
                    found += await self._unusual(tx, guild_id, member_id)
        return found

    async def _budget(self, tx: Transaction, guild_id: int, settings: ServerSettings) -> list[SpendingNote]:
        budget, now = settings.budget_micros, self._clock.now()
        if budget is None:  # then the month's cap is what may be spent
            budget = (await tx.limits.of_server(guild_id)).limits.monthly_micros
        if budget is None:
            return []
        month = month_of(now, self._zone)
        spent = (await tx.usage.of_server(guild_id, month)).micros
        marks = marks_reached(spent, budget)
        if not marks:
            return []
        # Only the highest is told: several at once would say one thing three times.
        # Each once: of a budget that was changed they are other marks.
        name = f"{datetime.fromtimestamp(now / 1000, tz=self._zone):%Y-%m}:{budget}:{marks[-1]}"
        data = {"mark": marks[-1], "spent": spent, "budget": budget, "resets_at": month.end}
        return [SpendingNote(guild_id, NoteKind.BUDGET, name, now, data)]

    async def _unusual(self, tx: Transaction, guild_id: int, member_id: int) -> list[SpendingNote]:
        now = self._clock.now()
        period = Period(now - (HISTORY_DAYS + 1) * DAY_MS, now + 1)
        days = await tx.usage.days_of_member(guild_id, member_id, period)
        spent = days.pop(HISTORY_DAYS, 0) + days.pop(HISTORY_DAYS + 1, 0)
        if spent < LEAST:
            return []
        before = Period(period.start, now - DAY_MS)
        usual = usual_day(list(days.values()), await tx.usage.days_of_members(guild_id, before))
        if not is_unusual(spent, usual):
            return []
        today = datetime.fromtimestamp(now / 1000, tz=self._zone).date().isoformat()
        data = {"member_id": member_id, "spent": spent, "usual": usual}
        return [SpendingNote(guild_id, NoteKind.UNUSUAL, f"{member_id}:{today}", now, data)]

    # --- telling ------------------------------------------------------------------------------------------

    async def _send(self, unsent: Sequence[SpendingNote]) -> None:
        for notice in unsent:
            async with self._store.reading() as tx:
                settings = (await tx.settings.of_server(notice.guild_id)).settings
            try:
                if settings.log_channel is not None:
                    await self._announcer.announce(settings.log_channel, notice, settings)
            except DeliveryError as error:
                log.warning("server %d is not told about %s: %s", notice.guild_id, notice.kind, error)
                if error.passing:
                    continue  # the next spending tries again, or the next start
            async with self._store.transaction() as tx:
                await tx.spending_notes.mark_sent(notice, self._clock.now())
