"""What the running task is about: fields that every line it logs carries.

They are a context variable, so that libraries that log on our behalf (discord.py, google-genai) say them as
well, and a task that is started from another one begins with what that one was about.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

from bot.domain.jobs import Job

Fields = Mapping[str, str | int]

_NOTHING: Fields = MappingProxyType({})
_about: ContextVar[Fields] = ContextVar("about")


def fields() -> Fields:
    """Return what the running task is about, by the names of `bot.log.FIELDS`."""
    return _about.get(_NOTHING)


def tell(**more: str | int | None) -> None:
    """Say what the rest of this task is about. None is left out."""
    _about.set({**fields(), **{name: value for name, value in more.items() if value is not None}})


def tell_job(job: Job) -> None:
    """Say that the rest of this task works on a job: its id, its interaction, its server."""
    kind, _, number = job.origin.key.partition(":")
    interaction = int(number) if kind == "interaction" and number.isdecimal() else None
    tell(job=job.id, interaction=interaction, guild=job.origin.guild_id)
