"""Every sentence that a person sees about what went wrong: what happened, and what to do now.

Text that comes from members or providers is escaped here, so that what this module returns can be shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.images import IntakeNote
from bot.domain.jobs import Failure, FailureCode
from bot.domain.prompts import shorten
from bot.errors import (
    CapReached,
    ChangedMeanwhile,
    ConversationRefused,
    Gone,
    InputProblem,
    InputRefused,
    InvalidRequest,
    NoPicture,
    NotAllowed,
    Problem,
    Refusal,
)
from cogs.conversation_words import hindrance

# Everything that Discord's markdown gives a meaning within a line: emphasis, code, spoilers, links, mentions,
# timestamps and custom emoji (<…>), automatic links and emoji names (:).
_MARKDOWN = re.compile(r"([\\*_~`|\[\]<>:@#])")
PROVIDER_MESSAGE_LIMIT = 500
TYPED_LIMIT = 60
LISTED_LIMIT = 25


def escape(text: str) -> str:
    """Return somebody's text on one line so that it shows as it was written and does nothing."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def escape_within(text: str, limit: int) -> str:
    """Return somebody's text escaped, and shortened so far that this has at most `limit` characters.

    Escaping makes a text that is all markdown twice as long.
    """
    room = limit
    while len(shown := escape(shorten(text, room))) > limit:
        room -= max(1, (len(shown) - limit) // 2)
    return shown


def quote(text: str, limit: int) -> str:
    """Return somebody's text in quotation marks, in at most `limit` characters. The first mark also keeps
    the line from becoming a heading, a list or a block quote."""
    return f"“{escape_within(text, limit - 2)}”"


def code(text: str) -> str:
    """Return a short text as it is typed, in a code span; nothing has to be escaped in there."""
    shown = " ".join(text.replace("`", "'").split())
    return f"`{shown}`"


def moment(millis: int) -> str:
    """Return a time as each reader's own client shows it, absolute and relative."""
    seconds = millis // 1000
    return f"<t:{seconds}:t> (<t:{seconds}:R>)"


def images(count: int) -> str:
    """Return a number of images in words."""
    return "1 image" if count == 1 else f"{count} images"


# --- refusals ---------------------------------------------------------------------------------------------


def _listed(values: object) -> str:
    items = [code(str(item)) for item in values] if isinstance(values, list | tuple) else [code(str(values))]
    more = ["…"] if len(items) > LISTED_LIMIT else []
    return ", ".join([*items[:LISTED_LIMIT], *more]) or "none"


def _typed(value: object) -> str:
    """What somebody typed, of whatever length: a refusal must fit into a message."""
    return code(shorten(str(value), TYPED_LIMIT))


_TEXTS: Mapping[str, str] = {
    "style": "style",
    "slot": "text of a slot",
    "description": "description",
    "avoid": "longest thing to avoid",
    "brand_prefix": "brand text",
}
_NAMES: Mapping[str, str] = {
    "style": "Use 1 to 40 characters with a letter or digit among them, and no semicolon.",
    "character": "Use 1 to 32 letters, digits, hyphens and underscores, beginning with a letter.",
}
_CHANGED: Mapping[str, str] = {
    "settings": "Another manager changed the settings a moment ago. Look at them and repeat your change.",
    "style": "Another manager changed or deleted this style meanwhile. Look at it and repeat your change.",
}

_PROBLEMS: Mapping[Problem, Callable[[Mapping[str, Any]], str]] = {
    Problem.PROMPT_EMPTY: lambda v: "The prompt is empty. Write what the picture should show.",
    Problem.PROMPT_TOO_LONG: lambda v: (
        f"The prompt has {v['length']:,} characters and {v['limit']:,} are allowed. "
        "Shorten it and send it again."
    ),
    Problem.MODEL_UNKNOWN: lambda v: (
        f"There is no model called {_typed(v['model'])}. Choose one of: {_listed(v['allowed'])}."
    ),
    Problem.RATIO_NOT_TAKEN: lambda v: (
        f"{escape(v['model'])} does not make the ratio {_typed(v['ratio'])}. "
        f"It takes: {_listed(v['allowed'])}."
    ),
    Problem.SIZE_NOT_TAKEN: lambda v: (
        f"{escape(v['model'])} does not make the size {_typed(v['size'])}. It takes: {_listed(v['allowed'])}."
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
    Problem.DAY_UNREADABLE: lambda v: (
        f"{_typed(v['text'])} is no day. Write one like `2026-11-21`, a month like `2026-11`, or from one to "
        "another like `2026-11-01..2026-11-21`."
    ),
    Problem.SETTING_NOT_TAKEN: lambda v: (
        f"{_typed(v['value'])} cannot be set here. It takes: {_listed(v['allowed'])}."
    ),
    Problem.TEXT_TOO_LONG: lambda v: (
        f"The {_TEXTS.get(v['what'], 'text')} has {v['length']:,} characters, and {v['limit']:,} are allowed."
    ),
    Problem.NAME_NOT_TAKEN: lambda v: (
        f"{_typed(v['name'])} is no name for a {v['what']}. {_NAMES[v['what']]}"
    ),
    Problem.NAME_IN_USE: lambda v: (
        f"There is a {v['what']} called {_typed(v['name'])} already. Choose another name."
    ),
    Problem.TOO_MANY_KEPT: lambda v: f"There are {v['limit']} {v['what']} already. Delete one first.",
    Problem.STYLE_UNKNOWN: lambda v: (
        f"There is no style called {_typed(v['style'])}. "
        + (f"Did you mean {_listed(v['near'])}?" if v["near"] else "`/style list` shows what there is.")
    ),
    Problem.STYLE_EMPTY: lambda v: "A style needs instructions: say how its pictures should look.",
    Problem.SLOT_BROKEN: lambda v: (
        f"A brace does not fit near {_typed(v['near'])}. A slot is written like "
        "`{background=a plain wall}`, its name in small letters."
    ),
    Problem.SLOT_EMPTY: lambda v: (
        f"The slot {_typed(v['slot'])} says nothing by itself. "
        f"Write it as {code('{' + v['slot'] + '=text}')}."
    ),
    Problem.SLOT_UNKNOWN: lambda v: (
        f"The style {quote(v['style'], 60)} has no {_typed(v['slot'])}. It takes: {_listed(v['allowed'])}."
    ),
    Problem.TOO_MANY_SLOTS: lambda v: f"A style has at most {v['limit']} slots; these are {v['count']}.",
    Problem.CHARACTER_UNKNOWN: lambda v: (
        "There is no character of that name for you here: "
        f"{_listed([shorten(f'@{name}', 40) for name in v['names']])}. `/character list` shows "
        "those that there are; leave the @ out where you mean just the word."
    ),
    Problem.CHARACTER_PICTURES: lambda v: (
        f"A character has 1 to {v['limit']} pictures; these are {v['count']}. Attach some, or name images by "
        "their id."
    ),
    Problem.CONSENT_MISSING: lambda v: (
        "This server asks you to confirm that everybody who can be recognised in your pictures agrees. Set "
        "`consent` to True if that is so."
    ),
}

CANNOT_BE_DONE = "This cannot be done like this."
_NOT_ALLOWED = {
    "delete": "Only the person who made this picture, or a moderator, can delete it.",
    "show_private": "This picture is private: only you can see it, and it is never posted for others.",
    "manage": "Only people with the permission Manage Server can do this.",
    "server_only": "This works in servers only.",
    "redo": "Only the person who wrote this message can have it made again.",
    "confirm": "Only the person who wrote this message can confirm its price.",
    "age_restricted": "This server allows no pictures in age-restricted channels.",
}


_PLAIN: Mapping[type[Refusal], str] = {
    NoPicture: "There is no picture in this message that can be edited. Choose a message with a picture.",
    Gone: "This picture is not there any more, so there is nothing to do with it.",
}


def refusal(error: Refusal) -> str:
    """Return what the person is told, and only that person."""
    if isinstance(error, InvalidRequest):
        return _PROBLEMS[error.problem](error.values) if error.problem in _PROBLEMS else CANNOT_BE_DONE
    if isinstance(error, InputRefused):
        return input_problem(error.problem, error.values)
    if isinstance(error, CapReached):
        return _cap(error)
    if isinstance(error, ChangedMeanwhile):
        return _CHANGED.get(error.what, CANNOT_BE_DONE)
    if isinstance(error, NotAllowed):
        return _NOT_ALLOWED.get(error.action, "You may not do this here.")
    if isinstance(error, ConversationRefused):
        return hindrance(error)
    return next((text for kind, text in _PLAIN.items() if isinstance(error, kind)), CANNOT_BE_DONE)


def _file(values: Mapping[str, Any]) -> str:
    return _typed(values["name"]) if values.get("name") else "This file"


_INPUT_PROBLEMS: Mapping[InputProblem, Callable[[Mapping[str, Any]], str]] = {
    InputProblem.NOT_A_PICTURE: lambda v: (
        f"{_file(v)} is a {v['kind']} file that is cut off or damaged. Save it again and attach it anew."
        if v.get("kind")
        else f"{_file(v)} is not a picture. Attach a picture, for example a JPEG or PNG file."
    ),
    InputProblem.KIND_NOT_TAKEN: lambda v: (
        f"{_file(v)} is of a kind that is not taken here ({v['kind']}). "
        f"Save it as one of these and attach it again: {_listed(v['allowed'])}."
    ),
    InputProblem.TOO_MANY_BYTES: lambda v: (
        f"{_file(v)} is larger than {v['limit'] // 2**20} MB, which is the most that is taken. "
        "Make it smaller, or save it as a JPEG file."
    ),
    InputProblem.TOO_MANY_PIXELS: lambda v: (
        f"{_file(v)} has {v['width']:,} × {v['height']:,} pixels. At most {v['limit'] // 1_000_000} million "
        "are taken in a file of its kind: scale it down."
    ),
    InputProblem.TOO_MANY_FRAMES: lambda v: (
        f"{_file(v)} has more than {v['limit']:,} frames. Attach a single picture instead."
    ),
    InputProblem.EXPIRED: lambda v: (
        f"{_file(v)} is not there any more: it was deleted, or Discord's link to it has expired. "
        "Attach the picture again."
    ),
    InputProblem.WRONG_HOST: lambda v: (
        f"{_file(v)} does not come from Discord's own file server. Attach the picture itself, not a link."
    ),
    InputProblem.NOT_REACHABLE: lambda v: (
        f"{_file(v)} could not be fetched from Discord. Try again in a minute; if that does not help, "
        "attach the picture again."
    ),
}

_INPUT_NOTES = {
    IntakeNote.FIRST_FRAME: "Only the first frame of the animation was used.",
    IntakeNote.FIRST_PAGE: "Only the first page was used.",
    IntakeNote.SCALED_DOWN: "It was scaled down to what the model can use.",
    IntakeNote.TINY: "It is very small, so the model can see little in it.",
}


def input_problem(problem: InputProblem, values: Mapping[str, Any]) -> str:
    """Return why a picture that somebody sent cannot be used, and what to do about it."""
    return _INPUT_PROBLEMS[problem](values)


def input_note(note: IntakeNote) -> str:
    """Return what was done to a picture that somebody sent."""
    return _INPUT_NOTES[note]


def _cap(error: CapReached) -> str:
    if error.limit == 0:
        return "Making images is switched off here: the daily limit is 0. Ask the people who run this bot."
    hint = ": ask for fewer at once" if error.left else ""
    return (
        f"The daily limit is {images(error.limit)} for each member. You have used {error.used}, "
        f"{images(error.left)} left{hint}. It starts again at {moment(error.resets_at)}."
    )


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
        "The image service does not accept this bot's key, its account or its country. Nothing was charged. "
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
        text += f"\nThe service says: {quote(reason.message, PROVIDER_MESSAGE_LIMIT)}"
    if reason.reference:
        text += f"\nReference: `{reason.reference}`"
    return text


NOTHING_BEHIND = "This does not work any more. Use the command again to get fresh buttons."
COMMAND_CHANGED = (
    "This command has changed since your Discord loaded it. Reload Discord (Ctrl+R, or restart the app) "
    "and try again."
)
STAYS = (
    "Discord does not let me change the message it was posted in. Its buttons do nothing any more; a "
    "moderator can remove the message."
)
STAYS_PRIVATE = (
    "Discord does not let me change a private message this long after. Only you see it: dismiss it yourself."
)
ALREADY_DONE = "This request was already carried out."


def unexpected(reference: str, *, storage: bool = False) -> str:
    """Return what somebody is told when an entrance broke; `storage`: because the data is out of reach."""
    if storage:
        what = (
            "The bot cannot reach its data right now. Nothing was started or charged. Try again in a minute"
        )
    else:
        what = "Something went wrong and your request was not carried out. Try again"
    return f"{what}; if it happens again, tell the people who run this bot this reference: `{reference}`."
