"""Bringing the simulated channel's pictures back after a restart.

SimCord forgets its messages and tokens when the process ends; the bot does not forget its jobs. So the
latest public results are marked as still to be delivered and delivered again, with buttons that work, by the
way that the bot takes when a token has ended. Where a conversation began with one of them, its thread is
opened again with the picture that it goes on from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import simcord

from bot.domain.conversations import thread_name
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.jobs import Job, JobState
from bot.studio.deliver import Deliverer
from bot.studio.notifier_ports import Showing
from bot.studio.store_ports import Store, Transaction
from cogs.opening import introduce
from cogs.surface import Surface

SHOWN = 20


async def forget_tokens(store: Store, now: int) -> None:
    """Remove the tokens of earlier starts: this Discord does not know them. Call it before the bot starts."""
    async with store.transaction() as tx:
        await tx.jobs.forget_tokens(now + 1)


async def post_again(store: Store, deliverer: Deliverer) -> list[Job]:
    """Deliver the latest public results once more, in the order in which they were asked for; return them."""
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
    shown.sort(key=lambda job: (job.created_at, job.id))
    for job in shown:
        await deliverer.deliver(job.id)
    return shown


async def open_threads_again(env: simcord.Env, surface: Surface, store: Store, shown: Sequence[Job]) -> None:
    """Let the conversations that began with these results go on in threads of their own."""
    for job in shown:
        conversation = await surface.talk.lookup.named(job.request.conversation or "")
        async with store.reading() as tx:
            delivery = await tx.deliveries.get(job.id)
        if conversation is None or not conversation.is_open or delivery is None or not delivery.message_id:
            continue
        name, bot = thread_name(job.request.prompt), env.backend.bot_user.id
        thread = env.backend.create_thread(
            delivery.channel_id or 0, name, bot, message_id=delivery.message_id
        )
        await surface.talk.conversations.opened(conversation.id, thread.id)
        channel = env.bot.get_partial_messageable(thread.id)
        first = await introduce(channel, conversation, reads=True)
        head = (await surface.talk.heads.head(conversation)).head
        if first is not None and head is not None and head.image_id is not None and head.job_id != job.id:
            origin = replace(job.origin, channel_id=thread.id, message_id=first.id, token=None)
            await surface.studio.deliverer.copies.post(head.image_id, origin, Showing.COPY)


async def _shown(tx: Transaction, delivery: Delivery) -> Job | None:
    """Return the job of a delivery that put pictures where others see them, as long as some are there."""
    job = await tx.jobs.get(delivery.job_id)
    if job is None or job.state is not JobState.SUCCEEDED or job.request.private or job.origin.direct:
        return None
    if job.origin.message_id is not None or job.request.turn > 1:  # in a thread that is not there any more
        return None
    there = any(image.available for image in await tx.images.of_job(job.id))
    return job if there else None
