"""What a prompt can provoke: one table of `!words` and the memory that the passing faults need.

A person writes the word anywhere in the prompt ("a cat !refuse") to see the card that the bot shows
for it. The first known word counts; words that are not in the table are plain text.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from enum import StrEnum

from bot.sandbox.gemini import errors

_WORD = re.compile(r"(?<!\w)!([a-z]+)", re.IGNORECASE)
QUOTA_DELAY = 3.0
DAY_DELAY = 3600.0
_REMEMBERED = 120.0  # seconds after which a passing fault starts anew for the same prompt
_MOST_REMEMBERED = 1000


class Behaviour(StrEnum):
    """What the look-alike does with a request; the value is the word that provokes it."""

    PAINT = ""
    REFUSE = "refuse"
    BLOCK = "block"
    NO_IMAGE = "noimage"
    OTHER = "other"
    RECITATION = "recitation"
    EMPTY = "empty"
    TEXT = "text"
    TEXT_ONLY = "textonly"
    SEVERAL = "several"
    WRONG_SIZE = "wrongsize"
    BIG = "big"
    SLOW = "slow"
    HANG = "hang"
    OVERLOADED = "overloaded"
    FLAKY = "flaky"
    QUOTA = "quota"
    EXHAUSTED = "exhausted"
    CAPACITY = "capacity"
    DEADLINE = "deadline"
    HTML = "html"
    BAD_REQUEST = "badrequest"
    COUNTRY = "country"
    BROKEN = "broken"
    TRUNCATED = "truncated"


_MEANINGS: dict[Behaviour, str] = {
    Behaviour.REFUSE: "refused for safety (IMAGE_SAFETY, with the sentence that explains it)",
    Behaviour.BLOCK: "the prompt itself is blocked (PROHIBITED_CONTENT)",
    Behaviour.NO_IMAGE: "the model makes no image (NO_IMAGE)",
    Behaviour.OTHER: "the image cannot be shown (IMAGE_OTHER)",
    Behaviour.RECITATION: "too close to existing work (IMAGE_RECITATION)",
    Behaviour.EMPTY: "an empty answer: {}",
    Behaviour.TEXT: "words next to the picture",
    Behaviour.TEXT_ONLY: "words instead of a picture",
    Behaviour.SEVERAL: "two pictures, of which the last is the final one",
    Behaviour.WRONG_SIZE: "a picture of another size than asked for",
    Behaviour.BIG: "a picture of more than 10 MiB",
    Behaviour.SLOW: "takes six times as long",
    Behaviour.HANG: "never answers",
    Behaviour.OVERLOADED: "the model is overloaded (503), every time",
    Behaviour.FLAKY: "overloaded (503) the first time, then it works",
    Behaviour.QUOTA: "quota used up (429, retry in 3 s), then it works",
    Behaviour.EXHAUSTED: "the day's quota is used up (429), every time",
    Behaviour.CAPACITY: "no capacity (503 MODEL_CAPACITY_EXHAUSTED), every time",
    Behaviour.DEADLINE: "Google's own deadline expired (503), every time",
    Behaviour.HTML: "a 502 page in HTML, every time",
    Behaviour.BAD_REQUEST: "the request is refused as invalid (400)",
    Behaviour.COUNTRY: "not available in your country (400 FAILED_PRECONDITION)",
    Behaviour.BROKEN: "image bytes that are no image",
    Behaviour.TRUNCATED: "the connection breaks in the middle of the answer",
}

# The table for people: the word as it is typed, and what then happens.
BEHAVIOURS: dict[str, str] = {f"!{word}": meaning for word, meaning in _MEANINGS.items()}


def behaviour_of(text: str) -> Behaviour:
    """The behaviour that this prompt provokes; PAINT where it holds no known `!word`."""
    for match in _WORD.finditer(text):
        try:
            return Behaviour(match[1].lower())
        except ValueError:
            continue
    return Behaviour.PAINT


def without_words(text: str) -> str:
    """The prompt as it is drawn: known `!words` taken out, unless nothing else would be left."""
    rest = _WORD.sub(lambda match: "" if match[0].lower() in BEHAVIOURS else match[0], text)
    rest = " ".join(rest.split())
    return rest or " ".join(text.split())


class PassingFaults:
    """Remembers which prompts already had their passing fault (`!flaky`, `!quota`), for two minutes.

    After that the same prompt fails again, so that a person can watch the retry more than once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[bytes, float] = {}

    def check(self, behaviour: Behaviour, prompt: str, model: str) -> None:
        """Raise the fault that is due now.

        Raises:
            ApiError: 503 or 429; returning means that the request may go on.
        """
        if behaviour is Behaviour.FLAKY and self._age(prompt) is None:
            raise errors.overloaded()
        if behaviour is Behaviour.QUOTA:
            age = self._age(prompt)
            left = QUOTA_DELAY if age is None else QUOTA_DELAY - age
            if left > 0:
                raise errors.quota(model, left)

    def _age(self, prompt: str) -> float | None:
        """Seconds since the prompt was first seen; None (and now remembered) for a new one."""
        now = self._clock()
        self._seen = {key: first for key, first in self._seen.items() if now - first < _REMEMBERED}
        key = hashlib.sha256(prompt.encode()).digest()
        first = self._seen.get(key)
        if first is not None:
            return now - first
        while len(self._seen) >= _MOST_REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        self._seen[key] = now
        return None


def standing_fault(behaviour: Behaviour, model: str) -> errors.ApiError | None:
    """The error that this behaviour always answers with; None for all others."""
    match behaviour:
        case Behaviour.OVERLOADED:
            return errors.overloaded()
        case Behaviour.EXHAUSTED:
            return errors.quota(model, DAY_DELAY, period="Day")
        case Behaviour.CAPACITY:
            return errors.no_capacity(model)
        case Behaviour.DEADLINE:
            return errors.deadline()
        case Behaviour.BAD_REQUEST:
            return errors.bad_request("Request contains an invalid argument.")
        case Behaviour.COUNTRY:
            return errors.wrong_country()
        case _:
            return None
