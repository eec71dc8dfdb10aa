"""Report: the form behind the button and the message menu. What is reported, and by whom, is private."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui
from discord.ext import commands

from bot.domain.cases import TEXT_LIMIT, Reason
from bot.domain.images import Image
from bot.errors import NotAllowed
from bot.studio.pictures import Shown
from cogs import desk_words as words
from cogs.language import N_, _
from cogs.message_menus import MessageMenu, menu_everywhere
from cogs.panels import answer_privately
from cogs.people import person_of
from cogs.pictures_in import pictures_in
from cogs.surface import surface_of

REPORT_IMAGE = N_("Report image")
FORM_SECONDS = 3600.0  # how long an open form is waited for


class ReportForm(ui.Modal):
    """Asks which picture (where there are several), why, and whether the reporter wants to hear more."""

    def __init__(self, images: Sequence[Image]) -> None:
        super().__init__(title=_(REPORT_IMAGE), timeout=FORM_SECONDS)
        self._images = list(images)
        self._which: ui.Select[Any] | None = None
        if len(images) > 1:
            options = [
                discord.SelectOption(label=f"{image.position + 1} · {image.id}", value=image.id)
                for image in images[:25]
            ]
            self._which = ui.Select(custom_id="which", options=options)
            self.add_item(ui.Label(text=_("Which picture"), component=self._which))
        self._reason: ui.RadioGroup[Any] = ui.RadioGroup(
            custom_id="reason",
            options=[
                discord.RadioGroupOption(label=_(label), value=reason.value)
                for reason, label in words.REASONS.items()
            ],
        )
        self._text: ui.TextInput[Any] = ui.TextInput(
            custom_id="text",
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=TEXT_LIMIT,
            placeholder=_("What should the moderators know?"),
        )
        self._outcome: ui.Checkbox[Any] = ui.Checkbox(custom_id="outcome")
        self.add_item(ui.Label(text=_("What is wrong with it?"), component=self._reason))
        self.add_item(ui.Label(text=_("More about it"), component=self._text))
        self.add_item(ui.Label(text=_("Tell me by direct message what was decided"), component=self._outcome))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Take the report, and answer whatever goes wrong."""
        await surface_of(interaction).guard.run(interaction, self._sent(interaction))

    async def _sent(self, interaction: discord.Interaction[Any]) -> None:
        image_id = self._which.values[0] if self._which and self._which.values else self._images[0].id
        try:
            reason = Reason(self._reason.value or "")
        except ValueError:
            raise NotAllowed("report_reason") from None
        await interaction.response.defer(ephemeral=True, thinking=True)
        filed = await surface_of(interaction).casework.reports.file(
            image_id, person_of(interaction), reason, self._text.value, wants_outcome=self._outcome.value
        )
        await answer_privately(interaction, words.filed(filed.number, filed.hidden))


async def ask_to_report(interaction: discord.Interaction[Any], shown: Shown) -> None:
    """Show the form for those of some pictures that this person may report."""
    reports = surface_of(interaction).casework.reports
    shown = await reports.check(shown, person_of(interaction))
    await interaction.response.send_modal(ReportForm(shown.images))


class ReportMenu(MessageMenu):
    """The message menu."""

    def __init__(self, bot: commands.Bot) -> None:
        super().__init__(bot, menu_everywhere(REPORT_IMAGE, report_image))


async def report_image(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """Show the form for the pictures of a message that are ours."""
    ourselves = interaction.client.user
    found = pictures_in(message, ourselves.id if ourselves else None)
    ids = [item.image_id for item in found if item.image_id is not None]
    if not ids:
        raise NotAllowed("report_nothing")
    pictures, person = surface_of(interaction).studio.pictures, person_of(interaction)
    shown = [await pictures.of_image(image_id, person) for image_id in ids]
    images = tuple(item.images[0] for item in shown)
    await ask_to_report(interaction, Shown(shown[0].job, images, shown[0].delivery))
