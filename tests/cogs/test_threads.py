"""Conversations: where they begin, and what is done with their tree."""

from __future__ import annotations

import io

import discord
import simcord
from PIL import Image as Pillow

from bot.domain.requests import Kind
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.talking import Talk, pictures, spoken, start
from tests.cogs.using import manager
from tests.fakes.gemini import make_jpeg


async def test_thread_begins_with_a_picture_and_a_thread_on_it(stage: Stage) -> None:
    talk = await start(stage, "a lighthouse\nin a storm")
    assert talk.thread.name == "a lighthouse in a storm"
    (intro,) = stage.messages(talk.thread)
    assert "Every message here is the next change" in intro.text
    assert "Everybody who can write here takes part." in intro.text
    (job,) = await stage.jobs()
    assert (job.request.kind, job.request.turn) == (Kind.GENERATE, 1)
    second = await talk.turn("make it night")
    assert second.media
    assert "Turn 2 · for" in second.text
    assert spoken(stage.gemini.history[1]) == ["a lighthouse\nin a storm", "make it night"]


async def test_the_first_turn_takes_a_picture_along(stage: Stage) -> None:
    talk = await start(stage, "as a drawing", image=("me.jpg", make_jpeg(40, 30)))
    await talk.turn("with a hat")
    assert len(pictures(stage.gemini.history[1])) == 2
    assert (await stage.jobs())[0].request.kind is Kind.EDIT


async def test_without_the_permission_its_name_is_said_and_nothing_is_made(stage: Stage) -> None:
    closed = stage.guild.create_text_channel(
        "closed",
        overwrites={
            simcord.UserHandle(stage.env, stage.env.backend.bot_user): discord.PermissionOverwrite(
                create_public_threads=False
            )
        },
    )
    said = stage.said(await stage.alice.slash(closed, "thread", prompt="a lighthouse"))
    assert "**Create Public Threads**" in said
    assert stage.gemini.history == []


async def test_the_button_begins_from_a_picture_with_what_its_model_saw(stage: Stage) -> None:
    card = await stage.picture(prompt="a red boat")
    result = await stage.ben.click(card.message, label="Thread")
    said = await stage.until(lambda: stage.said(result), "where it goes on")
    (thread,) = stage.channel.threads
    assert thread.id == card.id
    assert thread.mention in said
    talk = Talk(stage, thread)
    await talk.turn("now blue", stage.ben)
    (first, second) = stage.gemini.history
    assert spoken(second) == ["a red boat", "now blue"]
    assert "thoughtSignature" in second.body["contents"][1]["parts"][0]
    # Ben began it, and Alice may go on from it as well.
    assert (await talk.conversation()).owner_id == stage.ben.id
    assert (await talk.turn("and green", stage.alice)).media
    assert await stage.ledger() == {
        "reserved": {},
        "settled": {stage.alice.id: 2, stage.ben.id: 1},
    }
    assert first.texts[-1] == "a red boat"


async def test_a_second_thread_from_the_same_picture_stands_for_itself(stage: Stage) -> None:
    card = await stage.picture(prompt="a red boat")
    await stage.alice.click(card.message, label="Thread")
    await stage.ben.click(card.message, label="Thread")
    await stage.until(lambda: len(stage.channel.threads) == 2, "two threads")
    other = next(thread for thread in stage.channel.threads if thread.id != card.id)
    shown = await stage.until(
        lambda: next((seen for seen in stage.messages(other) if seen.media), None), "the picture in there"
    )
    talk = Talk(stage, other)
    assert (await talk.turn("green", reply_to=shown)).media
    assert spoken(stage.gemini.history[-1]) == ["a red boat", "green"]


async def test_the_menu_begins_from_anybodys_picture_with_a_form(stage: Stage) -> None:
    posted = await stage.ben.send(stage.channel, "look", attachments=[("cat.png", _png())])
    asked = await stage.alice.context_menu(stage.channel, "Start thread", posted)
    assert "agree" not in str(asked.modal)
    result = await stage.alice.submit_modal(asked, {"prompt": "give it a hat"})
    seen = await stage.finished(result)
    await stage.until(lambda: stage.channel.threads, "the thread")
    assert [thread.id for thread in stage.channel.threads] == [seen.id]
    assert len(pictures(stage.gemini.history[0])) == 1


async def test_the_form_asks_for_consent_where_the_server_wants_to_know(stage: Stage) -> None:
    posted = await stage.ben.send(stage.channel, "look", attachments=[("cat.png", _png())])
    await manager(stage).slash(stage.channel, "config consent", required="on")
    asked = await stage.alice.context_menu(stage.channel, "Start thread", posted)
    refused = await stage.alice.submit_modal(asked, {"prompt": "give it a hat"})
    assert "asks you to confirm" in stage.said(refused)
    asked = await stage.alice.context_menu(stage.channel, "Start thread", posted)
    await stage.finished(await stage.alice.submit_modal(asked, {"prompt": "give it a hat", "consent": True}))
    assert len(stage.gemini.history) == 1


async def test_the_menu_begins_from_a_picture_of_ours_without_asking(stage: Stage) -> None:
    card = await stage.picture()
    await stage.ben.context_menu(stage.channel, "Start thread", card.message)
    await stage.until(lambda: stage.channel.threads, "the thread")
    assert (await Talk(stage, stage.channel.threads[0]).turn("night")).media


def _forum(stage: Stage) -> tuple[simcord.ChannelHandle, simcord.ChannelHandle]:
    """A forum, and somebody's post in it."""
    forum = stage.guild.create_forum_channel("gallery")
    hello = stage.env.backend.prepare_message(forum.id, stage.env.backend.bot_user.id, "hello")
    opened, _ = stage.env.backend.create_forum_post(forum.id, "somebody's post", hello)
    return forum, next(thread for thread in forum.threads if thread.id == opened.id)


async def test_in_a_forum_it_is_a_post(stage: Stage) -> None:
    forum, post = _forum(stage)
    await stage.alice.slash(post, "thread", prompt="a lighthouse")
    made = await stage.until(
        lambda: next((thread for thread in forum.threads if thread.id != post.id), None), "a post"
    )
    assert made.name == "a lighthouse"
    talk = Talk(stage, made)
    picture = await stage.until(
        lambda: next((seen for seen in stage.messages(made) if seen.media), None), "the picture"
    )
    assert f"<@{stage.alice.id}>: “a lighthouse”" in stage.messages(made)[0].text
    assert any(made.mention in seen.text for seen in stage.messages(post))
    assert (await talk.turn("at night", stage.ben, reply_to=picture)).media
    assert spoken(stage.gemini.history[-1]) == ["a lighthouse", "at night"]


async def test_a_refusal_leaves_no_empty_post(stage: Stage) -> None:
    forum, post = _forum(stage)
    said = stage.said(await stage.alice.slash(post, "thread", prompt="\u200b"))
    assert "The prompt is empty" in said
    assert [thread.id for thread in forum.threads] == [post.id]


async def test_in_direct_messages_the_conversation_is_there_until_end(stage: Stage) -> None:
    alice = stage.alice.user
    await alice.slash("thread", prompt="a lighthouse")
    direct = Talk(stage, alice.dm_channel)
    await stage.until(lambda: len(stage.messages(alice.dm_channel)) == 2, "picture and introduction")

    async def write(words: str) -> None:
        await alice.send_dm(words)

    await write("make it night")
    await stage.done(2)
    await stage.until(lambda: len(stage.gemini.history) == 2, "the second turn")
    assert spoken(stage.gemini.history[1]) == ["a lighthouse", "make it night"]
    ended = await alice.slash("end")
    assert "has ended" in (stage.answer(ended) or direct.stage.messages(alice.dm_channel)[-1]).text
    await write("and now?")
    assert len(stage.gemini.history) == 2


async def test_a_private_picture_goes_on_in_direct_messages(stage: Stage) -> None:
    result = await stage.imagine(prompt="a secret", private=True)
    card = await stage.finished(result)
    await stage.alice.click(card.message, label="Thread")
    direct = stage.alice.user.dm_channel
    await stage.until(lambda: len(stage.messages(direct)) == 2, "introduction and picture")
    assert stage.channel.threads == []
    await stage.alice.user.send_dm("at night")
    jobs = await stage.done(2)
    assert jobs[1].request.private
    assert spoken(stage.gemini.history[-1]) == ["a secret", "at night"]


# --- the tree ---------------------------------------------------------------------------------------------


async def test_a_reply_branches_and_undo_goes_back(stage: Stage) -> None:
    talk = await start(stage, "one")
    two = await talk.turn("two")
    await talk.turn("three")
    await talk.turn("four", reply_to=two)
    assert spoken(stage.gemini.history[-1]) == ["one", "two", "four"]
    undone = await talk.shown("undo")
    assert "It goes on from turn 2" in undone.text
    assert f"https://discord.com/channels/{stage.guild.id}/{talk.thread.id}/{two.id}" in undone.text
    await talk.turn("five")
    assert spoken(stage.gemini.history[-1]) == ["one", "two", "five"]


async def test_use_this_and_head_choose_where_it_goes_on(stage: Stage) -> None:
    talk = await start(stage, "one")
    two = await talk.turn("two")
    await talk.turn("three")
    await talk.press(two, "Use this", stage.ben)
    assert "goes on from turn 2" in stage.messages(talk.thread)[-1].text
    await talk.turn("four")
    assert spoken(stage.gemini.history[-1]) == ["one", "two", "four"]
    assert "goes on from turn 1" in (await talk.shown("head", picture="1")).text
    assert "goes on from turn 1" in stage.said(await talk.use("head"))
    assert "is no picture of this conversation" in stage.said(await talk.use("head", picture="9"))


async def test_undo_under_a_picture_is_about_that_picture(stage: Stage) -> None:
    """Two people who press at once take back one turn, not two."""
    talk = await start(stage, "one")
    await talk.turn("two")
    three = await talk.turn("three")
    await talk.press(three, "Undo", stage.alice)
    said = stage.said(await talk.press(three, "Undo", stage.ben))
    assert "Somebody else was first" in said
    assert "goes on from turn 2" in stage.said(await talk.use("head"))


async def test_nothing_to_undo_at_the_root(stage: Stage) -> None:
    talk = await start(stage, "one")
    assert "Nothing to undo here" in stage.said(await talk.use("undo"))


async def test_the_tree_is_a_picture(stage: Stage) -> None:
    talk = await start(stage, "one")
    await talk.turn("two")
    result = await talk.use("tree")
    seen = await stage.until(
        lambda: found if (found := stage.answer(result)) and found.media else None, "the tree"
    )
    assert "2 turns" in seen.text
    with Pillow.open(io.BytesIO(seen.media[0].data)) as picture:
        assert picture.width > 300
    result = await talk.use("tree", compare="1", to="2")
    seen = await stage.until(
        lambda: found if (found := stage.answer(result)) and found.media else None, "two of them"
    )
    with Pillow.open(io.BytesIO(seen.media[0].data)) as picture:
        assert picture.width > 1.5 * picture.height
    assert "Name two pictures" in stage.said(await talk.use("tree", compare="1"))


async def test_outside_of_a_conversation_there_is_none(stage: Stage) -> None:
    for name in ("tree", "undo", "head", "end", "participants"):
        assert "no conversation here" in stage.said(await stage.alice.slash(stage.channel, name))


async def test_another_model_gets_earlier_pictures_as_plain_ones(stage: Stage) -> None:
    talk = await start(stage, "one", image=("me.jpg", make_jpeg(40, 30)))
    seen = await talk.shown("edit", instruction="finer", model="gemini-3-pro-image")
    seen = await stage.until(lambda: seen.final and seen, "the picture")
    got = stage.gemini.history[-1]
    assert got.model == "gemini-3-pro-image"
    (content,) = got.body["contents"]
    assert [list(part) for part in content["parts"]] == [["inlineData"], ["inlineData"], ["text"], ["text"]]
    assert "The first 2 pictures are earlier versions" in content["parts"][2]["text"]
    assert got.text == "finer"
    assert "Another model made earlier pictures" in seen.text
    # It stays with that model, whose own words go back verbatim.
    await talk.turn("warmer")
    got = stage.gemini.history[-1]
    assert got.model == "gemini-3-pro-image"
    assert [content["role"] for content in got.body["contents"]] == ["user", "model", "user"]


async def test_vary_of_a_turn_has_the_same_turns_before_it(stage: Stage) -> None:
    talk = await start(stage, "one")
    two = await talk.turn("two")
    result = await talk.press(two, "Vary")
    await stage.finished(result)
    assert spoken(stage.gemini.history[-1]) == ["one", "two"]
    assert stage.gemini.history[-1].texts[0].startswith("Make another take")


async def test_a_conversation_is_told_apart_from_what_moderators_removed(stage: Stage) -> None:
    talk = await start(stage, "one")
    two = await talk.turn("two")
    result = await stage.mona.click(two.message, label="Delete")
    question = stage.answer(result)
    assert question is not None
    await stage.mona.click(question.message, label="Yes, delete it")
    await talk.turn("three")
    assert spoken(stage.gemini.history[-1]) == ["one", "three"]


async def _drawn(stage: Stage, result: simcord.InteractionResult) -> Seen:
    """Wait for the picture that a command answers with."""
    return await stage.until(
        lambda: found if (found := stage.answer(result)) and found.media else None, "a picture"
    )


def _png() -> bytes:
    out = io.BytesIO()
    Pillow.new("RGB", (30, 20), "red").save(out, "PNG")
    return out.getvalue()
