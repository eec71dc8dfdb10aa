"""Another program in our database: a backup, an editor, whoever opens the file and does not let go."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path


@asynccontextmanager
async def locked(database: Path) -> AsyncIterator[None]:
    """Hold a database's only lock for writing."""
    with closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as other:
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")  # it waits for what is being written
        yield
        other.execute("ROLLBACK")
