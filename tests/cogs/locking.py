"""A database that somebody else holds, and what Discord is told meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.cogs.stage import Stage


@asynccontextmanager
async def locked(stage: Stage) -> AsyncIterator[None]:
    """Hold the database's only lock for writing, as a backup or another program may."""
    path = stage.settings.storage.path / "database.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


async def thinking(stage: Stage, members: int = 1) -> None:
    """Wait until Discord has been asked to wait for so many, or more."""
    interactions = stage.env.backend.interactions
    await stage.meanwhile(lambda: sum(one.loading for one in interactions.values()) >= members, "thinking")
