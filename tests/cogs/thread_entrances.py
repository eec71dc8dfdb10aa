"""The entrances to conversations, for the tests that break what is behind each one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import simcord
from discord import ui

from cogs.redo import RedoButton
from cogs.threads import START_THREAD
from cogs.turn_buttons import Move, TurnButton
from tests.cogs.library_entrances import command, component, managed
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage

Entrance = Callable[[Stage, Seen], Awaitable[simcord.InteractionResult]]
TABLES = ("conversations", "turns")


async def menu(stage: Stage, card: Seen) -> simcord.InteractionResult:
    return await stage.alice.context_menu(stage.channel, START_THREAD, card.message)


def _button(item: ui.DynamicItem[ui.Button[Any]]) -> ui.Button[Any]:
    return ui.Button(label="forged", custom_id=item.custom_id)


ENTRANCES: dict[str, Entrance] = {
    "/thread": command("thread", prompt="a lighthouse"),
    "/tree": command("tree"),
    "/undo": command("undo"),
    "/head": command("head", picture="1"),
    "/participants": command("participants", who="owner"),
    "/end": command("end"),
    "/config threads": managed("config threads", participants="owner"),
    f"menu {START_THREAD}": menu,
    **{f"{TurnButton.__name__} {move}": component(_button(TurnButton(move, "k7f3q9z"))) for move in Move},
    f"{RedoButton.__name__} press": component(_button(RedoButton("k7f3q9z"))),
}
PRESSES: dict[str, list[str]] = {
    TurnButton.__name__: list(Move),
    RedoButton.__name__: ["press"],
}
