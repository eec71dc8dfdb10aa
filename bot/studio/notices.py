"""Working off what has to happen in Discord, again and again until it has, also after a restart."""

from __future__ import annotations

import logging

from bot.domain.cases import HOUR_MS
from bot.domain.notices import MOST_TRIES, Notice, NoticeKind, pause_after
from bot.errors import DeliveryError, Gone, StorageError
from bot.studio.notice_steps import NoticeSteps
from bot.studio.ports import Clock, Waits
from bot.studio.store_ports import Store
from bot.studio.waking import Waking

log = logging.getLogger(__name__)

POLL_SECONDS = 30.0  # how often reminders are looked for, and what another process left
LEASE_MS = 120_000  # so long nobody else works on what somebody has taken
OVERDUE_LISTED = 10
# What somebody was to be told names them, and nobody reads it later.
NOT_KEPT = (NoticeKind.MEMBER, NoticeKind.OUTCOME)


class NoticeWorker:
    """Takes notices one by one. `wake` says that there is one; `run` goes on until it is cancelled.

    A notice is forgotten when it has been brought about. Where Discord is down it is tried again, later
    each time; where Discord will never take it, it stays with the reason for moderators to see, but not what
    was for one person alone.
    """

    def __init__(self, *, store: Store, steps: NoticeSteps, clock: Clock, waits: Waits, sole: bool) -> None:
        self._sole = sole  # no other process works on this data: what is taken was taken before a restart
        self._store = store
        self._steps = steps
        self._clock = clock
        self._waits = waits
        self._waking = Waking(clock)

    def wake(self) -> None:
        """Say that there is something to do."""
        self._waking.wake()

    async def run(self) -> None:
        """Work off what is due, and remind desks of what waits."""
        taken = self._sole
        while True:
            self._waking.clear()
            seconds = POLL_SECONDS
            try:
                if taken:
                    await self._take_over()
                    taken = False
                await self._remind()
                while await self._one():
                    pass
                seconds = await self._seconds_to_next()
            except StorageError as error:
                log.warning("notices are put off: %s", error)
            await self._waits(self._waking.sleep(seconds), "notices")

    async def _take_over(self) -> None:
        """Make due what an earlier run had taken, or put off."""
        async with self._store.transaction() as tx:
            await tx.notices.make_due(self._clock.now())

    async def _seconds_to_next(self) -> float:
        async with self._store.reading() as tx:
            due = await tx.notices.next_due()
        if due is None:
            return POLL_SECONDS
        return min(POLL_SECONDS, max(0.0, (due - self._clock.now()) / 1000) + 0.01)

    async def _one(self) -> bool:
        """Work off one notice; return whether there was one."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            notice = await tx.notices.take(now=now, until=now + LEASE_MS)
        if notice is None:
            return False
        try:
            await self._steps.bring_about(notice)
        except DeliveryError as error:
            log.info("notice %s %s: %s", notice.kind, notice.subject, error)
            await self._put_off(notice, str(error), passing=error.passing)
        except Gone:
            log.info("notice %s %s: what it is about is gone", notice.kind, notice.subject)
            await self._finish(notice)
        except StorageError:
            raise  # its lease ends, and it comes again
        except Exception as error:
            log.exception("notice %s %s broke", notice.kind, notice.subject)
            await self._put_off(notice, type(error).__name__, passing=True)
        else:
            if notice.kind is NoticeKind.TROUBLE:  # it stays, so that nobody is told again and again
                await self._put_off(notice, "told", passing=False)
            else:
                await self._finish(notice)
        return True

    async def _finish(self, notice: Notice) -> None:
        async with self._store.transaction() as tx:
            await tx.notices.done(notice)

    async def _put_off(self, notice: Notice, failure: str, *, passing: bool) -> None:
        again = passing and notice.tries < MOST_TRIES
        due = self._clock.now() + pause_after(notice.tries) if again else None
        if due is None and notice.kind in NOT_KEPT:
            await self._finish(notice)
            return
        async with self._store.transaction() as tx:
            if due is None and notice.kind is NoticeKind.ANSWER:
                await tx.notices.done(notice)  # no case, and so no desk, would show that it could not be done
                return
            await tx.notices.put_off(notice, due, failure)
            if due is None and notice.kind is NoticeKind.PICTURE:
                own = await tx.cases.of_image(notice.subject)
                cases = [*([] if own is None else [own]), *await tx.cases.of_twins(notice.subject)]
                for case in cases:  # their cards say what could not be done
                    await tx.notices.put(Notice(NoticeKind.CARD, case.id, self._clock.now()))

    async def _remind(self) -> None:
        """Ask for a reminder where cases wait longer than their server wants."""
        now = self._clock.now()
        async with self._store.reading() as tx:
            waiting = await tx.cases.servers_waiting(now - HOUR_MS)
        for guild_id in waiting:
            async with self._store.transaction() as tx:
                settings = (await tx.settings.of_server(guild_id)).settings
                if not settings.reminder_hours or settings.desk_channel is None:
                    continue
                before = now - settings.reminder_hours * HOUR_MS
                overdue = await tx.cases.overdue(guild_id, before, OVERDUE_LISTED)
                reminded = [case.reminded_at or 0 for case in overdue]
                if overdue and max(reminded) <= before:
                    await tx.cases.mark_reminded(guild_id, before, now=now)
                    data = {"before": before}
                    await tx.notices.put(Notice(NoticeKind.REMINDER, str(guild_id), now, data))
