"""Drawings of conversations in Discord, and what becomes of the pictures in them meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.domain.conversations import Conversation
from bot.domain.images import Image, Withheld
from bot.errors import ConversationRefused, DeliveryError
from bot.studio.drawings import Drawings
from bot.studio.trees import Drawing
from tests.storage.test_conversations import conversation, turn
from tests.studio.gallery_run import Run

PLACE = (600, 7_001, "de")
Show = Callable[[Drawing], Awaitable[None]]


async def conversed(run: Run, count: int = 2) -> tuple[Conversation, list[Image]]:
    """A conversation of so many turns, each with a picture that was made."""
    images: list[Image] = []
    for _ in range(count):
        images += await run.make()
    async with run.world.store.transaction() as tx:
        await tx.conversations.insert(conversation())
        for number, image in enumerate(images, 1):
            parent = images[number - 2].job_id if number > 1 else None
            made = turn(number).evolve(id=image.job_id, job_id=image.job_id, image_id=image.id, parent=parent)
            await tx.turns.insert(made)
    return conversation(head=images[-1].job_id), images


def shows(into: list[Drawing], then: Callable[[], Awaitable[None]] | None = None) -> Show:
    async def show(drawing: Drawing) -> None:
        into.append(drawing)
        if then is not None:
            await then()

    return show


async def withhold(run: Run, image: Image, why: Withheld | None) -> None:
    async with run.world.store.transaction() as tx:
        await tx.images.withhold(image.id, why)


def drawings(run: Run) -> Drawings:
    return run.process.deliverer.drawings


async def test_what_is_removed_while_it_is_posted_is_taken_out_at_once(run: Run) -> None:
    """Somebody else's process decided: it found the drawing, and changed it before it was shown."""
    talk, images = await conversed(run)
    posted: list[Drawing] = []

    async def decided() -> None:
        await withhold(run, images[0], Withheld.REMOVED)

    await drawings(run).post(talk, None, PLACE, shows(posted, decided))
    assert [drawing.seen for drawing in posted] == [{image.id for image in images}]
    ((changed, redrawn),) = run.world.notifier.redrawn
    assert (changed.message_id, changed.locale, redrawn.seen) == (7_001, "de", frozenset({images[1].id}))


async def test_a_change_waits_until_the_drawing_is_shown(run: Run) -> None:
    talk, images = await conversed(run)
    shown, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        shown.set()
        await go_on.wait()

    posting = asyncio.create_task(drawings(run).post(talk, None, PLACE, shows([], slowly)))
    await shown.wait()
    await withhold(run, images[0], Withheld.HIDDEN)
    agreeing = asyncio.create_task(run.process.deliverer.agree(images[0].id))
    for _ in range(20):
        await asyncio.sleep(0)
    assert run.world.notifier.redrawn == []
    go_on.set()
    await asyncio.gather(posting, agreeing)
    assert {redrawn.seen for _, redrawn in run.world.notifier.redrawn} == {frozenset({images[1].id})}


async def test_what_discord_does_not_take_is_not_remembered(run: Run) -> None:
    talk, images = await conversed(run)

    async def refused() -> None:
        raise DeliveryError("403")

    with pytest.raises(DeliveryError):
        await drawings(run).post(talk, None, PLACE, shows([], refused))
    await drawings(run).agree(images[0].id)
    assert run.world.notifier.redrawn == []


async def test_without_a_turn_there_is_nothing_to_draw(run: Run) -> None:
    async with run.world.store.transaction() as tx:
        await tx.conversations.insert(conversation())
    with pytest.raises(ConversationRefused):
        await drawings(run).post(conversation(), None, PLACE, shows([]))


async def test_of_many_turns_the_latest_are_drawn_and_stay_those(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.studio.trees.MOST_DRAWN", 2)
    talk, images = await conversed(run, 3)
    posted: list[Drawing] = []
    await drawings(run).post(talk, None, PLACE, shows(posted))
    assert (posted[0].turns, posted[0].seen) == (2, frozenset(image.id for image in images[1:]))
    await drawings(run).agree(images[0].id)
    assert run.world.notifier.redrawn == []
    await withhold(run, images[1], Withheld.REMOVED)
    await drawings(run).agree(images[1].id)
    ((_, redrawn),) = run.world.notifier.redrawn
    assert (redrawn.turns, redrawn.seen) == (2, frozenset({images[2].id}))


async def test_a_message_that_cannot_be_changed_keeps_none_of_the_others(run: Run) -> None:
    """The answer is in a channel that nobody lets us into any more: copies and drawings go all the same."""
    talk, images = await conversed(run)
    await run.bring_back(images[0])
    await drawings(run).post(talk, None, PLACE, shows([]))
    await withhold(run, images[0], Withheld.REMOVED)
    notifier = run.world.notifier
    notifier.fail_updates(DeliveryError("403"))
    with pytest.raises(DeliveryError, match="403"):
        await run.process.deliverer.agree(images[0].id)
    assert [changed.outcome.withheld for changed in notifier.updates] == [Withheld.REMOVED]
    assert len(notifier.redrawn) == 1
    # What may pass is said before what never will: there is another try.
    notifier.fail_updates(DeliveryError("403"), DeliveryError("503", passing=True))
    with pytest.raises(DeliveryError, match="503"):
        await run.process.deliverer.agree(images[0].id)
    assert len(notifier.redrawn) == 2


async def test_a_deletion_tries_again_where_discord_is_down(run: Run) -> None:
    talk, images = await conversed(run)
    await drawings(run).post(talk, None, PLACE, shows([]))
    notifier = run.world.notifier

    async def withdrawn(image: Image) -> bool:
        async with run.world.store.transaction() as tx:
            await tx.images.mark_deleted(image.id, now=1, by=1)
        return await drawings(run).withdraw(image.job_id)

    notifier.fail_updates(DeliveryError("403"))
    assert not await withdrawn(images[0])
    notifier.fail_updates(*[DeliveryError("503", passing=True)] * 2)
    assert await withdrawn(images[0])
    assert [redrawn.seen for _, redrawn in notifier.redrawn] == [{images[1].id}]
    notifier.fail_updates(DeliveryError("404", gone=True))  # somebody deleted it, and we were not told
    assert await withdrawn(images[1])
    assert await withdrawn(images[1])
    assert len(notifier.redrawn) == 1


async def test_of_many_that_are_deleted_at_once_the_first_takes_all_out(run: Run) -> None:
    talk, images = await conversed(run, 3)
    await drawings(run).post(talk, None, PLACE, shows([]))
    async with run.world.store.transaction() as tx:
        for image in images:
            await tx.images.mark_deleted(image.id, now=1, by=1)
    for image in images:
        assert await drawings(run).withdraw(image.job_id)
    ((_, redrawn),) = run.world.notifier.redrawn
    assert (redrawn.file, redrawn.seen) == (None, frozenset())
