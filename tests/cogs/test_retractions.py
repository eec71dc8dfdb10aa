"""Messages that people delete after their turns were made: what is shown, sent and kept of them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.conversations import TurnState
from bot.domain.jobs import FailureCode
from bot.domain.privacy import DAY_MS
from tests.cogs.retracting import GONE, NO_WORDS, WORDS, forgotten, kept_openly, last, shown, two_turns
from tests.cogs.stage import Stage, held_back
from tests.cogs.talking import Talk, pictures, spoken, start
from tests.cogs.test_evidence import look
from tests.cogs.test_turns_and_moderation import image_at
from tests.cogs.using import said, use
from tests.fakes.gemini import make_jpeg, refused


async def test_the_words_of_a_deleted_message_are_shown_nowhere(stage: Stage) -> None:
    talk, asked, card = await two_turns(stage)
    image = await image_at(stage, card)
    before = card.media[0].data
    copy = stage.answer(await use(stage, stage.alice, "show", id=image.id))
    assert copy is not None
    for seen in (card, copy):
        assert WORDS in seen.text and WORDS in str(seen.media[0].description)
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    await forgotten(stage, copy)
    for seen in (card, copy):
        assert WORDS not in f"{seen.text}{seen.media[0].description}"
        assert seen.media[0].data == before and "Delete" in seen.buttons
    assert WORDS not in shown(stage, talk)
    assert WORDS not in await kept_openly(stage)
    assert image.id not in await said(stage, stage.alice, "gallery", text="periwinkle")
    details = await said(stage, stage.alice, "show", id=image.id, details=True)
    assert GONE in details and WORDS not in details
    assert WORDS not in (await talk.shown("tree")).text


async def test_the_conversation_goes_on_from_the_picture_without_the_words(stage: Stage) -> None:
    talk, asked, card = await two_turns(stage)
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    three = await talk.turn("and a boat")
    sent = stage.gemini.history[-1]
    assert spoken(sent) == ["a lighthouse", "and a boat"]
    assert WORDS not in str(sent.body["contents"])
    assert pictures(sent)[-1] == card.media[0].data
    assert make_jpeg(64, 64) not in pictures(sent)
    models = [content for content in sent.body["contents"] if content["role"] == "model"]
    assert len(models) == 1 and all("thoughtSignature" in part for part in models[0]["parts"][:1])
    assert "Earlier messages were deleted" in three.text
    four = await talk.turn("and a gull")
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "and a boat", "and a gull"]
    assert four.media
    # A reply to the picture still branches from it, and the tree still has it.
    assert (await talk.turn("branch", reply_to=card)).media
    assert pictures(stage.gemini.history[-1])[-1] == card.media[0].data
    assert (await talk.conversation()).is_open


async def test_moderators_find_the_words_until_their_time_is_over(stage: Stage) -> None:
    _talk, asked, card = await two_turns(stage)
    image = await image_at(stage, card)
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    _answer, data, found = await look(stage, stage.mona, image.id)
    assert (data["prompt"], data["message_deleted"]) == (WORDS, True)
    assert len(data["references"]) == 1 and len(found) == 1
    async with stage.app.store.engine.transaction() as connection:
        await connection.execute("UPDATE retractions SET at = at - :month", {"month": 31 * DAY_MS})
    await stage.app.client.surface.privacy.purges.now()
    assert "not there any more" in await said(stage, stage.mona, "mod evidence", id=image.id)
    assert card.media  # the picture has its own time


async def test_what_was_sent_along_goes_with_the_message(stage: Stage) -> None:
    _talk, asked, card = await two_turns(stage)
    (job,) = [job for job in await stage.jobs() if job.request.prompt == WORDS]
    (reference,) = job.request.references
    path = stage.app.store.blobs.path(reference.sha256)
    assert path.is_file()
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    await stage.app.client.surface.privacy.purges.now()
    assert not path.is_file()
    assert stage.app.store.blobs.path((await image_at(stage, card)).sha256).is_file()


async def test_a_case_that_is_open_has_what_was_said(stage: Stage) -> None:
    _talk, asked, card = await two_turns(stage)
    form = await stage.ben.click(card.message, label="Report")
    await stage.ben.submit_modal(form, {"reason": "spam"})
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    assert WORDS in await said(stage, stage.mona, "mod case", case="1")
    async with stage.app.store.engine.transaction() as connection:
        await connection.execute("UPDATE retractions SET at = at - :year", {"year": 366 * DAY_MS})
    await stage.app.client.surface.privacy.purges.now()
    assert WORDS in await said(stage, stage.mona, "mod case", case="1")


@pytest.mark.parametrize(
    "how", ["by somebody else", "in bulk", "with its thread", "with its channel", "while away"]
)
async def test_whoever_deletes_it_and_however(stage: Stage, how: str) -> None:
    talk, asked, card = await two_turns(stage)
    image, backend = await image_at(stage, card), stage.env.backend
    match how:
        case "by somebody else":
            backend.delete_message(talk.thread.id, asked.id)
        case "in bulk":
            backend.bulk_delete_messages(talk.thread.id, [message.id for message in talk.thread.history()])
        case "with its thread":
            backend.delete_channel(talk.thread.id)
        case "with its channel":
            backend.delete_channel(stage.channel.id)
        case _:
            stage.guild.create_text_channel("another")
            await stage.stop()
            backend.delete_channel(stage.channel.id)
            await stage.start()
            await stage.env.restart_bot(stage.app.client)
    await stage.env.settle()
    assert WORDS not in await kept_openly(stage)
    if how == "by somebody else":
        await forgotten(stage, card)
    conversation = await talk.conversation()
    assert conversation.is_open is (how in ("by somebody else", "in bulk"))
    async with stage.app.store.reading() as tx:
        kept = await tx.retractions.kept_of(image.job_id)
    assert kept is not None and kept.request.prompt == WORDS
    assert "lighthouse" in await kept_openly(stage)  # that was a command, and no message


async def test_what_is_being_made_loses_its_words_when_it_is_made(stage: Stage) -> None:
    talk = await start(stage)
    hold = stage.gemini.hold()
    asked = await talk.say(WORDS)
    await stage.until(lambda: len(stage.gemini.history) == 2, "the call")
    await stage.alice.delete(asked)
    assert WORDS in await kept_openly(stage)  # it is needed until then
    hold.release()
    await stage.done(2)
    card = await last(stage, talk)
    assert card.media and GONE in card.text
    assert WORDS not in shown(stage, talk) and WORDS not in await kept_openly(stage)


async def test_a_turn_that_failed_is_taken_back_as_well(stage: Stage) -> None:
    talk = await start(stage)
    stage.gemini.enqueue(refused(message="No"))
    asked = await talk.say(WORDS)
    card = await talk.answer(asked)
    assert WORDS in card.text
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    assert WORDS not in card.text and WORDS not in await kept_openly(stage)
    (job,) = [job for job in await stage.jobs() if job.failure is not None]
    _answer, data, _found = await look(stage, stage.mona, job.id)
    assert data["prompt"] == WORDS


async def test_a_turn_that_waited_leaves_nothing_behind(stage: Stage) -> None:
    talk = await start(stage)
    hold = stage.gemini.hold()
    await talk.say("make it night")
    asked = await talk.say(WORDS)
    added = await talk.say("+ and turquoise")
    await stage.alice.delete(added)  # the words of both are one prompt
    hold.release()
    jobs = await stage.done(4)
    ended = [job.failure.code for job in jobs if job.failure is not None]
    assert ended == [FailureCode.CANCELLED] * 2
    assert "turquoise" not in await kept_openly(stage)
    await stage.alice.delete(asked)
    assert WORDS not in await kept_openly(stage)
    async with stage.app.store.reading() as tx:
        turns = [await tx.turns.get(job.id) for job in jobs]
    assert [turn.state for turn in turns if turn] == [TurnState.DONE] * 2 + [TurnState.FAILED] * 2
    assert await stage.ledger() == {"reserved": {}, "settled": {stage.alice.id: 2}}


async def test_both_turns_of_a_message_that_was_changed_are_taken_back(stage: Stage) -> None:
    talk, asked, card = await two_turns(stage)
    await stage.alice.edit(asked, "make it turquoise")
    question = await stage.until(
        lambda: next((seen for seen in stage.messages(talk.thread) if "Redo" in seen.buttons), None), "Redo"
    )
    await stage.alice.click(question.message, label="Redo")
    await stage.done(3)
    await stage.until(lambda: "turquoise" in (talk.answers(asked) or [card])[-1].text, "the second picture")
    again = talk.answers(asked)[-1]
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    await forgotten(stage, again)
    left = await kept_openly(stage)
    assert WORDS not in left and "turquoise" not in left


async def test_buttons_that_need_the_words_say_that_they_are_gone(stage: Stage) -> None:
    talk, asked, card = await two_turns(stage)
    image = await image_at(stage, card)
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    calls = len(stage.gemini.history)
    for label in ("Vary", "Finish"):
        assert NO_WORDS in stage.said(await stage.alice.click(card.message, label=label))
    opened = await use(stage, stage.alice, "show", id=image.id, details=True)
    seen = stage.answer(opened)
    assert seen is not None
    assert NO_WORDS in stage.said(await stage.alice.click(seen.message, label="What was sent"))
    form = await stage.alice.click(seen.message, label="Reuse settings")
    await stage.alice.submit_modal(form, {"prompt": "a fresh start"})
    await stage.until(lambda: len(stage.gemini.history) == calls + 1, "another picture")
    await stage.done(3)
    form = await stage.alice.click(card.message, label="Edit")
    await stage.alice.submit_modal(form, {"instruction": "less blue"})
    await stage.until(lambda: len(stage.gemini.history) == calls + 2, "an edit")
    await stage.done(4)
    assert talk


async def test_a_conversation_begins_from_the_picture_all_the_same(stage: Stage) -> None:
    _talk, asked, card = await two_turns(stage)
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    await stage.ben.click(card.message, label="Thread")
    image = await image_at(stage, card)
    thread = await stage.until(
        lambda: next((each for each in stage.channel.threads if each.name == image.id), None), "the thread"
    )
    other = Talk(stage, thread)
    assert (await other.turn("brighter", stage.ben)).media
    sent = stage.gemini.history[-1]
    assert spoken(sent) == ["brighter"] and pictures(sent) == [card.media[0].data]


async def test_in_direct_messages_nothing_is_kept(stage: Stage) -> None:
    alice = stage.alice.user
    await alice.slash("thread", prompt="a lighthouse")
    await stage.done(1)
    asked = await alice.send_dm(WORDS)
    await stage.done(2)
    await stage.env.settle()
    await alice.delete(asked)
    await stage.env.settle()
    assert WORDS not in await kept_openly(stage)
    async with stage.app.store.engine.reading() as connection:
        assert list(await connection.fetch_all("SELECT * FROM retractions")) == []


async def test_messages_that_are_no_turns_cost_a_look_and_no_write(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk, asked, card = await two_turns(stage)
    others = [await stage.alice.send(stage.channel, f"hello {number}") for number in range(3)]
    store, written = stage.app.store, 0
    write = store.write

    async def counted(work: Any) -> Any:
        nonlocal written
        written += 1
        return await write(work)

    monkeypatch.setattr(store, "write", counted)
    for other in others[:2]:
        await stage.alice.delete(other)
    stage.env.backend.bulk_delete_messages(stage.channel.id, [others[2].id])
    await stage.env.settle()
    assert written == 0
    await stage.alice.delete(asked)
    await forgotten(stage, card)
    assert written and talk


async def test_it_is_carried_out_after_a_restart_where_it_was_only_noted(stage: Stage) -> None:
    _talk, asked, card = await two_turns(stage)
    async with stage.app.store.transaction() as tx:
        await tx.retractions.note(await tx.retractions.asked_by([asked.id]), 1)
    assert WORDS in await kept_openly(stage)
    await stage.restart()
    await forgotten(stage, card)
    assert WORDS not in await kept_openly(stage)
    await stage.alice.delete(asked)  # told twice, it changes nothing
    assert WORDS not in await kept_openly(stage)


async def test_a_deletion_that_was_missed_is_noticed_when_the_answer_is_posted(stage: Stage) -> None:
    talk = await start(stage)
    hold = stage.gemini.hold()
    asked = await talk.say(WORDS)
    await stage.until(lambda: len(stage.gemini.history) == 2, "the call")
    with held_back(stage):
        stage.env.backend.delete_message(talk.thread.id, asked.id)
    hold.release()
    await stage.done(2)
    card = await last(stage, talk)
    await forgotten(stage, card)
    assert WORDS not in shown(stage, talk) and WORDS not in await kept_openly(stage)


async def test_somebody_elses_picture_leaves_the_request_and_the_words_stay(stage: Stage) -> None:
    sent = await stage.alice.send(stage.channel, "me", attachments=[("me.jpg", make_jpeg(64, 64))])
    form = await stage.ben.context_menu(stage.channel, "Edit image", sent)
    card = await stage.finished(await stage.ben.submit_modal(form, {"instruction": WORDS}))
    (job,) = await stage.done(1)
    (reference,) = job.request.references
    path = stage.app.store.blobs.path(reference.sha256)
    assert path.is_file() and job.request.brought_in == (sent.id,)
    await stage.alice.delete(sent)
    (job,) = await stage.jobs()
    assert (job.request.references, job.request.prompt) == ((), WORDS)
    assert WORDS in card.text and card.media
    await stage.app.client.surface.privacy.purges.now()
    assert not path.is_file()
    image = await image_at(stage, card)
    _answer, data, _found = await look(stage, stage.mona, image.id)
    assert [item["sha256"] for item in data["references"]] == [reference.sha256]
    answer = stage.said(await stage.ben.click(card.message, label="Vary"))
    assert "The message with the pictures that this one was made from was deleted." in answer
    opened = stage.answer(await stage.ben.slash(stage.channel, "show", id=image.id, details=True))
    assert opened is not None
    form = await stage.ben.click(opened.message, label="Reuse settings")
    assert "was deleted" in stage.said(await stage.ben.submit_modal(form, {"prompt": "again"}))
    assert len(stage.gemini.history) == 1


async def test_a_picture_that_is_being_used_goes_when_that_is_over(stage: Stage) -> None:
    sent = await stage.alice.send(stage.channel, "me", attachments=[("me.jpg", make_jpeg(64, 64))])
    hold = stage.gemini.hold()
    form = await stage.ben.context_menu(stage.channel, "Edit image", sent)
    await stage.ben.submit_modal(form, {"instruction": WORDS})
    await stage.until(lambda: len(stage.gemini.history) == 1, "the call")
    await stage.alice.delete(sent)
    (job,) = await stage.jobs()
    assert job.request.references and job.failure is None
    hold.release()
    await stage.done(1)
    await stage.app.client.surface.privacy.retractions.work()
    (job,) = await stage.jobs()
    assert (job.request.references, job.request.prompt) == ((), WORDS)


async def test_a_mark_that_somebody_took_away_is_no_deletion(stage: Stage) -> None:
    """Discord answers as for a message that is gone."""
    talk = await start(stage)
    hold = stage.gemini.hold()
    asked = await talk.say(WORDS)
    await stage.until(lambda: len(stage.gemini.history) == 2, "the call")
    stage.env.backend.clear_reactions(talk.thread.id, asked.id)
    hold.release()
    assert WORDS in (await talk.answer(asked)).text
    await stage.env.settle()
    assert WORDS in await kept_openly(stage)
    async with stage.app.store.engine.reading() as connection:
        assert list(await connection.fetch_all("SELECT * FROM retractions")) == []
