"""The button Delete: who may, what it asks, and what is left."""

from __future__ import annotations

import pytest
import simcord

from tests.cogs.seen import Seen
from tests.cogs.stage import Person, Stage
from tests.cogs.using import said
from tests.fakes.gemini import Picture, make_jpeg

YES = "Yes, delete it"
GONE = "This picture is not there any more, so there is nothing to do with it."
FORBIDDEN = "Only the person who made this picture, or a moderator, can delete it."


async def ask(stage: Stage, who: Person, card: Seen) -> Seen:
    result = await who.click(card.message, label="Delete")
    assert result.ephemeral
    question = stage.answer(result)
    assert question is not None
    return question


async def delete(stage: Stage, who: Person, card: Seen) -> simcord.InteractionResult:
    return await who.click((await ask(stage, who, card)).message, label=YES)


@pytest.mark.parametrize("who", ["alice", "mona"], ids=["owner", "moderator"])
async def test_whoever_may_is_asked_first_and_then_it_is_gone(stage: Stage, who: str) -> None:
    person: simcord.MemberActor = getattr(stage, who)
    card = await stage.picture()
    (job,) = await stage.done(1)
    (image,) = await stage.images(job)
    question = await ask(stage, person, card)
    assert question.text == f"Delete the picture `{image.id}`? It disappears for everybody."
    assert card.media

    result = await person.click(question.message, label=YES)
    await stage.until(lambda: card.gone, "the message is gone")
    assert question.text == f"The picture `{image.id}` is deleted."
    assert question.buttons == {}
    assert result.followups == []
    (image,) = await stage.images(job)
    assert image.deleted_at is not None
    assert stage.app.store.blobs.path(image.sha256).exists()
    assert (await stage.ledger())["settled"] == {stage.alice.id: 1}


async def test_the_log_says_which_moderator_deleted_whose_picture(stage: Stage) -> None:
    await delete(stage, stage.alice, await stage.picture(prompt="her own"))
    assert "Nothing is written" in await said(stage, stage.mona, "mod log")
    await delete(stage, stage.mona, await stage.picture(prompt="another"))
    log = await said(stage, stage.mona, "mod log", about="picture")
    for part in ("picture.deleted", f"<@{stage.mona.id}>", f"<@{stage.alice.id}>"):
        assert part in log, part


async def test_a_stranger_is_refused_privately(stage: Stage) -> None:
    card = await stage.picture(count=2)
    result = await stage.ben.click(card.message, label="Delete")
    assert stage.said(result) == FORBIDDEN
    assert len(card.media) == 2


async def test_who_is_no_moderator_any_more_cannot_confirm(stage: Stage) -> None:
    """The permissions of the press count, not those of the question."""
    card = await stage.picture()
    question = await ask(stage, stage.mona, card)
    role = stage.guild.roles["Moderators"]
    stage.env.backend.remove_member_role(stage.guild.id, stage.mona.id, role.id)
    assert stage.said(await stage.mona.click(question.message, label=YES)) == FORBIDDEN
    assert card.media


async def test_what_is_left_of_several_stays(stage: Stage) -> None:
    pictures = [make_jpeg(64, 64, seed=number) for number in range(3)]
    stage.gemini.enqueue(*map(Picture, pictures))
    card = await stage.picture(count=3)
    (job,) = await stage.done(1)
    images = await stage.images(job)
    shown = [item.data for item in card.media]
    which = await ask(stage, stage.alice, card)
    assert which.text == "**Delete**: which picture?"
    really = stage.answer(await stage.alice.click(which.message, label=f"2 · {images[1].id}"))
    assert really is not None
    await stage.alice.click(really.message, label=YES)
    await stage.until(lambda: len(card.media) == 2, "two pictures are left")
    assert [item.data for item in card.media] == [shown[0], shown[2]]
    assert images[1].id not in card.text
    assert "could not be made" not in card.text
    assert {"Vary", "Delete"} <= set(card.buttons)

    # The buttons know what is left; the last but one asks no more.
    await delete_one_of_two(stage, card, images[0].id)
    question = await ask(stage, stage.alice, card)
    assert images[2].id in question.text
    await stage.alice.click(question.message, label=YES)
    await stage.until(lambda: card.gone, "the message is gone with the last picture")


async def delete_one_of_two(stage: Stage, card: Seen, image_id: str) -> None:
    which = await ask(stage, stage.alice, card)
    label = next(label for label in which.buttons if image_id in label)
    really = stage.answer(await stage.alice.click(which.message, label=label))
    assert really is not None
    await stage.alice.click(really.message, label=YES)
    await stage.until(lambda: len(card.media) == 1, "one picture is left")


async def test_twice(stage: Stage) -> None:
    card = await stage.picture()
    questions = [await ask(stage, who, card) for who in (stage.alice, stage.mona)]
    await stage.alice.click(questions[0].message, label=YES)
    await stage.until(lambda: card.gone, "the message is gone")
    assert stage.said(await stage.mona.click(questions[1].message, label=YES)) == GONE


async def test_a_private_picture(stage: Stage) -> None:
    card = await stage.picture(private=True)
    (job,) = await stage.done(1)
    (image,) = await stage.images(job)
    question = await ask(stage, stage.alice, card)
    assert question.text == f"Delete the picture `{image.id}`?"
    result = await stage.alice.click(question.message, label=YES)
    await stage.until(lambda: card.gone, "the private message is gone")
    assert result.followups == []


async def test_a_private_picture_whose_token_is_too_old(stage: Stage) -> None:
    card = await stage.picture(private=True)
    await stage.env.advance_time(20 * 60)
    result = await delete(stage, stage.alice, card)
    assert "dismiss it yourself" in stage.said(result)
    assert stage.said(await stage.alice.click(card.message, label="Vary")) == GONE


async def test_long_after_the_token(stage: Stage) -> None:
    card = await stage.picture()
    await stage.env.advance_time(3 * 24 * 3600)
    await delete(stage, stage.alice, card)
    await stage.until(lambda: card.gone, "the message is gone")


async def test_a_message_that_cannot_be_changed_is_said_to_stay(stage: Stage) -> None:
    card = await stage.picture()
    await stage.env.advance_time(3600)
    stage.env.inject_error("DELETE", "/channels/*/messages/*", status=403, code=50001)
    result = await delete(stage, stage.alice, card)
    assert "a moderator can remove the message" in stage.said(result)
    for label in ("Vary", "Delete"):
        assert stage.said(await stage.alice.click(card.message, label=label)) == GONE


async def test_a_message_that_somebody_removed_before(stage: Stage) -> None:
    card = await stage.picture()
    question = await ask(stage, stage.alice, card)
    stage.env.backend.delete_message(card.channel_id, card.id)
    result = await stage.alice.click(question.message, label=YES)
    assert question.text.endswith("is deleted.")
    assert result.followups == []


async def test_a_token_that_died_early_is_no_hindrance(stage: Stage) -> None:
    card = await stage.picture()
    stage.env.inject_error("DELETE", "/webhooks/*/messages/*", status=401, code=50027)
    await delete(stage, stage.alice, card)
    await stage.until(lambda: card.gone, "the message is gone")


async def test_in_direct_messages(stage: Stage) -> None:
    dora = stage.env.create_user("dora")
    card = await stage.picture(dora)
    await delete(stage, dora, card)
    await stage.until(lambda: card.gone, "the message is gone")


async def test_after_a_restart(stage: Stage) -> None:
    card = await stage.picture()
    question = await ask(stage, stage.alice, card)
    await stage.restart()
    await stage.alice.click(question.message, label=YES)
    await stage.until(lambda: card.gone, "the message is gone")


async def test_what_is_deleted_while_it_waits_for_delivery_is_not_posted(stage: Stage) -> None:
    """As with a picture that moderators removed: it is not shown again by a redelivery."""
    card = await stage.picture()
    await delete(stage, stage.alice, card)
    await stage.until(lambda: card.gone, "the message is gone")
    await stage.restart()
    await stage.env.settle()
    assert not [seen for seen in stage.messages() if seen.media]
