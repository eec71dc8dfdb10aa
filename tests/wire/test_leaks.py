"""Use and trouble leave nothing open in the bot's process: sockets, sessions, files, threads."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord, Pending, media, text
from tests.fakes.gemini import Answer, Picture, Received, Reset, ScriptedGemini, make_jpeg, refused
from tests.wire.plantain import FAILED, Plantain, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux shows what is open")

JPEG = make_jpeg(320, 240, 200_000)
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
