"""Messages as turns: which are meant, how they wait for each other, and what becomes of changed ones."""

from __future__ import annotations

import discord
import pytest

from bot.domain.conversations import Ending
from bot.domain.jobs import FailureCode, JobState
from tests.cogs.matrix import helper
from tests.cogs.stage import Stage
from tests.cogs.talking import Talk, pictures, spoken, start
from tests.cogs.using import manager
from tests.fakes.gemini import error, make_jpeg, refused


async def test_what_is_not_meant_is_left_alone(stage: Stage) -> None:
    talk = await start(stage)
    for words in ("// how nice", f"<@{stage.ben.id}>", f"<@{stage.ben.id}> <@&5>"):
        await talk.say(words)
    assert len(stage.gemini.history) == 1
    assert len(stage.messages(talk.thread)) == 4  # the introduction and three messages


async def test_other_threads_are_left_alone(stage: Stage) -> None:
    thread = stage.env.backend.create_thread(stage.channel.id, "people", stage.alice.id)
    handle = next(each for each in stage.channel.threads if each.id == thread.id)
    await stage.alice.send(handle, "make it night")
    await stage.alice.send(stage.channel, "make it night")
    assert stage.gemini.history == []
    assert len(stage.messages(handle)) == 1


async def test_a_mention_of_the_bot_is_not_part_of_the_words(stage: Stage) -> None:
    talk = await start(stage)
    bot = stage.env.backend.bot_user.id
    await talk.turn(f"<@{bot}> make <@{stage.ben.id}>'s coat red")
    assert stage.gemini.history[-1].text == f"make <@{stage.ben.id}>'s coat red"


async def test_attachments_go_along(stage: Stage) -> None:
    talk = await start(stage)
    await talk.turn("put her in", attachments=[("a.jpg", make_jpeg(30, 20)), ("b.jpg", make_jpeg(20, 30))])
    assert [list(part) for part in stage.gemini.history[-1].parts] == [
        ["inlineData"],
        ["inlineData"],
        ["text"],
    ]
    await talk.turn("more")
    assert len(pictures(stage.gemini.history[-1])) == 4


async def test_messages_queue_in_order_and_each_is_charged_to_who_wrote_it(stage: Stage) -> None:
    talk = await start(stage)
    hold = stage.gemini.hold()
    asked = [
        await talk.say("two"),
        await talk.say("three", stage.ben),
        await talk.say("four", stage.mona),
    ]
    await stage.meanwhile(lambda: hold.count == 1, "only one turn at a time")
    reactions = stage.env.backend.get_message(talk.thread.id, asked[2].id).reactions
    assert reactions
    hold.release()
    answers = [await talk.answer(each) for each in asked]
    assert [got.text for got in stage.gemini.history] == ["a lighthouse", "two", "three", "four"]
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "two", "three", "four"]
    for seen, who in zip(answers, (stage.alice, stage.ben, stage.mona), strict=True):
        assert f"for <@{who.id}>" in seen.text
    assert (await stage.ledger())["settled"] == {stage.alice.id: 2, stage.ben.id: 1, stage.mona.id: 1}
    assert not stage.env.backend.get_message(talk.thread.id, asked[2].id).reactions


@pytest.mark.parametrize("stage", [{"daily_images": 2}], indirect=True)
async def test_the_cap_of_who_writes_applies(stage: Stage) -> None:
    talk = await start(stage)
    await talk.turn("two")
    assert "The daily limit is 2 images" in await talk.said("three")
    assert (await talk.turn("three", stage.ben)).media


async def test_a_turn_that_failed_is_no_part_of_the_path(stage: Stage) -> None:
    talk = await start(stage)
    stage.gemini.enqueue(refused())
    assert "safety rules refused this" in await talk.said("something bad")
    await talk.turn("something good")
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "something good"]


async def test_after_a_400_about_signatures_it_is_made_from_the_head_alone(stage: Stage) -> None:
    talk = await start(stage)
    stage.gemini.enqueue(
        error(400, "INVALID_ARGUMENT", "Image part is missing a thought_signature in content position 2.")
    )
    seen = await talk.turn("at night")
    assert "made from the last picture alone" in seen.text
    got = stage.gemini.history[-1]
    assert [list(part) for part in got.parts] == [["inlineData"], ["text"]]
    assert len(got.body["contents"]) == 1
    assert len(stage.gemini.history) == 3
    await talk.turn("in snow")
    assert spoken(stage.gemini.history[-1]) == ["at night", "in snow"]
    # Once is all: a second refusal is said.
    stage.gemini.enqueue(*[error(400, "INVALID_ARGUMENT", "Thought signature is not valid.")] * 2)
    assert "did not accept this request" in await talk.said("in rain")
    assert (await stage.ledger())["settled"] == {stage.alice.id: 3}


# --- corrections ------------------------------------------------------------------------------------------


async def test_a_plus_joins_ones_own_message_that_waits(stage: Stage) -> None:
    talk = await start(stage)
    hold = stage.gemini.hold()
    running = await talk.say("two")
    waiting = await talk.say("three")
    await talk.say("+ and a boat")
    await talk.say("+ on its own", stage.ben)
    hold.release()
    await talk.answer(running)
    assert (await talk.answer(waiting)).media
    await stage.until(lambda: len(stage.gemini.history) == 4, "all turns")
    assert [got.text for got in stage.gemini.history[1:]] == ["two", "three\nand a boat", "on its own"]
    await stage.done(5)
    assert (await stage.ledger())["settled"] == {stage.alice.id: 3, stage.ben.id: 1}


async def test_a_changed_message_that_waits_says_what_it_says_now(stage: Stage) -> None:
    talk = await start(stage)
    hold = stage.gemini.hold()
    await talk.say("two")
    waiting = await talk.say("tree", attachments=[("a.jpg", make_jpeg(30, 20))])
    await stage.alice.edit(waiting, "three")
    hold.release()
    assert (await talk.answer(waiting)).media
    assert stage.gemini.history[-1].text == "three"
    assert [list(part) for part in stage.gemini.history[-1].parts] == [["inlineData"], ["text"]]
    assert len(stage.gemini.history) == 3
    assert await stage.ledger() == {"reserved": {}, "settled": {stage.alice.id: 3}}


async def test_a_changed_prompt_can_be_made_again(stage: Stage) -> None:
    talk = await start(stage)
    asked = await talk.say("make it nihgt")
    await talk.answer(asked)
    await stage.alice.edit(asked, "make it night")
    question = await stage.until(
        lambda: next((seen for seen in talk.answers(asked) if "Redo" in seen.buttons), None), "the question"
    )
    assert "Only the person who wrote this" in stage.said(await talk.press(question, "Redo", stage.ben))
    await talk.press(question, "Redo")
    await stage.until(lambda: len(stage.gemini.history) == 3, "another turn")
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "make it night"]
    await stage.done(3)
    await stage.until(lambda: question.gone, "the question is answered")


async def test_a_dear_turn_asks_for_its_price_first_and_so_does_its_repetition(stage: Stage) -> None:
    talk = await start(stage)
    await manager(stage).slash(stage.channel, "config confirm", above=0.01)

    async def pay(asked: discord.Message) -> None:
        question = await stage.until(
            lambda: next((seen for seen in talk.answers(asked) if "costs about" in seen.text), None),
            "a price",
        )
        (label,) = question.buttons
        assert label.startswith("Make it for $0.0")
        await talk.press(question, label)
        await stage.until(lambda: question.gone, "the question is answered")

    asked = await talk.say("make it nihgt")
    await pay(asked)
    await stage.done(2)
    await stage.alice.edit(asked, "make it night")
    changed = await stage.until(
        lambda: next((seen for seen in talk.answers(asked) if "Redo" in seen.buttons), None), "the offer"
    )
    await talk.press(changed, "Redo")
    assert len(stage.gemini.history) == 2
    await pay(asked)
    await stage.done(3)
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "make it night"]


async def test_an_earlier_prompt_that_is_changed_changes_nothing(stage: Stage) -> None:
    talk = await start(stage)
    asked = await talk.say("two")
    await talk.answer(asked)
    await talk.turn("three")
    before = len(stage.messages(talk.thread))
    await stage.alice.edit(asked, "twenty")
    assert len(stage.messages(talk.thread)) == before


async def test_a_deleted_message_that_waits_is_cancelled(stage: Stage) -> None:
    talk = await start(stage)
    hold = stage.gemini.hold()
    running = await talk.say("two")
    waiting = await talk.say("three")
    last = await talk.say("four")
    await stage.alice.delete(waiting)
    await stage.alice.delete(running)  # what is being made is made
    hold.release()
    assert (await talk.answer(last)).media
    jobs = await stage.done(4)
    assert [job.state for job in jobs] == [
        JobState.SUCCEEDED,
        JobState.SUCCEEDED,
        JobState.FAILED,
        JobState.SUCCEEDED,
    ]
    assert jobs[2].failure is not None
    assert jobs[2].failure.code is FailureCode.CANCELLED
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "four"]  # the picture goes along without them
    assert await stage.ledger() == {"reserved": {}, "settled": {stage.alice.id: 3}}


# --- participants -----------------------------------------------------------------------------------------


async def test_only_those_who_take_part_are_heard(stage: Stage) -> None:
    talk = await start(stage, participants="owner")
    await talk.say("mine now", stage.ben)
    assert len(stage.gemini.history) == 1
    assert "Only the person who started" in stage.said(
        await talk.use("participants", stage.ben, who="everybody")
    )
    shown = await talk.shown("participants", invite=stage.ben.user)
    assert f"<@{stage.alice.id}> and whom they invite take part. <@{stage.ben.id}>" in shown.text
    assert (await talk.turn("mine, too", stage.ben)).media
    await talk.say("and mine?", stage.mona)
    assert len(stage.gemini.history) == 2
    await talk.use("participants", remove=stage.ben.user)
    await talk.say("still?", stage.ben)
    assert len(stage.gemini.history) == 2
    assert "You do not take part" in stage.said(await talk.use("undo", stage.ben))


# --- the end ----------------------------------------------------------------------------------------------


async def test_end_is_for_the_owner_and_moderators(stage: Stage) -> None:
    talk = await start(stage)
    assert "Only the person who started" in stage.said(await talk.use("end", stage.ben))
    assert "has ended" in (await talk.shown("end", stage.mona)).text
    await talk.say("more")
    assert len(stage.gemini.history) == 1
    assert "has ended" in stage.said(await talk.use("undo"))
    result = await talk.use("tree")
    assert await stage.until(lambda: (seen := stage.answer(result)) and seen.media, "the tree is still there")


async def test_moderators_by_role_are_moderators_of_conversations(stage: Stage) -> None:
    talk = await start(stage)
    hugo = await helper(stage)
    shown = await talk.shown("participants", hugo, who="everybody")
    assert "everybody" in shown.text.lower()
    assert "has ended" in (await talk.shown("end", hugo)).text


async def test_at_its_limit_it_offers_a_fresh_thread(stage: Stage) -> None:
    talk = await start(stage)
    async with stage.app.store.transaction() as tx:
        conversation = await tx.conversations.lock((await talk.conversation()).id)
        assert conversation is not None
        await tx.conversations.save(conversation.evolve(turns=100))
    asked = await talk.say("more")
    seen = await talk.answer(asked)
    assert "has reached its last turn" in seen.text
    assert (await talk.conversation()).ending is Ending.TURNS
    await talk.press(seen, "Thread", stage.ben)
    other = await stage.until(
        lambda: next((each for each in stage.channel.threads if each.id != talk.thread.id), None), "a thread"
    )
    await Talk(stage, other).turn("go on", stage.ben)
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "go on"]


async def test_a_restart_changes_nothing(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    await stage.restart()
    await talk.turn("three")
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "two", "three"]
    await talk.turn("four", reply_to=two)
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "two", "four"]
    await talk.press(two, "Use this")
    assert "goes on from turn 2" in stage.said(await talk.use("head"))


# --- without the intent -----------------------------------------------------------------------------------


async def test_the_edit_button_goes_on_from_its_picture(stage: Stage) -> None:
    talk = await start(stage, "one")
    two = await talk.turn("two")
    await talk.turn("three")
    shown = await talk.press(two, "Edit")
    result = await stage.alice.submit_modal(shown, {"instruction": "four"})
    await stage.finished(result)
    assert spoken(stage.gemini.history[-1]) == ["one", "two", "four"]
    await talk.turn("five")
    assert spoken(stage.gemini.history[-1]) == ["one", "two", "four", "five"]


async def test_edit_without_a_picture_takes_the_head(stage: Stage) -> None:
    talk = await start(stage, "one")
    result = await talk.use("edit", stage.ben, instruction="two")
    await stage.finished(result)
    assert spoken(stage.gemini.history[-1]) == ["one", "two"]
    said = stage.said(await stage.alice.slash(stage.channel, "edit", instruction="two"))
    assert "Choose a picture to change" in said
