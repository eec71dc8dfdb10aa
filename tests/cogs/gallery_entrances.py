"""The entrances to pictures that were made before, for the tests that break what is behind each one."""

from __future__ import annotations

import simcord

from bot.domain.gallery import Filter, Turn
from cogs.gallery_items import GalleryButton, Look
from cogs.gallery_pages import PageButton
from tests.cogs import forged
from tests.cogs.edit_entrances import Entrance, command, picker
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage

NOTHING = "bbbbbbb"


def press(custom_id: str) -> Entrance:
    async def come_in(stage: Stage, card: Seen) -> simcord.InteractionResult:
        return await forged.press(stage, stage.alice, card, custom_id)

    return come_in


PICKERS: dict[str, Entrance] = {
    "/gallery day": picker("gallery", "day"),
    "/show image_id": picker("show", "id"),
}
# Asking where to jump only opens a form: there is nothing behind it that could break.
PRESSES: dict[str, list[str]] = {PageButton.__name__: list(Turn), GalleryButton.__name__: list(Look)}
ENTRANCES: dict[str, Entrance] = {
    **PICKERS,
    "/gallery": command("gallery"),
    "/show": command("show", id=NOTHING),
    **{f"PageButton {turn}": press(PageButton(turn, NOTHING, Filter().token).custom_id) for turn in Turn},
    **{f"GalleryButton {look}": press(GalleryButton(look, NOTHING).custom_id) for look in Look},
}
