"""Where a job's answer stands in Discord, for links that lead there."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.deliveries import Delivery, DeliveryState, Way
from bot.domain.jobs import Job
from bot.studio.store_ports import Transaction


@dataclass(frozen=True, slots=True)
class PublicMessage:
    """A message that others can open, too; `guild_id` None: in direct messages."""

    guild_id: int | None
    channel_id: int
    message_id: int

    @property
    def url(self) -> str:
        """Its address in Discord."""
        return f"https://discord.com/channels/{self.guild_id or '@me'}/{self.channel_id}/{self.message_id}"


def place_of(job: Job, delivery: Delivery | None) -> PublicMessage | None:
    """Return where a job's answer stands; None where it was not posted, or for one member alone."""
    if (
        delivery is None
        or delivery.state is not DeliveryState.SENT
        or delivery.way is Way.FOLLOW_UP
        or job.request.private
        or delivery.channel_id is None
        or delivery.message_id is None
    ):
        return None
    guild_id = None if delivery.way is Way.DIRECT else job.origin.guild_id
    return PublicMessage(guild_id, delivery.channel_id, delivery.message_id)


async def place_of_parent(tx: Transaction, job: Job) -> PublicMessage | None:
    """Return where the picture stands that a job's were made from."""
    image = await tx.images.get(job.request.parent) if job.request.parent else None
    if image is None or not image.available:
        return None
    parent = await tx.jobs.get(image.job_id)
    return None if parent is None else place_of(parent, await tx.deliveries.get(image.job_id))
