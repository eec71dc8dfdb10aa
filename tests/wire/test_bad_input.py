"""What members and modified clients send that they should not: a private sentence, no call, no charge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.discord import FakeDiscord, Member, Message, buttons, media, text
from tests.fakes.gemini import ScriptedGemini
from tests.wire.plantain import Plantain, only_button, refusal, result

LITE = "gemini-3.1-flash-lite-image"

# Options of /imagine, and a word of the sentence that answers them.
REFUSED: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "an empty prompt": ({"prompt": ""}, "The prompt is empty"),
    "only spaces": ({"prompt": " \n\t\u3000 "}, "The prompt is empty"),
    "only control characters": ({"prompt": "\x00\x07\x1b\x7f\x9f"}, "The prompt is empty"),
    "only what nobody sees": ({"prompt": "\u200b\u200d\u2060\ufeff\u3164"}, "The prompt is empty"),
    "10,000 characters": ({"prompt": "x" * 10_000}, "10,000 characters and 4,000 are allowed"),
    "an unknown model": ({"model": "dall-e-3"}, "dall-e-3"),
    "a model that is no name": ({"model": "`@everyone`" * 20}, "There is no model"),
    "a ratio that nobody makes": ({"ratio": "7:3"}, "7:3"),
    "a ratio of another model": ({"ratio": "8:1", "model": LITE}, "8:1"),
    "a size that nobody makes": ({"size": "16K"}, "16K"),
    "a size of another model": ({"size": "4K", "model": LITE}, "4K"),
    "a size that the default refuses": ({"size": "512"}, "512"),
    "no pictures": ({"count": 0}, "1 to "),
    "a thousand pictures": ({"count": 1000}, "1 to "),
    "less than none": ({"count": -3}, "1 to "),
    "a seed where none is taken": ({"seed": 7}, "takes no seed"),
    "a negative seed": ({"seed": -1, "model": LITE}, "A seed is a whole number from 0"),
    "a seed beyond 32 bits": ({"seed": 2**40, "model": LITE}, "A seed is a whole number from 0"),
}

LONGEST = "lighthouse " + "x" * 3989  # 4,000 characters that say something


async def test_what_cannot_be_made_is_refused_privately_with_what_can(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    told = {}
    for name, (options, _) in REFUSED.items():
        pending = await discord.slash(anna, discord.channel, "imagine", **{"prompt": "a boat", **options})
        told[name] = await refusal(pending)
        assert (await pending.ack()).seconds < 3
    assert {name: told[name] for name, (_, says) in REFUSED.items() if says not in told[name]} == {}
    assert all(len(sentence) < 1000 for sentence in told.values())
    assert (plantain.records.jobs(), gemini.history, plantain.posted()) == ([], [], [])
    assert all(not message.pings for message in discord.world.messages.values())

    # The bot is as well as before.
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))


async def test_what_people_write_reaches_the_provider_word_for_word(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    prompts = {
        LONGEST: LONGEST,
        "a\x00 boat\x1b[31m\nin the fog\t": "a boat[31m\nin the fog",
        "👩‍👩‍👧 🇩🇪 e\u0301 שלום \u202eabc": "👩‍👩‍👧 🇩🇪 e\u0301 שלום \u202eabc",
    }
    for prompt in (
        "@everyone <@&1> </x:1> [x](http://y) ``` # head",
        "{{p}} %s $(id) '; DROP TABLE jobs; --",
    ):
        prompts[prompt] = prompt
    for prompt, wanted in prompts.items():
        message = await result(await discord.slash(anna, discord.channel, "imagine", prompt=prompt))
        assert gemini.history[-1].text == wanted
        assert message.pings == frozenset()
        assert "```" not in text(message)


async def test_the_daily_limit_is_kept_however_many_ask_at_once(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.sections["limits"]["daily_images"] = 3
    await plantain.start()
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    working = gemini.hold()
    sent = [
        await discord.slash(anna, discord.channel, "imagine", prompt=f"number {number}")
        for number in range(8)
    ]
    answers = [await pending.until_answer(lambda message: True) for pending in sent]
    refused = [message for message in answers if message.ephemeral]
    assert len(refused) == 5
    assert all("The daily limit is 3 images" in text(message) for message in refused)
    many = await discord.slash(bert, discord.channel, "imagine", prompt="four", count=4)
    assert "3 images left" in await refusal(many)
    working.release()
    await plantain.quiet()
    assert len(gemini.history) == 3


async def tampered(discord: FakeDiscord, member: Member, message: Message, custom_id: str) -> str:
    return await refusal(await discord.press(member, message, custom_id))


async def test_a_tampered_button_does_nothing_and_is_answered(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    own = await discord.slash(anna, discord.channel, "imagine", prompt="a secret", private=True)
    await result(own)
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    message = await result(pending)
    await plantain.quiet()
    secret, public = plantain.job(own), plantain.job(pending)

    # Somebody else's private picture is not there, for whatever button.
    for action in ("vary", "delete", "confirm"):
        for target in (f"job:{secret.id}", f"image:{secret.images[0]['id']}"):
            await tampered(discord, bert, message, f"plantain:{action}:{target}")
    # The confirmation without the question.
    await tampered(discord, bert, message, f"plantain:confirm:image:{public.images[0]['id']}")
    # What no button ever had.
    for custom_id in (
        "plantain:vary:job:2222222",
        "plantain:vary:image:zzzzzzz",
        "plantain:explode:job:2222222",
        f"plantain:vary:job:{public.id}x",
        f"plantain:vary:job:{public.id}\n",
        "plantain:vary:job:'; --",
        "plantain",
        "x" * 100,
    ):
        assert await tampered(discord, bert, message, custom_id)
    await plantain.quiet()
    assert len(plantain.records.jobs()) == len(gemini.history) == 2
    assert discord.world.messages[message.id] == message
    assert [image["deleted_at"] for job in plantain.records.jobs() for image in job.images] == [None, None]


async def test_a_picture_that_is_gone_is_gone_for_every_button(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="two", count=2)
    message = await result(pending)
    first, second = (item.data for item in media(message))
    await plantain.quiet()
    gone = plantain.job(pending).images[0]["id"]

    async def asked(which: str) -> Message:
        """Press a button of the result and choose the picture that will be gone."""
        choice = await (await discord.click(anna, message, which)).until(lambda state: state.ephemeral)
        (button,) = [button for button in buttons(choice) if str(button.custom_id).endswith(gone)]
        return await (await discord.press(anna, choice, str(button.custom_id))).until(lambda state: True)

    vary = await (await discord.click(anna, message, "Vary")).until(lambda state: state.ephemeral)
    questions = [await asked("Delete"), await asked("Delete")]
    done = await discord.press(anna, questions[0], only_button(questions[0]))
    await done.until(lambda state: "is deleted" in text(state))
    await pending.until(lambda state: len(media(state)) == 1 and state.edited_ms is not None)
    assert [item.data for item in media(discord.world.messages[message.id])] == [second] != [first]
    said = await tampered(discord, anna, questions[1], only_button(questions[1]))
    assert "not there any more" in said
    assert "not there any more" in await tampered(discord, anna, vary, f"plantain:vary:image:{gone}")
    # With one picture left nobody is asked which.
    take = await discord.click(anna, message, "Vary")
    assert len(media(await result(take))) == 1
    assert len(gemini.history) == 3
