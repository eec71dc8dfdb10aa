"""Every sentence that a person sees about what went wrong: what happened, and what to do now.

Text that comes from members or providers is escaped here, so that what this module returns can be shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.jobs import Failure, FailureCode
from bot.domain.prompts import shorten
from bot.errors import CapReached, Gone, InvalidRequest, NotAllowed, Problem, Refusal

# Everything that Discord's markdown gives a meaning within a line: emphasis, code, spoilers, links, mentions,
# timestamps and custom emoji (<…>), automatic links and emoji names (:).
_MARKDOWN = re.compile(r"([\\*_~`|\[\]<>:@#])")
PROVIDER_MESSAGE_LIMIT = 300


def escape(text: str) -> str:
    """Return somebody's text on one line so that it shows as it was written and does nothing."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def quote(prompt: str, limit: int = 600) -> str:
    """Return a prompt as it stands on a card. The opening quotation mark also keeps the line from becoming
    a heading, a list or a block quote."""
    return f"“{escape(shorten(prompt, limit))}”"


def moment(millis: int) -> str:
    """Return a time as each reader's own client shows it, absolute and relative."""
    seconds = millis // 1000
    return f"<t:{seconds}:t> (<t:{seconds}:R>)"


def images(count: int) -> str:
    """Return a number of images in words."""
    return "1 image" if count == 1 else f"{count} images"


# --- refusals ---------------------------------------------------------------------------------------------


def _listed(values: object) -> str:
    items = [str(item) for item in values] if isinstance(values, list | tuple) else [str(values)]
    return ", ".join(f"`{escape(item)}`" if "`" not in item else escape(item) for item in items) or "none"


_PROBLEMS: Mapping[Problem, Callable[[Mapping[str, Any]], str]] = {
    Problem.PROMPT_EMPTY: lambda v: "The prompt is empty. Write what the picture should show.",
    Problem.PROMPT_TOO_LONG: lambda v: (
        f"The prompt has {v['length']:,} characters and {v['limit']:,} are allowed. "
        "Shorten it and send it again."
    ),
    Problem.MODEL_UNKNOWN: lambda v: (
        f"There is no model called {escape(str(v['model']))}. Choose one of: {_listed(v['allowed'])}."
    ),
    Problem.RATIO_NOT_TAKEN: lambda v: (
        f"{escape(v['model'])} does not make the ratio {escape(str(v['ratio']))}. "
        f"It takes: {_listed(v['allowed'])}."
    ),
    Problem.SIZE_NOT_TAKEN: lambda v: (
        f"{escape(v['model'])} does not make the size {escape(str(v['size']))}. "
        f"It takes: {_listed(v['allowed'])}."
    ),
    Problem.SEED_NOT_TAKEN: lambda v: (
        f"{escape(v['model'])} takes no seed. Leave it out, or choose a model that does: "
        f"{_listed(v['allowed'])}."
    ),
    Problem.SEED_OUT_OF_RANGE: lambda v: f"A seed is a whole number from {v['lowest']} to {v['highest']:,}.",
    Problem.COUNT_OUT_OF_RANGE: lambda v: f"You can ask for 1 to {v['limit']} images at once.",
    Problem.TOO_MANY_REFERENCES: lambda v: (
        f"{escape(v['model'])} takes {v['limit']} images as input; these are {v['count']}."
    ),
}

_NOT_ALLOWED = {
    "delete": "Only the person who made this picture, or a moderator, can delete it.",
}


def refusal(error: Refusal) -> str:
    """Return what the person is told, and only that person."""
    if isinstance(error, InvalidRequest):
        return _PROBLEMS[error.problem](error.values)
    if isinstance(error, CapReached):
        return _cap(error)
    if isinstance(error, NotAllowed):
        return _NOT_ALLOWED.get(error.action, "You may not do this here.")
    if isinstance(error, Gone):
        return "This picture is not there any more, so there is nothing to do with it."
    return "This cannot be done."


def _cap(error: CapReached) -> str:
    if error.limit == 0:
        return "Making images is switched off here: the daily limit is 0. Ask the people who run this bot."
    start = f"The daily limit is {images(error.limit)} for each member, and you have used {error.used}."
    left = f" {images(error.left)} left: ask for fewer at once." if error.left else ""
    return f"{start}{left} It starts again at {moment(error.resets_at)}."


# --- failures ---------------------------------------------------------------------------------------------

_FAILURES = {
    FailureCode.SAFETY: (
        "The model's safety rules refused this. Nothing was charged. "
        "Say it in another way, or leave out what may have set it off."
    ),
    FailureCode.NO_IMAGE: (
        "The model answered, but without a picture. Nothing was charged. "
        "Describe what should be seen in the picture, and try again."
    ),
    FailureCode.BUSY: (
        "The image service is overloaded or out of reach. Nothing was charged. Try again in a few minutes."
    ),
    FailureCode.REFUSED: (
        "The image service did not accept this request. Nothing was charged. "
        "Change the prompt or the options and try again."
    ),
    FailureCode.MISCONFIGURED: (
        "The image service does not accept this bot's key. Nothing was charged. "
        "Please tell the people who run this bot."
    ),
    FailureCode.STORAGE: (
        "There is no room to keep the picture. Nothing was charged. "
        "Please tell the people who run this bot, and try again later."
    ),
    FailureCode.INTERRUPTED: (
        "The bot stopped several times while this was being made. Nothing was charged. Please try again."
    ),
    FailureCode.CANCELLED: "This was cancelled. Nothing was charged.",
    FailureCode.UNKNOWN: (
        "Something went wrong that should not have. Nothing was charged. Try again; if it happens again, "
        "tell the people who run this bot."
    ),
}


def failure(reason: Failure) -> str:
    """Return why a job failed and what to do now, with the provider's own sentence where it has one."""
    text = _FAILURES[reason.code]
    if reason.message:
        text += f"\nThe service says: {escape(shorten(reason.message, PROVIDER_MESSAGE_LIMIT))}"
    if reason.reference:
        text += f"\nReference: `{reason.reference}`"
    return text


def unexpected(reference: str) -> str:
    """Return what somebody is told when an entrance broke."""
    return (
        "Something went wrong and your request was not carried out. Try again; if it happens again, tell "
        f"the people who run this bot this reference: `{reference}`."
    )
