"""Discord limits, fails, refuses and cuts lines; the answer arrives once all the same."""

from __future__ import annotations

import asyncio
import io

from PIL import Image

from tests.fakes.discord import FakeDiscord, buttons, media, text
from tests.fakes.gemini import Picture, ScriptedGemini, make_jpeg
from tests.wire.plantain import ORIGINAL, Plantain, is_result, result, until

TOO_LARGE = {"message": "Request entity too large", "code": 40005}


async def test_a_rate_limit_on_the_result_is_waited_for(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    limited = discord.faults.rate_limit("PATCH", ORIGINAL, 1.5, where=is_result)
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    await result(pending)
    tries = [request for request in discord.requests if is_result(request)]
    assert [request.status for request in tries] == [429, 200]
    assert tries[1].at - tries[0].at >= 1.5
    assert (limited.hits, len(gemini.history)) == (1, 1)


async def test_a_failure_of_discord_delays_the_result_and_no_more(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    broken = discord.fail("PATCH", ORIGINAL, 500, where=is_result)
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    await result(pending)
    assert (broken.hits, len(gemini.history)) == (1, 1)
    await plantain.quiet()
    assert plantain.posted() == [pending.message]


async def test_what_discord_does_not_take_for_long_waits_also_over_a_kill(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    working = gemini.hold()
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    card = await pending.until(lambda message: "Generating…" in text(message))
    down = discord.fail("*", "/webhooks/*", 503, times=1_000_000)
    working.release()

    def tries() -> int:
        return sum(map(is_result, discord.requests))

    await until(lambda: tries() >= 2, within=20, describe=discord.describe)
    await plantain.restart()
    before = tries()
    await until(lambda: tries() >= before + 2, within=20, describe=discord.describe)
    delivery = plantain.job(pending).delivery
    assert delivery is not None and delivery["state"] == "pending"
    down.times = down.hits  # it is back
    message = await result(pending)
    await plantain.quiet()
    delivery = plantain.job(pending).delivery
    assert delivery is not None and (message.id, delivery["way"]) == (card.id, "token")
    assert plantain.posted() == [message]
    assert (plantain.job(pending).settled, len(gemini.history)) == (1, 1)


async def test_a_line_that_is_cut_during_the_upload_is_tried_again(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    posting = discord.hold("PATCH", ORIGINAL, point="after", where=is_result)
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    await posting.arrived()
    posting.drop()
    await plantain.quiet()
    assert plantain.posted() == [pending.message]
    assert len(gemini.history) == 1


async def test_a_slow_edit_of_the_card_never_covers_the_result(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    editing = discord.hold("PATCH", ORIGINAL, where=lambda request: not request.files)
    working = gemini.hold()
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    await editing.arrived()
    working.release()
    await until(lambda: plantain.job(pending).state == "succeeded", within=20, describe=discord.describe)
    editing.release()
    await result(pending)
    await plantain.quiet()
    assert pending.message is not None and media(pending.message)


async def test_what_discord_finds_too_large_comes_as_a_smaller_copy(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    picture = make_jpeg(1200, 900, 900_000)
    gemini.enqueue(Picture(picture))
    await plantain.start()
    discord.fail("PATCH", ORIGINAL, 413, TOO_LARGE, where=is_result)
    pending = await discord.slash(discord.add_member("anna"), discord.channel, "imagine", prompt="a boat")
    message = await result(pending)
    (shown,) = media(message)
    with Image.open(io.BytesIO(shown.data)) as image:
        image.load()
        assert image.width * image.height * 2 >= 1200 * 900
    assert len(shown.data) < len(picture)
    assert "The original is kept" in text(message)
    await plantain.quiet()
    assert plantain.job(pending).images[0]["size"] == len(picture)


async def test_an_answer_that_came_too_late_for_discord_does_not_lose_the_picture(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    answering = discord.hold("POST", "/interactions/*/callback")
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    await answering.arrived()
    pending.sent_at -= 4  # Discord's three seconds are over
    answering.release()
    message = await discord.until_message(discord.channel, media)
    assert pending.acknowledged is None
    assert text(message).startswith(anna.mention)
    await plantain.quiet()
    assert plantain.posted() == [message]
    await result(await discord.click(anna, message, "Vary"))


async def test_an_interaction_that_comes_twice_is_one_job(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.refused_by_discord = 2  # the second answers: 40060
    await plantain.start()
    anna = discord.add_member("anna")
    working = gemini.hold()
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    discord.redeliver(pending)
    await pending.ack()
    await working.arrived()
    working.release()
    message = await result(pending)
    await plantain.quiet()
    discord.redeliver(pending)
    answers = f"/interactions/{pending.id}/{pending.token}/callback"
    await discord.until(
        lambda: sum(request.path == answers and request.status == 400 for request in discord.requests) == 2
    )
    assert [job.state for job in plantain.records.jobs()] == ["succeeded"]
    assert (len(gemini.history), plantain.posted()) == (1, [message])
    assert pending.followups == ()

    # A button that comes twice: one more picture, not two.
    press = await discord.click(anna, message, "Vary")
    discord.redeliver(press)
    await result(press)
    plantain.refused_by_discord += 1
    await plantain.quiet()
    assert len(plantain.records.jobs()) == 2


async def test_a_lost_gateway_connection_does_not_disturb_a_job(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    await plantain.start()
    anna = discord.add_member("anna")
    working = gemini.hold()
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    await working.arrived()
    await discord.disconnect(resumable=True)
    # What happens meanwhile comes when the bot resumes.
    meanwhile = await discord.slash(anna, discord.channel, "imagine", prompt="meanwhile")
    working.release()
    await result(meanwhile)
    assert (discord.gateway.resumes, len(discord.gateway.identifies)) == (1, 1)
    await result(await discord.click(anna, await result(pending), "Vary"))


async def test_many_members_at_once_are_all_acknowledged_in_time(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    gemini.delay = 1.0
    await plantain.start()
    members = [discord.add_member(f"member {number}") for number in range(50)]
    sent = [
        await discord.slash(member, discord.channel, "imagine", prompt=f"of {member.name}")
        for member in members
    ]
    # The fake refuses an acknowledgement that comes after three seconds, as Discord does.
    await asyncio.gather(*(pending.ack() for pending in sent))
    messages = await asyncio.gather(*(result(pending) for pending in sent))
    assert gemini.most_in_flight > 1
    assert len({media(message)[0].data for message in messages}) == 50
    for pending, message in zip(sent, messages, strict=True):
        assert f"of {pending.member.name}" in text(message)
        assert {"Vary", "Delete"} <= {button.label for button in buttons(message)}
