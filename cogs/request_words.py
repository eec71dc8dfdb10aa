"""Why a request cannot be made as it was asked for, and what to ask for instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.prompts import shorten
from bot.errors import InvalidRequest, Problem, Refusal
from cogs import rule_words
from cogs.language import N_, _, ngettext
from cogs.numbers import number
from cogs.text import code, escape, listed, quote, typed

_TOO_LONG: Mapping[str, str] = {
    "style": N_("The style has {length} characters, and {limit} are allowed."),
    "slot": N_("The text of a slot has {length} characters, and {limit} are allowed."),
    "description": N_("The description has {length} characters, and {limit} are allowed."),
    "avoid": N_("The longest thing to avoid has {length} characters, and {limit} are allowed."),
    "brand_prefix": N_("The brand text has {length} characters, and {limit} are allowed."),
}

_TEXT_TOO_LONG = N_("The text has {length} characters, and {limit} are allowed.")

_NAMES: Mapping[str, str] = {
    "style": N_(
        "{name} is no name for a style. Use 1 to 40 characters with a letter or digit among them, and no "
        "semicolon."
    ),
    "tier": N_("{name} is no name for a tier. Use 1 to 24 small letters, digits, hyphens and underscores."),
    "character": N_(
        "{name} is no name for a character. Use 1 to 32 letters, digits, hyphens and underscores, beginning "
        "with a letter."
    ),
}

_IN_USE: Mapping[str, str] = {
    "style": N_("There is a style called {name} already. Choose another name."),
    "tier": N_("There is a tier called {name} already. Choose another name."),
    "character": N_(
        "There is a character called {name} already. Choose another name, or delete that one first with "
        "`/character delete`."
    ),
}

_KEPT: Mapping[str, str] = {
    "styles": N_("There are {limit} styles already. Delete one first."),
    "tiers": N_("There are {limit} tiers already. Delete one first."),
    "characters": N_("There are {limit} characters already. Delete one first."),
    "shared characters": N_("There are {limit} shared characters already. Stop sharing one first."),
}


def _not_made(v: Mapping[str, Any], what: str, by_one: str, by_none: str) -> str:
    """What a model does not make; `model` is empty where no model makes it."""
    values = {"value": typed(v[what]), "allowed": listed(v["allowed"])}
    return _(by_one, model=escape(v["model"]), **values) if v["model"] else _(by_none, **values)


_PROBLEMS: Mapping[Problem, Callable[[Mapping[str, Any]], str]] = {
    Problem.PROMPT_EMPTY: lambda v: _("The prompt is empty. Write what the picture should show."),
    Problem.PROMPT_TOO_LONG: lambda v: ngettext(
        "The prompt has {length} characters and {number} is allowed. Shorten it and send it again.",
        "The prompt has {length} characters and {number} are allowed. Shorten it and send it again.",
        v["limit"],
        length=number(v["length"]),
    ),
    Problem.MODEL_UNKNOWN: lambda v: _(
        "There is no model called {model}. Choose one of: {allowed}.",
        model=typed(v["model"]),
        allowed=listed(v["allowed"]),
    ),
    Problem.RATIO_NOT_TAKEN: lambda v: _not_made(
        v,
        "ratio",
        N_("{model} does not make the ratio {value}. It takes: {allowed}."),
        N_("No model makes the ratio {value}. There are: {allowed}."),
    ),
    Problem.SIZE_NOT_TAKEN: lambda v: _not_made(
        v,
        "size",
        N_("{model} does not make the size {value}. It takes: {allowed}."),
        N_("No model makes the size {value}. There are: {allowed}."),
    ),
    Problem.SEED_NOT_TAKEN: lambda v: _(
        "{model} takes no seed. Leave it out, or choose a model that does: {allowed}.",
        model=escape(v["model"]),
        allowed=listed(v["allowed"]),
    ),
    Problem.SEED_OUT_OF_RANGE: lambda v: _(
        "A seed is a whole number from {lowest} to {highest}.",
        lowest=number(v["lowest"]),
        highest=number(v["highest"]),
    ),
    Problem.COUNT_OUT_OF_RANGE: lambda v: _("You can ask for 1 to {limit} images at once.", limit=v["limit"]),
    Problem.TOO_MANY_REFERENCES: lambda v: ngettext(
        "{model} takes {number} image as input; these are {count}.",
        "{model} takes {number} images as input; these are {count}.",
        v["limit"],
        model=escape(v["model"]),
        count=v["count"],
    ),
    Problem.DAY_UNREADABLE: lambda v: _(
        "{text} is no day. Write one like `2026-11-21`, a month like `2026-11`, or from one to another like "
        "`2026-11-01..2026-11-21`.",
        text=typed(v["text"]),
    ),
    Problem.SETTING_NOT_TAKEN: lambda v: _(
        "{value} cannot be set here. It takes: {allowed}.",
        value=typed(v["value"]),
        allowed=listed(v["allowed"]),
    ),
    Problem.TEXT_TOO_LONG: lambda v: _(
        _TOO_LONG.get(v["what"], _TEXT_TOO_LONG), length=number(v["length"]), limit=number(v["limit"])
    ),
    Problem.NAME_NOT_TAKEN: lambda v: _(_NAMES[v["what"]], name=typed(v["name"])),
    Problem.NAME_IN_USE: lambda v: _(_IN_USE[v["what"]], name=typed(v["name"])),
    Problem.TOO_MANY_KEPT: lambda v: _(_KEPT[v["what"]], limit=v["limit"]),
    Problem.STYLE_UNKNOWN: lambda v: (
        _(
            "There is no style called {style}. Did you mean {near}?",
            style=typed(v["style"]),
            near=listed(v["near"]),
        )
        if v["near"]
        else _(
            "There is no style called {style}. `/style list` shows what there is.", style=typed(v["style"])
        )
    ),
    Problem.STYLE_EMPTY: lambda v: _("A style needs instructions: say how its pictures should look."),
    Problem.SLOT_BROKEN: lambda v: _(
        "A brace does not fit near {near}. A slot is written like {example}, its name in small letters.",
        near=typed(v["near"]),
        example="`{background=a plain wall}`",
    ),
    Problem.SLOT_EMPTY: lambda v: _(
        "The slot {slot} says nothing by itself. Write it as {example}.",
        slot=typed(v["slot"]),
        example=code("{" + v["slot"] + "=" + _("text") + "}"),
    ),
    Problem.SLOT_UNKNOWN: lambda v: _(
        "The style {style} has no {slot}. It takes: {allowed}.",
        style=quote(v["style"], 60),
        slot=typed(v["slot"]),
        allowed=listed(v["allowed"]),
    ),
    Problem.TOO_MANY_SLOTS: lambda v: _(
        "A style has at most {limit} slots; these are {count}.", limit=v["limit"], count=v["count"]
    ),
    Problem.CHARACTER_UNKNOWN: lambda v: _(
        "There is no character of that name for you here: {names}. `/character list` shows those that there "
        "are; leave the @ out where you mean just the word.",
        names=listed([shorten(f"@{name}", 40) for name in v["names"]]),
    ),
    Problem.CHARACTER_PICTURES: lambda v: _(
        "A character has 1 to {limit} pictures; these are {count}. Attach some, or name images by their id.",
        limit=v["limit"],
        count=v["count"],
    ),
    Problem.DURATION_UNREADABLE: lambda v: _(
        "{text} is no length of time. Write one like `12h`, `7d`, `2 weeks` or `permanent`.",
        text=typed(v["text"]),
    ),
    Problem.RULES_UNREADABLE: lambda v: _(
        "{text} are no rules for strikes. Write some like `2:cap:5, 3:cooldown:24h, 5:ban:30d`, or `none`.",
        text=typed(v["text"]),
    ),
    Problem.CASE_UNKNOWN: lambda v: _(
        "There is no case {case} in this server. `/mod queue` shows those that there are.",
        case=typed(v["case"]),
    ),
    Problem.WORDS_DELETED: lambda v: _(
        "The message that asked for this picture was deleted, and its words with it. Press Edit and say what "
        "you would like instead."
    ),
    Problem.PICTURES_DELETED: lambda v: _(
        "The message with the pictures that this one was made from was deleted. Press Edit to go on from "
        "this picture."
    ),
    Problem.PICTURE_UNKNOWN: lambda v: _(
        "There is no picture of this id that can be shown to you: it was deleted, or the id is another one. "
        "`/gallery` finds yours."
    ),
    Problem.CONSENT_MISSING: lambda v: _(
        "This server asks you to confirm that everybody who can be recognised in your pictures agrees. If "
        "that is so, set `consent` to True, or tick the box of the form; instead of a message use `/edit`."
    ),
    **rule_words.PROBLEMS,
}


def refused_request(error: Refusal) -> str | None:
    """Return why a request cannot be made as it was asked for; None for another kind of refusal."""
    if isinstance(error, InvalidRequest) and error.problem in _PROBLEMS:
        return _PROBLEMS[error.problem](error.values)
    return None
