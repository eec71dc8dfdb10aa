"""Where the bot is not, and in direct messages: strangers do not spend the operator's money."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.discord import FakeDiscord, media
from tests.fakes.gemini import ScriptedGemini
from tests.wire.plantain import Plantain, refusal, result


async def test_strangers_share_one_small_cap_and_members_have_their_own(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    plantain.sections["outside"] = {"strangers_daily_images": 2}
    await plantain.start()
    anna = discord.add_member("anna")
    strangers = [discord.add_member(f"stranger {number}", outside=True) for number in range(3)]
    for stranger in strangers[:2]:
        await result(await discord.slash(stranger, None, "imagine", context="user_install", prompt="a boat"))
    third = await discord.slash(strangers[2], None, "imagine", context="user_install", prompt="a boat")
    told = await refusal(third)
    assert "all who share none may make 2 images a day together: 0 images left." in told
    assert "It starts again at <t:" in told
    assert len(gemini.history) == 2
    # Who shares a server with the bot is no stranger anywhere.
    away = await discord.slash(anna, None, "imagine", context="user_install", prompt="a boat")
    direct = await discord.slash(anna, None, "imagine", context="dm", prompt="a boat")
    here = await discord.slash(anna, discord.channel, "imagine", prompt="a boat")
    for message in await asyncio.gather(*map(result, (away, direct, here))):
        assert media(message)


@pytest.mark.parametrize(
    ("served", "words"),
    [
        ("members", "serves only people who share a server with it"),
        ("nobody", "works only in the servers that it is in, and in direct messages"),
    ],
)
async def test_an_operator_shuts_the_door(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, served: str, words: str
) -> None:
    plantain.sections["outside"] = {"served": served}
    await plantain.start()
    anna, stranger = discord.add_member("anna"), discord.add_member("stranger", outside=True)
    pending = await discord.slash(stranger, None, "imagine", context="user_install", prompt="a boat")
    assert words in await refusal(pending)
    assert (gemini.history, plantain.records.jobs()) == ([], [])
    await result(await discord.slash(anna, None, "imagine", context="dm", prompt="a boat"))
    away = await discord.slash(anna, None, "imagine", context="user_install", prompt="a boat")
    if served == "nobody":
        assert words in await refusal(away)
    else:
        assert media(await result(away))


async def test_who_is_listed_counts_as_a_member(plantain: Plantain, discord: FakeDiscord) -> None:
    guest, stranger = (discord.add_member(name, outside=True) for name in ("guest", "stranger"))
    plantain.sections["outside"] = {"served": "listed", "allowed": [guest.id]}
    await plantain.start()
    pending = await discord.slash(stranger, None, "imagine", context="user_install", prompt="a boat")
    assert "share a server" in await refusal(pending)
    await result(await discord.slash(guest, None, "imagine", context="user_install", prompt="a boat"))
