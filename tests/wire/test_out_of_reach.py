"""The provider's name leads nowhere, its door is shut, or what it sends never ends."""

from __future__ import annotations

import dataclasses
import socket

import pytest

from tests.fakes.discord import FakeDiscord, media
from tests.fakes.gemini import JsonAnswer, Picture, Raw, ScriptedGemini, SlowDrip, make_jpeg, prepare
from tests.wire.plantain import Plantain, by_prompt, failure, result

BUSY, UNKNOWN = "overloaded or out of reach", "Reference: `"
JPEG = make_jpeg(320, 240, 60_000)
MIB = 2**20


@pytest.mark.parametrize("fault", ["no such name", "nobody listens"])
async def test_a_provider_that_cannot_be_reached(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, fault: str
) -> None:
    with socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))  # a port that nobody listens on, and that nobody gets meanwhile
        address = f"127.0.0.1:{shut.getsockname()[1]}" if fault == "nobody listens" else "gemini.invalid"
        plantain.sections["gemini"] = {
            "base_url": f"http://{address}",
            "retry_seconds": 0,
            "timeout_seconds": 5,
        }
        # Past the environment's proxy, so that it is the bot itself who looks for the name.
        await plantain.run(environment={"NO_PROXY": address, "no_proxy": address})
        await discord.connected(within=60)
        anna = discord.add_member("anna")
        pending = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
        said = await failure(pending, within=40)
    assert BUSY in said
    assert "Nothing was charged" in said
    assert address not in said
    await plantain.quiet()
    assert plantain.job(pending).settled == 0


async def test_answers_without_an_end_end_and_odd_ones_are_read(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.sections["gemini"] |= {"timeout_seconds": 3, "retry_seconds": 0}
    good = prepare(Picture(JPEG))
    odd = dataclasses.replace(good, headers={**good.headers, "Content-Type": "text/plain"})
    gemini.default = by_prompt(
        {
            "drips for ever": [SlowDrip(Picture(JPEG), size=1000, pause=0.2)],
            "drips": [SlowDrip(Picture(JPEG), size=20_000, pause=0.05)],
            "called something else": [odd],
            "too many words": [JsonAnswer({"candidates": [], "x": "y" * (17 * MIB)})],
            "too large a picture": [Picture(JPEG + bytes(65 * MIB))],
            "a page for an error": [Raw(404, b"<html>" + b"x" * (2 * MIB), "text/html")],
        }
    )
    await plantain.start()
    anna = discord.add_member("anna")

    async def ask(prompt: str) -> str:
        pending = await discord.slash(anna, discord.channel, "imagine", prompt=prompt)
        return await failure(pending, within=40)

    for prompt in ("drips", "called something else"):
        pending = await discord.slash(anna, discord.channel, "imagine", prompt=prompt)
        assert media(await result(pending))[0].data == JPEG
    for prompt in ("drips for ever", "too many words", "too large a picture"):
        assert UNKNOWN in await ask(prompt)
        assert len(plantain.calls(prompt)) == 1  # it was paid: asking again would pay again
    assert "did not accept this request" in await ask("a page for an error")
    await plantain.quiet()
    assert sum(job.settled for job in plantain.records.jobs()) == 2
    # Nothing of what was cut off stays on the disk; `finish` looks for the rest.
    assert sum(path.stat().st_size for path in plantain.data.rglob("*") if path.is_file()) < 8 * MIB
