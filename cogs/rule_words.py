"""What people are told about rules: which kind it was, and never what is listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.prompts import shorten
from bot.errors import Problem, Refusal, RuleBroken, RulePause
from cogs.language import N_, _
from cogs.numbers import number

# Each finishes the sentence "… is not made here: …".
RULES: Mapping[str, str] = {
    "minors": N_("sexual content with minors. No server allows this."),
    "violation": N_("sexual violence, or undressing people without their consent. No server allows this."),
    "sexual": N_("pornography."),
    "gore": N_("cruelty shown for its own sake."),
    "hate": N_("hate against people."),
    "self_harm": N_(
        "self-harm. If you are thinking about hurting yourself, talk to somebody you trust, or to a helpline "
        "near you: https://findahelpline.com"
    ),
    "nudity": N_("nudity."),
    "violence": N_("violence and drugs."),
    "server_list": N_("words that the moderators of this server do not want."),
    "repetition": N_("the same thing over and over. Say what the picture should show."),
    "gibberish": N_("letters that say nothing. Say what the picture should show."),
    "blocked_picture": N_("a picture that looks like one that moderators have blocked."),
}
UNKNOWN_RULE = N_("something that this server's rules leave out.")
_WHAT: Mapping[str, str] = {
    "prompt": N_("This prompt breaks a rule here"),
    "picture": N_("This picture breaks a rule here"),
    "character": N_("This name breaks a rule here"),
    "thread": N_("This name breaks a rule here"),
    "style": N_("The text of this style breaks a rule here"),
    "brand_prefix": N_("This brand text breaks a rule here"),
}
WITHHELD = N_(
    "What came out looks like a picture that moderators have blocked, so it is not shown. "
    "It was made and counts."
)


def refused(error: Refusal) -> str | None:
    """Return what somebody is told whom a rule refused something; None for other refusals."""
    if isinstance(error, RuleBroken):
        return broken(error)
    return pause(error.until) if isinstance(error, RulePause) else None


def broken(error: RuleBroken) -> str:
    """Return which kind of rule something breaks, and whether a pause follows."""
    what = _(_WHAT.get(error.what, _WHAT["prompt"]))
    text = _(
        "{what}: {rule} Nothing was made or charged.",
        what=what,
        rule=_(RULES.get(error.rule, UNKNOWN_RULE)),
    )
    return text if error.until is None else f"{text}\n{pause(error.until)}"


def pause(until: int) -> str:
    """Return until when somebody pauses."""
    seconds = until // 1000
    return _(
        "Rules were broken several times, so you pause: nothing is made for you here until {moment}.",
        moment=f"<t:{seconds}:t> (<t:{seconds}:R>)",
    )


def _typed(value: object) -> str:
    shown = " ".join(shorten(str(value), 60).replace("`", "'").split())
    return f"`{shown}`"


PROBLEMS: Mapping[Problem, Callable[[Mapping[str, Any]], str]] = {
    Problem.PEOPLE_NOT_TAKEN: lambda v: _(
        "The image service of this bot takes no wish about people. Nothing was changed."
    ),
    Problem.WORD_EMPTY: lambda v: _(
        "An entry is one to twelve words with at least two letters or digits. This one has none."
    ),
    Problem.WORD_TOO_LONG: lambda v: _(
        "An entry has at most {limit} characters, and this one has {length}.",
        limit=v["limit"],
        length=v["length"],
    ),
    Problem.WORD_UNKNOWN: lambda v: _(
        "{word} is not on this server's list. `/mod words list` shows what is.", word=_typed(v["word"])
    ),
    Problem.WORDS_UNREADABLE: lambda v: _(
        "This file is not text. Attach a text file in UTF-8 with one entry on each line, or a CSV file."
    ),
    Problem.WORDS_TOO_LARGE: lambda v: _(
        "This file is larger than {limit} MB, which is the most that is taken.", limit=v["limit"] // 2**20
    ),
    Problem.TOO_MANY_WORDS: lambda v: _(
        "A server's list has room for {limit} entries, and this would be {count}. Nothing was changed.",
        limit=number(v["limit"]),
        count=number(v["count"]),
    ),
    Problem.TOO_MANY_BLOCKED: lambda v: _(
        "{limit} pictures are blocked already. Take one off the list first.", limit=number(v["limit"])
    ),
    Problem.BLOCKED_UNKNOWN: lambda v: _(
        "No blocked picture of this server has the number {id}. `/mod pictures list` shows them.",
        id=_typed(v["id"]),
    ),
}
