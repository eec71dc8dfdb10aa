"""Every sentence that a person sees about what went wrong: what happened, and what to do now.

Text that comes from members or providers is escaped here, so that what this module returns can be shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.domain.images import IntakeNote
from bot.domain.jobs import Failure, FailureCode
from bot.domain.prompts import shorten
from bot.domain.requests import Kind
from bot.errors import (
    ChangedMeanwhile,
    ConversationRefused,
    ExportTooSoon,
    Gone,
    InputProblem,
    InputRefused,
    InvalidRequest,
    NoPicture,
    NotAllowed,
    Problem,
    QueueFull,
    QuotaUsedUp,
    Refusal,
    TooFast,
)
from cogs import rule_words
from cogs.conversation_words import hindrance
from cogs.language import N_, _, ngettext
from cogs.numbers import number
from cogs.too_much import too_much

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
    return _("“{text}”", text=escape_within(text, limit - 2))


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
    return ngettext("{number} image", "{number} images", count)


# --- refusals ---------------------------------------------------------------------------------------------


def _listed(values: object) -> str:
    items = [code(str(item)) for item in values] if isinstance(values, list | tuple) else [code(str(values))]
    more = ["…"] if len(items) > LISTED_LIMIT else []
    return ", ".join([*items[:LISTED_LIMIT], *more]) or _("none")


def _typed(value: object) -> str:
    """What somebody typed, of whatever length: a refusal must fit into a message."""
    return code(shorten(str(value), TYPED_LIMIT))


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
    "character": N_("There is a character called {name} already. Choose another name."),
}
_KEPT: Mapping[str, str] = {
    "styles": N_("There are {limit} styles already. Delete one first."),
    "tiers": N_("There are {limit} tiers already. Delete one first."),
    "characters": N_("There are {limit} characters already. Delete one first."),
    "shared characters": N_("There are {limit} shared characters already. Stop sharing one first."),
}
_CHANGED: Mapping[str, str] = {
    "limits": N_("Another manager changed this a moment ago. Open the panel again and repeat your change."),
    "settings": N_("Another manager changed the settings a moment ago. Look at them and repeat your change."),
    "words": N_("Another moderator changed the list a moment ago. Look at it and repeat your change."),
    "style": N_(
        "Another manager changed or deleted this style meanwhile. Look at it and repeat your change."
    ),
    "case": N_("Somebody decided about this case, or claimed it, a moment ago. Look at it again."),
    "ban": N_("Somebody made or changed a ban of this member a moment ago. Look at `/mod member`."),
    "appeal": N_("Another moderator answered this appeal a moment ago."),
}


def _not_made(v: Mapping[str, Any], what: str, by_one: str, by_none: str) -> str:
    """What a model does not make; `model` is empty where no model makes it."""
    values = {"value": _typed(v[what]), "allowed": _listed(v["allowed"])}
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
        model=_typed(v["model"]),
        allowed=_listed(v["allowed"]),
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
        allowed=_listed(v["allowed"]),
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
        text=_typed(v["text"]),
    ),
    Problem.SETTING_NOT_TAKEN: lambda v: _(
        "{value} cannot be set here. It takes: {allowed}.",
        value=_typed(v["value"]),
        allowed=_listed(v["allowed"]),
    ),
    Problem.TEXT_TOO_LONG: lambda v: _(
        _TOO_LONG.get(v["what"], _TEXT_TOO_LONG), length=number(v["length"]), limit=number(v["limit"])
    ),
    Problem.NAME_NOT_TAKEN: lambda v: _(_NAMES[v["what"]], name=_typed(v["name"])),
    Problem.NAME_IN_USE: lambda v: _(_IN_USE[v["what"]], name=_typed(v["name"])),
    Problem.TOO_MANY_KEPT: lambda v: _(_KEPT[v["what"]], limit=v["limit"]),
    Problem.STYLE_UNKNOWN: lambda v: (
        _(
            "There is no style called {style}. Did you mean {near}?",
            style=_typed(v["style"]),
            near=_listed(v["near"]),
        )
        if v["near"]
        else _(
            "There is no style called {style}. `/style list` shows what there is.", style=_typed(v["style"])
        )
    ),
    Problem.STYLE_EMPTY: lambda v: _("A style needs instructions: say how its pictures should look."),
    Problem.SLOT_BROKEN: lambda v: _(
        "A brace does not fit near {near}. A slot is written like {example}, its name in small letters.",
        near=_typed(v["near"]),
        example="`{background=a plain wall}`",
    ),
    Problem.SLOT_EMPTY: lambda v: _(
        "The slot {slot} says nothing by itself. Write it as {example}.",
        slot=_typed(v["slot"]),
        example=code("{" + v["slot"] + "=" + _("text") + "}"),
    ),
    Problem.SLOT_UNKNOWN: lambda v: _(
        "The style {style} has no {slot}. It takes: {allowed}.",
        style=quote(v["style"], 60),
        slot=_typed(v["slot"]),
        allowed=_listed(v["allowed"]),
    ),
    Problem.TOO_MANY_SLOTS: lambda v: _(
        "A style has at most {limit} slots; these are {count}.", limit=v["limit"], count=v["count"]
    ),
    Problem.CHARACTER_UNKNOWN: lambda v: _(
        "There is no character of that name for you here: {names}. `/character list` shows those that there "
        "are; leave the @ out where you mean just the word.",
        names=_listed([shorten(f"@{name}", 40) for name in v["names"]]),
    ),
    Problem.CHARACTER_PICTURES: lambda v: _(
        "A character has 1 to {limit} pictures; these are {count}. Attach some, or name images by their id.",
        limit=v["limit"],
        count=v["count"],
    ),
    Problem.DURATION_UNREADABLE: lambda v: _(
        "{text} is no length of time. Write one like `12h`, `7d`, `2 weeks` or `permanent`.",
        text=_typed(v["text"]),
    ),
    Problem.RULES_UNREADABLE: lambda v: _(
        "{text} are no rules for strikes. Write some like `2:cap:5, 3:cooldown:24h, 5:ban:30d`, or `none`.",
        text=_typed(v["text"]),
    ),
    Problem.CASE_UNKNOWN: lambda v: _(
        "There is no case {case} in this server. `/mod queue` shows those that there are.",
        case=_typed(v["case"]),
    ),
    Problem.CONSENT_MISSING: lambda v: _(
        "This server asks you to confirm that everybody who can be recognised in your pictures agrees. Set "
        "`consent` to True if that is so."
    ),
    **rule_words.PROBLEMS,
}

CANNOT_BE_DONE = N_("This cannot be done like this.")
GONE = N_("This picture is not there any more, so there is nothing to do with it.")
NOT_HERE = N_("You may not do this here.")
_NOT_ALLOWED = {
    "cancel": N_("Only the person who asked for this picture, or a moderator, can cancel it."),
    "no_post": N_("I may not write in that channel. Let me see it and send messages there, then try again."),
    "delete": N_("Only the person who made this picture, or a moderator, can delete it."),
    "show_private": N_("This picture is private: only you can see it, and it is never posted for others."),
    "moderate": N_("Only moderators of this server can do this."),
    "manage": N_("Only people with the permission Manage Server can do this."),
    "server_only": N_("This works in servers only."),
    "redo": N_("Only the person who wrote this message can have it made again."),
    "confirm": N_("Only the person who wrote this message can confirm its price."),
    "age_restricted": N_("This server allows no pictures in age-restricted channels."),
}


_PLAIN: Mapping[type[Refusal], str] = {
    NoPicture: N_("There is no picture in this message that can be edited. Choose a message with a picture."),
    Gone: GONE,
}


def refusal(error: Refusal) -> str:
    """Return what the person is told, and only that person."""
    # Their sentences are made of what stands above: imported at the top, they would go round in a circle.
    from cogs.limit_words import limit_refusal
    from cogs.standing_words import said

    if (elsewhere := limit_refusal(error) or said(error)) is not None:
        return elsewhere
    if isinstance(error, InvalidRequest):
        return _PROBLEMS[error.problem](error.values) if error.problem in _PROBLEMS else _(CANNOT_BE_DONE)
    if isinstance(error, InputRefused):
        return input_problem(error.problem, error.values)
    if isinstance(error, QueueFull | QuotaUsedUp | TooFast):
        return too_much(error)
    if isinstance(error, ChangedMeanwhile):
        return _(_CHANGED.get(error.what, CANNOT_BE_DONE))
    if isinstance(error, NotAllowed):
        return _(_NOT_ALLOWED.get(error.action, NOT_HERE))
    if isinstance(error, ConversationRefused):
        return hindrance(error)
    plain = next((_(text) for kind, text in _PLAIN.items() if isinstance(error, kind)), None)
    if isinstance(error, ExportTooSoon):
        plain = _("You have just taken your data. You can take it again {when}.", when=moment(error.again_at))
    return plain or rule_words.refused(error) or _(CANNOT_BE_DONE)


def _file(values: Mapping[str, Any]) -> str:
    return _typed(values["name"]) if values.get("name") else _("This file")


_INPUT_PROBLEMS: Mapping[InputProblem, Callable[[Mapping[str, Any]], str]] = {
    InputProblem.NOT_A_PICTURE: lambda v: (
        _(
            "{file} is a {kind} file that is cut off or damaged. Save it again and attach it anew.",
            file=_file(v),
            kind=v["kind"],
        )
        if v.get("kind")
        else _("{file} is not a picture. Attach a picture, for example a JPEG or PNG file.", file=_file(v))
    ),
    InputProblem.KIND_NOT_TAKEN: lambda v: _(
        "{file} is of a kind that is not taken here ({kind}). Save it as one of these and attach it again: "
        "{allowed}.",
        file=_file(v),
        kind=v["kind"],
        allowed=_listed(v["allowed"]),
    ),
    InputProblem.TOO_MANY_BYTES: lambda v: _(
        "{file} is larger than {limit} MB, which is the most that is taken. Make it smaller, or save it as a "
        "JPEG file.",
        file=_file(v),
        limit=v["limit"] // 2**20,
    ),
    InputProblem.TOO_MANY_PIXELS: lambda v: _(
        "{file} has {width} × {height} pixels. At most {limit} million are taken in a file of its kind: "
        "scale it down.",
        file=_file(v),
        width=number(v["width"]),
        height=number(v["height"]),
        limit=number(v["limit"] // 1_000_000),
    ),
    InputProblem.TOO_MANY_FRAMES: lambda v: _(
        "{file} has more than {limit} frames. Attach a single picture instead.",
        file=_file(v),
        limit=number(v["limit"]),
    ),
    InputProblem.TOO_FEW_PIXELS: lambda v: _(
        "{file} has {width} × {height} pixels: too few to see anything in it. Attach a larger picture.",
        file=_file(v),
        width=number(v["width"]),
        height=number(v["height"]),
    ),
    InputProblem.EXPIRED: lambda v: _(
        "{file} is not there any more: it was deleted, or Discord's link to it has expired. Attach the "
        "picture again.",
        file=_file(v),
    ),
    InputProblem.WRONG_HOST: lambda v: _(
        "{file} does not come from Discord's own file server. Attach the picture itself, not a link.",
        file=_file(v),
    ),
    InputProblem.NOT_REACHABLE: lambda v: _(
        "{file} could not be fetched from Discord. Try again in a minute; if that does not help, attach the "
        "picture again.",
        file=_file(v),
    ),
}

_INPUT_NOTES = {
    IntakeNote.FIRST_FRAME: N_("Only the first frame of the animation was used."),
    IntakeNote.FIRST_PAGE: N_("Only the first page was used."),
    IntakeNote.SCALED_DOWN: N_("It was scaled down to what the model can use."),
    IntakeNote.TINY: N_("It is very small, so the model can see little in it."),
}


def input_problem(problem: InputProblem, values: Mapping[str, Any]) -> str:
    """Return why a picture that somebody sent cannot be used, and what to do about it."""
    return _INPUT_PROBLEMS[problem](values)


def input_note(note: IntakeNote) -> str:
    """Return what was done to a picture that somebody sent."""
    return _(_INPUT_NOTES[note])


# --- failures ---------------------------------------------------------------------------------------------

_FAILURES = {
    FailureCode.SAFETY: N_(
        "The model's safety rules refused this. Nothing was charged. "
        "Say it in another way, or leave out what may have set it off."
    ),
    FailureCode.NO_IMAGE: N_(
        "The model answered, but without a picture. Nothing was charged. "
        "Describe what should be seen in the picture, and try again."
    ),
    FailureCode.BUSY: N_(
        "The image service is overloaded or out of reach. Nothing was charged. Try again in a few minutes."
    ),
    FailureCode.QUOTA: N_(
        "The image service's daily quota for this model is used up. Nothing was charged. Try again tomorrow, "
        "or with another model."
    ),
    FailureCode.REFUSED: N_(
        "The image service did not accept this request. Nothing was charged. "
        "Change the prompt or the options and try again."
    ),
    FailureCode.RETIRED: N_(
        "The model that this was asked of has been shut down. Nothing was charged. Choose another one and "
        "ask again."
    ),
    FailureCode.MISCONFIGURED: N_(
        "The image service does not accept this bot's key, its account or its country. Nothing was charged. "
        "Please tell the people who run this bot."
    ),
    FailureCode.STORAGE: N_(
        "There is no room to keep the picture. Nothing was charged. "
        "Please tell the people who run this bot, and try again later."
    ),
    FailureCode.INTERRUPTED: N_(
        "The bot stopped several times while this was being made. Nothing was charged. Please try again."
    ),
    FailureCode.REMOVED: N_(
        "A picture that this should have been made from was removed meanwhile. Nothing was charged."
    ),
    FailureCode.WITHHELD: rule_words.WITHHELD,
    FailureCode.CANCELLED: N_("This was cancelled. Nothing was charged."),
    FailureCode.EXPIRED: N_(
        "The image service was out of reach or too busy for so long that this was given up. Nothing was "
        "charged. Try again later."
    ),
    FailureCode.UNKNOWN: N_(
        "Something went wrong that should not have. Nothing was charged. Try again; if it happens again, "
        "tell the people who run this bot."
    ),
}


# Where a description was asked for, what makes sense of a picture's failure does not.
_FAILURES_TO_DESCRIBE = {
    FailureCode.SAFETY: N_(
        "The model's safety rules keep it from describing this picture. Nothing was charged. "
        "Try it with another picture."
    ),
    FailureCode.NO_IMAGE: N_(
        "The model said nothing about this picture. Nothing was charged. Try again, or take another model."
    ),
    FailureCode.REFUSED: N_(
        "The image service did not accept this request. Nothing was charged. "
        "Try it with another picture or model."
    ),
}


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
        models=", ".join(map(escape, others[:LISTED_LIMIT])),
    )


def quota_used_up(model: str, resets_at: int) -> str:
    """Return that nothing more is made by a model today, and when that is over."""
    return _(
        "The image service's daily quota for {model} is used up, so nothing was made. Nothing was charged. "
        "It starts again at {when}; until then, try another model.",
        model=escape(model),
        when=moment(resets_at),
    )


def failure(reason: Failure, kind: Kind = Kind.GENERATE) -> str:
    """Return why a job failed and what to do now, with the provider's own sentence where it has one."""
    text = _FAILURES[reason.code]
    if kind is Kind.DESCRIBE:
        text = _FAILURES_TO_DESCRIBE.get(reason.code, text)
    lines = [_(text)]
    if reason.message:
        lines.append(_("The service says: {text}", text=quote(reason.message, PROVIDER_MESSAGE_LIMIT)))
    if reason.reference:
        lines.append(_("Reference: {reference}", reference=f"`{reason.reference}`"))
    return "\n".join(lines)


NOTHING_BEHIND = N_("This does not work any more. Use the command again to get fresh buttons.")
COMMAND_CHANGED = N_(
    "This command has changed since your Discord loaded it. Reload Discord (Ctrl+R, or restart the app) "
    "and try again."
)
STAYS = N_(
    "Discord does not let me change the message it was posted in. Its buttons do nothing any more; a "
    "moderator can remove the message."
)
STAYS_PRIVATE = N_(
    "Discord does not let me change a private message this long after. Only you see it: dismiss it yourself."
)
ALREADY_DONE = N_("This request was already carried out.")


def unexpected(reference: str, *, storage: bool = False) -> str:
    """Return what somebody is told when an entrance broke; `storage`: because the data is out of reach."""
    sentence = N_(
        "Something went wrong and your request was not carried out. Try again; if it happens again, tell the "
        "people who run this bot this reference: {reference}."
    )
    if storage:
        sentence = N_(
            "The bot cannot reach its data right now. Nothing was started or charged. Try again in a minute; "
            "if it happens again, tell the people who run this bot this reference: {reference}."
        )
    return _(sentence, reference=f"`{reference}`")
