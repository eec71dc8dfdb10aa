"""Answers written anew after their words were taken back: late, again, or never."""

from __future__ import annotations

import pytest

from bot.errors import DeliveryError, StorageBusy
from bot.studio.retract import Retractions, take_words
from tests.studio.test_notices import Messages, casework_of, left, working
from tests.studio.test_privacy import Dying
from tests.studio.world import World, make_origin, make_request

MESSAGE = 77
WORDS = "my secret boat"


async def made(world: World) -> str:
    """A picture whose words came in a message."""
    async with world.running() as process:
        await process.submissions.submit(make_request(WORDS), make_origin())
        await world.until_idle()
    ((job_id,),) = await world.rows("SELECT id FROM jobs")
    async with world.store.transaction() as tx:
        await tx.retractions.add_message(str(job_id), MESSAGE, pictures=False)
    return str(job_id)


class Nothing:
    """No conversation has to be ended, and no turn cancelled."""

    async def cancel(self, turn: object) -> bool:
        raise AssertionError("nothing waits here")

    async def channel_gone(self, channel_id: int) -> None:
        raise AssertionError("no channel is gone here")


class NoThreads:
    """No thread was opened."""

    async def clear(self, place_id: int, message_id: int | None) -> bool:
        raise AssertionError("no thread was opened here")


def retractions(world: World, left: int | None = None) -> Retractions:
    return Retractions(
        store=world.store if left is None else Dying(world.store, left),
        ends=Nothing(),
        clears=NoThreads(),
        clock=world.clock,
        waits=world.clock.wait,
        notify=lambda: None,
    )


async def openly(world: World) -> str:
    return str(await world.rows("SELECT request, words FROM jobs"))


async def test_an_answer_is_written_anew_once(world: World) -> None:
    await made(world)
    await retractions(world).messages([MESSAGE])
    assert WORDS not in await openly(world)
    await retractions(world).messages([MESSAGE])
    assert await left(world) == [("answer", "")]
    async with world.running() as process, working(world, casework_of(world, process, Messages(), None)):
        pass
    (changed,) = world.notifier.updates
    assert not changed.outcome.job.request.prompt and changed.outcome.attachments
    assert await left(world) == []


@pytest.mark.parametrize("passing", [True, False])
async def test_what_discord_does_not_take(world: World, passing: bool) -> None:
    """Tried again for a while, and then left: no case, and so no desk, would show it."""
    await made(world)
    await retractions(world).messages([MESSAGE])
    world.notifier.fail_updates(*[DeliveryError("403", passing=passing) for _ in range(2)])
    before = world.clock.now()
    async with world.running() as process, working(world, casework_of(world, process, Messages(), None)):
        pass
    assert len(world.notifier.updates) == (1 if passing else 0)
    assert world.notifier.failures_left == (0 if passing else 1)
    # Other things than this pass time, too: how much says something only where it was waited for.
    assert not passing or world.clock.now() - before >= 6000
    assert await left(world) == []


async def test_an_answer_that_is_on_its_way_is_waited_for(world: World) -> None:
    """Whoever delivers it may have read the job before."""
    job_id = await made(world)
    async with world.store.engine.transaction() as connection:
        await connection.execute("UPDATE deliveries SET state = 'pending'")
    deliverer = world.process().deliverer
    with pytest.raises(DeliveryError, match="being delivered") as found:
        await deliverer.agree_all(job_id)
    assert found.value.passing
    async with world.store.engine.transaction() as connection:
        await connection.execute("UPDATE deliveries SET state = 'sent'")
    await deliverer.agree_all(job_id)
    await deliverer.agree_all("nothing")
    assert len(world.notifier.updates) == 1


async def test_what_was_only_noted_is_found_later(world: World) -> None:
    await made(world)
    with pytest.raises(Exception, match="gone"):
        await retractions(world, 1).messages([MESSAGE])
    assert WORDS in await openly(world)
    await retractions(world).work()
    assert WORDS not in await openly(world)
    await retractions(world).work()
    assert await left(world) == [("answer", "")]


async def test_a_database_that_is_busy_loses_no_deletion(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(world)
    write, failures = world.store.write, [StorageBusy("busy") for _ in range(2)]

    async def busy(work: object) -> object:
        if failures:
            raise failures.pop()
        return await write(work)  # type: ignore[arg-type]

    monkeypatch.setattr(world.store, "write", busy)
    await retractions(world).messages([MESSAGE])
    assert WORDS not in await openly(world) and not failures


async def test_without_a_note_nothing_is_taken(world: World) -> None:
    job_id = await made(world)
    async with world.store.transaction() as tx:
        assert not await take_words(tx, job_id, 1)
    assert WORDS in await openly(world)
