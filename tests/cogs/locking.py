"""A database that somebody else holds, and what Discord is told meanwhile."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from storage.store import DATABASE
from tests.cogs.stage import Stage
from tests.fakes import other_program


def locked(stage: Stage) -> AbstractAsyncContextManager[None]:
    """Hold the database as another program would."""
    return other_program.locked(stage.settings.storage.path / DATABASE)


async def thinking(stage: Stage, members: int = 1) -> None:
    """Wait until Discord has been asked to wait for so many, or more."""
    interactions = stage.env.backend.interactions
    await stage.meanwhile(lambda: sum(one.loading for one in interactions.values()) >= members, "thinking")
