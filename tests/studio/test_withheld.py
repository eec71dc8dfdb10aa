"""What is withheld is not sent to a model: neither by a request that comes, nor by a job that waited."""

from __future__ import annotations

import pytest

from bot.domain.deliveries import DeliveryState
from bot.domain.images import Withheld
from bot.domain.jobs import FailureCode, JobState
from bot.domain.requests import Kind, Reference
from bot.errors import Gone
from bot.studio.pictures import Person
from tests.studio.world import CHANNEL, GUILD, MEMBER, World, make_origin, make_request


async def made(world: World, job_id: str) -> Reference:
    (image,) = await world.images(job_id)
    return Reference(image.sha256, image.mime, image.size)


async def withhold(world: World, job_id: str, why: Withheld | None) -> None:
    (image,) = await world.images(job_id)
    async with world.store.transaction() as tx:
        await tx.images.withhold(image.id, why)


@pytest.mark.parametrize("why", list(Withheld))
async def test_a_job_that_waited_fails_without_a_call(world: World, why: Withheld) -> None:
    async with world.running() as process:
        first = (await process.submissions.submit(make_request(), make_origin(key="interaction:1"))).job
        await world.until_idle()
    reference = await made(world, first.id)
    calls = len(world.provider.history)
    edit = make_request(kind=Kind.EDIT, references=(reference,))
    waiting = world.process()
    second = (await waiting.submissions.submit(edit, make_origin(key="interaction:2"))).job
    await withhold(world, first.id, why)
    async with world.running():
        await world.until_idle()
    job = await world.job(second.id)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.code is FailureCode.REMOVED
    assert len(world.provider.history) == calls
    assert await world.open_reservations() == []


async def test_what_was_hidden_before_its_delivery_is_delivered_as_a_notice(world: World) -> None:
    async with world.running() as process:
        job = (await process.submissions.submit(make_request(), make_origin(key="interaction:1"))).job
        await world.until_idle()
        await withhold(world, job.id, Withheld.REMOVED)
        async with world.store.transaction() as tx:
            delivery = await tx.deliveries.get(job.id)
            assert delivery is not None
            await tx.deliveries.save(delivery.evolve(state=DeliveryState.PENDING))
        await process.deliverer.deliver(job.id)
    outcome = world.notifier.deliveries[-1].outcome
    assert outcome.withheld is Withheld.REMOVED
    assert outcome.attachments == ()
    assert not outcome.withdrawn


async def test_reports_see_what_is_hidden_and_nobody_sees_what_is_removed(world: World) -> None:
    async with world.running() as process:
        job = (await process.submissions.submit(make_request(), make_origin(key="interaction:1"))).job
        await world.until_idle()
        other = Person(MEMBER + 1, GUILD, CHANNEL, moderator=True)
        await withhold(world, job.id, Withheld.HIDDEN)
        with pytest.raises(Gone):
            await process.pictures.of_job(job.id, other)
        assert (await process.pictures.of_job(job.id, other, hidden=True)).images
        await withhold(world, job.id, Withheld.REMOVED)
        with pytest.raises(Gone):
            await process.pictures.of_job(job.id, other, hidden=True)
