"""What decisions bring about: once, again after a failure, and also by the next process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from bot.domain.cases import Action, Case, Reason
from bot.domain.images import FittedFile, Image, Withheld
from bot.domain.notices import MOST_TRIES, NoticeKind
from bot.domain.records import CaseFile
from bot.errors import DeliveryError
from bot.studio.cases import Terms
from bot.studio.casework import Casework, open_casework
from bot.studio.moderation_ports import AppealFile, Told
from bot.studio.pictures import Person
from tests.studio.library import MANAGER, counted, manager
from tests.studio.world import CHANNEL, GUILD, MEMBER, Process, World, make_origin, make_request

DESK = 900
MODERATOR = Person(MANAGER, GUILD, CHANNEL, moderator=True)
BEN = Person(MEMBER + 1, GUILD, CHANNEL, moderator=False)


@dataclass
class Messages:
    """A desk that remembers what was posted, and fails as it is told to."""

    cards: list[tuple[int | None, CaseFile]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    failures: list[DeliveryError] = field(default_factory=list)

    async def put_card(
        self, channel_id: int, message_id: int | None, file: CaseFile, picture: FittedFile | None
    ) -> int:
        if self.failures:
            raise self.failures.pop(0)
        self.cards.append((message_id, file))
        return message_id or 5_000 + len(self.cards)

    async def put_appeal(self, channel_id: int | None, member_id: int | None, file: AppealFile) -> None:
        raise AssertionError("nobody appeals here")

    async def remind(self, channel_id: int, cases: Sequence[Case], more: int, key: str) -> None:
        raise AssertionError("nothing waits here")

    async def tell(self, told: Told, key: str) -> None:
        self.told.append(told)

    async def tell_trouble(self, guild_id: int, member_id: int, channel_id: int) -> None:
        self.told.append(Told(guild_id, member_id))


@dataclass
class BlockList:
    """The list of pictures that are refused with what looks like them."""

    added: list[tuple[str, int | None, int]] = field(default_factory=list)
    broken: int = 0

    async def add(self, image: Image, guild_id: int | None, *, reason: str, by: int) -> None:
        if self.broken:
            self.broken -= 1
            raise OSError("the disk hangs")
        self.added.append((image.id, guild_id, by))


def casework_of(world: World, process: Process, messages: Messages, similar: BlockList | None) -> Casework:
    return open_casework(
        store=world.observed,
        blobs=world.blobs,
        pictures=process.pictures,
        deliverer=process.deliverer,
        messages=messages,
        imaging=world.imaging,
        clock=world.clock,
        waits=world.clock.wait,
        zone=UTC,
        new_id=counted(),
        operators=(),
        sole=True,
        similar=similar,
    )


@asynccontextmanager
async def a_case(
    world: World, messages: Messages, similar: BlockList | None = None
) -> AsyncIterator[tuple[Casework, Case]]:
    """A reported picture, with a desk; nothing is worked off by itself."""
    async with world.running() as process:
        await process.submissions.submit(make_request(), make_origin())
        await world.until_idle()
        casework = casework_of(world, process, messages, similar)
        async with world.store.transaction() as tx:
            state = await tx.settings.of_server(GUILD)
            changed = state.settings.change(desk_channel=DESK)
            await tx.settings.save_server(type(state)(GUILD, changed, 1, world.clock.now(), manager().id))
        (image_id,) = [row[0] for row in await world.rows("SELECT id FROM images")]
        await casework.reports.file(image_id, BEN, Reason.SPAM, "", wants_outcome=True)
        async with world.store.reading() as tx:
            case = await tx.cases.of_image(image_id)
        assert case is not None
        yield casework, case


async def left(world: World) -> list[tuple[str, str]]:
    return [(kind, failure) for kind, failure in await world.rows("SELECT kind, failure FROM notices")]


@asynccontextmanager
async def working(world: World, casework: Casework) -> AsyncIterator[None]:
    """Let the worker run until nothing is due any more."""
    task = asyncio.create_task(casework.worker.run())
    try:

        async def idle() -> bool:
            async with world.store.reading() as tx:
                return await tx.notices.next_due() is None

        async with asyncio.timeout(20):
            await world.observed.until_so(idle)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_decision_is_brought_about_once(world: World) -> None:
    messages = Messages()
    async with a_case(world, messages) as (casework, case):
        await casework.cases.act(MODERATOR, case.id, Action.REMOVE, case.turn, Terms("rude"))
        async with working(world, casework):
            pass
        assert await left(world) == []
        assert [there for there, _file in messages.cards] == [None]
        assert {type(item).__name__ for item in messages.told} == {"SanctionTold", "OutcomeTold"}
        assert len(messages.told) == 2
        (changed,) = world.notifier.updates
        assert changed.outcome.withheld is Withheld.REMOVED


async def test_what_fails_for_now_is_tried_again_later_each_time(world: World) -> None:
    messages = Messages(failures=[DeliveryError("down", passing=True) for _ in range(3)])
    async with a_case(world, messages) as (casework, _case):
        before = world.clock.now()
        async with working(world, casework):
            pass
        assert len(messages.cards) == 1
        assert world.clock.now() - before >= (2 + 4 + 8) * 1000


async def test_what_never_works_is_kept_with_the_reason_and_told_once(world: World) -> None:
    messages = Messages(failures=[DeliveryError("no permission") for _ in range(2)])
    async with a_case(world, messages) as (casework, case):
        async with working(world, casework):
            pass
        await casework.cases.act(MODERATOR, case.id, Action.CLAIM, case.turn)
        async with working(world, casework):
            pass
        assert sorted(await left(world)) == [("card", "no permission"), ("trouble", "told")]
        assert messages.told == [Told(GUILD, manager().id)]
        # It works again: the next change makes the card, and the next trouble is told again.
        await casework.cases.renew_cards(GUILD)
        async with working(world, casework):
            pass
        assert await left(world) == []
        assert len(messages.cards) == 1


async def test_it_is_given_up_in_the_end(world: World) -> None:
    messages = Messages(failures=[DeliveryError("down", passing=True) for _ in range(MOST_TRIES + 5)])
    async with a_case(world, messages) as (casework, _case):
        async with working(world, casework):
            pass
        assert await left(world) == [("card", "down")]
        assert len(messages.failures) == 5


async def test_the_next_process_goes_on(world: World) -> None:
    """The one before had taken the notice and died."""
    messages = Messages()
    async with a_case(world, messages) as (casework, case):
        await casework.cases.act(MODERATOR, case.id, Action.REMOVE, case.turn)
        async with world.store.transaction() as tx:
            now = world.clock.now()
            while await tx.notices.take(now=now, until=now + 3_600_000):
                pass
        async with working(world, casework):
            pass
        assert await left(world) == []
        assert world.clock.now() - now < 3_600_000


async def test_pictures_like_it_are_refused_by_the_list(world: World) -> None:
    messages, similar = Messages(), BlockList(broken=1)
    async with a_case(world, messages, similar) as (casework, case):
        file = await casework.cases.file(MODERATOR, case.id)
        assert file.may_block
        decided = await casework.cases.act(MODERATOR, case.id, Action.BLOCK, case.turn)
        assert decided.blocked
        async with working(world, casework):
            pass
        assert similar.added == [(case.image_id, GUILD, MODERATOR.id)]
        assert not (await casework.cases.file(MODERATOR, case.id)).may_block


async def test_without_a_list_nothing_like_it_is_offered(world: World) -> None:
    async with a_case(world, Messages()) as (casework, case):
        assert not (await casework.cases.file(MODERATOR, case.id)).may_block


def test_every_kind_is_brought_about() -> None:
    """A notice that nobody knows would stay for ever."""
    from bot.studio.notice_steps import NoticeSteps

    values: dict[str, Any] = dict.fromkeys(
        ("store", "deliverer", "cases", "messages", "authority", "clock", "similar"), None
    )
    assert set(NoticeSteps(**values)._ways) == set(NoticeKind)
