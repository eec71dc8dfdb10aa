"""Conversations and what moderators decide: withheld pictures, banned members, names, and the cooldown."""

from __future__ import annotations

import pytest

from bot.domain.images import Image, Withheld
from tests.cogs.reporting import cases_of, reported
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.talking import Talk, pictures, spoken, start
from tests.cogs.test_banned import ban
from tests.cogs.using import said, use

FORBIDDEN = "pineapple"


async def image_at(stage: Stage, seen: Seen) -> Image:
    async with stage.app.store.reading() as tx:
        image = await tx.images.get(await tx.images.at_message(seen.id) or "")
    assert image is not None
    return image


async def test_the_card_of_a_case_says_which_turn_of_what_it_is(stage: Stage) -> None:
    talk = await start(stage)
    seen = await talk.turn("make it night")
    form = await stage.ben.click(seen.message, label="Report")
    await stage.ben.submit_modal(form, {"reason": "spam"})
    shown = stage.answer(await use(stage, stage.mona, "mod case", case="1"))
    assert shown is not None and f"Turn 2 of the conversation in <#{talk.thread.id}>" in shown.text
    assert "Made from: " in shown.text


@pytest.mark.parametrize("withheld", Withheld)
async def test_what_is_withheld_is_not_gone_on_from(stage: Stage, withheld: Withheld) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    image = await image_at(stage, two)
    async with stage.app.store.transaction() as tx:
        await tx.images.withhold(image.id, withheld)
    assert "not there any more" in await talk.said("three", reply_to=two)
    assert "not there any more" in stage.said(await talk.use("head", picture="2"))
    assert "not there any more" in stage.said(await talk.use("tree", compare="1", to="2"))
    assert "not there any more" in stage.said(await talk.press(two, "Use this"))
    assert "not there any more" in stage.said(await talk.press(two, "Thread"))
    calls = len(stage.gemini.history)
    await talk.turn("four")
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "four"]
    assert two.media[0].data not in pictures(stage.gemini.history[-1])
    assert len(stage.gemini.history) == calls + 1


@pytest.mark.parametrize("withheld", Withheld)
async def test_what_is_withheld_in_the_middle_does_not_go_along(stage: Stage, withheld: Withheld) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    await talk.turn("three")
    image = await image_at(stage, two)
    async with stage.app.store.transaction() as tx:
        await tx.images.withhold(image.id, withheld)
    await talk.turn("four")
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "two", "three", "four"]
    assert two.media[0].data not in pictures(stage.gemini.history[-1])


async def test_the_tree_does_not_show_what_is_withheld(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    before = (await drawn(stage, talk)).media[0].data
    image = await image_at(stage, two)
    path = stage.app.store.blobs.path(image.sha256)
    async with stage.app.store.transaction() as tx:
        await tx.images.withhold(image.id, Withheld.HIDDEN)
    path.unlink()  # it is not even read
    assert (await drawn(stage, talk)).media[0].data != before


async def drawn(stage: Stage, talk: Talk) -> Seen:
    result = await talk.use("tree")
    return await stage.until(
        lambda: found if (found := stage.answer(result)) and found.media else None, "a tree"
    )


async def test_a_turn_can_be_reported(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    await reported(stage, stage.ben, two)
    (case,) = await cases_of(stage)
    assert case.image_id == (await image_at(stage, two)).id


async def test_somebody_banned_takes_no_part(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    await ban(stage, stage.alice)
    calls, head = len(stage.gemini.history), (await talk.conversation()).head
    assert "You are banned" in await talk.said("three")
    for answer in (
        await talk.press(two, "Undo"),
        await talk.press(two, "Use this"),
        await talk.press(two, "Thread"),
        await talk.use("undo"),
        await talk.use("head", picture="1"),
        await stage.alice.slash(stage.channel, "thread", prompt="another"),
    ):
        assert "You are banned" in stage.said(answer)
    assert (len(stage.gemini.history), (await talk.conversation()).head) == (calls, head)
    assert [thread.id for thread in stage.channel.threads] == [talk.thread.id]
    assert (await talk.turn("for the others", stage.ben)).media


async def test_a_threads_name_keeps_the_rules(stage: Stage) -> None:
    card = await stage.picture(prompt=f"a {FORBIDDEN}")
    talk = await start(stage)
    await said(stage, stage.mona, "mod words add", entries=FORBIDDEN)
    before = {thread.id for thread in stage.channel.threads}
    answers = [
        await stage.alice.slash(place, "thread", prompt=f"a {FORBIDDEN}")
        for place in (stage.channel, talk.thread)
    ]
    for answer in answers:
        text = stage.said(answer)
        assert "breaks a rule here" in text and FORBIDDEN not in text
    assert {thread.id for thread in stage.channel.threads} == before
    # Whoever goes on from a picture did not write its words: its thread has another name.
    await stage.ben.click(card.message, label="Thread")
    made = await stage.until(
        lambda: next((each for each in stage.channel.threads if each.id not in before), None), "the thread"
    )
    assert FORBIDDEN not in (stage.env.backend.get_channel(made.id).name or "")


@pytest.mark.parametrize("stage", [{"actions_per_minute": 10, "cooldown_seconds": 45.0}], indirect=True)
async def test_messages_count_like_everything_else(stage: Stage) -> None:
    talk = await start(stage)
    assert (await talk.turn("two")).media
    assert (await talk.turn("three")).media
    for _ in range(7):
        await use(stage, stage.alice, "usage me")
    calls = len(stage.gemini.history)
    assert "Wait 45 seconds" in await talk.said("four")
    assert "Wait" in stage.said(await stage.imagine())
    assert len(stage.gemini.history) == calls
    assert (await talk.turn("five", stage.ben)).media
    assert (await stage.ledger())["settled"] == {stage.alice.id: 3, stage.ben.id: 1}
