"""Says before accepting that a model makes nothing more today, because the provider's quota is used up."""

from __future__ import annotations

from bot.domain.catalogue import Catalogue
from bot.domain.requests import Options
from bot.errors import InvalidRequest, QuotaUsedUp
from bot.studio.allowances import Allowances
from bot.studio.gates import Asked
from bot.studio.lanes import Lanes
from bot.studio.quota_days import quota_day
from bot.studio.store_ports import Transaction


class QuotaOfDay:
    """A gate. What was accepted already has its calls before whoever asks now."""

    def __init__(self, lanes: Lanes, catalogue: Catalogue, allowances: Allowances) -> None:
        self._lanes = lanes
        self._catalogue = catalogue
        self._allowances = allowances

    async def check(self, tx: Transaction, asked: Asked) -> None:
        """Raise QuotaUsedUp where neither the model nor its stand-in could be called today."""
        calls = asked.request.options.count
        resets_at = await self._used_up(tx, asked.model.id, calls, asked.now)
        if resets_at is None:
            return
        fallback = asked.request.fallback
        if fallback is not None and await self._used_up(tx, fallback, calls, asked.now) is None:
            return
        others = await self._others(tx, asked)
        raise QuotaUsedUp(model=asked.model.label, resets_at=resets_at, others=others)

    async def _used_up(self, tx: Transaction, model: str, calls: int, now: int) -> int | None:
        """Return when so many more calls can be made; None: now, as far as is known."""
        day, today = self._lanes.lane(model).day, quota_day(now)
        if day.is_used_up(now):
            if not day.may_probe(now):
                return day.until
            _begun, waiting = await tx.lanes.calls_of(model, today.start)
            return day.until if waiting else None  # who waits finds out, else this one does
        if day.limit is None or not day.named:
            return None
        begun, waiting = await tx.lanes.calls_of(model, today.start)
        begun = max(begun, self._lanes.calls_today(model))  # it knows of tries, the database of others
        return today.end if begun + waiting + calls > day.limit else None

    async def _others(self, tx: Transaction, asked: Asked) -> list[str]:
        """Return the labels of the models that whoever asks may use instead."""
        terms = await self._allowances.terms(
            tx, asked.origin.member_id, asked.origin.guild_id, asked.standing, now=asked.now
        )
        found = []
        for model in self._catalogue.models:
            if model.prices is None or self._lanes.lane(model.id).is_down(asked.now):
                continue
            try:
                terms.allowance.check(model, Options(model.id), asked.standing.turns)
            except InvalidRequest:
                continue
            if model.id != asked.model.id:
                found.append(model.label)
        return found
