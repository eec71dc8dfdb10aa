"""Databases as earlier versions of Plantain left them: dumps with rows, one for each migration.

The dump of the newest migration is written by ``python -m tests.storage.history`` once, when the migration
is released; from then on neither of the two changes.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from bot.domain.deliveries import Delivery, DeliveryState, Way
from bot.domain.jobs import JobState
from bot.domain.ledger import release, settle
from storage import open_store
from storage.migrate import Migration, known_migrations
from storage.store import DATABASE
from tests.storage.moderation_samples import fill_moderation
from tests.storage.samples import NOON, failed, make_answer, make_image, make_job, running, submit
from tests.storage.server_samples import fill_server

FOLDER = Path(__file__).with_name("dumps")


def dump_of(migration: Migration) -> Path:
    """Where the dump of a database with this migration as its newest is."""
    return FOLDER / f"{migration.name}.sql"


def restore(migration: Migration, folder: Path) -> None:
    """Make the database that an earlier version left."""
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        database.executescript(dump_of(migration).read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = WAL")


async def fill(folder: Path) -> None:
    """Write a job of every state, with all that belongs to it, and what servers and members keep."""
    async with open_store("", folder) as store, store.transaction() as tx:
        done = running(make_job(4)).to(JobState.STORING, NOON).to(JobState.SUCCEEDED, NOON, cost_micros=67)
        stuck = running(make_job(3)).to(JobState.STORING, NOON)
        for job in (make_job(1), running(make_job(2)), stuck, done, failed(make_job(5))):
            await submit(tx, job, images=2)
        settled = await tx.ledger.reservation_of("job00004")
        released = await tx.ledger.reservation_of("job00005")
        assert settled and released
        await tx.ledger.append(settle(settled, images=1, micros=67, now=NOON))
        await tx.ledger.append(release(released, now=NOON))
        await tx.images.insert(make_image("job00004"))
        await tx.answers.settle("job00004", 0, make_answer(), "job00004p0")
        await tx.deliveries.save(Delivery("job00004", DeliveryState.SENT, NOON, 5, Way.TOKEN, 6, 7, 1))
        await tx.deliveries.save(Delivery("job00005", DeliveryState.KEPT, NOON, tries=3))
        await fill_server(tx)
        await fill_moderation(tx, "job00004p0")
        await tx.retractions.add_message("job00005", 77, pictures=False)
        await tx.retractions.note(["job00005"], NOON)
        assert await tx.retractions.carry_out("job00005", NOON)
        await tx.retractions.add_message("job00002", 78, pictures=False)
        await tx.retractions.note(["job00002"], NOON)


def write_newest() -> Path:
    """Write the dump of today's newest migration."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asyncio.run(fill(folder))
        with closing(sqlite3.connect(folder / DATABASE)) as database:
            text = "\n".join(database.iterdump())
    target = dump_of(known_migrations()[-1])
    target.write_text(text + "\n", encoding="utf-8")
    return target


if __name__ == "__main__":
    print(write_newest())
