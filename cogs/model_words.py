"""What is said about a model that makes nothing more: for today, or for good."""

from __future__ import annotations

from collections.abc import Sequence

from bot.errors import QuotaUsedUp
from cogs.language import _
from cogs.text import escape, moment

LISTED = 25


def no_more_today(error: QuotaUsedUp) -> str:
    """Return what somebody is told before anything is accepted: the provider's quota is used up."""
    said = _(
        "{model} makes no more pictures today: the image service's daily quota is used up. Nothing was "
        "charged. It starts again at {when}.",
        model=escape(error.model),
        when=moment(error.resets_at),
    )
    if not error.others:
        return said
    return f"{said} {_('Until then you can use: {models}.', models=_listed(error.others))}"


def quota_used_up(model: str, resets_at: int) -> str:
    """Return that nothing came of a request for the same reason, and when that is over."""
    return _(
        "The image service's daily quota for {model} is used up, so nothing was made. Nothing was charged. "
        "It starts again at {when}; until then, try another model.",
        model=escape(model),
        when=moment(resets_at),
    )


def model_gone(model: str, instead: str, others: Sequence[str]) -> str:
    """Return that a model was shut down; `instead` takes its place (empty: nobody says which does)."""
    if instead:
        return _(
            "{model} has been shut down, so it made nothing. Nothing was charged. Ask again and choose "
            "{instead}, which takes its place.",
            model=escape(model),
            instead=escape(instead),
        )
    if not others:
        return _(
            "{model} has been shut down, so it made nothing. Nothing was charged. Please tell the people who "
            "run this bot.",
            model=escape(model),
        )
    return _(
        "{model} has been shut down, so it made nothing. Nothing was charged. Ask again and choose another "
        "model: {models}.",
        model=escape(model),
        models=_listed(others),
    )


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(map(escape, labels[:LISTED]))
