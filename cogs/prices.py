"""Prices as a server shows them: in images, in credits, or in dollars."""

from __future__ import annotations

from bot.domain.catalogue import Model
from bot.domain.pricing import estimate
from bot.domain.requests import Options
from bot.domain.server_settings import ServerSettings, Unit
from cogs.language import _, ngettext, pgettext
from cogs.numbers import dollars, number
from cogs.text import images

TIER = "tier"  # the context of names of tiers in the catalogues


def price(settings: ServerSettings, micros: int, count: int = 1) -> str:
    """Return what `count` pictures for so many micro-dollars cost, in the server's unit.

    Credits are rounded up to a tenth: nobody should pay more than was announced.
    """
    if settings.unit is Unit.IMAGES:
        return images(count)
    if settings.unit is Unit.DOLLARS:
        return dollars(micros)
    tenths = -(-micros * 10 // settings.credit_micros)
    if tenths % 10 == 0:
        return ngettext("{number} credit", "{number} credits", tenths // 10)
    return _("{number} credits", number=number(tenths / 10))


def tier(model: Model) -> str:
    """Return what a model's tier is called; empty where it has none."""
    return pgettext(TIER, model.tier) if model.tier else ""


def describe_model(model: Model, settings: ServerSettings, size: str | None = None) -> str:
    """Return a model as a picker shows it: label, tier, and what one picture costs about."""
    parts = [model.label, *filter(None, [tier(model)])]
    if model.prices is not None:
        parts.append(price(settings, estimate(model, Options(model.id, size=size), "")))
    return " · ".join(parts)
