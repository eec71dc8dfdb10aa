"""Bringing the simulated channel's pictures back after a restart.

SimCord forgets its messages and tokens when the process ends; the bot does not forget its jobs. So the
latest public results are marked as still to be delivered and delivered again, with buttons that work, by the
way that the bot takes when a token has ended.
"""

from __future__ import annotations

from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.jobs import Job, JobState
from bot.studio.deliver import Deliverer
from bot.studio.ports import Store, Transaction

SHOWN = 20


async def forget_tokens(store: Store, now: int) -> None:
    """Remove the tokens of earlier starts: this Discord does not know them. Call it before the bot starts."""
    async with store.transaction() as tx:
        await tx.jobs.forget_tokens(now + 1)


async def post_again(store: Store, deliverer: Deliverer) -> None:
    """Deliver the latest public results once more, in the order in which they were asked for."""
    shown: list[Job] = []
    async with store.transaction() as tx:
        for delivery in await tx.deliveries.latest_sent(SHOWN):
            job = await _shown(tx, delivery)
            if job is not None:
                shown.append(job)
                pending = delivery.evolve(
                    state=DeliveryState.PENDING, card_message_id=None, channel_id=None, message_id=None
                )
                await tx.deliveries.save(pending)
    for job in sorted(shown, key=lambda job: (job.created_at, job.id)):
        await deliverer.deliver(job.id)


async def _shown(tx: Transaction, delivery: Delivery) -> Job | None:
    """Return the job of a delivery that put pictures where others see them, as long as some are there."""
    job = await tx.jobs.get(delivery.job_id)
    if job is None or job.state is not JobState.SUCCEEDED or job.request.private or job.origin.direct:
        return None
    there = any(image.available for image in await tx.images.of_job(job.id))
    return job if there else None
