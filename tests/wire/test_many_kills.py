"""Two hundred deaths: `kill -9` (and now and then SIGTERM) at any moment, start-up and recovery included.

Members ask whenever a bot is there, for everything that makes pictures. At the end one bot is left alone, and
what must always hold (docs/architecture.md) does: no accepted job is lost, none is paid for twice, every
reservation is closed, every result stands in one message.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.domain.jobs import MAX_ATTEMPTS
from tests.fakes.discord import FakeDiscord, Member, Pending, buttons, media
from tests.fakes.gemini import Answer, Received, ScriptedGemini, SlowDrip, UniquePictures, make_jpeg, refused
from tests.wire.conversing import Strict, Talker
from tests.wire.forks import Nursery
from tests.wire.plantain import KEY, Plantain
from tests.wire.records import Kept

DEATHS = 200
JPEG = make_jpeg(64, 64, 20_000)
KINDS = ("one", "one", "several", "private", "edit", "vary", "turn")


@dataclass
class Crowd:
    """Those who ask: what they have asked for, by interactions and by messages in a thread."""

    discord: FakeDiscord
    members: list[Member]
    talker: Talker
    chance: random.Random
    sent: list[Pending] = field(default_factory=list)
    asked: int = 0

    async def ask(self) -> None:
        """Somebody asks for something."""
        self.asked += 1
        prompt = f"{'refused' if self.chance.random() < 0.2 else 'number'} {self.asked}"
        kind = self.chance.choice(KINDS)
        if kind == "turn":
            await self.discord.send_message(self.talker.member, self.talker.thread, prompt)
        elif kind != "vary" or not await self._vary():
            self.sent.append(await self._command(kind, prompt))

    async def _command(self, kind: str, prompt: str) -> Pending:
        member, channel = self.chance.choice(self.members), self.discord.channel
        if kind == "edit":
            return await self.discord.slash(member, channel, "edit", image=JPEG, instruction=prompt)
        options: dict[str, Any] = {"private": True} if kind == "private" else {}
        if kind == "several":
            options["count"] = self.chance.randint(2, 4)
        return await self.discord.slash(member, channel, "imagine", prompt=prompt, **options)

    async def _vary(self) -> bool:
        """Press Vary under the latest result of one picture; False where there is none."""
        for pending in reversed(self.sent):
            message = pending.message
            if message is None or len(media(message)) != 1:
                continue  # with several, it asks which one
            if any(each.label == "Vary" for each in buttons(message)):
                self.sent.append(await self.discord.click(pending.member, message, "Vary"))
                return True
        return False


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
    async with Nursery(plantain.config, plantain.environment, plantain.folder) as nursery:
        talker = Talker(plantain, Strict(), discord.add_member("talker"))
        crowd = Crowd(discord, members, talker, chance)
        await nursery.start()
        await discord.connected()
        await talker.start("a cottage", check=False)
        assert await nursery.end(signal.SIGTERM) == 0
        for _ in range(DEATHS):
            await nursery.start()
            await some_life(plantain, crowd)
            code = await nursery.end(chance.choice((signal.SIGKILL,) * 4 + (signal.SIGTERM,)))
            assert code in (0, -signal.SIGKILL, -signal.SIGTERM), nursery.last_words()
        await nursery.start()
        sessions = len(discord.gateway.identifies)
        await discord.connected(sessions=sessions + (not discord.gateway.connected), within=60)
        await plantain.quiet(within=120)
        assert await nursery.end(signal.SIGTERM) == 0

    jobs = {kept.job["origin_key"]: kept for kept in plantain.records.jobs()}
    assert len(jobs) > DEATHS // 4
    for pending in crowd.sent:
        # "thinking…" alone promises nothing: an attachment is fetched before a request is accepted.
        job = jobs.get(f"interaction:{pending.id}")
        assert job is not None or pending.message is None or pending.message.loading, pending.message
    may_be_called: Counter[str] = Counter()  # a prompt and all that Vary made of it
    for job in jobs.values():
        assert job.attempts <= MAX_ATTEMPTS
        may_be_called[job.request["prompt"]] += job.attempts * job.request["options"]["count"]
        for message in plantain.results(job.id):
            assert len(media(message)) == len(job.images)
    for prompt, most in may_be_called.items():
        assert len(plantain.calls(prompt)) <= most, prompt
    made = Counter(kind for job in jobs.values() if job.images for kind in kinds_of(job))
    assert made.keys() >= {"generate", "edit", "several", "private", "vary", "turn"}, made
    told = "".join(log.read_text() for log in nursery.logs if log.exists())
    assert "Traceback" not in told, told[told.index("Traceback") - 1000 :][:4000]
    assert KEY not in told and discord.world.token not in told


def kinds_of(job: Kept) -> set[str]:
    """What a job was."""
    request = job.request
    more = {
        "several": request["options"]["count"] > 1,
        "private": request.get("private"),
        "turn": request.get("conversation"),
    }
    return {request["kind"], *(name for name, holds in more.items() if holds)}


async def some_life(plantain: Plantain, crowd: Crowd) -> None:
    """Let a bot live until it has made so many requests; members ask as soon as it listens."""
    discord, gemini, chance = plantain.discord, plantain.gemini, crowd.chance

    def seen() -> int:
        return len(discord.requests) + len(gemini.history)

    sessions = len(discord.gateway.identifies)
    target = seen() + chance.randint(0, 14)
    wanted = chance.choice((0, 1, 1, 2))
    quiet_since = asyncio.get_running_loop().time()
    last = seen()
    while seen() < target:
        if wanted and discord.gateway.connected and len(discord.gateway.identifies) > sessions:
            await crowd.ask()
            wanted -= 1
        if seen() != last:
            last, quiet_since = seen(), asyncio.get_running_loop().time()
        elif not wanted and asyncio.get_running_loop().time() - quiet_since > 0.3:
            return  # it has nothing left to do
        await asyncio.sleep(0.005)
