"""Erasures that are cut off anywhere, and daily purges, with time that stands still."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

import pytest

from bot.domain.cases import Action
from bot.domain.deliveries import DeliveryState
from bot.domain.privacy import CAPS_DAYS, Retention, Staying
from bot.errors import DeliveryError, StorageError
from bot.studio.departures import Departures
from bot.studio.erase import Erasures
from bot.studio.retention import Purges
from bot.studio.store_ports import Store, Transaction
from storage.store import DATABASE
from tests.fakes.clock import NOON
from tests.storage.moderation_samples import make_case, make_report
from tests.studio.world import GUILD, MEMBER, World, make_origin, make_request

T = TypeVar("T")
OTHER = MEMBER + 1


class Dying:
    """A store of a process that is gone after so many transactions."""

    def __init__(self, store: Store, left: int) -> None:
        self._store = store
        self.left = left

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise StorageError("the process is gone")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self._step()
        async with self._store.transaction() as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        async with self._store.reading() as tx:
            yield tx

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        self._step()
        return await self._store.write(work)

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._store.read(work)

    async def checkpoint(self) -> None:
        await self._store.checkpoint()


class NoThreads:
    """Nobody has opened a thread."""

    async def clear(self, place_id: int, message_id: int | None) -> bool:
        raise AssertionError("there is no thread")


def erasures(world: World, store: Store | None = None) -> Erasures:
    process = world.process()
    return Erasures(
        store=store or world.store,
        withdraws=process.deliverer,
        clears=NoThreads(),
        cancels=process.studio.cancellations,
        sweeper=world.store.orphans(),
        clock=world.clock,
        waits=world.clock.wait,
    )


def purges(world: World, **days: int) -> Purges:
    return Purges(
        store=world.store,
        sweeper=world.store.orphans(),
        erasures=erasures(world),
        retention=Retention(**days),
        clock=world.clock,
        waits=world.clock.wait,
    )


async def pictures(world: World) -> None:
    """Two of the member, one of somebody else."""
    async with world.running() as process:
        for member, prompt in ((MEMBER, "my secret boat"), (MEMBER, "my secret house"), (OTHER, "a tree")):
            origin = make_origin(member_id=member, guild_id=GUILD)
            await process.submissions.submit(make_request(prompt, count=2), origin)


async def words(world: World) -> list[str]:
    return [text for (text,) in await world.rows("SELECT words FROM jobs ORDER BY created_at, id") if text]


def files(world: World) -> int:
    return len([path for path in (world.folder / "blobs").glob("??/*") if path.parent.name != "incoming"])


@pytest.mark.parametrize("steps", range(0, 16))
async def test_an_erasure_that_is_cut_off_is_finished_by_the_next_start(world: World, steps: int) -> None:
    await pictures(world)
    before = files(world)
    await erasures(world).ask(MEMBER)
    dying = Dying(world.store, steps)
    with pytest.raises(StorageError):
        await erasures(world, dying).work()
    assert not await erasures(world).work()
    assert await words(world) == ["a tree"]
    assert files(world) == before - 4
    assert await world.rows("SELECT COUNT(*) FROM images WHERE owner_id = :m", m=MEMBER) == [(0,)]
    assert await world.rows("SELECT COUNT(*) FROM freed_files") == [(0,)]
    [(erased_at,)] = await world.rows("SELECT erased_at FROM erasures")
    assert erased_at is not None


async def test_messages_that_discord_keeps_are_tried_again_and_then_left(world: World) -> None:
    await pictures(world)
    one = erasures(world)
    await one.ask(MEMBER)
    refused = [DeliveryError("Discord answered 403", passing=False) for _ in range(6)]
    world.notifier.fail_updates(*refused)
    assert await one.work()
    assert "my secret boat" in await words(world)
    assert await one.work()
    assert not await one.work()
    assert await words(world) == ["a tree"]


async def test_two_wishes_at_once_are_one(world: World) -> None:
    first, second = await erasures(world).ask(MEMBER), await erasures(world).ask(MEMBER)
    assert first == second


async def test_the_wish_itself_is_forgotten_when_nothing_is_left(world: World) -> None:
    await pictures(world)
    one = purges(world)
    wishes = erasures(world)
    wish = await wishes.ask(MEMBER)
    await wishes.work()
    await one.now()
    assert await world.used(MEMBER) == 4
    assert len(await world.rows("SELECT * FROM erasures")) == 1
    world.clock.set(NOON + timedelta(days=CAPS_DAYS + 2))
    await one.now()
    assert await world.used(MEMBER) == 0
    assert await world.used(wish.id) == 4
    assert await world.rows("SELECT * FROM erasures") == []


async def test_purges_follow_the_clock(world: World) -> None:
    await pictures(world)
    jobs = await world.rows("SELECT id FROM jobs ORDER BY created_at, id")
    async with world.store.transaction() as tx:
        for image in await tx.images.of_job(jobs[0][0]):
            await tx.images.mark_deleted(image.id, now=world.clock.now(), by=image.owner_id)
    one = purges(world)
    world.clock.set(NOON + timedelta(days=29))
    await one.now()
    assert (len(await words(world)), files(world)) == (3, 6)
    world.clock.set(NOON + timedelta(days=31))
    await one.now()
    assert (len(await words(world)), files(world)) == (2, 4)
    world.clock.set(NOON + timedelta(days=366))
    await one.now()
    assert (await words(world), files(world)) == ([], 0)
    assert await world.used(MEMBER) == 4
    world.clock.set(NOON + timedelta(days=401))
    await one.now()
    assert await world.used(MEMBER) == 0
    assert await world.rows("SELECT SUM(settled_images) FROM ledger") == [(6,)]


async def test_what_an_upgrade_copied_goes_when_the_time_of_evidence_is_over(world: World) -> None:
    made = world.clock.now() / 1000
    going = ["database.sqlite3.before-0012.bak", "database.sqlite3.before-0012.2.bak"]
    staying = ["mine.before-0012.bak", "database.sqlite3.bak"]
    for name in (*going, *staying):
        (world.folder / name).write_bytes(b"everything")
        os.utime(world.folder / name, (made, made))

    def there() -> set[str]:
        return {path.name for path in world.folder.iterdir()} & {*going, *staying}

    one = purges(world, evidence_days=10)
    world.clock.set(NOON + timedelta(days=9))
    await one.now()
    assert there() == {*going, *staying}
    world.clock.set(NOON + timedelta(days=11))
    await one.now()
    assert there() == {*staying}
    assert (world.folder / DATABASE).is_file()


async def test_a_server_is_forgotten_after_its_time_of_grace(world: World) -> None:
    await pictures(world)
    async with world.store.transaction() as tx:
        await tx.privacy.leave_server(GUILD, now=world.clock.now())
    one = purges(world)
    await one.now()
    assert len(await words(world)) == 3
    world.clock.set(NOON + timedelta(days=31))
    await one.now()
    assert (await words(world), files(world)) == ([], 0)
    assert await world.rows("SELECT * FROM departures") == []


async def test_no_transaction_of_a_purge_is_long(world: World) -> None:
    await pictures(world)
    world.clock.set(NOON + timedelta(days=366))
    await purges(world).now()
    assert world.clock.naps("purge")


# --- what happens meanwhile -------------------------------------------------------------------------------


async def test_what_was_being_made_when_it_was_asked_for_goes_as_well(world: World) -> None:
    """The call is under way and is finished; its picture is younger than the wish, and is not kept."""
    world.provider.hold()
    async with world.running() as process:
        origin = make_origin(guild_id=GUILD)
        job = (await process.submissions.submit(make_request("my secret boat"), origin)).job
        await world.provider.until_inside()
        one = erasures(world)
        await one.ask(MEMBER)
        world.clock.set(NOON + timedelta(minutes=1))
        assert await one.work()  # it has to look again
        world.provider.release()
        await world.until_idle()
    assert (await world.images(job.id))[0].available
    assert not await one.work()
    assert (await words(world), files(world)) == ([], 0)
    assert await world.rows("SELECT COUNT(*) FROM images WHERE owner_id = :m", m=MEMBER) == [(0,)]


async def test_an_answer_that_is_being_posted_is_taken_out_of_discord_too(world: World) -> None:
    """It is recorded when Discord has taken it; nothing is forgotten before that would lead to it."""
    async with world.running() as process:
        origin = make_origin(guild_id=GUILD)
        job = (await process.submissions.submit(make_request("my secret boat"), origin)).job
    async with world.store.transaction() as tx:
        sent = await tx.deliveries.get(job.id)
        assert sent is not None
        await tx.deliveries.save(sent.evolve(state=DeliveryState.PENDING, message_id=None, channel_id=None))
    one = erasures(world)
    await one.ask(MEMBER)
    assert await one.work()
    async with world.store.transaction() as tx:
        await tx.deliveries.save(sent)
    assert not await one.work()
    assert await world.rows("SELECT message_id FROM deliveries") == [(None,)]
    assert await words(world) == []


async def test_a_report_in_an_open_case_stays_by_name_until_it_is_decided_however_long_that_takes(
    world: World,
) -> None:
    await pictures(world)
    [(image_id,), *_] = await world.rows("SELECT id FROM images WHERE owner_id = :m", m=OTHER)
    case = make_case(image_id, guild_id=GUILD, member_id=OTHER)
    async with world.store.transaction() as tx:
        assert await tx.cases.insert(case)
        assert await tx.cases.add_report(make_report(case, MEMBER, text="I saw it", at=world.clock.now()))
    one, wishes = purges(world), erasures(world)
    await wishes.ask(MEMBER)
    holdings, _erasure = await wishes.holdings(MEMBER)
    assert holdings.staying[Staying.REPORTS] == 1
    await wishes.work()
    world.clock.set(NOON + timedelta(days=CAPS_DAYS + 20))
    await one.now()
    assert await world.rows("SELECT reporter_id, text FROM reports") == [(MEMBER, "I saw it")]
    async with world.store.transaction() as tx:
        decided = case.after(Action.DISMISS, by=3, now=world.clock.now(), seen=0)
        await tx.cases.save(decided, expected=0)
    await one.now()
    [(reporter, text)] = await world.rows("SELECT reporter_id, text FROM reports")
    assert (reporter < 0, text) == (True, "")
    assert await world.rows("SELECT * FROM erasures") == []


async def test_a_server_that_the_bot_only_came_along_to_was_never_left(world: World) -> None:
    """Somebody who installed the bot for themselves used it there; their pictures have their own time."""
    await pictures(world)
    departures = Departures(world.store, world.clock)
    await departures.compare([1])
    await departures.compare([1, 2])
    await departures.compare([2])
    async with world.store.reading() as tx:
        assert list(await tx.privacy.left_servers()) == [1]
    world.clock.set(NOON + timedelta(days=31))
    await purges(world).now()
    assert len(await words(world)) == 3
    async with world.store.reading() as tx:
        assert list(await tx.privacy.servers()) == [2]
