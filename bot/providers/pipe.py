"""What the bot and the process that makes its provider calls say to each other, and how it travels.

Every message is a pickled value behind its length. Both ends are the same program, and what people and
providers wrote is text within a value: nobody but this program chooses what is made of the bytes.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.answers import Answer
from bot.domain.calls import Call
from bot.errors import PlantainError

LENGTH = 8  # bytes before each message, big-endian


@dataclass(frozen=True, slots=True)
class Ask:
    """Make a call within `timeout` seconds. Numbers name what is asked, and are never used twice."""

    number: int
    call: Call
    timeout: float


@dataclass(frozen=True, slots=True)
class AskModels:
    """List the models that may be asked."""

    number: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nobody waits for the outcome any more."""

    number: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The process can make calls."""


@dataclass(frozen=True, slots=True)
class Arriving:
    """The answer begins to come in."""

    number: int


@dataclass(frozen=True, slots=True)
class Done:
    """What was asked for."""

    number: int
    result: Answer | Sequence[str]


@dataclass(frozen=True, slots=True)
class Failed:
    """What went wrong: an error of ours, or the name of one that nobody expected; its log has the rest."""

    number: int
    error: PlantainError | str


Reply = Ready | Arriving | Done | Failed


def framed(message: object) -> bytes:
    """Return a message as it travels."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(LENGTH, "big") + data


def unframed(data: bytes) -> Any:
    """Return the message of a frame, less its length."""
    return pickle.loads(data)  # noqa: S301 - this program wrote it
