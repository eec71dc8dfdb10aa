"""Accepting a request: words and pictures are looked at first, everything else decides in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from bot.domain.catalogue import Catalogue
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.grants import draw_entry
from bot.domain.jobs import Job, JobState
from bot.domain.ledger import reserve
from bot.domain.pricing import estimate
from bot.domain.progress import Ticket
from bot.domain.prompts import clean_prompt
from bot.domain.requests import Origin, Request
from bot.domain.server_settings import InForce
from bot.domain.standing import Standing
from bot.errors import DOLLARS, CapReached, QuotaUsedUp, Refusal, StaleState, StorageError
from bot.studio.beginning_ports import Beginner
from bot.studio.gates import Asked, Gate, Granted
from bot.studio.observer import UNOBSERVED, Observer
from bot.studio.outlooks import Outlooks
from bot.studio.ports import Clock
from bot.studio.screen import Screening
from bot.studio.stand_ins import StandIns
from bot.studio.store_ports import Store, Transaction

log = logging.getLogger(__name__)

MEMBER = Standing()
# With more waiting, the place is at first said to be the last one: ranking them all would hold up the answer,
# and the true place follows within seconds (`Workers.tell_places`).
MOST_RANKED = 50


class Companion(Protocol):
    """What has to be written together with a job, or not at all."""

    async def before(self, tx: Transaction, request: Request, origin: Origin) -> Request:
        """Return the request as it is to be accepted, or raise a Refusal."""
        ...

    async def after(self, tx: Transaction, job: Job) -> None:
        """Write what belongs to the job; it is there."""
        ...


class Submissions:
    """The only door to a provider call: a request that came through here is a job, reserved and durable."""

    def __init__(
        self,
        *,
        store: Store,
        catalogue: Catalogue,
        screening: Screening,
        gates: Sequence[Gate],
        max_prompt: int,
        clock: Clock,
        new_id: Callable[[], str],
        beginner: Beginner,
        outlooks: Outlooks,
        stand_ins: StandIns,
        observer: Observer = UNOBSERVED,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._screening = screening
        self._gates = gates
        self.max_prompt = max_prompt  # may be set anew while the bot runs
        self._clock = clock
        self._new_id = new_id
        self._beginner = beginner
        self._outlooks = outlooks
        self._stand_ins = stand_ins
        self._observer = observer

    async def submit(
        self,
        request: Request,
        origin: Origin,
        standing: Standing = MEMBER,
        companion: Companion | None = None,
    ) -> Ticket:
        """Accept a request and return its ticket, or raise a Refusal; nothing is written then.

        `standing` is who asks: roles, place, and how long a conversation becomes (`cogs.standing`).
        The same origin key twice is the same job: the second time nothing is reserved or started.
        """
        try:
            request = self.check(request)
            in_force = standing.in_force or await self._look_up(origin)
            standing = standing.evolve(in_force=in_force)
            request = await self._screening.screen(request, origin, in_force)
            ticket = await self._beginner.accept(
                lambda tx: self._decide(tx, request, origin, standing, companion)
            )
        except Refusal as error:
            self._observer.refused(request.kind, type(error).__name__)
            raise
        except StorageError:
            self._observer.refused(request.kind, "storage")
            raise
        if not ticket.repeated:
            self._observer.accepted(ticket.job)
        return await self._with_place(ticket)

    async def _look_up(self, origin: Origin) -> InForce:
        return await self._store.read(lambda tx: tx.settings.in_force(origin.member_id, origin.guild_id))

    def check(self, request: Request) -> Request:
        """Return the request as it would be accepted, or raise InvalidRequest."""
        return request.evolve(
            prompt=clean_prompt(request.prompt, self.max_prompt),
            options=self._catalogue.check(request.options, len(request.references)),
        )

    async def _decide(
        self,
        tx: Transaction,
        request: Request,
        origin: Origin,
        standing: Standing,
        companion: Companion | None,
    ) -> Ticket:
        await tx.lock_member(origin.member_id)
        known = await tx.jobs.by_origin(origin.key)
        if known is not None:
            return await self._ticket_again(tx, known)
        if companion is not None:
            request = await companion.before(tx, request, origin)
            standing = replace(standing, turns=request.turn)
        ticket = await self._accept(tx, request, origin, standing)
        if companion is not None:
            await companion.after(tx, ticket.job)
        return ticket

    async def _accept(self, tx: Transaction, request: Request, origin: Origin, standing: Standing) -> Ticket:
        now, unfinished = self._clock.now(), await tx.jobs.unfinished()
        waiting = unfinished[JobState.CREATED]
        asked, granted = await self._admit(tx, request, origin, standing, now, waiting)
        request = asked.request
        job = Job(
            self._new_id(),
            JobState.CREATED,
            request,
            origin,
            created_at=now,
            updated_at=now,
            priority=granted.priority,
            max_running=granted.max_running,
        )
        job = await self._insert(tx, job)
        for message_id in request.brought_in:
            await tx.retractions.add_message(job.id, message_id, pictures=True)
        await tx.ledger.append(
            reserve(
                job.id,
                origin.member_id,
                origin.guild_id,
                images=asked.images,
                micros=asked.micros,
                now=now,
                stranger=granted.stranger,
            )
        )
        for draw in granted.draws:
            await tx.grants.append(draw_entry(draw, job.id, now))
        await tx.deliveries.insert(Delivery(job.id, DeliveryState.OPEN, updated_at=now))
        kept = tuple(await tx.deliveries.kept_for(origin.member_id))
        at_once = self._outlooks.begins_at_once(sum(unfinished.values()) - waiting, waiting)
        return Ticket(job, 0 if at_once else waiting, kept=kept)

    async def _insert(self, tx: Transaction, job: Job) -> Job:
        """Write a job under the first id that nobody has, and return it."""
        while True:
            try:
                await tx.jobs.insert(job)
            except StaleState:
                if await tx.jobs.get(job.id) is None:
                    raise  # it is the origin that is known, and another id would not help
                job = job.evolve(id=self._new_id())
            else:
                return job

    async def _admit(
        self, tx: Transaction, request: Request, origin: Origin, standing: Standing, now: int, waiting: int
    ) -> tuple[Asked, Granted]:
        """Ask every gate, with the best stand-in that caps of dollars and quotas allow, or with none.

        What is reserved holds whichever of the two models makes it, so it is the price of the dearer one.
        """
        model = self._catalogue.resolve(request.options.model).model
        for fallback in (*await self._stand_ins.choose(tx, request, origin, standing, now), None):
            request = request.evolve(fallback=fallback)
            micros = self._estimate(request)
            asked = Asked(request, origin, request.images, micros, now, standing, model, waiting)
            granted = Granted()
            try:
                for gate in self._gates:
                    granted = await gate.check(tx, asked) or granted
            except (CapReached, QuotaUsedUp) as error:
                if fallback is None or (isinstance(error, CapReached) and error.rule not in DOLLARS):
                    raise
            else:
                return asked, granted
        raise AssertionError("without a stand-in it is accepted or refused")

    async def _with_place(self, ticket: Ticket) -> Ticket:
        """Return the ticket with its place. What is accepted stays accepted: this never fails."""
        job, ahead = ticket.job, ticket.ahead
        if 0 < ahead <= MOST_RANKED:
            try:
                ahead = await self._store.read(lambda tx: tx.jobs.ahead_of(job.id, self._clock.now()))
            except StorageError as error:
                log.warning("the place of job %s is not known: %s", job.id, error)
        return replace(ticket, ahead=ahead, outlook=self._outlooks.remembered(job, ahead))

    async def _ticket_again(self, tx: Transaction, job: Job) -> Ticket:
        """Return the ticket of a job that was accepted before."""
        return Ticket(job, await tx.jobs.ahead_of(job.id, self._clock.now()), repeated=True)

    def _estimate(self, request: Request) -> int:
        """Return what is held back: the price of the dearest model that may make it."""
        options = [request.options]
        if request.fallback is not None:
            stand_in = self._catalogue.stand_in(request.options, request.fallback, len(request.references))
            options += [stand_in] if stand_in is not None else []
        return max(
            estimate(
                self._catalogue.resolve(item.model).model,
                item,
                request.prompt,
                len(request.references) + request.earlier,
                kind=request.kind,
            )
            for item in options
        )
