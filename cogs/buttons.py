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

from bot.domain.deliveries import Way
from bot.domain.ids import ALPHABET, LENGTH
from bot.domain.images import Image
from bot.studio.pictures import Shown, may_delete, may_take_away
from cogs.finish import ask_how_to_finish
from cogs.forms import show_edit_form
from cogs.items import OwnItem
from cogs.language import N_, _
from cogs.originals import give_original
from cogs.people import person_of
from cogs.pictures_in import Found
from cogs.report import ask_to_report
from cogs.surface import surface_of
from cogs.thread_starting import start_from_picture
from cogs.turn_taking import another_take
from cogs.wishes import start_repeat
from cogs.wording import STAYS, STAYS_PRIVATE

_ID = rf"[{ALPHABET}]{{{LENGTH}}}"


class Action(StrEnum):
    """What a button does."""

    VARY = "vary"
    EDIT = "edit"  # shows a form
    THREAD = "thread"  # starts a conversation
    FINISH = "finish"  # shows what it can mean, and the prices
    REPORT = "report"  # shows a form
    DELETE = "delete"  # asks first
    ORIGINAL = "original"  # what is larger than what could be posted
    CONFIRM = "confirm"  # the answer to DELETE: really delete


class Target(StrEnum):
    """What a button is about: all pictures of a job (it asks which one), or one picture."""

    JOB = "job"
    IMAGE = "image"


_LABELS = {
    Action.VARY: N_("Vary"),
    Action.EDIT: N_("Edit"),
    Action.THREAD: N_("Thread"),
    Action.FINISH: N_("Finish"),
    Action.REPORT: N_("Report"),
    Action.DELETE: N_("Delete"),
    Action.ORIGINAL: N_("Original"),
    Action.CONFIRM: N_("Yes, delete it"),
}
_ABOUT_DELETING = (Action.DELETE, Action.CONFIRM)
# What stands under every result, in this order: a row holds five buttons at most.
UNDER_A_RESULT = (
    (Action.VARY, Action.EDIT, Action.THREAD, Action.FINISH),
    (Action.REPORT, Action.DELETE),
)


class PictureButton(
    OwnItem[ui.Button[Any]],
    template=rf"plantain:(?P<action>{'|'.join(Action)}):(?P<target>{'|'.join(Target)}):(?P<id>{_ID})",
):
    """One button about a picture or a job's pictures."""

    def __init__(self, action: Action, target: Target, id_: str, label: str | None = None) -> None:
        self.action = action
        self.target = target
        self.target_id = id_
        super().__init__(
            ui.Button(
                label=label or _(_LABELS[action]),
                style=discord.ButtonStyle.danger
                if action is Action.CONFIRM
                else discord.ButtonStyle.secondary,
                custom_id=f"plantain:{action}:{target}:{id_}",
            )
        )

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(Action(match["action"]), Target(match["target"]), match["id"])

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        person = person_of(interaction)
        pictures = surface_of(interaction).studio.pictures
        find = pictures.of_job if self.target is Target.JOB else pictures.of_image
        shown = await find(self.target_id, person)
        if self.action is Action.REPORT:
            await ask_to_report(interaction, shown)
            return
        if self.action in _ABOUT_DELETING:
            person = await surface_of(interaction).casework.authority.known(person)
            if not may_delete(person, shown.images[0]) and may_take_away(person, shown.images[0]):
                await self._take_away(interaction, shown.images[0])
                return
            pictures.check_delete(person, shown.images[0])
        if self.action is Action.EDIT:
            found = [Found(image.id, image_id=image.id) for image in shown.images]
            await show_edit_form(interaction, found)
        elif len(shown.images) > 1:
            await _ask_which(interaction, self.action, shown.images)
        elif self.action is Action.THREAD:
            await start_from_picture(interaction, shown, interaction.message)
        elif self.action is Action.VARY and shown.job.request.conversation is not None:
            await another_take(interaction, shown)
        elif self.action is Action.VARY:
            await start_repeat(interaction, pictures.another_take(shown), shown)
        elif self.action is Action.FINISH:
            await ask_how_to_finish(interaction, shown)
        elif self.action is Action.ORIGINAL:
            await give_original(interaction, shown.images[0])
        elif self.action is Action.DELETE:
            await _ask_to_delete(interaction, shown.images[0])
        else:
            await _delete(interaction, shown)

    async def _take_away(self, interaction: discord.Interaction[Any], image: Image) -> None:
        """Ask a moderator, or do it: what was made elsewhere goes from where it was brought."""
        named = f"`{image.id}`"
        if self.action is Action.DELETE:
            question = _("Take the picture {image} away from this channel?", image=named)
            question += " " + _("It was made elsewhere, and stays there.")
            await _answer(interaction, question, _confirmation(image))
            return
        await interaction.response.defer()
        copies = surface_of(interaction).studio.deliverer.copies
        if await copies.take_away(image.id, interaction.channel_id or 0):
            await surface_of(interaction).studio.pictures.taken_away(image, person_of(interaction))
            said = _("The picture {image} is not in this channel any more.", image=named)
            said += " " + _("`/mod ban` keeps somebody from making and bringing pictures here.")
        else:
            said = _("Discord does not let me remove the message. Remove it yourself.")
        await interaction.edit_original_response(view=_text(said))


def action_rows(id_: str, target: Target = Target.JOB) -> list[ui.ActionRow[Any]]:
    """Return the buttons that stand under a result: a job's pictures, or one picture."""
    return [
        ui.ActionRow(*(PictureButton(action, target, id_) for action in actions))
        for actions in UNDER_A_RESULT
    ]


def original_row(images: Sequence[Image]) -> ui.ActionRow[Any]:
    """Return the button that gives the original of one of these pictures, which are of one job."""
    target = (Target.IMAGE, images[0].id) if len(images) == 1 else (Target.JOB, images[0].job_id)
    return ui.ActionRow(PictureButton(Action.ORIGINAL, *target))


async def _ask_which(interaction: discord.Interaction[Any], action: Action, images: Sequence[Image]) -> None:
    """Ask, privately, which of several pictures is meant."""
    row: ui.ActionRow[Any] = ui.ActionRow(
        *(
            PictureButton(action, Target.IMAGE, image.id, f"{image.position + 1} · {image.id}")
            for image in images
        )
    )
    await _answer(interaction, _("**{action}**: which picture?", action=_(_LABELS[action])), row)


async def _ask_to_delete(interaction: discord.Interaction[Any], image: Image) -> None:
    """Ask, privately, before a picture that somebody paid for is gone."""
    question = _("Delete the picture {image}?", image=f"`{image.id}`")
    if not image.private:
        question += " " + _("It disappears for everybody.")
    await _answer(interaction, question, _confirmation(image))


def _confirmation(image: Image) -> ui.ActionRow[Any]:
    return ui.ActionRow(PictureButton(Action.CONFIRM, Target.IMAGE, image.id))


async def _delete(interaction: discord.Interaction[Any], shown: Shown) -> None:
    """Delete a picture and put the answer in the place of the question that the button stood under."""
    surface, image = surface_of(interaction), shown.images[0]
    await interaction.response.defer()  # acknowledged first: the database may take its time
    person = await surface.casework.authority.known(person_of(interaction))
    await surface.studio.pictures.delete(image.id, person)
    done = _("The picture {image} is deleted.", image=f"`{image.id}`")
    await interaction.edit_original_response(view=_text(done))
    if not await surface.studio.deliverer.refresh(image.job_id):
        handed_over = shown.delivery is not None and shown.delivery.way is Way.FOLLOW_UP
        text = STAYS_PRIVATE if image.private or handed_over else STAYS
        await interaction.followup.send(_(text), ephemeral=True)


async def _answer(interaction: discord.Interaction[Any], text: str, row: ui.ActionRow[Any]) -> None:
    view = _text(text)
    view.add_item(row)
    await interaction.response.send_message(view=view, ephemeral=True)


def _text(text: str) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    return view
