"""The operator's caps and tiers, from the settings to what the studio asks."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.config import Settings, TierSettings
from bot.domain.catalogue import Catalogue
from bot.domain.operator_limits import OperatorLimits, Outsiders, Served
from bot.domain.tiers import Tier
from bot.errors import ConfigurationError, Fault, InvalidRequest

_MICROS = 1_000_000  # in a dollar


def operator_limits(settings: Settings, catalogue: Catalogue) -> OperatorLimits:
    """Return what the operator has set; raise ConfigurationError where a tier names an unknown model."""
    faults: list[Fault] = []
    limits, outside = settings.limits, settings.outside
    operator = OperatorLimits(
        daily_images=limits.daily_images,
        daily_descriptions=limits.daily_descriptions,
        zone=ZoneInfo(limits.timezone),
        tiers=tuple(_tier(name, tier, catalogue, faults) for name, tier in settings.tiers.items()),
        server_monthly_images=limits.server_monthly_images,
        server_monthly_micros=micros_of(limits.server_monthly_dollars),
        bot_daily_images=limits.bot_daily_images,
        bot_daily_micros=micros_of(limits.bot_daily_dollars),
        outsiders=Outsiders(
            served=Served(outside.served),
            allowed=frozenset(outside.allowed),
            daily_images=outside.strangers_daily_images,
            daily_micros=micros_of(outside.strangers_daily_dollars),
        ),
    )
    if faults:
        raise ConfigurationError(faults)
    return operator


def micros_of(dollars: float | None) -> int | None:
    """Return dollars as micro-dollars."""
    return None if dollars is None else round(dollars * _MICROS)


def _tier(name: str, tier: TierSettings, catalogue: Catalogue, faults: list[Fault]) -> Tier:
    models, fallback = [], None
    for number, wanted in enumerate(tier.models, start=1):
        try:
            models.append(catalogue.resolve(wanted).model.id)
        except InvalidRequest:
            faults.append(_unknown(f"tiers.{name}.models", f"item {number}", catalogue))
    if tier.fallback is not None:
        try:
            fallback = catalogue.resolve(tier.fallback).model.id
        except InvalidRequest:
            faults.append(_unknown(f"tiers.{name}.fallback", "it", catalogue))
    return Tier(
        name=name,
        daily_images=tier.daily_images,
        daily_micros=micros_of(tier.daily_dollars),
        carry_over=tier.carry_over,
        largest_size=tier.largest_size,
        models=tuple(dict.fromkeys(models)),
        fallback=fallback,
        concurrency=tier.concurrency,
        priority=tier.priority,
        thread_turns=tier.thread_turns,
        boosters=tier.boosters,
        roles=tier.roles,
        members=tier.members,
    )


def _unknown(key: str, what: str, catalogue: Catalogue) -> Fault:
    known = ", ".join(model.id for model in catalogue.models)
    return Fault(key, f"{what} is not in the model catalogue", f"Write one of: {known}")
