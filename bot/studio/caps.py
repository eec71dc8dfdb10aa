"""The caps as a gate: of a member, of a server, of strangers together and of everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.caps import Cap, Period, day_of, month_of
from bot.domain.catalogue import Catalogue
from bot.domain.grants import OUTSIDE, draws_for
from bot.domain.ledger import Account
from bot.domain.operator_limits import OperatorLimits, Served
from bot.domain.requests import Kind
from bot.domain.standing import Place
from bot.errors import CapRule, InvalidRequest, NotAllowed, Problem
from bot.studio.allowances import Allowances, Terms
from bot.studio.gates import Asked, Granted
from bot.studio.store_ports import Transaction


class Caps:
    """Asks every cap there is; by default a member's day is bounded, and what strangers use together.

    What several members share is locked before it is read, the server before everybody, so that two requests
    at the same moment cannot both take the last image.
    """

    def __init__(self, allowances: Allowances, catalogue: Catalogue) -> None:
        self._allowances = allowances
        self._catalogue = catalogue

    @property
    def _operator(self) -> OperatorLimits:
        return self._allowances.operator

    async def check(self, tx: Transaction, asked: Asked) -> Granted:
        """Raise CapReached, NotAllowed or InvalidRequest; return how the job runs and what it draws on."""
        await self._check_place(tx, asked)
        terms = await self._allowances.terms(
            tx, asked.origin.member_id, asked.origin.guild_id, asked.standing, now=asked.now
        )
        if terms.guild_id != OUTSIDE:
            terms.server.check_channel(asked.standing.channels or (asked.origin.channel_id,))
        self._check_price(asked)
        terms.allowance.check(asked.model, asked.request.options, asked.standing.turns)
        if asked.request.kind is Kind.DESCRIBE:
            await self._check_descriptions(tx, asked)
        granted = await self._check_member(tx, asked, terms)
        await self._check_server(tx, asked, terms)
        if stranger := self._is_stranger(asked):
            await self._check_strangers(tx, asked)
        await self._check_bot(tx, asked)
        return replace(granted, stranger=stranger)

    def _is_stranger(self, asked: Asked) -> bool:
        return asked.standing.stranger and asked.origin.member_id not in self._operator.outsiders.allowed

    # --- where, and with what -----------------------------------------------------------------------------

    async def _check_place(self, tx: Transaction, asked: Asked) -> None:
        standing, served = asked.standing, self._operator.outsiders.served
        if standing.place is Place.SERVER:
            return
        if standing.place is Place.ELSEWHERE and served is Served.NOBODY:
            raise NotAllowed("elsewhere")
        if self._is_stranger(asked) and served is not Served.EVERYBODY:
            raise NotAllowed("stranger")
        if standing.place is Place.DIRECT and standing.servers:
            for guild_id in standing.servers:
                if (await tx.limits.of_server(guild_id)).limits.direct:
                    return
            raise NotAllowed("direct")

    def _check_price(self, asked: Asked) -> None:
        """A model whose price nobody knows is not called: what it costs could not be bounded."""
        if asked.model.prices is None:
            priced = [model.id for model in self._catalogue.models if model.prices is not None]
            raise InvalidRequest(Problem.MODEL_UNPRICED, model=asked.model.label, allowed=priced)

    # --- how much -----------------------------------------------------------------------------------------

    async def _check_member(self, tx: Transaction, asked: Asked, terms: Terms) -> Granted:
        allowance = terms.allowance
        balance = await self._allowances.balance(tx, asked.origin.member_id, terms, now=asked.now, keep=True)
        cap = Cap(allowance.daily_images, balance.day)
        cap.check(balance.used.images, asked.images, balance.granted)
        if allowance.daily_micros is not None:
            cap = Cap(allowance.daily_micros, balance.day, CapRule.MEMBER_DOLLARS)
            cap.check(balance.used.micros, asked.micros)
        beyond = asked.images - max(0, allowance.daily_images - balance.used.images)
        return Granted(allowance.priority, allowance.concurrency, draws_for(balance.grants, max(0, beyond)))

    async def _check_descriptions(self, tx: Transaction, asked: Asked) -> None:
        """They make no image, so no cap of images bounds what they cost."""
        day = day_of(asked.now, self._operator.zone)
        made = await tx.ledger.descriptions_used(asked.origin.member_id, since=day.start, until=day.end)
        Cap(self._operator.daily_descriptions, day, CapRule.DESCRIPTIONS).check(made, 1)

    async def _check_server(self, tx: Transaction, asked: Asked, terms: Terms) -> None:
        operator, server = self._operator, terms.server
        images = _least(operator.server_monthly_images, server.monthly_images)
        micros = _least(operator.server_monthly_micros, server.monthly_micros)
        guild_id = asked.origin.guild_id
        if guild_id is None or (images is None and micros is None):
            return
        await tx.limits.lock_server(guild_id)
        month = month_of(asked.now, operator.zone)
        rules = (CapRule.SERVER_IMAGES, CapRule.SERVER_DOLLARS)
        await _check_shared(
            tx, asked, (Account.SERVER, guild_id), month, zip(rules, (images, micros), strict=True)
        )

    async def _check_strangers(self, tx: Transaction, asked: Asked) -> None:
        outsiders = self._operator.outsiders
        await tx.limits.lock_bot()
        day = day_of(asked.now, self._operator.zone)
        rules = (
            (CapRule.STRANGER_IMAGES, outsiders.daily_images),
            (CapRule.STRANGER_DOLLARS, outsiders.daily_micros),
        )
        await _check_shared(tx, asked, (Account.STRANGERS, 0), day, rules)

    async def _check_bot(self, tx: Transaction, asked: Asked) -> None:
        operator = self._operator
        if operator.bot_daily_images is None and operator.bot_daily_micros is None:
            return
        await tx.limits.lock_bot()
        day = day_of(asked.now, operator.zone)
        rules = (
            (CapRule.BOT_IMAGES, operator.bot_daily_images),
            (CapRule.BOT_DOLLARS, operator.bot_daily_micros),
        )
        await _check_shared(tx, asked, (Account.BOT, 0), day, rules)


async def _check_shared(
    tx: Transaction,
    asked: Asked,
    account: tuple[Account, int],
    period: Period,
    rules: Iterable[tuple[CapRule, int | None]],
) -> None:
    """Ask caps that several members share: first the one of images, then the one of dollars."""
    used = await tx.ledger.use_of(*account, since=period.start, until=period.end)
    amounts = ((used.images, asked.images), (used.micros, asked.micros))
    for (rule, limit), (already, wanted) in zip(rules, amounts, strict=True):
        if limit is not None:
            Cap(limit, period, rule).check(already, wanted)


def _least(*bounds: int | None) -> int | None:
    return min((bound for bound in bounds if bound is not None), default=None)
