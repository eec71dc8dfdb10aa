"""The form in which somebody says how a picture should change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.domain.catalogue import Catalogue
from bot.domain.composition import Chosen
from bot.domain.prompts import shorten
from bot.domain.requests import Kind, Reference
from bot.domain.server_settings import ServerSettings
from bot.studio.compose import Wish
from cogs.form import Form
from cogs.language import _
from cogs.panels import short
from cogs.people import check_place, person_of
from cogs.pictures_in import Found, source_of
from cogs.prices import describe_model
from cogs.surface import surface_of
from cogs.turn_taking import conversation_for, start_turn, wish_for
from cogs.wishes import start_wish

INSTRUCTION_LIMIT = 4000  # Discord's for a text input
LABEL_LIMIT = 80
OPTIONS = 25  # Discord's for a select
UNCHANGED = "-"  # a select's value must not be empty


class EditForm(Form):
    """Asks for an instruction and starts the edit of one picture.

    `found` are the pictures to choose from; with several of them the form asks which. Where the server wants
    to know that people in pictures agree, it asks for that: also where only the other picture is brought.
    The form is known to the process that showed it: sent after a restart, it is answered by the guard.
    """

    def __init__(self, found: Sequence[Found], catalogue: Catalogue, server: ServerSettings) -> None:
        super().__init__(title=_("Edit image"))
        self._found = list(found)
        self._which: ui.Select[Any] | None = None
        if len(found) > 1:
            self._which = ui.Select(custom_id="which", options=_numbered(found))
            self.add_item(ui.Label(text=_("Which picture"), component=self._which))
        self._instruction: ui.TextInput[Any] = ui.TextInput(
            custom_id="instruction",
            style=discord.TextStyle.paragraph,
            placeholder=_("make it night, and add a full moon"),
            max_length=INSTRUCTION_LIMIT,
        )
        self._extra: ui.FileUpload[Any] = ui.FileUpload(custom_id="extra", required=False, max_values=1)
        self.add_item(ui.Label(text=_("What should change"), component=self._instruction))
        self.add_item(ui.Label(text=_("Another picture to use"), component=self._extra))
        self._model: ui.Select[Any] = ui.Select(custom_id="model", required=False)
        self._size: ui.Select[Any] | None = None
        if self._which is not None and server.consent_required:
            # A form has room for five things: one menu says both.
            self._model.options = _models_and_sizes(catalogue, server)
            self.add_item(ui.Label(text=_("Model and size"), component=self._model))
        else:
            self._model.options = _models(catalogue, server)
            self._size = ui.Select(custom_id="size", options=_sizes(catalogue), required=False)
            self.add_item(ui.Label(text=_("Model"), component=self._model))
            self.add_item(ui.Label(text=_("Size"), component=self._size))
        self._consent: ui.Checkbox[Any] | None = None
        if server.consent_required:
            self._consent = ui.Checkbox(custom_id="consent")
            self.add_item(ui.Label(text=_("The people in these pictures agree"), component=self._consent))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Start the edit, and answer whatever goes wrong."""
        await surface_of(interaction).guard.run(interaction, self._sent(interaction))

    async def _sent(self, interaction: discord.Interaction[Any]) -> None:
        chosen = self._found[int(self._which.values[0]) if self._which and self._which.values else 0]
        sources = [source_of(attachment) for attachment in self._extra.values]
        model, _sep, size = (_value(self._model) or "").partition("|")
        size = _value(self._size) or "" if self._size is not None else size
        wish = Wish(
            self._instruction.value,
            Kind.EDIT,
            Chosen(model or None, size=size or None, count=1),
            consent=self._consent is not None and self._consent.value,
        )
        if chosen.source is not None:
            await start_wish(interaction, wish, [chosen.source, *sources])
            return
        pictures = surface_of(interaction).studio.pictures
        shown = await pictures.of_image(chosen.image_id or "", person_of(interaction))
        image = shown.images[0]
        check_place(interaction, shown.job.request)
        if (conversation := await conversation_for(interaction)) is not None:
            surface = surface_of(interaction)
            person = person_of(interaction)
            branch = await surface.talk.lookup.branch_from(conversation, image.id, person)
            turn = wish_for(
                surface,
                conversation,
                wish.prompt,
                chosen=wish.chosen,
                branch=branch,
                consent=wish.consent,
                attachments=len(sources),
            )
            await start_turn(interaction, conversation, turn, sources, branch)
            return
        original = Reference(image.sha256, image.mime, image.size)
        wish = replace(wish, references=(original,), private=image.private or None)
        await start_wish(interaction, wish, sources, parent=image.id)


async def show_edit_form(interaction: discord.Interaction[Any], found: Sequence[Found]) -> None:
    """Show the form for some pictures. Whether the person may use them is for the caller to check."""
    surface = surface_of(interaction)
    server = (await surface.settings.server(interaction.guild_id)).settings
    await EditForm(found, surface.studio.catalogue, server).show(interaction)


def _value(select: ui.Select[Any]) -> str | None:
    return select.values[0] if select.values and select.values[0] != UNCHANGED else None


def _numbered(found: Sequence[Found]) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(
            label=f"{number + 1} · {shorten(item.label, LABEL_LIMIT)}", value=str(number), default=number == 0
        )
        for number, item in enumerate(found[:OPTIONS])
    ]


def _models(catalogue: Catalogue, server: ServerSettings) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=_("The usual model"), value=UNCHANGED, default=True),
        *(
            discord.SelectOption(label=short(describe_model(model, server)), value=model.id)
            for model in catalogue.models[: OPTIONS - 1]
        ),
    ]


def _models_and_sizes(catalogue: Catalogue, server: ServerSettings) -> list[discord.SelectOption]:
    """Return every model with each of its sizes; a value is ``model|size``."""
    offered = [(model, size) for model in catalogue.models for size in model.size_names]
    return [
        discord.SelectOption(label=_("The usual model and size"), value=UNCHANGED, default=True),
        *(
            discord.SelectOption(
                label=short(f"{describe_model(model, server, size)} · {size}"), value=f"{model.id}|{size}"
            )
            for model, size in offered[: OPTIONS - 1]
        ),
    ]


def _sizes(catalogue: Catalogue) -> list[discord.SelectOption]:
    default = discord.SelectOption(label=_("The model's usual size"), value=UNCHANGED, default=True)
    names = dict.fromkeys(name for model in catalogue.models for name in model.size_names)
    return [default, *(discord.SelectOption(label=name, value=name) for name in list(names)[: OPTIONS - 1])]
