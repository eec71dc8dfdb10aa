"""Which messages a link may lead to: those that others see, too."""

from __future__ import annotations

import pytest

from bot.domain.deliveries import Delivery, DeliveryState, Way
from bot.domain.jobs import Job, JobState
from bot.studio.places import place_of
from tests.studio.world import make_origin, make_request

SENT = Delivery("job", DeliveryState.SENT, 1, way=Way.TOKEN, channel_id=5, message_id=6)


def job(*, private: bool = False, guild_id: int | None = 7) -> Job:
    origin = make_origin(guild_id=guild_id)
    return Job("job", JobState.SUCCEEDED, make_request(private=private), origin, 1, 1)


@pytest.mark.parametrize(
    ("done", "delivery", "url"),
    [
        (job(), SENT, "https://discord.com/channels/7/5/6"),
        (job(), SENT.evolve(way=Way.CHANNEL), "https://discord.com/channels/7/5/6"),
        (job(), SENT.evolve(way=Way.DIRECT), "https://discord.com/channels/@me/5/6"),
        (job(guild_id=None), SENT, "https://discord.com/channels/@me/5/6"),
        (job(private=True), SENT, None),
        (job(), SENT.evolve(way=Way.FOLLOW_UP), None),
        (job(), SENT.evolve(state=DeliveryState.KEPT), None),
        (job(), None, None),
    ],
)
def test_a_place_is_a_message_for_more_than_one(
    done: Job, delivery: Delivery | None, url: str | None
) -> None:
    place = place_of(done, delivery)
    assert (place.url if place else None) == url
