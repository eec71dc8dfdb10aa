"""Answers without a picture: no cap counts them, so whoever gets nothing else pauses."""

from __future__ import annotations

import pytest

from bot.domain.answers import Verdict
from bot.domain.attempts import MINUTE
from bot.domain.jobs import JobState
from bot.domain.requests import Kind
from bot.errors import EmptyHanded, RequestRefused
from bot.studio.empty_handed import MOST_IN_A_ROW, PAUSE_MINUTES
from tests.fakes.provider import Item, Reply, blocked, no_image
from tests.studio.world import MEMBER, Process, World, make_origin, make_request

WORDS = Reply((), Verdict.TEXT, "A boat on a lake.")


async def ask(world: World, process: Process, *answers: Item, member_id: int = MEMBER) -> JobState:
    """Let somebody ask for a picture that is answered like this."""
    world.provider.enqueue(*answers)
    job = (await process.submissions.submit(make_request(), make_origin(member_id=member_id))).job
    await world.until_idle()
    return (await world.job(job.id)).state


async def test_nothing_but_words_and_refusals_ends_in_a_pause(world: World) -> None:
    """With one image a day, twenty-five requests that were answered in words alone were fifty calls."""
    async with world.running(daily_images=1) as process:
        for _ in range(MOST_IN_A_ROW // 2):
            await ask(world, process, blocked("No."))
            await ask(world, process, no_image("No."), no_image("No."))
        calls = len(world.provider.history)
        with pytest.raises(EmptyHanded) as refused:
            await ask(world, process)
        assert refused.value.until == world.clock.now() + PAUSE_MINUTES * MINUTE
        assert len(world.provider.history) == calls == MOST_IN_A_ROW * 3 // 2
        assert await ask(world, process, member_id=MEMBER + 1) is JobState.SUCCEEDED  # nobody else pauses

        world.clock.pass_by(PAUSE_MINUTES * 60)
        await ask(world, process, blocked("No."))  # one more, and the next pause
        with pytest.raises(EmptyHanded):
            await ask(world, process)
        world.clock.pass_by(PAUSE_MINUTES * 60)
        assert await ask(world, process, Reply()) is JobState.SUCCEEDED


async def test_a_picture_in_between_begins_the_count_anew(world: World) -> None:
    async with world.running() as process:
        for number in range(MOST_IN_A_ROW * 2):
            await ask(world, process, Reply() if number % MOST_IN_A_ROW == 0 else blocked("No."))


async def test_what_is_not_the_members_doing_does_not_count(world: World) -> None:
    async with world.running() as process:
        for _ in range(MOST_IN_A_ROW * 2):
            await ask(world, process, RequestRefused("answered 400"))
        for _ in range(MOST_IN_A_ROW):
            world.clock.pass_by(7 * 60)  # never ten within an hour
            await ask(world, process, blocked("No."))
        assert await ask(world, process) is JobState.SUCCEEDED


async def test_descriptions_do_not_count(world: World) -> None:
    async with world.running() as process:
        for _ in range(MOST_IN_A_ROW * 2):
            world.provider.enqueue(WORDS)
            await process.submissions.submit(make_request(kind=Kind.DESCRIBE), make_origin())
            await world.until_idle()
        assert await ask(world, process) is JobState.SUCCEEDED
