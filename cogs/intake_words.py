"""What is said about pictures that people send: why one is not taken, and what was done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.images import IntakeNote
from bot.errors import InputProblem
from cogs.language import N_, _
from cogs.numbers import number
from cogs.text import listed, typed


def _file(values: Mapping[str, Any]) -> str:
    return typed(values["name"]) if values.get("name") else _("This file")


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
        allowed=listed(v["allowed"]),
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
