"""The entrances to usage, cancelling and spending, for the tests that break what is behind each one."""

from __future__ import annotations

import simcord

from cogs.cancel import CancelButton
from tests.cogs import forged
from tests.cogs.library_entrances import Entrance, command, managed, picker
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage

TABLES = ("ledger",)


async def cancel(stage: Stage, card: Seen) -> simcord.InteractionResult:
    job_id = card.buttons["Vary"].rpartition(":")[2]
    return await forged.press(stage, stage.alice, card, f"plantain:cancel:{job_id}")


PICKERS: dict[str, Entrance] = {"/config fallback model": picker("config fallback", "model")}
PRESSES: dict[str, list[str]] = {CancelButton.__name__: ["press"]}
ENTRANCES: dict[str, Entrance] = {
    **PICKERS,
    "/config log": managed("config log"),
    "/config budget": managed("config budget", dollars=5.0),
    "/config fallback": managed("config fallback", model="draft"),
    "/usage me": command("usage me"),
    "/help": command("help"),
    "/usage server": managed("usage server"),
    "/usage export": managed("usage export"),
    "CancelButton press": cancel,
}
