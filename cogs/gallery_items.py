"""One picture that somebody looks for: what opens it, and what can be done with it then.

A custom_id is only a claim (see `cogs.buttons`): the picture is looked up with the permissions of the press.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, Self

import discord
from discord import ui

from bot.domain.gallery import Found
from bot.domain.ids import ALPHABET, LENGTH
from bot.domain.images import Image
from bot.domain.requests import Kind
from bot.errors import DeliveryError, InvalidRequest, NotAllowed, Problem
from bot.studio.notifier_ports import Showing
from bot.studio.pictures import Shown
from cogs import gallery_words as words
from cogs.audience import for_everybody
from cogs.buttons import Target, action_rows
from cogs.form import Form
from cogs.guard import say_privately
from cogs.items import OwnItem
from cogs.language import N_, _
from cogs.people import age_restricted, is_out_of_place, origin_of, person_of
from cogs.reply import promise
from cogs.sent import answer_with_sent
from cogs.surface import surface_of
from cogs.wishes import start_repeat

log = logging.getLogger(__name__)

_ID = rf"[{ALPHABET}]{{{LENGTH}}}"
PROMPT_BOX = 4000  # Discord: characters of a text input
RELATIVES_IN_A_ROW = 5
GO_TO = N_("Go to message")


class Look(StrEnum):
    """What a button does with a picture that somebody looks at privately."""

    OPEN = "open"
    SHOW = "show"
    REUSE = "reuse"
    DETAILS = "details"
    SENT = "sent"


# What an opened picture offers, in this order; a private one is not shown.
_OFFERS = (Look.SHOW, Look.REUSE, Look.DETAILS)
_LABELS = {
    Look.SHOW: N_("Show here"),
    Look.REUSE: N_("Reuse settings"),
    Look.DETAILS: N_("Details"),
    Look.SENT: N_("What was sent"),
}


class GalleryButton(
    OwnItem[ui.Button[Any]],
    template=rf"plantain:gallery:(?P<look>{'|'.join(Look)}):(?P<id>{_ID})",
):
    """One button about a picture that somebody looks at privately."""

    def __init__(self, look: Look, image_id: str) -> None:
        self.look = look
        self.image_id = image_id
        label = _(_LABELS[look]) if look in _LABELS else image_id
        super().__init__(ui.Button(label=label, custom_id=f"plantain:gallery:{look}:{image_id}"))

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(Look(match["look"]), match["id"])

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        actions = {
            Look.OPEN: open_picture,
            Look.SHOW: show_here,
            Look.REUSE: ask_to_reuse,
            Look.DETAILS: show_details,
            Look.SENT: show_sent,
        }
        await actions[self.look](interaction, self.image_id)


class ReuseForm(Form):
    """Asks for the words of a new picture with the settings of an old one."""

    def __init__(self, shown: Shown) -> None:
        super().__init__(title=_("Reuse settings"))
        self._image_id = shown.images[0].id
        self._prompt: ui.TextInput[Any] = ui.TextInput(
            custom_id="prompt",
            style=discord.TextStyle.paragraph,
            default=shown.job.request.prompt[:PROMPT_BOX] or None,
            max_length=PROMPT_BOX,
        )
        changes = shown.job.request.kind is Kind.EDIT
        asked = _("What should change") if changes else _("What the picture should show")
        self.add_item(ui.Label(text=asked, component=self._prompt))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Ask for the picture."""
        await surface_of(interaction).guard.run(interaction, self._ask(interaction))

    async def _ask(self, interaction: discord.Interaction[Any]) -> None:
        gallery = surface_of(interaction).studio.gallery
        shown = await gallery.find(self._image_id, person_of(interaction))  # it may be gone meanwhile
        request = gallery.again(shown, self._prompt.value)
        await start_repeat(interaction, request, shown, before=shown.job.request.prompt)


async def open_picture(interaction: discord.Interaction[Any], image_id: str) -> None:
    """Show a picture to the person alone, with everything that can be done with it."""
    gallery = surface_of(interaction).studio.gallery
    shown = await gallery.find(image_id, person_of(interaction))
    await interaction.response.defer(ephemeral=True, thinking=True)
    try:
        await gallery.open(shown, origin_of(interaction))
    except DeliveryError as error:
        log.warning("interaction %s: the picture was not taken: %s", interaction.id, error)
        await say_privately(interaction, _(words.NOT_TAKEN))


async def bring_back(interaction: discord.Interaction[Any], image_id: str) -> None:
    """Show a picture to everybody here, or, where it is private, to the person alone."""
    shown = await surface_of(interaction).studio.gallery.find(image_id, person_of(interaction))
    if shown.images[0].private or is_out_of_place(interaction, shown.job.request):
        await open_picture(interaction, image_id)
    else:
        await _post(interaction, shown)


async def show_here(interaction: discord.Interaction[Any], image_id: str) -> None:
    """Show a picture to everybody here; one that is not for everybody here is refused."""
    gallery = surface_of(interaction).studio.gallery
    shown = await gallery.find(image_id, person_of(interaction))
    gallery.check_public(shown)
    if is_out_of_place(interaction, shown.job.request):
        raise NotAllowed("out_of_place")
    await _post(interaction, shown)


async def _post(interaction: discord.Interaction[Any], shown: Shown) -> None:
    surface = surface_of(interaction)
    await surface.casework.bans.check(person_of(interaction))
    server = (await surface.settings.server(interaction.guild_id)).settings
    restricted = age_restricted(interaction)
    server.check_channel(age_restricted=restricted)
    message_id = await promise(interaction)
    try:
        hidden = server.hides(age_restricted=restricted)
        await surface.studio.gallery.bring_back(
            shown, origin_of(interaction), hidden=hidden, message_id=message_id
        )
    except Exception as error:
        # Everybody sees that something is on its way, so they see how it ended; what follows is private.
        with suppress(discord.HTTPException), for_everybody(interaction):
            await interaction.edit_original_response(view=_text(_(words.NOT_TAKEN)))
        if not isinstance(error, DeliveryError):
            raise
        log.warning("interaction %s: the picture was not taken: %s", interaction.id, error)


async def ask_to_reuse(interaction: discord.Interaction[Any], image_id: str) -> None:
    """Open the form for a new picture with the same settings."""
    shown = await surface_of(interaction).studio.gallery.find(image_id, person_of(interaction))
    await ReuseForm(shown).show(interaction)


async def show_details(interaction: discord.Interaction[Any], image_id: str) -> None:
    """Say how a picture was made, what it came from and what came of it."""
    studio = surface_of(interaction).studio
    found = await studio.gallery.details(image_id, person_of(interaction))
    image = found.shown.images[0]
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(words.details(found, studio.catalogue))))
    for relatives in (found.lineage.parents, found.lineage.children):
        for row in rows_to_open(relatives, RELATIVES_IN_A_ROW):
            view.add_item(row)
    offers = _offers(image, but=Look.DETAILS)
    offers.add_item(GalleryButton(Look.SENT, image.id))
    view.add_item(offers)
    await interaction.response.send_message(
        view=view, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
    )


async def show_sent(interaction: discord.Interaction[Any], image_id: str) -> None:
    """Say what the model was told for a picture: the prompt as it was put together."""
    studio = surface_of(interaction).studio
    shown = await studio.gallery.find(image_id, person_of(interaction))
    request = shown.job.request
    if not request.prompt:
        raise InvalidRequest(Problem.WORDS_DELETED)
    await answer_with_sent(interaction, shown.images[0].id, request, studio.catalogue)


def _text(text: str) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    return view


def _offers(image: Image, *, but: Look | None = None) -> ui.ActionRow[Any]:
    looks = [look for look in _OFFERS if look is not but and not (look is Look.SHOW and image.private)]
    return ui.ActionRow(*(GalleryButton(look, image.id) for look in looks))


def rows_to_open(found: Sequence[Found], width: int) -> list[ui.ActionRow[Any]]:
    """Return buttons that open these pictures, `width` in a row, each with its picture's id."""
    return [
        ui.ActionRow(*(GalleryButton(Look.OPEN, item.image.id) for item in found[start : start + width]))
        for start in range(0, len(found), width)
    ]


def rows_for_one(image: Image, showing: Showing, posted_at: str = "") -> list[ui.ActionRow[Any]]:
    """Return the buttons under a single picture: those of a result, and where it was opened those of the
    gallery, with one that leads to the message that it was posted in."""
    rows = action_rows(image.id, Target.IMAGE)
    if showing is Showing.OPENED:
        offers = _offers(image)
        if posted_at:
            offers.add_item(ui.Button(label=_(GO_TO), url=posted_at))
        rows.append(offers)
    return rows
