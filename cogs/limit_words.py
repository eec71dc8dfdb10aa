"""Sentences about what caps and permissions refuse: the rule, what is left, and when it begins again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.tiers import EVERYONE
from bot.errors import CapReached, CapRule, InvalidRequest, NotAllowed, Problem, Refusal
from cogs.language import N_, _, ngettext
from cogs.numbers import cents, dollars, number
from cogs.text import code, escape, images, listed, moment


def limit_refusal(error: Refusal) -> str | None:
    """Return what somebody is told whom a cap or a permission refuses; None where it is about neither."""
    if isinstance(error, CapReached):
        return _cap(error)
    if isinstance(error, InvalidRequest) and error.problem in _PROBLEMS:
        return _PROBLEMS[error.problem](error.values)
    if isinstance(error, NotAllowed) and error.action in _PLACES:
        return _(_PLACES[error.action])
    return None


# --- refusals ---------------------------------------------------------------------------------------------


def _cap(error: CapReached) -> str:
    if error.rule is CapRule.MEMBER_IMAGES and error.limit == 0 and not error.extra:
        return _("Making images is switched off here: the daily limit is 0. Ask the people who run this bot.")
    if error.rule is CapRule.DESCRIPTIONS and error.limit == 0:
        return _("Descriptions are switched off here. Ask the people who run this bot.")
    said = _CAPS[error.rule](error)
    if error.rule is CapRule.MEMBER_IMAGES:
        return said
    return f"{said} {_('It starts again at {when}.', when=moment(error.resets_at))}"


def _member_images(error: CapReached) -> str:
    if error.extra:
        sentence = N_(
            "Your daily limit is {limit}, and you were given more beside it. You have used {used}, {left} "
            "left: ask for fewer at once. It starts again at {when}."
        )
    elif error.left:
        sentence = N_(
            "The daily limit is {limit} for each member. You have used {used}, {left} left: ask for fewer at "
            "once. It starts again at {when}."
        )
    else:
        sentence = N_(
            "The daily limit is {limit} for each member. You have used {used}, {left} left. It starts again "
            "at {when}."
        )
    return _(
        sentence,
        limit=images(error.limit),
        used=number(error.used),
        left=images(error.left),
        when=moment(error.resets_at),
    )


def _struck(error: CapReached) -> str:
    if error.left:
        sentence = N_(
            "With your strikes in this server it is {limit} a day at most, with what you make elsewhere, "
            "until {until}. You have used {used}, {left} left: ask for fewer at once."
        )
    else:
        sentence = N_(
            "With your strikes in this server it is {limit} a day at most, with what you make elsewhere, "
            "until {until}. You have used {used}, {left} left."
        )
    return _(
        sentence,
        limit=images(error.limit),
        used=number(error.used),
        left=images(error.left),
        until=moment(error.until or error.resets_at),
    )


def _member_dollars(error: CapReached) -> str:
    return _(
        "The daily limit is {limit} for each member. You have {left} left, and this costs about {wanted}.",
        limit=cents(error.limit),
        left=dollars(error.left),
        wanted=dollars(error.wanted),
    )


def _descriptions(error: CapReached) -> str:
    return ngettext(
        "The daily limit is {number} description for each member, and you have used it.",
        "The daily limit is {number} descriptions for each member, and you have used them.",
        error.limit,
    )


def _images_of(who: str) -> Callable[[CapReached], str]:
    def said(error: CapReached) -> str:
        return _(who, limit=images(error.limit), left=images(error.left))

    return said


def _dollars_of(who: str) -> Callable[[CapReached], str]:
    def said(error: CapReached) -> str:
        return _(who, limit=cents(error.limit), left=dollars(error.left), wanted=dollars(error.wanted))

    return said


_CAPS: Mapping[CapRule, Callable[[CapReached], str]] = {
    CapRule.MEMBER_IMAGES: _member_images,
    CapRule.MEMBER_DOLLARS: _member_dollars,
    CapRule.DESCRIPTIONS: _descriptions,
    CapRule.STRIKES: _struck,
    CapRule.SERVER_IMAGES: _images_of(
        N_("This server's limit is {limit} a month for all of its members, and {left} left.")
    ),
    CapRule.SERVER_DOLLARS: _dollars_of(
        N_("This server's limit is {limit} a month: {left} left, and this costs about {wanted}.")
    ),
    CapRule.BOT_IMAGES: _images_of(
        N_("This bot's limit is {limit} a day for everybody together, and {left} left.")
    ),
    CapRule.BOT_DOLLARS: _dollars_of(
        N_("This bot's budget of {limit} a day is used up: {left} left, and this costs about {wanted}.")
    ),
    CapRule.STRANGER_IMAGES: _images_of(
        N_(
            "You share no server with this bot, and all who share none may make {limit} a day together: "
            "{left} left."
        )
    ),
    CapRule.STRANGER_DOLLARS: _dollars_of(
        N_(
            "You share no server with this bot, and all who share none may use {limit} a day together: "
            "{left} left, and this costs about {wanted}."
        )
    ),
}

_PLACES = {
    "channel": N_("The bot may not be used in this channel. Try another one, or ask this server's managers."),
    "direct": N_(
        "The servers that you share with this bot do not want it to be used in direct messages. Use it there."
    ),
    "elsewhere": N_("This bot works only in the servers that it is in, and in direct messages with it."),
    "stranger": N_(
        "This bot serves only people who share a server with it. Join one of its servers, or run a Plantain "
        "of your own."
    ),
}


def _bounds(values: Mapping[str, Any]) -> str:
    what, low, high = code(str(values["value"])[:40]), number(values["low"]), number(values["high"])
    if values.get("fraction"):
        return _("{value} cannot be set here. Write an amount from {low} to {high}, such as 2.50.",
                 value=what, low=low, high=high)  # fmt: skip
    return _(
        "{value} cannot be set here. Write a whole number from {low} to {high}.",
        value=what,
        low=low,
        high=high,
    )


_PROBLEMS: Mapping[Problem, Callable[[Mapping[str, Any]], str]] = {
    Problem.NUMBER_NOT_TAKEN: _bounds,
    Problem.TIER_UNKNOWN: lambda v: _(
        "There is no tier called {tier} that can be given to somebody here. There are: {allowed}.",
        tier=code(str(v["tier"])[:40]),
        allowed=listed([name for name in v["allowed"] if name != EVERYONE]),
    ),
    Problem.MODEL_NOT_OPEN: lambda v: _(
        "{model} is not open to you here. You can use: {allowed}.",
        model=escape(v["model"]),
        allowed=listed(v["allowed"]),
    ),
    Problem.MODEL_UNPRICED: lambda v: _(
        "Nobody has said yet what {model} costs, so it is not used. You can use: {allowed}.",
        model=escape(v["model"]),
        allowed=listed(v["allowed"]),
    ),
    Problem.SIZE_NOT_OPEN: lambda v: _(
        "The size {size} is not open to you here. The largest is {largest}.",
        size=code(v["size"]),
        largest=code(v["largest"]),
    ),
    Problem.THREAD_TOO_LONG: lambda v: ngettext(
        "This conversation is as long as it may be for you: {number} turn. Begin a new one.",
        "This conversation is as long as it may be for you: {number} turns. Begin a new one.",
        v["limit"],
    ),
}
