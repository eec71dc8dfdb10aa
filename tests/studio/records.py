"""What is really in a store, for a test that looks behind the services."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.answers import Answer
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.images import Image
from bot.domain.jobs import Job
from bot.domain.ledger import Entry
from storage import Store
from tests.storage.samples import open_reservations


@dataclass
class Records:
    """A store and its folder, looked into."""

    folder: Path
    store: Store

    async def job(self, job_id: str) -> Job:
        async with self.store.reading() as tx:
            job = await tx.jobs.get(job_id)
        assert job is not None
        return job

    async def delivery(self, job_id: str) -> Delivery:
        async with self.store.reading() as tx:
            delivery = await tx.deliveries.get(job_id)
        assert delivery is not None
        return delivery

    async def delivery_state(self, job_id: str) -> DeliveryState:
        return (await self.delivery(job_id)).state

    async def images(self, job_id: str) -> list[Image]:
        async with self.store.reading() as tx:
            return list(await tx.images.of_job(job_id))

    async def answers(self, job_id: str) -> dict[int, Answer]:
        """What the database has of a job's answers."""
        async with self.store.reading() as tx:
            return await tx.answers.of_job(job_id)

    async def open_reservations(self) -> list[Entry]:
        return await open_reservations(self.store)

    async def rows(self, sql: str, **params: Any) -> list[tuple[Any, ...]]:
        """What is really in the database."""
        async with self.store.engine.reading() as connection:
            found: list[Any] = list(await connection.fetch_all(sql, params))
        return [tuple(row) for row in found]

    async def ledger(self, job_id: str) -> list[tuple[Any, ...]]:
        """The entries of a job: kind, changes of the reserved and the settled images."""
        return await self.rows(
            "SELECT kind, reserved_images, settled_images FROM ledger WHERE job_id = :job_id ORDER BY kind",
            job_id=job_id,
        )

    async def events(self, job_id: str) -> list[str]:
        """The states of a job in the order in which it had them."""
        found = await self.rows(
            "SELECT state FROM job_events WHERE job_id = :job_id ORDER BY number", job_id=job_id
        )
        return [state for (state,) in found]

    async def everything(self) -> dict[str, int]:
        """How many rows there are in every table."""
        tables = ("jobs", "job_events", "ledger", "deliveries", "images", "answers")
        return {table: (await self.rows(f"SELECT COUNT(*) FROM {table}"))[0][0] for table in tables}

    def answer_files(self) -> list[str]:
        """What lies on disk of answers."""
        return sorted(path.name for path in (self.folder / "answers").iterdir())
