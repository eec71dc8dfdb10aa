"""`kill -9` in the middle of an erasure: after the restart it finishes, and nothing is left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.fakes.discord import FakeDiscord, Member, buttons, text
from tests.wire.plantain import Plantain, result, until

WORDS = "a zanzibarian secret"
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
PICTURES = 4
Moment = Callable[[Plantain, FakeDiscord, Member], Awaitable[None]]


async def press(discord: FakeDiscord, anna: Member) -> None:
    """Ask for the erasure and say yes."""
    asked = await discord.slash(anna, discord.channel, "privacy erase")
    question = await asked.until_answer(buttons)
    assert "4 pictures" in text(question)
    await discord.click(anna, question, "Yes, erase everything")


def count(plantain: Plantain, what: str) -> int:
    return int(plantain.records.rows(f"SELECT COUNT(*) AS n FROM {what}")[0]["n"])


def everything(plantain: Plantain, table: str) -> str:
    return "\n".join(str(tuple(row)) for row in plantain.records.rows(f"SELECT * FROM {table}"))


def written_down(plantain: Plantain) -> bool:
    return count(plantain, "erasures") == 1


async def when_it_is_asked_for(plantain: Plantain, discord: FakeDiscord, anna: Member) -> None:
    """Written down, and Anna was not told yet."""
    telling = discord.hold(
        "POST", "/interactions/*/callback", where=lambda got: "It is being" in str(got.payload)
    )
    removing = discord.hold("DELETE", "*", times=PICTURES)
    await press(discord, anna)
    await telling.arrived()
    await plantain.processes[-1].kill()
    telling.drop()
    removing.drop()
    assert count(plantain, "images WHERE forgotten_at IS NOT NULL") == 0


async def before_a_message_is_removed(plantain: Plantain, discord: FakeDiscord, anna: Member) -> None:
    removing = discord.hold("DELETE", "*")
    await press(discord, anna)
    await removing.arrived()
    await plantain.processes[-1].kill()
    removing.drop()
    assert count(plantain, "images WHERE deleted_at IS NOT NULL") == PICTURES


async def after_a_message_was_removed(plantain: Plantain, discord: FakeDiscord, anna: Member) -> None:
    """Gone in Discord, and the bot does not know."""
    removing = discord.hold("DELETE", "*", point="after")
    await press(discord, anna)
    await removing.arrived()
    await plantain.processes[-1].kill()
    removing.drop()


async def while_rows_are_forgotten(plantain: Plantain, discord: FakeDiscord, anna: Member) -> None:
    await press(discord, anna)
    await until(
        lambda: count(plantain, "images WHERE forgotten_at IS NOT NULL") == PICTURES,
        within=30,
        describe=discord.describe,
    )
    await plantain.processes[-1].kill()


@pytest.mark.parametrize(
    "moment",
    [
        when_it_is_asked_for,
        before_a_message_is_removed,
        after_a_message_was_removed,
        while_rows_are_forgotten,
    ],
)
async def test_an_erasure_is_finished_after_the_restart(
    plantain: Plantain, discord: FakeDiscord, moment: Moment
) -> None:
    await plantain.start()
    anna, ben = discord.add_member("anna"), discord.add_member("ben")
    for _ in range(PICTURES):
        await result(await discord.slash(anna, discord.channel, "imagine", prompt=WORDS))
    others = await result(await discord.slash(ben, discord.channel, "imagine", prompt="a house of bens"))
    await plantain.quiet()
    assert len(plantain.posted()) == PICTURES + 1
    await moment(plantain, discord, anna)
    assert written_down(plantain)
    assert count(plantain, "erasures WHERE erased_at IS NULL") == 1, "it was over before the kill"
    await plantain.start()
    await until(
        lambda: count(plantain, "erasures WHERE erased_at IS NOT NULL") == 1,
        within=60,
        describe=discord.describe,
    )
    assert plantain.posted() == [others]
    rows = {table["name"]: everything(plantain, table["name"]) for table in plantain.records.rows(TABLES)}
    assert [name for name, found in rows.items() if "zanzibarian" in found] == []
    # The ledger counts against today's cap, and the wish is remembered until that is over.
    named = {name for name, found in rows.items() if str(anna.id) in found}
    assert named <= {"ledger", "ledger_sums", "erasures"}
    files = {path.name for path in (plantain.data / "blobs").rglob("*") if path.is_file()}
    (of_ben,) = plantain.records.rows("SELECT sha256 FROM images WHERE forgotten_at IS NULL")
    assert files == {str(of_ben["sha256"])}
    assert "a house of bens" in rows["jobs"]
