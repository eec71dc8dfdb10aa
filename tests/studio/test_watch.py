"""Notes to a server about its spending: each once, and none that is not true."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.answers import Usage
from bot.domain.jobs import JobState
from bot.domain.server_settings import ServerSettings, ServerState
from bot.domain.spending_notes import NoteKind
from bot.errors import DeliveryError
from tests.fakes.clock import NOON
from tests.fakes.provider import Reply
from tests.studio.world import GUILD, MEMBER, Process, World, make_origin, make_request

LOG = 4242
DOLLAR = 1_000_000


async def set_up(world: World, **settings: object) -> None:
    async with world.store.transaction() as tx:
        state = await tx.settings.of_server(GUILD)
        changed = state.settings.change(**{"log_channel": LOG, **settings})
        await tx.settings.save_server(ServerState(GUILD, changed, state.version + 1, 1, 1))


async def spend(world: World, process: Process, dollars: float, member: int = MEMBER) -> None:
    """Have a picture made that costs so much, and let it be looked at before the next."""
    tokens = round(dollars * DOLLAR / 30)
    world.provider.enqueue(Reply(usage=Usage(output=tokens, output_images=tokens, total=tokens)))
    ticket = await process.submissions.submit(make_request(), make_origin(member_id=member))
    await world.until_state(ticket.job.id, JobState.SUCCEEDED)
    await world.until_idle()


async def told(world: World, count: int) -> list[tuple[NoteKind, object]]:
    """What was told so far, when it is that much and will not be told again by the next process."""

    async def all_sent() -> bool:
        async with world.store.reading() as tx:
            return not await tx.spending_notes.unsent(1)

    await world.announcer.until(lambda: len(world.announcer.told) >= count)
    await world.observed.until_so(all_sent)
    return [(notice.kind, notice.data.get("mark")) for _, notice in world.announcer.told]


async def test_each_mark_of_a_budget_is_told_once(world: World) -> None:
    await set_up(world, budget_micros=10 * DOLLAR)
    async with world.running() as process:
        for dollars in (3, 1, 1.2, 1, 2, 1.5, 1):
            await spend(world, process, dollars)
        assert await told(world, 3) == [
            (NoteKind.BUDGET, 50),
            (NoteKind.BUDGET, 80),
            (NoteKind.BUDGET, 100),
        ]
        assert {channel for channel, _ in world.announcer.told} == {LOG}
    async with world.running() as process:  # and not again by another process
        await spend(world, process, 5)
        world.clock.set(NOON + timedelta(days=31))  # the next month has a budget of its own
        await spend(world, process, 5)
        assert (await told(world, 4))[3:] == [(NoteKind.BUDGET, 50)]


async def test_a_budget_below_what_is_spent_already_is_told_as_used_up(world: World) -> None:
    async with world.running() as process:
        await spend(world, process, 3)
        await set_up(world, budget_micros=DOLLAR)
        await spend(world, process, 0.01)
        assert await told(world, 1) == [(NoteKind.BUDGET, 100)]


async def test_a_budget_that_is_changed_has_marks_of_its_own(world: World) -> None:
    await set_up(world, budget_micros=4 * DOLLAR)
    async with world.running() as process:
        await spend(world, process, 2.5)
        assert await told(world, 1) == [(NoteKind.BUDGET, 50)]
        await set_up(world, budget_micros=10 * DOLLAR)
        await spend(world, process, 3)
        assert await told(world, 2) == [(NoteKind.BUDGET, 50)] * 2
        await set_up(world, budget_micros=5 * DOLLAR)
        process.studio.watch.changed(GUILD)  # without waiting for the next spending
        assert (await told(world, 3))[2:] == [(NoteKind.BUDGET, 100)]


async def test_without_a_log_channel_nothing_is_kept_back(world: World) -> None:
    await set_up(world, budget_micros=DOLLAR, log_channel=None)
    async with world.running() as process:
        await spend(world, process, 2)
        await set_up(world)
        await spend(world, process, 0.01)
        assert len(await told(world, 1)) == 1


async def test_a_note_that_discord_did_not_take_is_sent_later(world: World) -> None:
    await set_up(world, budget_micros=DOLLAR)
    world.announcer.fails.append(DeliveryError("Discord is down", passing=True))
    async with world.running() as process:
        await spend(world, process, 2)
        await world.announcer.until(lambda: not world.announcer.fails)
    async with world.running():
        assert await told(world, 1) == [(NoteKind.BUDGET, 100)]


async def test_unusual_spending_is_told_once_a_day(world: World) -> None:
    await set_up(world)
    async with world.running() as process:
        for day in range(5):
            world.clock.set(NOON + timedelta(days=day))
            await spend(world, process, 0.5)
        world.clock.set(NOON + timedelta(days=5, hours=1))
        await spend(world, process, 2.4)  # dear, but not five times as much
        await spend(world, process, 1)
        await spend(world, process, 1)
        (kind, _), *others = await told(world, 1)
        assert (kind, others) == (NoteKind.UNUSUAL, [])
        data = world.announcer.told[0][1].data
        assert data["member_id"] == MEMBER
        assert abs(data["usual"] - 0.5 * DOLLAR) < 100
        assert data["spent"] > 2.5 * DOLLAR


async def test_nobody_is_unusual_where_nothing_is_known(world: World) -> None:
    await set_up(world)
    async with world.running() as process:
        await spend(world, process, 50)
    assert world.announcer.told == []
    assert ServerSettings().log_channel is None
