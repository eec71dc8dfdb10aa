"""Two hundred deaths: `kill -9` (and now and then SIGTERM) at any moment, start-up and recovery included.

Members ask whenever a bot is there. At the end one bot is left alone, and what must always hold
(docs/architecture.md) does: no accepted job is lost, none is paid for twice, every reservation is closed,
every result stands in one message.
"""

from __future__ import annotations

import asyncio
import random
import signal

from bot.domain.jobs import MAX_ATTEMPTS
from tests.fakes.discord import FakeDiscord, Member, Pending, media
from tests.fakes.gemini import Answer, Received, ScriptedGemini, SlowDrip, UniquePictures, make_jpeg, refused
from tests.wire.forks import Nursery
from tests.wire.plantain import KEY, Plantain

DEATHS = 200
JPEG = make_jpeg(64, 64, 20_000)


async def test_two_hundred_deaths_at_any_moment(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    chance = random.Random(7)

    def any_answer(got: Received) -> Answer:
        if "refused" in got.text:
            return refused()
        return SlowDrip(UniquePictures(JPEG), size=8_000, pause=chance.choice((0, 0, 0.02, 0.1)))

    gemini.default = any_answer
    plantain.sections["limits"] |= {"shutdown_seconds": 0, "daily_images": 100_000}
    plantain.write_settings()
    members = [discord.add_member(f"member {number}") for number in range(5)]
    sent: list[Pending] = []
    async with Nursery(plantain.config, plantain.environment, plantain.folder) as nursery:
        for _ in range(DEATHS):
            await nursery.start()
            await some_life(plantain, members, sent, chance)
            code = await nursery.end(chance.choice((signal.SIGKILL,) * 4 + (signal.SIGTERM,)))
            assert code in (0, -signal.SIGKILL, -signal.SIGTERM), nursery.last_words()
        await nursery.start()
        sessions = len(discord.gateway.identifies)
        await discord.connected(sessions=sessions + (not discord.gateway.connected), within=60)
        await plantain.quiet(within=120)
        assert await nursery.end(signal.SIGTERM) == 0

    jobs = {kept.job["origin_key"]: kept for kept in plantain.records.jobs()}
    assert len(jobs) > DEATHS // 4
    for pending in sent:
        job = jobs.get(f"interaction:{pending.id}")
        assert job is not None or pending.acknowledged is None
    for job in jobs.values():
        calls = len(plantain.calls(job.request["prompt"]))
        assert calls <= job.attempts <= MAX_ATTEMPTS
        for message in plantain.results(job.id):
            assert len(media(message)) == 1
    told = "".join(log.read_text() for log in nursery.logs if log.exists())
    assert "Traceback" not in told, told[told.index("Traceback") - 1000 :][:4000]
    assert KEY not in told and discord.world.token not in told


async def some_life(
    plantain: Plantain, members: list[Member], sent: list[Pending], chance: random.Random
) -> None:
    """Let a bot live until it has made so many requests; members ask as soon as it listens."""
    discord, gemini = plantain.discord, plantain.gemini

    def seen() -> int:
        return len(discord.requests) + len(gemini.history)

    sessions = len(discord.gateway.identifies)
    target = seen() + chance.randint(0, 14)
    wanted = chance.choice((0, 1, 1, 2))
    quiet_since = asyncio.get_running_loop().time()
    last = seen()
    while seen() < target:
        if wanted and discord.gateway.connected and len(discord.gateway.identifies) > sessions:
            prompt = f"{'refused' if chance.random() < 0.2 else 'number'} {len(sent)}"
            sent.append(
                await discord.slash(chance.choice(members), discord.channel, "imagine", prompt=prompt)
            )
            wanted -= 1
        if seen() != last:
            last, quiet_since = seen(), asyncio.get_running_loop().time()
        elif not wanted and asyncio.get_running_loop().time() - quiet_since > 0.3:
            return  # it has nothing left to do
        await asyncio.sleep(0.005)
