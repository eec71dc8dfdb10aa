"""/character: pictures under a name."""

from __future__ import annotations

import pytest

from bot.studio.pictures import Person
from tests.cogs.stage import Stage
from tests.cogs.using import force, manager, said, use
from tests.imaging.pictures import animation, flat_png

PNG = ("mia.png", flat_png(40, 30))


def person(stage: Stage) -> Person:
    return Person(stage.alice.id, stage.guild.id, stage.channel.id, False)


async def names(stage: Stage, command: str, typed: str = "", **filled: object) -> list[str]:
    choices = await stage.alice.autocomplete(stage.channel, f"character {command}", "name", typed, **filled)
    return [choice["value"] for choice in choices]


async def test_attachments_become_a_character(stage: Stage) -> None:
    answer = await said(
        stage, stage.alice, "character save", name="@Mia", image1=PNG, image2=("b.gif", animation("GIF"))
    )
    assert answer.splitlines()[0] == (
        "`Mia` is saved with 2 pictures. Write `@Mia` in a prompt to bring it in."
    )
    assert "-# Only the first frame of the animation was used." in answer
    listed = await said(stage, stage.alice, "character list")
    assert "`@Mia` · 2 pictures · yours" in listed
    brought = await stage.app.client.surface.library.characters.resolve("@mia at sea", person(stage))
    assert len(brought.references) == 2
    assert "There are none yet." in await said(stage, stage.ben, "character list")
    assert stage.messages() == []


async def test_an_image_made_here_becomes_a_character(stage: Stage) -> None:
    await stage.picture()
    (job,) = await stage.done(1)
    (image,) = await stage.images(job)
    answer = await said(stage, stage.alice, "character save", name="tower", image_id=f" {image.id.upper()} ")
    assert answer == "`tower` is saved with 1 picture. Write `@tower` in a prompt to bring it in."


@pytest.mark.parametrize("image_id", ["k7f3q9z", "nothing", "'; DROP TABLE images"])
async def test_an_image_that_there_is_not_is_refused(stage: Stage, image_id: str) -> None:
    answer = await said(stage, stage.alice, "character save", name="tower", image_id=image_id)
    assert answer.startswith("This picture is not there any more")


async def test_what_cannot_be_used_is_said_and_keeps_nothing(stage: Stage) -> None:
    assert "1 to 4 pictures; these are 0" in await said(stage, stage.alice, "character save", name="mia")
    answer = await said(stage, stage.alice, "character save", name="a b", image1=PNG)
    assert answer.startswith("`a b` is no name for a character.")
    answer = await said(stage, stage.alice, "character save", name="mia", image1=("mia.png", b"no picture"))
    assert "is not a picture" in answer
    assert "There are none yet." in await said(stage, stage.alice, "character list")
    await said(stage, stage.alice, "character save", name="mia", image1=PNG)
    answer = await said(stage, stage.alice, "character save", name="MIA", image1=PNG)
    assert answer == (
        "There is a character called `MIA` already. Choose another name, or delete that one first with "
        "`/character delete`."
    )


async def test_a_server_may_ask_for_consent(stage: Stage) -> None:
    await said(stage, manager(stage), "config consent", required="on")
    answer = await said(stage, stage.alice, "character save", name="mia", image1=PNG)
    assert "asks you to confirm" in answer
    answer = await said(stage, stage.alice, "character save", name="mia", image1=PNG, consent=True)
    assert "is saved" in answer


async def test_consent_is_asked_for_where_a_character_is_used_that_was_saved_elsewhere(stage: Stage) -> None:
    await said(stage, manager(stage), "config consent", required="on")
    await said(stage, stage.alice.user, "character save", name="tom", image1=PNG)
    assert "asks you to confirm" in stage.said(await stage.imagine(prompt="@tom at sea"))
    assert stage.gemini.history == []
    assert (await stage.picture(prompt="@tom at sea", consent=True)).media
    await said(stage, stage.alice, "character save", name="mia", image1=PNG, consent=True)
    assert (await stage.picture(prompt="@mia at sea")).media


async def test_a_manager_shares_and_takes_back(stage: Stage) -> None:
    gina = manager(stage)
    await said(stage, gina, "character save", name="Mascot", image1=PNG)
    assert "is shared" in await said(stage, gina, "character share", name="mascot")
    assert "`@Mascot` · 1 picture · shared with this server" in await said(
        stage, stage.alice, "character list"
    )
    assert "yours, shared with this server" in await said(stage, gina, "character list")
    assert "not shared with this server any more" in await said(
        stage, gina, "character share", name="Mascot", shared=False
    )
    assert "There are none yet." in await said(stage, stage.alice, "character list")


async def test_a_member_does_not_share_and_deletes_only_their_own(stage: Stage) -> None:
    await said(stage, stage.alice, "character save", name="Mia", image1=PNG)
    result = await force(stage, stage.alice, "character share", {"name": "Mia"})
    assert stage.said(result) == "Only people with the permission Manage Server can do this."
    unknown = await said(stage, stage.ben, "character delete", name="Mia")
    assert unknown.startswith("There is no character of that name for you here: `@Mia`.")
    assert unknown.replace("Mia", "Nobody") == await said(stage, stage.ben, "character delete", name="Nobody")
    assert "is deleted" in await said(stage, stage.alice, "character delete", name="@mia")
    assert "There are none yet." in await said(stage, stage.alice, "character list")


async def test_names_are_offered_while_typing(stage: Stage) -> None:
    gina = manager(stage)
    await said(stage, gina, "character save", name="Mascot", image1=PNG)
    await said(stage, gina, "character share", name="Mascot")
    await said(stage, stage.alice, "character save", name="Mia", image1=PNG)
    assert await names(stage, "delete") == ["Mia"]
    assert await names(stage, "delete", "@m") == ["Mia"]
    assert await names(stage, "delete", "x") == []
    assert await names(stage, "share", shared=False) == ["Mascot"]


async def test_in_direct_messages_there_are_only_ones_own(stage: Stage) -> None:
    dora = stage.env.create_user("dora")
    await said(stage, dora, "character save", name="Mia", image1=PNG)
    assert "`@Mia` · 1 picture · yours" in await said(stage, dora, "character list")
    assert await said(stage, dora, "character share", name="Mia") == "This works in servers only."
    assert "is saved" in stage.said(await use(stage, stage.alice, "character save", name="Mia", image1=PNG))
