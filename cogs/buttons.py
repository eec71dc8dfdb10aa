"""The buttons under a result, and the private questions that they ask.

They are dynamic items: the custom_id holds all they need, so they work after a restart, for as long as the
picture exists. A custom_id is only a claim: what it names is loaded at the press, and so is who presses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Self

import discord
from discord import ui

from bot.domain.ids import ALPHABET, LENGTH
from bot.domain.images import Image
from bot.studio.pictures import Shown
from cogs.people import person_of
from cogs.start import start_job
from cogs.surface import surface_of

_ID = rf"[{ALPHABET}]{{{LENGTH}}}"


class Action(StrEnum):
    """What a button does."""

    VARY = "vary"
    DELETE = "delete"  # asks first
    CONFIRM = "confirm"  # the answer to DELETE: really delete


class Target(StrEnum):
    """What a button is about: all pictures of a job (it asks which one), or one picture."""

    JOB = "job"
    IMAGE = "image"


_LABELS = {Action.VARY: "Vary", Action.DELETE: "Delete", Action.CONFIRM: "Delete for everybody"}
_STYLES = {
    Action.VARY: discord.ButtonStyle.secondary,
    Action.DELETE: discord.ButtonStyle.secondary,
    Action.CONFIRM: discord.ButtonStyle.danger,
}
# What stands under every result, in this order.
UNDER_A_RESULT = (Action.VARY, Action.DELETE)


class PictureButton(
    ui.DynamicItem[ui.Button[Any]],
    template=rf"plantain:(?P<action>{'|'.join(Action)}):(?P<target>{'|'.join(Target)}):(?P<id>{_ID})",
):
    """One button about a picture or a job's pictures."""

    def __init__(self, action: Action, target: Target, id_: str, label: str | None = None) -> None:
        self.action = action
        self.target = target
        self.target_id = id_
        super().__init__(
            ui.Button(
                label=label or _LABELS[action],
                style=_STYLES[action],
                custom_id=f"plantain:{action}:{target}:{id_}",
            )
        )

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Read a custom_id; nothing is looked up here (discord.py swallows what this raises)."""
        return cls(Action(match["action"]), Target(match["target"]), match["id"])

    async def callback(self, interaction: discord.Interaction[Any]) -> Any:
        """Answer a press."""
        await surface_of(interaction).guard.run(interaction, self._pressed(interaction))

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        pictures = surface_of(interaction).studio.pictures
        find = pictures.of_job if self.target is Target.JOB else pictures.of_image
        shown = await find(self.target_id, person_of(interaction))
        if len(shown.images) > 1:
            await _ask_which(interaction, self.action, shown.images)
        elif self.action is Action.VARY:
            await start_job(interaction, pictures.another_take(shown))
        elif self.action is Action.DELETE:
            await _ask_to_delete(interaction, shown)
        else:
            await _delete(interaction, shown.images[0])


def action_row(job_id: str) -> ui.ActionRow[Any]:
    """Return the buttons that stand under a result."""
    return ui.ActionRow(*(PictureButton(action, Target.JOB, job_id) for action in UNDER_A_RESULT))


async def _ask_which(interaction: discord.Interaction[Any], action: Action, images: Sequence[Image]) -> None:
    """Ask, privately, which of several pictures is meant."""
    row: ui.ActionRow[Any] = ui.ActionRow(
        *(
            PictureButton(action, Target.IMAGE, image.id, f"{image.position + 1} · {image.id}")
            for image in images
        )
    )
    await _answer(interaction, f"**{_LABELS[action]}**: which picture?", row)


async def _ask_to_delete(interaction: discord.Interaction[Any], shown: Shown) -> None:
    """Ask, privately, before a picture that somebody paid for is gone."""
    image = shown.images[0]
    surface_of(interaction).studio.pictures.check_delete(person_of(interaction), image)
    row: ui.ActionRow[Any] = ui.ActionRow(PictureButton(Action.CONFIRM, Target.IMAGE, image.id))
    await _answer(interaction, f"Delete the picture `{image.id}`? It disappears for everybody.", row)


async def _delete(interaction: discord.Interaction[Any], image: Image) -> None:
    surface = surface_of(interaction)
    await surface.studio.pictures.delete(image.id, person_of(interaction))
    await _replace_question(interaction, f"The picture `{image.id}` is deleted.")
    if not await surface.studio.deliverer.refresh(image.job_id):
        await interaction.followup.send(
            "Discord does not let me change the message it was posted in. Its buttons do nothing any more; "
            "a moderator can remove the message.",
            ephemeral=True,
        )


async def _answer(interaction: discord.Interaction[Any], text: str, row: ui.ActionRow[Any]) -> None:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


async def _replace_question(interaction: discord.Interaction[Any], text: str) -> None:
    """Put the answer in the place of the question that the pressed button stood under."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    await interaction.response.edit_message(view=view)
