"""Use and trouble leave nothing in the bot's processes: sockets, sessions, files, threads, memory."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path

import psutil
import pytest

from tests.fakes.discord import FakeDiscord, Member, Pending, media, text
from tests.fakes.gemini import (
    Answer,
    Picture,
    Received,
    Reset,
    ScriptedGemini,
    UniquePictures,
    make_jpeg,
    refused,
)
from tests.wire.conversing import Strict, Talker
from tests.wire.plantain import FAILED, Plantain, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux shows what is open")

MIB = 2**20
JPEG = make_jpeg(320, 240, 200_000)
LARGE = make_jpeg(320, 240, MIB)
# What two rounds may add to a process: an allocator gives back late, and not everything. One picture that is
# not let go of in every request would be twice as much.
ROOM_IN_MEMORY = 24 * MIB
A_ROUND = 18
ROOM = 6  # connections that are kept for the next request come and go


def opened(pid: int) -> Counter[str]:
    """What a process has open, by kind; "thread" for its threads."""
    found: Counter[str] = Counter(thread=len(os.listdir(f"/proc/{pid}/task")))
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except OSError:
            continue  # closed meanwhile
        found[target.partition(":")[0] if ":" in target else "file"] += 1
    return found


async def test_rounds_of_use_and_trouble_leave_nothing_open(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    def answer(got: Received) -> Answer:
        kind = int(got.text.split()[-1]) % 6
        return (
            refused() if kind == 0 else Reset(after=200, answer=Picture(JPEG)) if kind == 1 else Picture(JPEG)
        )

    gemini.default = answer
    bot = await plantain.start()
    members = [discord.add_member(f"member {number}") for number in range(6)]

    async def a_round() -> Counter[str]:
        sent: list[Pending] = []
        for number in range(A_ROUND):
            member = members[number % len(members)]
            if number % 5 == 4:
                sent.append(
                    await discord.slash(
                        member, discord.channel, "edit", image=JPEG, instruction=f"number {number}"
                    )
                )
            else:
                sent.append(
                    await discord.slash(member, discord.channel, "imagine", prompt=f"number {number}")
                )
        await asyncio.gather(
            *(
                pending.until(lambda state: media(state) or FAILED in text(state), within=60)
                for pending in sent
            )
        )
        await plantain.quiet(within=60)
        sessions = len(discord.gateway.identifies)
        discord.gateway.invalidate(resumable=False)
        await discord.connected(sessions=sessions + 1)
        return opened(bot.pid)

    await a_round()
    before = await a_round()
    for _ in range(2):
        await a_round()
    # What was let go of may take a moment to be closed.
    allowed = {kind: count + ROOM for kind, count in before.items()}

    def no_more() -> bool:
        return all(count <= allowed.get(kind, 0) for kind, count in opened(bot.pid).items())

    await until(no_more, within=20, describe=lambda: f"before {before}, now {opened(bot.pid)}")


async def test_rounds_of_use_of_every_kind_leave_no_memory_behind(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    gemini.default = lambda got: refused() if got.text.endswith("0") else UniquePictures(LARGE)
    bot = await plantain.start()
    (child,) = bot.children
    members = [discord.add_member(f"member {number}") for number in range(6)]
    talker = Talker(plantain, Strict(), discord.add_member("talker"))
    await talker.start("a cottage", check=False)

    async def one(member: Member, number: int) -> None:
        prompt = f"number {number}"
        if number % 6 == 5:
            await talker.say(prompt, check=False)
            return
        if number % 6 == 4:
            pending = await discord.slash(member, discord.channel, "edit", image=LARGE, instruction=prompt)
        else:
            pending = await discord.slash(
                *(member, discord.channel, "imagine"),
                prompt=prompt,
                count=1 + number % 3,
                private=number % 2 == 0,
            )
        message = await pending.until(lambda state: media(state) or FAILED in text(state), within=60)
        if number % 6 == 0 and media(message):
            varied = await discord.click(member, message, "Vary")
            await varied.until_answer(media, within=60)

    async def a_round() -> dict[int, int]:
        """Let everybody ask at once; return what each process holds in memory afterwards."""
        await asyncio.gather(*(one(members[number % 6], number) for number in range(A_ROUND)))
        await plantain.quiet(within=60)
        return {pid: psutil.Process(pid).memory_info().rss for pid in (bot.pid, child)}

    warm = [await a_round() for _ in range(3)]
    later = [await a_round() for _ in range(3)]
    for pid in (bot.pid, child):
        # The least of the last two with the most of the first three: one that was measured early or late
        # decides nothing, and what grows with every round shows all the same.
        grown = min(each[pid] for each in later[1:]) - max(each[pid] for each in warm)
        assert grown < ROOM_IN_MEMORY, ([each[pid] // MIB for each in (*warm, *later)], bot.children)
    assert bot.children == [child]
