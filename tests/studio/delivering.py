"""Requests that run to the end of their delivery, and what Discord may answer to it."""

from __future__ import annotations

from typing import Any

from bot.domain.deliveries import DeliveryState, Way
from bot.domain.jobs import Job
from bot.errors import DeliveryError
from bot.studio.pictures import Person
from tests.studio.world import CHANNEL, GUILD, MEMBER, Process, World, make_origin, make_request

OWNER = Person(MEMBER, GUILD, CHANNEL, moderator=False)
CLOSED = DeliveryError("Discord answered 403 (code 50001)")
DOWN = DeliveryError("Discord answered 503 (code 0)", passing=True)
TOO_LARGE = DeliveryError("Discord answered 413 (code 40005)", too_large=True)


async def make(world: World, *, origin: dict[str, Any] | None = None, **request: Any) -> Job:
    """Run a job from its request to the end of its delivery."""
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(**request), make_origin(**(origin or {})))
    return await world.job(ticket.job.id)


def ways_tried(world: World) -> list[Way]:
    return [tried.way for tried in world.notifier.tried]


async def keep_one(world: World, **request: Any) -> Job:
    """Make a picture that could not be delivered by any way."""
    for way in (Way.TOKEN, Way.CHANNEL, Way.DIRECT):
        world.notifier.close(way, CLOSED)
    job = await make(world, **request)
    assert await world.delivery_state(job.id) is DeliveryState.KEPT
    for way in Way:
        world.notifier.open(way)
    return job


async def delete(process: Process, world: World, job: Job, position: int = 0) -> None:
    image = (await world.images(job.id))[position]
    await process.pictures.delete(image.id, OWNER)
