"""From /imagine to the picture and its buttons, over real sockets, with the real provider library."""

from __future__ import annotations

import asyncio

from tests.fakes.discord import FakeDiscord, buttons, media, text
from tests.fakes.gemini import Picture, ScriptedGemini, SlowDrip, make_jpeg
from tests.wire.plantain import Plantain, only_button, refusal, result, stages

PROMPT = "A *red* lighthouse at dusk, <@1>:\n“oil on canvas” 🏮"


async def test_a_picture_comes_as_the_provider_sent_it_and_the_card_says_how_far_it_is(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    picture = make_jpeg(2752, 1536, 800_000)
    gemini.enqueue(SlowDrip(Picture(picture), size=200_000, pause=0.2))
    await plantain.start()
    anna = discord.add_member("anna")
    working = gemini.hold()
    pending = await discord.slash(anna, discord.channel, "imagine", prompt=PROMPT, ratio="16:9", size="2K")
    ack = await pending.ack()
    assert (ack.type, ack.seconds < 3) == (4, True)
    await pending.until(lambda message: "Generating…" in text(message))
    await working.arrived()
    working.release()
    message = await result(pending)

    assert stages(pending) == ["Preparing", "Generating", "Finalizing", "result"]
    for state in pending.history:
        assert "“A \\*red\\* lighthouse at dusk, \\<" in text(state)
        assert state.pings == frozenset()
    (shown,) = media(message)
    assert shown.data == picture
    assert shown.description == f"AI-made image: {' '.join(PROMPT.split())}"
    (image,) = plantain.job(pending).images
    shown_text = text(message).replace("\\", "")
    for word in (
        " ".join(PROMPT.split()),
        "Nano Banana 2.1",
        "16:9",
        "2K",
        "2752×1536",
        "$0.035",
        image["id"],
    ):
        assert word in shown_text
    assert "AI-made" in shown_text
    assert (message.v2, message.ephemeral) == (True, False)
    assert {"Vary", "Delete"} <= {button.label for button in buttons(message)}

    (got,) = gemini.history
    assert got.path == "/v1beta/models/gemini-nano-banana-2.1:generateContent"
    assert got.query == {}
    assert got.body == {
        "contents": [{"role": "user", "parts": [{"text": PROMPT}]}],
        "generationConfig": {
            "responseModalities": ["TEXT", "IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
        },
    }


async def test_several_pictures_are_one_message_and_one_call_each(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    pictures = [make_jpeg(64, 64, seed=number) for number in range(3)]
    gemini.enqueue(*map(Picture, pictures))
    await plantain.start()
    anna = discord.add_member("anna")
    pending = await discord.slash(
        anna,
        discord.channel,
        "imagine",
        prompt="three",
        count=3,
        model="gemini-3.1-flash-lite-image",
        size="1K",
    )
    message = await result(pending)
    assert {item.data for item in media(message)} == set(pictures)
    assert [got.text for got in gemini.history] == ["three"] * 3
    # This model takes no imageSize, and nobody asked for a ratio.
    assert [got.body["generationConfig"] for got in gemini.history] == [
        {"responseModalities": ["TEXT", "IMAGE"]}
    ] * 3
    await plantain.quiet()
    assert plantain.job(pending).settled == 3

    # Vary asks which one, and makes another take of it.
    asked = await discord.click(anna, message, "Vary")
    question = await asked.until(lambda state: state.ephemeral)
    chosen = plantain.job(pending).images[1]["id"]
    varied = await result(await discord.click(anna, question, f"2 · {chosen}"))
    assert len(media(varied)) == 1
    assert gemini.history[-1].texts[0] == "Make another take, number 2, of the following."
    assert gemini.history[-1].text == "three"


async def test_the_buttons_work_also_after_a_restart(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    message = await result(pending)
    await plantain.quiet()
    await plantain.restart()

    # Everybody who sees the picture may vary it, at their own cost.
    take = await discord.click(bert, message, "Vary")
    varied = await result(take)
    assert varied.id != message.id
    assert gemini.history[-1].parts[-1]["text"] == "a boat"
    assert plantain.job(take).job["member_id"] == bert.id

    assert "Only the person who made this picture" in await refusal(
        await discord.click(bert, message, "Delete")
    )
    asked = await discord.click(anna, message, "Delete")
    question = await asked.until(lambda state: state.ephemeral)
    assert discord.world.messages[message.id] == message
    answered = await discord.press(anna, question, only_button(question))
    await answered.until(lambda state: "is deleted" in text(state))
    await pending.until_gone()
    assert plantain.posted() == [varied]


async def test_privately_in_direct_messages_and_from_a_server_without_the_bot(
    plantain: Plantain, discord: FakeDiscord
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    stranger = discord.add_member("stranger", outside=True)
    alone = await discord.slash(anna, discord.channel, "imagine", prompt="secret", private=True)
    direct = await discord.slash(anna, None, "imagine", context="dm", prompt="letter")
    abroad = await discord.slash(stranger, None, "imagine", context="user_install", prompt="postcard")
    private, letter, postcard = await asyncio.gather(*map(result, (alone, direct, abroad)))
    assert (private.ephemeral, private.viewer_id) == (True, anna.id)
    assert all(state.ephemeral for state in alone.history)
    assert discord.dms(anna) == [letter]
    assert (postcard.channel_id, postcard.ephemeral) == (discord.foreign_channel.id, False)
    take = await discord.click(stranger, postcard, "Vary")
    await result(take)


async def test_the_pickers_offer_what_the_catalogue_has(plantain: Plantain, discord: FakeDiscord) -> None:
    plantain.sections["discord"]["guild_ids"] = [discord.guild.id]
    await plantain.start()
    anna = discord.add_member("anna")

    async def offered(option: str, typed: str, **others: object) -> list[str]:
        choices = await discord.autocomplete(anna, discord.channel, "imagine", option, typed, **others)
        return [choice["value"] for choice in choices]

    assert await offered("model", "") == [
        "gemini-nano-banana-2.1",
        "gemini-3.1-flash-lite-image",
        "gemini-3-pro-image",
    ]
    assert await offered("model", "draft") == ["gemini-3.1-flash-lite-image"]
    assert await offered("size", "", model="gemini-3.1-flash-lite-image") == ["1K"]
    assert await offered("size", "") == ["1K", "2K", "4K"]
    assert await offered("ratio", "16") == ["9:16", "16:9"]
    assert await offered("ratio", "8:1") == ["8:1"]
    assert await offered("ratio", "8:1", model="gemini-3-pro-image") == []
