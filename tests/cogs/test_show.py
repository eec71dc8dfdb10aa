"""/show: a picture comes back with its buttons, here or elsewhere, for whoever may see it."""

from __future__ import annotations

from typing import Any

import pytest
import simcord

from bot.domain.images import Image
from tests.cogs.galleries import made, shown
from tests.cogs.seen import Seen
from tests.cogs.stage import Person, Stage
from tests.cogs.test_delete import GONE
from tests.cogs.using import said

UNKNOWN = (
    "There is no picture of this id that can be shown to you: it was deleted, or the id is another one. "
    "`/gallery` finds yours."
)


async def show(
    stage: Stage, image: Image | str, who: Person | None = None, channel: Any = None, **options: Any
) -> simcord.InteractionResult:
    who = who or stage.alice
    options["id"] = image if isinstance(image, str) else image.id
    if isinstance(who, simcord.UserHandle):
        result: simcord.InteractionResult = await who.slash("show", **options)
        return result
    return await who.slash(channel or stage.channel, "show", **options)


async def delete(stage: Stage, who: simcord.MemberActor, card: Seen) -> simcord.InteractionResult:
    question = shown(stage, await who.click(card.message, label="Delete"))
    return await who.click(question.message, label="Yes, delete it")


async def test_a_picture_comes_back_as_it_was_made(stage: Stage) -> None:
    images = await made(stage, 3, prompt="a *door*", model="draft", seed=3)
    result = await show(stage, images[1].id.upper())
    assert not result.ephemeral
    card = shown(stage, result)
    original = stage.messages()[0]
    assert [item.data for item in card.media] == [original.media[1].data]
    assert card.media[0].description == "AI-made image: a *door*"
    lines = card.text.splitlines()
    assert lines[0] == f"<@{stage.alice.id}> “a \\*door\\*”"
    assert "seed 4" in lines[1]
    assert lines[1].endswith(f"`{images[1].id}`")
    assert lines[-1] == "-# AI-made image"
    assert list(card.buttons) == list(original.buttons)
    assert card.pings == set()


async def test_another_member_of_the_server_brings_back_a_public_one(stage: Stage) -> None:
    (image,) = await made(stage, 1)
    other = stage.guild.create_text_channel("other")
    card = shown(stage, await show(stage, image, stage.ben, other))
    assert card.channel_id == other.id
    assert card.text.startswith(f"<@{stage.alice.id}> “a lighthouse”")
    await stage.until(lambda: card.media, "the picture")


async def test_a_copy_in_another_server_works_there_and_goes_with_the_picture(stage: Stage) -> None:
    (image,) = await made(stage, 1)
    elsewhere = stage.env.create_guild("Elsewhere")
    lobby = elsewhere.create_text_channel("lobby")
    alice, carl = elsewhere.add_member(stage.alice.user), elsewhere.add_member(stage.env.create_user("carl"))
    assert stage.said(await show(stage, image, carl, lobby)) == UNKNOWN
    card = shown(stage, await show(stage, image, alice, lobby))
    await stage.restart()
    await stage.finished(await carl.click(card.message, label="Vary"))
    assert (await stage.jobs())[-1].request.parent == image.id
    assert "Only the person who made" in stage.said(await carl.click(card.message, label="Delete"))
    await stage.env.advance_time(3 * 24 * 3600)
    answer = await delete(stage, stage.mona, stage.messages()[0])
    await stage.until(lambda: card.gone, "the copy is gone")
    assert answer.followups == []


async def test_a_private_one_is_shown_to_its_owner_alone(stage: Stage) -> None:
    (image,) = await made(stage, 1, private=True)
    result = await show(stage, image)
    assert result.ephemeral
    assert "Show here" not in shown(stage, result).buttons
    assert stage.said(await show(stage, image, stage.ben)) == UNKNOWN
    assert stage.said(await show(stage, image, stage.mona)) == UNKNOWN
    assert stage.messages() == []


async def test_what_was_deleted_is_not_shown_again(stage: Stage) -> None:
    (image,) = await made(stage, 1)
    copies = [shown(stage, await show(stage, image)) for _ in range(2)]
    await delete(stage, stage.mona, stage.messages()[0])
    await stage.until(lambda: all(copy.gone for copy in copies), "the copies are gone")
    for details in (False, True):
        assert stage.said(await show(stage, image, details=details)) == UNKNOWN
    assert stage.messages() == []


async def test_a_copy_that_somebody_removed_before(stage: Stage) -> None:
    (image,) = await made(stage, 1)
    copy = shown(stage, await show(stage, image))
    stage.env.backend.delete_message(copy.channel_id, copy.id)
    original = stage.messages()[0]
    answer = await delete(stage, stage.alice, original)
    await stage.until(lambda: original.gone, "the message is gone")
    assert answer.followups == []


async def test_a_copy_that_cannot_be_removed_is_said_to_stay(stage: Stage) -> None:
    (image,) = await made(stage, 1)
    copy = shown(stage, await show(stage, image))
    stage.env.inject_error("DELETE", "/channels/*/messages/*", status=403, code=50001)
    answer = await delete(stage, stage.alice, copy)
    assert "a moderator can remove the message" in stage.said(answer)
    assert stage.said(await stage.alice.click(copy.message, label="Vary")) == GONE


@pytest.mark.parametrize("id_", ["", "x", "bbbbbbb", "k" * 3000, "../../secret", "%", "🌊", "@everyone"])
@pytest.mark.parametrize("details", [False, True])
async def test_an_id_that_names_nothing(stage: Stage, id_: str, details: bool) -> None:
    result = await show(stage, id_, details=details)
    assert stage.said(result) == UNKNOWN


async def test_details_only(stage: Stage) -> None:
    (image,) = await made(stage, 1)
    result = await show(stage, image, stage.ben, details=True)
    assert result.ephemeral
    view = shown(stage, result)
    assert view.text.startswith(f"**Settings of `{image.id}`**\n“a lighthouse”")
    copy = shown(stage, await stage.ben.click(view.message, label="Show here"))
    assert len(copy.media) == 1


async def test_ones_own_are_offered_by_id_and_words(stage: Stage) -> None:
    await made(stage, 1, prompt="a *cat*")
    dog, cat = await made(stage, 1, prompt="a dog " + "x" * 200, private=True)
    await made(stage, 1, stage.ben, prompt="a cat")

    async def offered(typed: str, who: simcord.MemberActor) -> dict[str, str]:
        choices = await who.autocomplete(stage.channel, "show", "id", typed)
        return {choice["value"]: choice["name"] for choice in choices}

    everything = await offered("", stage.alice)
    assert list(everything) == [dog.id, cat.id]
    assert everything[cat.id] == f"{cat.id} · a *cat*"
    assert everything[dog.id].startswith(f"{dog.id} · a dog xxx")
    assert len(everything[dog.id]) <= 100
    assert list(await offered("CAT", stage.alice)) == [cat.id]
    assert list(await offered(dog.id[:4], stage.alice)) == [dog.id]
    assert await offered(dog.id, stage.mona) == {}


@pytest.mark.parametrize("stage", [{"daily_images": 28}], indirect=True)
async def test_at_most_25_are_offered(stage: Stage) -> None:
    await made(stage, 28)
    assert len(await stage.alice.autocomplete(stage.channel, "show", "id", "")) == 25


async def test_in_direct_messages(stage: Stage) -> None:
    dora = stage.env.create_user("dora")
    await stage.picture(dora)
    (image,) = await stage.images((await stage.done(1))[0])
    card = shown(stage, await show(stage, image, dora))
    assert len(card.media) == 1
    # Brought to a server by its owner, it is there for those who see it.
    member = stage.guild.add_member(dora)
    assert stage.said(await show(stage, image, stage.ben)) == UNKNOWN
    copy = shown(stage, await show(stage, image, member))
    await stage.finished(await stage.ben.click(copy.message, label="Vary"))


async def test_a_large_picture_is_fitted(stage: Stage) -> None:
    (image,) = await made(stage, 1)
    stage.env.inject_error("PATCH", "/webhooks/*/messages/@original", status=413, code=40005)
    card = shown(stage, await show(stage, image))
    assert "a smaller copy" in card.text


async def brought_in(stage: Stage) -> tuple[Image, Seen]:
    """A picture that Alice made in her direct messages, and its copy in the server."""
    await stage.picture(stage.alice.user)
    (job,) = await stage.done(1)
    (image,) = await stage.images(job)
    return image, shown(stage, await show(stage, image))


async def test_moderators_take_away_what_was_brought_from_elsewhere(stage: Stage) -> None:
    image, card = await brought_in(stage)
    other = stage.guild.create_text_channel("other")
    elsewhere = shown(stage, await show(stage, image, channel=other))
    assert "Ask a moderator" in stage.said(await stage.ben.click(card.message, label="Report"))
    assert "Only the person" in stage.said(await stage.ben.click(card.message, label="Delete"))
    question = shown(stage, await stage.mona.click(card.message, label="Delete"))
    assert "It was made elsewhere, and stays there." in question.text
    await stage.mona.click(question.message, label="Yes, delete it")
    assert card.gone
    assert "`/mod ban`" in question.text
    assert elsewhere.media
    assert "picture.taken_away" in await said(stage, stage.mona, "mod log", member=stage.alice)
    assert shown(stage, await show(stage, image, stage.alice.user)).media


async def test_a_copy_that_discord_lets_nobody_take_away(stage: Stage) -> None:
    _, card = await brought_in(stage)
    question = shown(stage, await stage.mona.click(card.message, label="Delete"))
    stage.env.inject_error("DELETE", "/channels/*/messages/*", status=403, code=50001)
    await stage.mona.click(question.message, label="Yes, delete it")
    assert question.text == "Discord does not let me remove the message. Remove it yourself."
    assert card.media
    question = shown(stage, await stage.mona.click(card.message, label="Delete"))
    await stage.mona.click(question.message, label="Yes, delete it")
    assert card.gone


async def test_who_is_banned_brings_nothing_in(stage: Stage) -> None:
    image, _ = await brought_in(stage)
    await said(stage, stage.mona, "mod ban", user=stage.alice, duration="7d", reason="enough")
    assert "banned" in stage.said(await show(stage, image))


async def test_a_copy_that_was_taken_away_is_not_taken_away_again(stage: Stage) -> None:
    _, card = await brought_in(stage)
    questions = [shown(stage, await stage.mona.click(card.message, label="Delete")) for _ in range(2)]
    await stage.mona.click(questions[0].message, label="Yes, delete it")
    assert stage.said(await stage.mona.click(questions[1].message, label="Yes, delete it")) == GONE
