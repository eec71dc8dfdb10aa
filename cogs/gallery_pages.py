"""The gallery's pages: contact sheets, and what turns them.

A page always shows the pictures of whoever presses. What was looked for travels in the custom_ids, so that
the buttons work after a restart.
"""

from __future__ import annotations

import io
import logging
import re
from typing import Any, Self

import discord
from discord import ui

from bot.domain.gallery import COLUMNS, Cursor, Filter, Page, Turn
from bot.domain.ids import ALPHABET, LENGTH, is_id
from bot.errors import DeliveryError
from cogs import gallery_words as words
from cogs.faults import translated
from cogs.form import Form
from cogs.gallery_items import open_picture, rows_to_open
from cogs.guard import say_privately
from cogs.items import OwnItem
from cogs.language import _
from cogs.people import person_of
from cogs.surface import surface_of
from cogs.text import code
from cogs.wording import NOTHING_BEHIND

log = logging.getLogger(__name__)

JUMP = "jump"
_NOWHERE = "-"
_TEMPLATE = re.compile(
    rf"plantain:page:(?P<go>{'|'.join((*Turn, JUMP))})"
    rf":(?P<anchor>[{ALPHABET}]{{{LENGTH}}}|{_NOWHERE}):(?P<filter>.*)",
    re.DOTALL,
)


class PageButton(OwnItem[ui.Button[Any]], template=_TEMPLATE):
    """Turns the pages of a contact sheet, or asks where to jump."""

    def __init__(
        self, go: str, anchor: str, token: str, label: str | None = None, *, enabled: bool = True
    ) -> None:
        self.go = go
        self.anchor = anchor
        self.token = token
        super().__init__(
            ui.Button(
                label=label or go, custom_id=f"plantain:page:{go}:{anchor}:{token}", disabled=not enabled
            )
        )

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(match["go"], match["anchor"], match["filter"])

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        try:
            wanted = Filter.from_token(self.token)
        except ValueError:
            await say_privately(interaction, _(NOTHING_BEHIND))
            return
        if self.go == JUMP:
            await JumpForm(wanted).show(interaction)
            return
        await interaction.response.defer()
        cursor = Cursor(Turn(self.go), None if self.anchor == _NOWHERE else self.anchor)
        page = await surface_of(interaction).studio.gallery.page(person_of(interaction), wanted, cursor)
        await put_page(interaction, page)


class JumpForm(Form):
    """Asks for the number of a page, or for a picture."""

    def __init__(self, wanted: Filter) -> None:
        super().__init__(title=_("Jump to"))
        self._wanted = wanted
        self._place: ui.TextInput[Any] = ui.TextInput(custom_id="place", max_length=20)
        self.add_item(ui.Label(text=_("Page number, or the id of a picture"), component=self._place))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Turn to the page, or open the picture."""
        await surface_of(interaction).guard.run(interaction, self._go(interaction, self._place.value.strip()))

    async def _go(self, interaction: discord.Interaction[Any], typed: str) -> None:
        if is_id(typed.casefold()):
            await open_picture(interaction, typed)
        elif typed.isdecimal():
            await interaction.response.defer()
            gallery = surface_of(interaction).studio.gallery
            page = await gallery.jump(person_of(interaction), self._wanted, int(typed))
            await put_page(interaction, page)
        else:
            await say_privately(interaction, _(words.NEITHER, typed=code(typed)))


async def put_page(interaction: discord.Interaction[Any], page: Page) -> None:
    """Put a page into the answer of an interaction that was deferred."""
    view = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay(words.head(page)))
    view.add_item(container)
    files = []
    if page.found:
        sheet = await surface_of(interaction).studio.gallery.sheet(page, _(words.PRIVATE))
        file = discord.File(
            io.BytesIO(sheet.data), filename="plantain-gallery.jpg", description=words.sheet_alt(page)
        )
        files.append(file)
        container.add_item(ui.MediaGallery(discord.MediaGalleryItem(file, description=file.description)))
        # They stand as the pictures do. A menu would say the prompts, too, but takes a second press.
        for row in rows_to_open(page.found, COLUMNS):
            view.add_item(row)
        view.add_item(_page_row(page))
    try:
        async with translated():
            await interaction.edit_original_response(
                view=view, attachments=files, allowed_mentions=discord.AllowedMentions.none()
            )
    except DeliveryError as error:
        log.warning("interaction %s: the page was not taken: %s", interaction.id, error)
        await say_privately(interaction, _(words.NOT_TAKEN))


def _page_row(page: Page) -> ui.ActionRow[Any]:
    token = page.wanted.token
    newest, oldest = page.found[0].image.id, page.found[-1].image.id
    return ui.ActionRow(
        PageButton(Turn.NEWER, newest, token, _("‹ Newer"), enabled=page.has_newer),
        PageButton(Turn.OLDER, oldest, token, _("Older ›"), enabled=page.has_older),
        PageButton(JUMP, _NOWHERE, token, _("Jump to…")),
        PageButton(Turn.FIRST, _NOWHERE, token, _("Newest"), enabled=page.has_newer),
    )
