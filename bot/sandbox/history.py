"""Bringing the simulated channel's pictures back after a restart.

SimCord forgets its messages when the process ends; the bot does not forget its jobs. So the latest public
results are marked as still to be delivered, and the bot's own recovery posts them again, with buttons that
work, by the way that it takes when a token has ended.
"""

from __future__ import annotations

from bot.domain.deliveries import DeliveryState
from bot.domain.jobs import JobState
from bot.studio.ports import Store

SHOWN = 20


async def reopen_deliveries(store: Store) -> None:
    """Mark the latest public results as undelivered; call this before the bot starts."""
    async with store.transaction() as tx:
        for delivery in await tx.deliveries.latest_sent(SHOWN):
            job = await tx.jobs.get(delivery.job_id)
            if job is not None and job.state is JobState.SUCCEEDED and not job.request.private:
                pending = delivery.evolve(
                    state=DeliveryState.PENDING, card_message_id=None, channel_id=None, message_id=None
                )
                await tx.deliveries.save(pending)
