"""Prices as a server shows them: in images, in credits, or in dollars."""

from __future__ import annotations

from bot.domain.catalogue import Model
from bot.domain.pricing import dollars, estimate
from bot.domain.requests import Options
from bot.domain.server_settings import ServerSettings, Unit
from cogs.wording import images


def price(settings: ServerSettings, micros: int, count: int = 1) -> str:
    """Return what `count` pictures for so many micro-dollars cost, in the server's unit.

    Credits are rounded up to a tenth: nobody should pay more than was announced.
    """
    if settings.unit is Unit.IMAGES:
        return images(count)
    if settings.unit is Unit.DOLLARS:
        return dollars(micros)
    tenths = -(-micros * 10 // settings.credit_micros)
    amount = f"{tenths // 10:,}" if tenths % 10 == 0 else f"{tenths / 10:,.1f}"
    return f"{amount} credit" if tenths == 10 else f"{amount} credits"


def describe_model(model: Model, settings: ServerSettings, size: str | None = None) -> str:
    """Return a model as a picker shows it: label, tier, and what one picture costs about."""
    parts = [model.label, *filter(None, [model.tier])]
    if model.prices is not None:
        parts.append(price(settings, estimate(model, Options(model.id, size=size), "")))
    return " · ".join(parts)
