"""Values to store, and short ways to store them."""

from __future__ import annotations

from typing import Any

from bot.domain.answers import Answer, Picture, Usage, Verdict
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.images import Image
from bot.domain.jobs import Failure, FailureCode, Job, JobState
from bot.domain.ledger import Entry, reserve
from bot.domain.requests import Kind, Options, Origin, Reference, Request
from storage import Store, Transaction

NOON = 1_790_000_000_000  # UTC milliseconds
MEMBER = 211_000_000_000_000_001
SHA256 = "ab" * 32

OPEN_RESERVATIONS = """
SELECT job_id FROM ledger AS reservation
WHERE kind = 'reserve' AND NOT EXISTS (
    SELECT 1 FROM ledger AS closing
    WHERE closing.job_id = reservation.job_id AND closing.kind IN ('settle', 'release')
)
ORDER BY at, job_id
"""
OPEN_WORDS = (  # what anybody but moderators is shown is made of these
    "SELECT request, words FROM jobs",
    "SELECT said FROM turns",
    "SELECT text, content FROM answers",
)


def make_origin(number: int = 1, **changes: Any) -> Origin:
    values: dict[str, Any] = {
        "key": f"interaction:{number}",
        "application_id": 900,
        "member_id": MEMBER,
        "guild_id": 700,
        "channel_id": 600,
        "token": f"token-{number}",
        "token_at": NOON + number,
        "upload_limit": 10_485_760,
    }
    return Origin(**(values | changes))


def make_request(**changes: Any) -> Request:
    values: dict[str, Any] = {
        "kind": Kind.EDIT,
        "prompt": "a red lighthouse at dusk",
        "options": Options("gemini-nano-banana-2.1", ratio="16:9", size="1K", count=2, seed=7),
        "references": (Reference(SHA256, "image/png", 12_345),),
    }
    return Request(**(values | changes))


def make_job(number: int = 1, *, member: int = MEMBER, **changes: Any) -> Job:
    """Return a waiting job; a higher number is a younger one."""
    values: dict[str, Any] = {
        "id": f"job{number:05}",
        "state": JobState.CREATED,
        "request": make_request(),
        "origin": make_origin(number, member_id=member),
        "created_at": NOON + number,
        "updated_at": NOON + number,
    }
    return Job(**(values | changes))


def running(job: Job, *, owner: str = "worker", until: int = NOON + 60_000) -> Job:
    """Return the job as a claim leaves it."""
    return job.evolve(
        state=JobState.RUNNING,
        attempts=job.attempts + 1,
        lease_owner=owner,
        lease_until=until,
        started_at=NOON,
    )


def failed(job: Job) -> Job:
    return job.to(JobState.FAILED, NOON + 5, failure=Failure(FailureCode.SAFETY, "No.", "f00f"))


def make_image(job_id: str, position: int = 0, **changes: Any) -> Image:
    values: dict[str, Any] = {
        "id": f"{job_id}p{position}",
        "job_id": job_id,
        "position": position,
        "owner_id": MEMBER,
        "guild_id": None,
        "private": True,
        "sha256": SHA256,
        "mime": "image/jpeg",
        "width": 1024,
        "height": 768,
        "size": 1_500_000,
        "created_at": NOON,
        "parent": "k7f3q9z",
    }
    return Image(**(values | changes))


def make_answer(**changes: Any) -> Answer:
    values: dict[str, Any] = {
        "verdict": Verdict.PICTURE,
        "model": "gemini-nano-banana-2.1",
        "pictures": (
            Picture(SHA256, "image/jpeg", 1_500_000),
            Picture("cd" * 32, "image/png", 3, thought=True),
        ),
        "text": "Here it is.",
        "finish_reason": "STOP",
        "usage": Usage(prompt=12, output=1_120, output_images=1_120, total=1_200),
        "response_id": "r-1",
        "model_version": "2.1",
        "content": {"role": "model", "parts": [{"inlineData": {"blob": SHA256}, "thoughtSignature": "c2ln"}]},
        "safety": ({"category": "HARM_CATEGORY_X", "probability": "LOW"},),
    }
    return Answer(**(values | changes))


async def submit(tx: Transaction, job: Job, *, images: int = 1) -> None:
    """Write a job with all that belongs to an accepted one."""
    await tx.jobs.insert(job)
    await tx.ledger.append(
        reserve(
            job.id, job.origin.member_id, job.origin.guild_id, images=images, micros=100, now=job.created_at
        )
    )
    await tx.deliveries.insert(Delivery(job.id, DeliveryState.OPEN, job.created_at))


async def put(store: Store, *jobs: Job) -> None:
    """Write jobs, each in a transaction of its own."""
    for job in jobs:
        async with store.transaction() as tx:
            await submit(tx, job)


async def stored(store: Store, job_id: str) -> Job:
    """Read a job that must be there."""
    async with store.reading() as tx:
        job = await tx.jobs.get(job_id)
    assert job is not None
    return job


async def select(store: Store, sql: str, *columns: str) -> list[tuple[Any, ...]]:
    """Look past the repositories."""
    async with store.engine.reading() as connection:
        return [tuple(row[column] for column in columns) for row in await connection.fetch_all(sql)]


async def open_reservations(store: Store) -> list[Entry]:
    """Reservations that nothing closed yet, the oldest first."""
    async with store.engine.reading() as connection:
        rows = await connection.fetch_all(OPEN_RESERVATIONS)
    async with store.reading() as tx:
        found = [await tx.ledger.reservation_of(row["job_id"]) for row in rows]
    return [entry for entry in found if entry is not None]


async def keep(store: Store, data: bytes) -> str:
    """Keep bytes as a blob, and return its name."""
    async with store.blobs.spool() as spool:
        await spool.write(data)
        digest, _ = await spool.commit()
    return digest
