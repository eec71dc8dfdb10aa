"""Messages that are deleted: what they asked for is taken back, whatever stage it has reached.

What waits is cancelled. What is being made is finished (it is paid), and loses its words in the transaction
that ends it (`TurnHistories`). What was made loses them at once: the picture stays as the bot's answer, for
its maker to delete, and its card is written anew without them. Threads that are named after them get another
name, and lose our message that quotes them. That a message is gone is a row before
anything follows from it, and each step finds by itself what is left, so a crash costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeVar

from bot.domain.conversations import Turn
from bot.domain.jobs import FINAL, JobState
from bot.domain.notices import Notice, NoticeKind
from bot.errors import StorageError
from bot.studio.patience import Patience
from bot.studio.ports import Clock, Waits
from bot.studio.privacy_ports import Clears
from bot.studio.store_ports import Store, Transaction

log = logging.getLogger(__name__)
T = TypeVar("T")

STEP = 50  # jobs that are looked for at once
POLL_SECONDS = 60.0  # how often what another process, or a crash, left is looked for


class Ends(Protocol):
    """Ends conversations and cancels their turns (`Endings`)."""

    async def cancel(self, turn: Turn) -> bool: ...

    async def channel_gone(self, channel_id: int) -> None: ...


class Retractions:
    """Honours deletions. `run` goes on until it is cancelled."""

    def __init__(
        self,
        *,
        store: Store,
        ends: Ends,
        clears: Clears,
        clock: Clock,
        waits: Waits,
        notify: Callable[[], None],
    ) -> None:
        self._store = store
        self._ends = ends
        self._clears = clears
        self._clock = clock
        self._waits = waits
        self._notify = notify
        self._patiently = Patience(clock, waits)

    # --- what Discord says --------------------------------------------------------------------------------

    async def messages(self, message_ids: Sequence[int]) -> None:
        """Take back what messages asked for. Nothing is written where they asked for nothing."""

        async def known(tx: Transaction) -> tuple[Sequence[str], Sequence[str]]:
            found = tx.retractions
            return await found.asked_by(message_ids), await found.brought_by(message_ids)

        asked, brought = await self._find(known)
        await self._take_back(asked)
        await self._take_back(brought, pictures=True)

    async def place(self, place_id: int) -> None:
        """Take back what the messages of a thread asked for: it was deleted with them."""
        await self._take_back(await self._find(lambda tx: tx.retractions.asked_in_place(place_id)))

    async def channel(self, channel_id: int) -> None:
        """End the conversations of a channel that was deleted with its threads, and take back what was said
        in them."""
        await self._ends.channel_gone(channel_id)
        await self._take_back(await self._find(lambda tx: tx.retractions.asked_in_channel(channel_id)))

    async def compare(self, here: Mapping[int, Collection[int]]) -> None:
        """Take back what was said in channels that are gone; `here` are those that each server has now.

        Nothing is said about servers that are not in it: they may be out of reach for a while.
        """
        known = await self._store.read(lambda tx: tx.retractions.channels())
        for guild_id, channel_id in known:
            if guild_id in here and channel_id not in here[guild_id]:
                await self.channel(channel_id)

    # --- carrying it out ----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Carry out what was noted and is left, at the start and now and then."""
        while True:
            try:
                await self.work()
            except StorageError as error:
                log.warning("taking messages back is put off: %s", error)
            except Exception:
                log.exception("taking messages back broke and is tried again")
            await self._waits(self._clock.sleep(POLL_SECONDS), "retractions")

    async def work(self) -> None:
        """Carry out what was noted and can be carried out now."""
        while due := await self._store.read(lambda tx: tx.retractions.due(STEP)):
            if not any([await self._carry_out(job_id, pictures=pictures) for job_id, pictures in due]):
                return

    async def _find(self, which: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._patiently(lambda: self._store.read(which), "a deletion")

    async def _take_back(self, jobs: Sequence[str], *, pictures: bool = False) -> None:
        if not jobs:
            return
        now = self._clock.now()
        await self._patiently(
            lambda: self._store.write(lambda tx: tx.retractions.note(jobs, now, pictures=pictures)),
            "a deletion",
        )
        for job_id in jobs:
            await self._carry_out(job_id, pictures=pictures)

    async def _carry_out(self, job_id: str, *, pictures: bool) -> bool:
        """Do what the state of a job lets us; return whether what was said is gone.

        Of whom only a picture was taken, they do not decide whether somebody else's turn is made.
        """
        async with self._store.reading() as tx:
            job, turn = await tx.jobs.get(job_id), await tx.turns.get(job_id)
            opened = [] if pictures else await tx.retractions.opened_by(job_id)
        if not pictures and job is not None and turn is not None and job.state is JobState.CREATED:
            await self._ends.cancel(turn)
        for place_id, message_id in opened:  # before the words go: after a crash it is done again
            await self._clears.clear(place_id, message_id)
        now = self._clock.now()

        async def forget(tx: Transaction) -> bool:
            ended = await tx.jobs.get(job_id)
            return ended is not None and ended.state in FINAL and await take_words(tx, job_id, now)

        gone = await self._store.write(forget)
        if gone:
            log.info("job %s lost what was said for it: the message is gone", job_id)
            self._notify()
        return gone


async def take_words(tx: Transaction, job_id: str, now: int) -> bool:
    """Take the words of a job whose message is gone, where it was noted, in the transaction that ends it or
    later; return whether there were any.

    What is posted agrees with that soon: an answer that is under way may still have them.
    """
    if not await tx.retractions.carry_out(job_id, now):
        return False
    await tx.notices.put(Notice(NoticeKind.ANSWER, job_id, now))
    return True
