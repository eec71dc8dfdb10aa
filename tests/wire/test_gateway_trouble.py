"""The gateway cuts, forgets, repeats and mixes up; the way to Discord is gone; the token is reset."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.discord import FakeDiscord, media, text
from tests.fakes.gemini import ScriptedGemini
from tests.wire.plantain import ORIGINAL, Plantain, is_result, result, until

Events = list[tuple[str, Any]]


async def test_a_session_that_is_lost_is_begun_anew_and_the_job_goes_on(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    working = gemini.hold()
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    await working.arrived()
    # Op 7 and op 9 with "may resume": the same session goes on.
    discord.gateway.ask_to_reconnect()
    await resumed(discord, 1)
    discord.gateway.invalidate(resumable=True)
    await resumed(discord, 2)
    assert len(discord.gateway.identifies) == 1
    # Op 9 without it, and a connection that is cut: what happened in between is not told.
    discord.gateway.invalidate(resumable=False)
    await discord.connected(sessions=2)
    await discord.disconnect(resumable=False)
    await discord.connected(sessions=3)
    assert discord.gateway.resumes == 2

    working.release()
    await result(await discord.click(anna, await result(pending), "Vary"))
    await plantain.quiet()
    assert len(gemini.history) == 2


async def resumed(discord: FakeDiscord, times: int) -> None:
    """Wait until the bot has resumed so often."""
    gateway = discord.gateway
    await gateway.changed.until(
        lambda: gateway.connected and gateway.resumes == times, within=20, describe=discord.describe
    )


async def test_what_happened_while_nobody_listened_is_found_out_by_doing(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    art, attic = discord.add_channel("art"), discord.add_channel("attic")
    working = gemini.hold()
    in_art = await discord.slash(anna, art, "imagine", prompt="of the art")
    in_attic = await discord.slash(anna, attic, "imagine", prompt="of the attic", age_seconds=14 * 60 + 30)
    await working.arrived(2)
    await in_art.ack()
    await in_attic.ack()
    await discord.disconnect(resumable=False)
    discord.remove_channel(art)
    discord.deny(attic, "send_messages", "view_channel")
    await discord.connected(sessions=2)
    working.release()
    await plantain.quiet()
    shown = [text(message) for message in discord.dms(anna) if media(message)]
    assert sorted("of the attic" in words for words in shown) == [False, True]
    assert len(gemini.history) == 2
    assert plantain.records.faults() == []


async def test_events_that_come_in_another_order_and_twice_are_each_done_once(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    first = await result(await discord.slash(anna, discord.channel, "imagine", prompt="the first"))
    plantain.refused_by_discord = 3  # the repetitions answer, too: 40060

    discord.gateway.keep_back()
    sent = [
        await discord.slash(anna, discord.channel, "imagine", prompt=f"number {number}")
        for number in range(3)
    ]
    sent.append(await discord.click(anna, first, "Vary"))
    # The press comes before the commands, each twice, and after it the server itself once more.
    session = discord.gateway.current
    assert session is not None
    frames = [json.loads(frame) for frame in session.sent]
    servers = [(frame["t"], frame["d"]) for frame in frames if frame["t"] == "GUILD_CREATE"]

    def mixed(events: Events) -> Events:
        return [*reversed(events), *servers, *events[:3]]

    discord.gateway.let_go(mixed)
    for pending in sent:
        await result(pending)
    await plantain.quiet()
    assert len(plantain.records.jobs()) == len(gemini.history) == 5
    assert len([message for message in plantain.posted() if media(message)]) == 5


async def test_a_limit_for_everything_is_waited_for_by_everybody(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    limited = discord.faults.rate_limit("PATCH", ORIGINAL, 1.0, scope="global", where=is_result, times=2)
    first_answers = discord.fail("POST", "/interactions/*/callback", 429)
    anna = discord.add_member("anna")
    sent = [
        await discord.slash(anna, discord.channel, "imagine", prompt=f"number {number}")
        for number in range(3)
    ]
    for pending in sent:
        await result(pending)
        assert (await pending.ack()).seconds < 3
    await plantain.quiet()
    assert (limited.hits, first_answers.hits, len(gemini.history)) == (2, 1, 3)


async def test_a_proxy_that_is_down_for_a_while_delays_the_answer(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.breaks = True  # discord.py logs each try with a traceback
    await plantain.start()
    anna = discord.add_member("anna")
    working = gemini.hold()
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    await working.arrived()
    await pending.ack()
    discord.shut_proxy()
    await discord.disconnected()
    working.release()
    await plantain.processes[-1].wait_for_line("not delivered by token: Discord is out of reach")
    await discord.mend_proxy()
    message = await result(pending, within=60)
    await discord.connected()
    await result(await discord.click(anna, message, "Vary"))
    await plantain.quiet()
    assert len(gemini.history) == 2


async def test_a_token_that_is_reset_ends_the_bot_with_a_sentence_and_loses_nothing(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.sections["limits"]["shutdown_seconds"] = 1
    bot = await plantain.start()
    anna = discord.add_member("anna")
    working = gemini.hold()
    old = await discord.slash(anna, discord.channel, "imagine", prompt="old", age_seconds=14 * 60 + 59)
    await working.arrived()
    await old.ack()
    await until(lambda: not old.token_alive, within=20, describe=discord.describe)
    discord.world.token = "another-token"
    working.release()
    await bot.wait_for_line("not delivered by channel: Discord answered 401")
    assert not any(media(message) for message in plantain.posted())
    await discord.disconnect()
    assert await bot.wait() == 2
    assert bot.stderr[-1].startswith("Discord does not accept DISCORD_TOKEN any more")

    await plantain.start()
    message = await discord.until_message(discord.channel, media)
    assert text(message).startswith(anna.mention)
    await plantain.quiet()
    assert (len(gemini.history), plantain.job(old).settled) == (1, 1)


async def test_a_card_that_somebody_removed_is_no_reason_to_lose_the_picture(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    thread = discord.world.add_channel(
        "a thread", discord.guild, type=11, parent_id=discord.channel.id, owner_id=anna.id
    )
    working = gemini.hold()
    card = await discord.slash(anna, discord.channel, "imagine", prompt="without a card")
    inside = await discord.slash(anna, thread, "imagine", prompt="without a thread")
    await working.arrived(2)
    await discord.delete_message(await card.until(lambda message: "Generating…" in text(message)))
    await inside.ack()
    discord.remove_channel(thread)
    working.release()
    message = await discord.until_message(discord.channel, media)
    assert text(message).startswith(anna.mention)
    assert "without a thread" in text(await discord.until_message(discord.dm_channel(anna), media))
    await plantain.quiet()
    assert len(gemini.history) == 2
    await result(await discord.click(anna, message, "Vary"))
