"""Erasing a member: what goes at once, what goes later, and carrying it out whatever happens meanwhile.

A wish is a row (`Erasure`) before anybody is told that it will be fulfilled. Each step looks for what is
left, in a transaction of its own, so a crash costs nothing but the step. The order: what waits is
cancelled, pictures are deleted for everybody, messages are taken out of Discord, then the rows are
forgotten, and the files that nobody needs any more are removed. What had to stay for a while (`Staying`) is
looked at again every day, until nothing is left and the wish itself is forgotten.
"""

from __future__ import annotations

import logging
import secrets
from typing import Protocol

from bot.domain.privacy import CAPS_DAYS, DAY_MS, Erasure, Holdings, Staying
from bot.errors import Refusal, StorageError
from bot.studio.patience import Patience
from bot.studio.pictures import Person
from bot.studio.ports import Clock, Waits
from bot.studio.privacy_ports import Clears, Sweeper, Withdraws
from bot.studio.store_ports import Store
from bot.studio.waking import Waking

log = logging.getLogger(__name__)

STEP = 50  # rows in one transaction
PAUSE = 0.05  # seconds between them: others write meanwhile
AGAIN_SECONDS = 30.0  # until what is still at work, or what Discord did not take, is tried again
ROUNDS = 3  # of taking messages away, before they are left to Discord
_PSEUDONYMS = 2**62


class Cancels(Protocol):
    """Cancels jobs (`Cancellations`)."""

    async def cancel(self, job_id: str, person: Person) -> object: ...


class Erasures:
    """Takes wishes and fulfils them. `run` goes on until it is cancelled."""

    def __init__(
        self,
        *,
        store: Store,
        withdraws: Withdraws,
        clears: Clears,
        cancels: Cancels,
        sweeper: Sweeper,
        clock: Clock,
        waits: Waits,
    ) -> None:
        self._store = store
        self._withdraws = withdraws
        self._clears = clears
        self._cancels = cancels
        self._sweeper = sweeper
        self._clock = clock
        self._waits = waits
        self._patiently = Patience(clock, waits)
        self._waking = Waking(clock)
        # How often messages of an erasure were tried; after a restart it begins anew.
        self._rounds: dict[int, int] = {}

    async def holdings(self, member_id: int) -> tuple[Holdings, Erasure | None]:
        """Return what is kept of a member, and the wish of theirs that is not fulfilled yet."""
        now = self._clock.now()

        async with self._store.reading() as tx:
            return await tx.privacy.holdings(member_id, now=now), await tx.privacy.latest_erasure(member_id)

    async def ask(self, member_id: int) -> Erasure:
        """Take a wish. One that is being fulfilled already is the same one."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await tx.lock_member(member_id)
            current = await tx.privacy.latest_erasure(member_id)
            if current is not None and current.erased_at is None:
                return current
            erasure = Erasure(-1 - secrets.randbelow(_PSEUDONYMS), member_id, now)
            await tx.privacy.insert_erasure(erasure)
        log.info("erasure %d asked for", erasure.id)
        self._waking.wake()
        return erasure

    async def run(self) -> None:
        """Fulfil wishes as they come, those that an earlier run left among them."""
        while True:
            self._waking.clear()
            again = True
            try:
                again = await self.work()
            except StorageError as error:
                log.warning("erasures are put off: %s", error)
            except Exception:
                log.exception("an erasure broke and is tried again")
            await self._waits(self._waking.sleep(AGAIN_SECONDS if again else None), "erasures")

    async def work(self) -> bool:
        """Fulfil what can be fulfilled at once; return whether something has to be tried again soon."""
        async with self._store.reading() as tx:
            wishes = [erasure for erasure in await tx.privacy.erasures() if erasure.erased_at is None]
        again = False
        for erasure in wishes:
            again |= not await self._fulfil(erasure)
        return again

    async def follow_up(self) -> None:
        """Look again at what had to stay, and forget the wishes of which nothing is left. Daily."""
        async with self._store.reading() as tx:
            wishes = [erasure for erasure in await tx.privacy.erasures() if erasure.erased_at is not None]
        for erasure in wishes:
            await self._forget_rows(erasure)
            now = self._clock.now()
            async with self._store.transaction() as tx:
                staying = (await tx.privacy.holdings(erasure.member_id, now=now)).staying
                held = any(number for why, number in staying.items() if why is not Staying.CAPS)
                if erasure.asked_at < now - (CAPS_DAYS + 1) * DAY_MS and not held:
                    await tx.privacy.end_erasure(erasure)
                    log.info("erasure %d is complete", erasure.id)

    # --- one wish -----------------------------------------------------------------------------------------

    async def _fulfil(self, erasure: Erasure) -> bool:
        """Return whether everything that may go is gone."""
        await self._cancel(erasure)
        # Asked before anything is forgotten: what comes to its end meanwhile is looked at once more.
        under_way = await self._under_way(erasure)
        while await self._write_hidden(erasure):
            await self._breathe()
        if not await self._withdraw(erasure):
            return False
        await self._forget_rows(erasure)
        await self._sweeper.remove_freed()
        if under_way:
            return False
        done = erasure.evolve(erased_at=self._clock.now())
        await self._patiently(lambda: self._store.write(lambda tx: tx.privacy.mark_erased(done)), "erasure")
        self._rounds.pop(erasure.id, None)
        log.info("erasure %d is done but for what has to stay", erasure.id)
        return True

    async def _under_way(self, erasure: Erasure) -> bool:
        """Whether a call is at work, or an answer is being posted: what it brings is forgotten when it has
        come."""
        async with self._store.reading() as tx:
            unfinished = await tx.privacy.unfinished_jobs(erasure, 1)
            return bool(unfinished or await tx.privacy.being_delivered(erasure))

    async def _cancel(self, erasure: Erasure) -> None:
        async with self._store.reading() as tx:
            jobs = await tx.privacy.unfinished_jobs(erasure, 1000)
        for job in jobs:
            person = Person(erasure.member_id, job.origin.guild_id, job.origin.channel_id, moderator=False)
            try:
                await self._cancels.cancel(job.id, person)
            except Refusal as error:
                log.info("job %s is not cancelled: %s", job.id, error)

    async def _write_hidden(self, erasure: Erasure) -> int:
        now = self._clock.now()
        return await self._store.write(lambda tx: tx.privacy.hide_images(erasure, now=now, limit=STEP))

    async def _forget_answer(self, job_id: str) -> None:
        await self._store.write(lambda tx: tx.privacy.forget_answer(job_id))

    async def _withdraw(self, erasure: Erasure) -> bool:
        """Take messages out of Discord; return whether that is over, one way or the other."""
        self._rounds[erasure.id] = self._rounds.get(erasure.id, 0) + 1
        left, after = 0, ""
        while True:
            async with self._store.reading() as tx:
                jobs = await tx.privacy.posted_jobs(erasure, after, STEP)
            for job_id in jobs:
                if await self._withdraws.withdraw(job_id):
                    await self._forget_answer(job_id)
                else:
                    left += 1
            if len(jobs) < STEP:
                break
            after = jobs[-1]
        async with self._store.reading() as tx:
            places = await tx.privacy.opened_places(erasure)
        for place_id, message_id in places:
            left += not await self._clears.clear(place_id, message_id)
        if left:
            log.info("erasure %d: %d messages or threads stay in Discord for now", erasure.id, left)
        return not left or self._rounds[erasure.id] >= ROUNDS

    async def _forget_rows(self, erasure: Erasure) -> None:
        async with self._store.reading() as tx:
            kinds = tx.privacy.kinds()
        for kind in kinds:
            while await self._forget_some(kind, erasure):
                await self._breathe()

    async def _forget_some(self, kind: str, erasure: Erasure) -> int:
        now = self._clock.now()
        return await self._store.write(lambda tx: tx.privacy.erase(kind, erasure, now=now, limit=STEP))

    async def _breathe(self) -> None:
        await self._waits(self._clock.sleep(PAUSE), "erasure")
