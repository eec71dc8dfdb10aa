"""A Gemini API on a real socket that answers what a test tells it to. Start at `ScriptedGemini`.

Unlike the sandbox's look-alike it checks nothing and paints nothing: what goes wrong, and when, is in the
test's hands. `answers` has the values that can be enqueued, `jpeg` makes pictures of a wanted file size.
"""

from __future__ import annotations

from .answers import (
    Answer,
    Hang,
    JsonAnswer,
    Picture,
    Pictures,
    PreparedAnswer,
    Raw,
    Reset,
    SlowDrip,
    Truncated,
    UniquePictures,
    blocked,
    empty,
    error,
    html_502,
    no_image,
    overloaded,
    prepare,
    quota,
    refused,
    retired,
    words,
)
from .jpeg import make_jpeg
from .server import Hold, Received, ScriptedGemini

__all__ = [
    "Answer",
    "Hang",
    "Hold",
    "JsonAnswer",
    "Picture",
    "Pictures",
    "PreparedAnswer",
    "Raw",
    "Received",
    "Reset",
    "ScriptedGemini",
    "SlowDrip",
    "Truncated",
    "UniquePictures",
    "blocked",
    "empty",
    "error",
    "html_502",
    "make_jpeg",
    "no_image",
    "overloaded",
    "prepare",
    "quota",
    "refused",
    "retired",
    "words",
]
