"""The machine's clock jumps under a bot that works. libfaketime stands between the process and the clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.discord import FakeDiscord, Message, media
from tests.fakes.gemini import ScriptedGemini
from tests.wire.plantain import Plantain

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (Debian's faketime)")


def pictures(plantain: Plantain) -> list[Message]:
    """The messages with a picture that everybody in the channel sees."""
    return [message for message in plantain.posted() if media(message)]


@pytest.mark.parametrize("jump", ["+5h", "-5h"])
async def test_a_clock_that_jumps_under_a_running_bot(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, jump: str
) -> None:
    clock = plantain.folder / "clock"
    clock.write_text("+0\n")
    await plantain.run(
        environment={
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            # As on a machine whose clock is set: what counts seconds goes on.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
    )
    await discord.connected(within=60)
    anna = discord.add_member("anna")
    working = gemini.hold()
    before = await discord.slash(anna, discord.channel, "imagine", prompt="before")
    await before.ack()
    await working.arrived()
    clock.write_text(f"{jump}\n")
    after = await discord.slash(anna, discord.channel, "imagine", prompt="after")
    await after.ack()
    await working.arrived(2)
    working.release()

    # By a clock that is ahead every token is long over: the answers stand in the channel all the same.
    await discord.until(lambda: len(pictures(plantain)) == 2)
    await plantain.quiet()
    for pending in (before, after):
        job = plantain.job(pending)
        assert (job.state, job.attempts, job.settled) == ("succeeded", 1, 1)
    moved = plantain.job(after).job["created_at"] - plantain.job(before).job["created_at"]
    assert abs(moved) > 4 * 3_600_000  # the clock did jump
    assert len(gemini.history) == 2
    await discord.slash(anna, discord.channel, "imagine", prompt="later")
    await discord.until(lambda: len(pictures(plantain)) == 3)
    await plantain.quiet()
