"""The entrances to pictures from pictures, for the tests that break what is behind each one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import simcord
from discord import ui

from cogs.describe import ImagineButton
from cogs.finish import FinishButton
from tests.cogs import forged
from tests.cogs.library_entrances import component
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.fakes.gemini import make_jpeg

Entrance = Callable[[Stage, Seen], Awaitable[simcord.InteractionResult]]


def command(name: str, **options: Any) -> Entrance:
    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        return await stage.alice.slash(stage.channel, name, **options)

    return come_in


def picker(name: str, option: str) -> Entrance:
    async def ask(stage: Stage, card: Seen) -> simcord.InteractionResult:
        return await forged.autocomplete(stage, stage.alice, name, option)

    return ask


async def menu(stage: Stage, card: Seen) -> simcord.InteractionResult:
    return await stage.alice.context_menu(stage.channel, "Edit image", card.message)


def _finish() -> ui.Button[Any]:
    button = FinishButton("k7f3q9z", "gemini-3-pro-image", "4K", "Pro")
    return ui.Button(label="Pro", custom_id=button.custom_id)


_PICTURE = ("a.jpg", make_jpeg(64, 64))
PICKERS: dict[str, Entrance] = {
    "/edit model": picker("edit", "model"),
    "/edit size": picker("edit", "size"),
    "/describe model": picker("describe", "model"),
    "/imagine style": picker("imagine", "style"),
}
ENTRANCES: dict[str, Entrance] = {
    **PICKERS,
    "/edit": command("edit", image=_PICTURE, instruction="a hat"),
    "/blend": command("blend", image1=_PICTURE, image2=_PICTURE, instruction="together"),
    "/describe": command("describe", image=_PICTURE),
    "menu Edit image": menu,
    "FinishButton press": component(_finish()),
    "ImagineButton press": component(ui.Button(label="Imagine", custom_id="plantain:imagine:k7f3q9z")),
}
PRESSES: dict[str, list[str]] = {FinishButton.__name__: ["press"], ImagineButton.__name__: ["press"]}
