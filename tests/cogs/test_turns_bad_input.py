"""Messages that nobody should send, and people who should not be there: answered, or left alone."""

from __future__ import annotations

import pytest

from bot.errors import Gone, NotAllowed
from bot.studio.gates import Asked
from bot.studio.pictures import Person
from bot.studio.store_ports import Transaction
from tests.cogs import forged
from tests.cogs.stage import Stage
from tests.cogs.talking import pictures, spoken, start
from tests.fakes.gemini import make_jpeg


async def test_a_message_with_ten_attachments(stage: Stage) -> None:
    talk = await start(stage)
    files = [(f"{number}.jpg", make_jpeg(20, 20, seed=number)) for number in range(10)]
    assert (await talk.turn("all of them", attachments=files)).media
    assert len(pictures(stage.gemini.history[-1])) == 11


async def test_more_pictures_than_the_model_takes(stage: Stage) -> None:
    talk = await start(stage)
    shown = await talk.use("edit", instruction="quickly", model="gemini-3.1-flash-lite-image")
    await stage.finished(shown)
    files = [(f"{number}.jpg", make_jpeg(20, 20, seed=number)) for number in range(4)]
    assert "takes 3 images as input" in await talk.said("all of them", attachments=files)
    assert len(stage.gemini.history) == 2


@pytest.mark.parametrize("data", [b"just words", b"\xff\xd8\xff\xe0 broken", b""])
async def test_an_attachment_that_is_no_picture(stage: Stage, data: bytes) -> None:
    talk = await start(stage)
    said = await talk.said("use this", attachments=[("notes.jpg", data)])
    assert "notes.jpg" in said
    assert len(stage.gemini.history) == 1
    assert await stage.ledger() == {"reserved": {}, "settled": {stage.alice.id: 1}}


async def test_a_picture_without_words(stage: Stage) -> None:
    talk = await start(stage)
    said = await talk.said("", attachments=[("a.jpg", make_jpeg(20, 20))])
    assert "The prompt is empty" in said


async def test_a_reply_to_a_picture_that_was_removed(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    async with stage.app.store.transaction() as tx:
        image_id = await tx.images.at_message(two.id)
        assert image_id is not None
        await tx.images.mark_deleted(image_id, now=1, by=stage.mona.id)
    assert "not there any more" in await talk.said("three", reply_to=two)
    assert "not there any more" in stage.said(await talk.use("head", picture="2"))
    assert "not there any more" in stage.said(await talk.press(two, "Use this"))
    # What was removed is not gone on from either, and the model does not get it again.
    await talk.turn("four")
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "four"]


async def test_a_removed_picture_in_the_middle_does_not_go_along(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    await talk.turn("three")
    removed = two.media[0].data
    async with stage.app.store.transaction() as tx:
        image_id = await tx.images.at_message(two.id)
        assert image_id is not None
        await tx.images.mark_deleted(image_id, now=1, by=stage.mona.id)
    await talk.turn("four")
    got = stage.gemini.history[-1]
    assert spoken(got) == ["a lighthouse", "two", "three", "four"]
    assert len(pictures(got)) == 2
    assert removed not in pictures(got)


async def test_somebody_elses_private_picture(stage: Stage) -> None:
    talk = await start(stage)
    result = await stage.ben.slash(talk.thread, "imagine", prompt="a secret", private=True)
    hidden = await stage.finished(result)
    lookup = stage.app.client.surface.talk.lookup
    conversation = await talk.conversation()
    for who in (stage.alice, stage.ben):  # not even its owner shows it to everybody by a reply
        person = Person(who.id, stage.guild.id, talk.thread.id, moderator=False)
        with pytest.raises(Gone):
            await lookup.branch_at(conversation, hidden.id, person)


async def test_a_reply_to_a_picture_that_was_made_there_by_another_command(stage: Stage) -> None:
    talk = await start(stage)
    result = await stage.ben.slash(talk.thread, "imagine", prompt="a boat")
    boat = await stage.finished(result)
    await talk.turn("paint it red", reply_to=boat)
    got = stage.gemini.history[-1]
    assert spoken(got) == ["paint it red"]
    assert pictures(got) == [boat.media[0].data]


async def test_a_member_who_left_gets_what_was_begun(stage: Stage) -> None:
    talk = await start(stage)
    hold = stage.gemini.hold()
    asked = await talk.say("two", stage.ben)
    await stage.meanwhile(lambda: hold.count == 1, "the call")
    stage.guild.remove_member(stage.ben)
    hold.release()
    seen = await talk.answer(asked)
    assert seen.media
    assert seen.pings == set()
    assert (await stage.ledger())["settled"][stage.ben.id] == 1


async def test_a_member_who_is_banned_from_the_bot_is_told_so(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NobodyCalledBen:
        async def check(self, tx: Transaction, asked: Asked) -> None:
            if asked.origin.member_id == stage.ben.id:
                raise NotAllowed("banned")

    talk = await start(stage)
    submissions = stage.app.studio.submissions
    monkeypatch.setattr(submissions, "_gates", [*submissions._gates, NobodyCalledBen()])
    assert "may not do this" in await talk.said("two", stage.ben)
    assert len(stage.gemini.history) == 1
    assert (await talk.turn("two")).media


async def test_pressing_what_is_not_there(stage: Stage) -> None:
    card = await stage.picture()
    said = stage.said(await forged.press(stage, stage.alice, card, "plantain:turn:undo:k7f3q9z"))
    assert "not there any more" in said
    talk = await start(stage)
    two = await talk.turn("two")
    use = two.buttons["Use this"]
    elsewhere = stage.guild.create_text_channel("elsewhere")
    card = await stage.finished(await stage.alice.slash(elsewhere, "imagine", prompt="a boat"))
    pressed = await forged.press(stage, stage.alice, card, use, channel=elsewhere)
    assert "no conversation here" in stage.said(pressed)
    await talk.use("end")
    assert "has ended" in stage.said(await talk.press(two, "Undo"))


async def test_when_its_data_is_out_of_reach_a_message_is_answered(stage: Stage) -> None:
    talk = await start(stage)
    stage.may_break = True
    async with stage.app.store.transaction() as tx:
        await tx._connection.execute("ALTER TABLE conversations RENAME TO conversations_gone")
    assert "cannot reach its data" in await talk.said("two")


@pytest.mark.parametrize("stage", [{"daily_images": 5}], indirect=True)
async def test_ten_messages_at_once_never_exceed_the_cap(stage: Stage) -> None:
    talk = await start(stage)
    hold = stage.gemini.hold()
    asked = [await talk.say(f"turn {number}") for number in range(10)]
    hold.release()
    answers = [await talk.answer(each) for each in asked]
    assert [bool(each.media) for each in answers] == [True] * 4 + [False] * 6
    assert await stage.ledger() == {"reserved": {}, "settled": {stage.alice.id: 5}}
