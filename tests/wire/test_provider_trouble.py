"""Whatever the provider answers: the member is told what it was, and charged for pictures only."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from tests.fakes.discord import FakeDiscord, media, text
from tests.fakes.gemini import (
    Answer,
    Hang,
    JsonAnswer,
    Picture,
    Pictures,
    Raw,
    Reset,
    ScriptedGemini,
    Truncated,
    blocked,
    empty,
    error,
    html_502,
    make_jpeg,
    no_image,
    overloaded,
    quota,
    refused,
    retired,
    words,
)
from tests.wire.plantain import Plantain, by_prompt, failure, result

JPEG = make_jpeg(320, 240, 60_000)
GOOD = Picture(JPEG)
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Case:
    """What the provider answers, how often it is asked, and a word of the sentence that the member reads."""

    answers: Sequence[Answer]
    calls: int
    says: str


def with_data(data: str) -> JsonAnswer:
    """A picture whose data is any text."""
    part = {"inlineData": {"mimeType": "image/jpeg", "data": data}}
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP"}
    return JsonAnswer({"candidates": [candidate]})


HELPED_BY_ANOTHER_TRY: Mapping[str, Sequence[Answer]] = {
    "503": [overloaded(), GOOD],
    "an HTML page": [html_502(), GOOD],
    "504 without a body": [Raw(504, b""), GOOD],
    "500": [error(500, "INTERNAL", "Internal error encountered."), GOOD],
    "hung up before the answer": [Reset(), GOOD],
    "reset before the answer": [Reset(rst=True), GOOD],
    "no image": [no_image(), GOOD],
    "only words": [words("Which lighthouse do you mean?"), GOOD],
    "a quota": [quota("2.5s"), GOOD],
}

BUSY, BLOCKED, NO_IMAGE = "overloaded or out of reach", "safety rules", "without a picture"
UNKNOWN, REFUSED, MISCONFIGURED = (
    "Reference: `",
    "did not accept this request",
    "does not accept this bot's key",
)

GONE = "Nano Banana 2.1 has been shut down"

FAILURES: Mapping[str, Case] = {
    "hung up in the answer": Case([Reset(after=200, answer=GOOD)], 1, UNKNOWN),
    "reset in the answer": Case([Reset(after=200, answer=GOOD, rst=True)], 1, UNKNOWN),
    "shorter than announced": Case([Truncated(GOOD, at=40_000)], 1, UNKNOWN),
    "half of the JSON": Case([Truncated(GOOD, at=40_000, announced=False)], 1, UNKNOWN),
    "no JSON": Case([Raw(200, b"<html>hello</html>", "text/html")], 1, UNKNOWN),
    "nothing": Case([Raw(200, b"")], 1, UNKNOWN),
    "a list": Case([JsonAnswer([])], 1, UNKNOWN),
    "no base64": Case([with_data("@@@ this is none @@@")], 1, UNKNOWN),
    "no picture": Case([Picture(b"these bytes are no picture at all")], 1, UNKNOWN),
    "half a picture": Case([Picture(JPEG[:20_000])], 1, UNKNOWN),
    "{}": Case([empty()], 2, NO_IMAGE),
    "no image twice": Case([no_image()], 2, NO_IMAGE),
    "safety": Case([refused(message="It shows *somebody*.")], 1, "It shows \\*somebody\\*."),
    "safety of a reason": Case([refused("IMAGE_PROHIBITED_CONTENT")], 1, BLOCKED),
    "a blocked prompt": Case([blocked()], 1, BLOCKED),
    "400": Case([error(400, "INVALID_ARGUMENT", "Invalid aspect ratio.")], 1, REFUSED),
    "404": Case([error(404, "NOT_FOUND", "File x is not there.")], 1, REFUSED),
    "retired": Case([retired("gemini-nano-banana-2.1")], 1, GONE),
    "retired, as a 400": Case(
        [error(400, "FAILED_PRECONDITION", "Model x is no longer available.")], 1, GONE
    ),
    "403": Case([error(403, "PERMISSION_DENIED", "Permission denied.")], 1, MISCONFIGURED),
    "a key that ended": Case([error(400, "INVALID_ARGUMENT", "API key not valid.")], 1, MISCONFIGURED),
    "a quota for longer": Case([quota("53s")], 1, BUSY),
}


async def test_another_try_helps_where_it_may(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    gemini.default = by_prompt(HELPED_BY_ANOTHER_TRY)
    await plantain.start()
    anna = discord.add_member("anna")
    sent = {
        prompt: await discord.slash(anna, discord.channel, "imagine", prompt=prompt)
        for prompt in HELPED_BY_ANOTHER_TRY
    }
    for pending in sent.values():
        assert media(await result(pending))[0].data == JPEG
    await plantain.quiet()
    assert {prompt: len(plantain.calls(prompt)) for prompt in sent} == dict.fromkeys(sent, 2)
    first, second = plantain.calls("a quota")
    assert second.at - first.at >= 2.5  # as the provider had said
    assert {plantain.job(pending).settled for pending in sent.values()} == {1}


async def test_every_failure_has_its_sentence_and_costs_nothing(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    gemini.default = by_prompt({prompt: case.answers for prompt, case in FAILURES.items()})
    await plantain.start()
    anna = discord.add_member("anna")
    sent = {
        prompt: await discord.slash(anna, discord.channel, "imagine", prompt=prompt) for prompt in FAILURES
    }
    told = {prompt: await failure(pending) for prompt, pending in sent.items()}
    await plantain.quiet()
    unsaid = {prompt: told[prompt] for prompt, case in FAILURES.items() if case.says not in told[prompt]}
    assert unsaid == {}
    assert {prompt: len(plantain.calls(prompt)) for prompt in sent} == {
        prompt: case.calls for prompt, case in FAILURES.items()
    }
    assert all("Nothing was charged" in words_ for words_ in told.values())
    assert all(not pending.message.ephemeral for pending in sent.values() if pending.message)
    assert sum(job.settled for job in plantain.records.jobs()) == 0
    # Who runs the bot reads of what only they can change, and nobody reads answers in the log.
    log = plantain.processes[-1].log
    assert len(re.findall("ERROR .* failed: KeyRefused", log)) == 2
    assert len(re.findall("ERROR .* failed: ModelGone", log)) == 2
    assert "these bytes are no picture" not in log


@pytest.mark.slow
async def test_who_hangs_or_stays_overloaded_gets_final_words_within_40_seconds(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.sections["gemini"]["timeout_seconds"] = 2
    gemini.default = by_prompt({"hangs": [Hang()], "503 for ever": [overloaded()], "fine": [GOOD]})
    await plantain.start()
    anna = discord.add_member("anna")
    lost = [
        await discord.slash(anna, discord.channel, "imagine", prompt=prompt)
        for prompt in ("hangs", "503 for ever")
    ]
    await gemini.received(4)
    # Others are not held back.
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="fine"))
    for pending in lost:
        assert BUSY in await failure(pending, within=40)
        assert pending.seconds(pending.history[-1]) < 40
    assert 3 <= len(plantain.calls("hangs")) <= 15
    assert 4 <= len(plantain.calls("503 for ever")) <= 15


async def test_the_wait_for_another_try_is_a_setting(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.sections["gemini"] |= {"timeout_seconds": 1, "retry_seconds": 0}
    gemini.default = by_prompt({"hangs": [Hang()], "503": [overloaded()]})
    await plantain.start()
    anna = discord.add_member("anna")
    lost = [
        await discord.slash(anna, discord.channel, "imagine", prompt=prompt) for prompt in ("hangs", "503")
    ]
    for pending in lost:
        assert BUSY in await failure(pending)
    assert len(gemini.history) == 2


async def test_of_several_pictures_the_last_is_the_result_and_drafts_never_are(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    draft, first, last, after = (make_jpeg(64, 64, seed=seed) for seed in range(4))
    gemini.default = by_prompt(
        {
            "several": [
                Pictures([Picture(draft, thought=True), Picture(first), "Here *it* is.", Picture(last)])
            ],
            "a draft at the end": [Pictures([Picture(last), Picture(after, thought=True)])],
            "only a draft": [Pictures([Picture(draft, thought=True)])],
        }
    )
    await plantain.start()
    anna = discord.add_member("anna")
    several, ended, only = [
        await discord.slash(anna, discord.channel, "imagine", prompt=prompt)
        for prompt in ("several", "a draft at the end", "only a draft")
    ]
    message = await result(several)
    assert [item.data for item in media(message)] == [last]
    assert "Here \\*it\\* is." in text(message)
    assert [item.data for item in media(await result(ended))] == [last]
    assert NO_IMAGE in await failure(only)
    assert len(plantain.calls("only a draft")) == 2


async def test_a_picture_of_another_size_than_asked_is_shown_as_what_it_is(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    gemini.enqueue(GOOD)
    await plantain.start()
    pending = await discord.slash(
        discord.add_member("anna"), discord.channel, "imagine", prompt="a boat", ratio="1:1", size="4K"
    )
    message = await result(pending)
    assert media(message)[0].data == JPEG
    assert "320×240" in text(message)


async def test_of_several_calls_some_may_fail_and_only_the_others_are_charged(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    gemini.enqueue(GOOD, refused(), Picture(make_jpeg(64, 64)), Raw(200, b"no JSON"))
    await plantain.start()
    pending = await discord.slash(
        discord.add_member("anna"), discord.channel, "imagine", prompt="four", count=4
    )
    message = await result(pending)
    assert len(media(message)) == 2
    assert "2 images of 4 could not be made" in text(message)
    await plantain.quiet()
    assert (plantain.job(pending).settled, len(gemini.history)) == (2, 4)


async def test_a_picture_over_the_limit_is_made_smaller_and_kept_whole(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    large = noise(2000, 2000)
    assert 11 * MIB < len(large) < 16 * MIB
    gemini.default = Picture(large, "image/png")
    await plantain.start()
    anna = discord.add_member("anna")
    small, roomy = [
        await discord.slash(
            anna, discord.channel, "imagine", prompt="noise", attachment_size_limit=limit * MIB
        )
        for limit in (10, 25)
    ]
    message = await result(small)
    (shown,) = media(message)
    with Image.open(io.BytesIO(shown.data)) as image:
        image.load()
        pixels = image.width * image.height
    assert len(shown.data) <= 10 * MIB
    assert pixels * 2 >= 2000 * 2000
    assert "The original is kept" in text(message)
    # With a higher limit the same bytes go as they are; and kept they are in both cases.
    assert media(await result(roomy))[0].data == large
    assert {image["size"] for job in plantain.records.jobs() for image in job.images} == {len(large)}


def noise(width: int, height: int) -> bytes:
    """A PNG that no encoding makes much smaller."""
    pixels = random.Random(1).randbytes(width * height * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (width, height), pixels).save(file, "PNG", compress_level=0)
    return file.getvalue()


async def test_a_used_up_day_is_said_at_once_also_after_a_kill(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    gemini.default = quota("36000s", a_day=70)
    await plantain.start()
    anna = discord.add_member("anna")
    first = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    said = await failure(first)
    assert "daily quota for Nano Banana 2.1 is used up, so nothing was made. Nothing was charged." in said
    tomorrow = f"It starts again at <t:{midnight_in_california()}:t>"
    assert tomorrow in said

    async def refusal() -> str:
        pending = await discord.slash(anna, discord.channel, "imagine", prompt="another boat")
        message = await pending.until(lambda message: "makes no more pictures today" in text(message))
        assert message.ephemeral
        return text(message)

    again = await refusal()
    assert "Until then you can use: Nano Banana 2 Lite, Nano Banana Pro." in again
    assert tomorrow in again
    await plantain.quiet()
    await plantain.processes[-1].kill()
    await plantain.start()
    assert tomorrow in await refusal()
    gemini.default = GOOD
    lite = await discord.slash(anna, discord.channel, "imagine", prompt="a boat", model="draft")
    assert media(await result(lite))[0].data == JPEG
    await plantain.quiet()
    assert len(gemini.history) == 2
    assert [(job.settled, job.reserved) for job in plantain.records.jobs()] == [(0, 0), (1, 0)]


def midnight_in_california() -> int:
    """When the next day of Google's quotas begins, in seconds."""
    here = datetime.now(ZoneInfo("America/Los_Angeles"))
    return int(datetime.combine(here.date() + timedelta(days=1), time(), here.tzinfo).timestamp())
