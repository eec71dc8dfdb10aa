"""Age-restricted channels: what is made in them, what is hidden, and what does not leave them."""

from __future__ import annotations

import discord
import simcord

from bot.domain.requests import Kind
from tests.cogs.galleries import made, shown
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.talking import Talk, start
from tests.cogs.test_show import show
from tests.cogs.test_wishes import spoilers
from tests.cogs.using import manager, said

OUT_OF_PLACE = (
    "This picture was made in an age-restricted channel. Others see it, and what is made from it, only in "
    "such channels."
)


def restrict(stage: Stage, channel: simcord.ChannelHandle) -> simcord.ChannelHandle:
    """Let discord.py know a channel as age-restricted: SimCord knows no such channels."""
    known = stage.env.bot.get_channel(channel.id)
    assert isinstance(known, discord.TextChannel)
    known.nsfw = True
    return channel


async def test_the_server_decides(stage: Stage) -> None:
    gina, closed = manager(stage), restrict(stage, stage.guild.create_text_channel("closed"))
    await said(stage, gina, "config age_restricted", rule="spoiler")
    hidden = await stage.finished(await stage.alice.slash(closed, "imagine", prompt="a lighthouse"))
    assert spoilers(hidden) == [True]
    assert not any(spoilers(await stage.picture()))
    await said(stage, gina, "config age_restricted", rule="refused")
    calls = len(stage.gemini.history)
    refused = await stage.alice.slash(closed, "imagine", prompt="a lighthouse")
    assert stage.said(refused) == "This server allows no pictures in age-restricted channels."
    (image, *_) = await made(stage, 0)
    assert "allows no pictures" in stage.said(await show(stage, image, channel=closed))
    assert len(stage.gemini.history) == calls


async def test_a_picture_comes_back_as_the_place_hides_it(stage: Stage) -> None:
    (image,) = await made(stage, 1)
    assert not any(spoilers(shown(stage, await show(stage, image))))
    await said(stage, manager(stage), "config spoiler", where="always")
    assert spoilers(shown(stage, await show(stage, image))) == [True]


async def test_what_was_made_there_is_shown_to_others_only_there(stage: Stage) -> None:
    closed = restrict(stage, stage.guild.create_text_channel("closed"))
    await stage.finished(await stage.alice.slash(closed, "imagine", prompt="a lighthouse"))
    (image,) = await made(stage, 0)
    assert not (await show(stage, image, stage.ben, closed)).ephemeral
    elsewhere = await show(stage, image)
    assert elsewhere.ephemeral
    opened = shown(stage, elsewhere)
    for label in ("Show here", "Thread", "Vary"):
        assert stage.said(await stage.alice.click(opened.message, label=label)) == OUT_OF_PLACE
    form = await stage.alice.click(opened.message, label="Edit")
    edited = await stage.alice.submit_modal(form, {"instruction": "at night"})
    assert stage.said(edited) == OUT_OF_PLACE
    assert stage.messages() == []
    assert not stage.channel.threads


async def drawn(talk: Talk, **options: str) -> Seen:
    """Have the tree drawn, and wait for it."""
    result = await talk.use("tree", **options)
    return await talk.stage.until(
        lambda: found if (found := talk.stage.answer(result)) and found.media else None, "the tree"
    )


async def test_the_tree_hides_what_its_pictures_hide(stage: Stage) -> None:
    talk = await start(stage, "one")
    assert (await stage.jobs())[0].request.kind is Kind.GENERATE
    tree = await drawn(talk)
    assert "1 turn" in tree.text and "1 turns" not in tree.text
    assert not any(spoilers(tree))
    await said(stage, manager(stage), "config spoiler", where="always")
    assert spoilers(await talk.turn("two")) == [True]
    await talk.turn("three")
    assert spoilers(await drawn(talk)) == [True]
    assert spoilers(await drawn(talk, compare="1", to="2")) == [True]
