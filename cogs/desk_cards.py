"""The card of a case: at the desk for all moderators, or privately for one."""

from __future__ import annotations

import io
import re
from typing import Any, Self

import discord
from discord import ui

from bot.domain.cases import REASON_LIMIT, Action, Case
from bot.domain.ids import ALPHABET, LENGTH
from bot.domain.images import EXTENSIONS, FittedFile
from bot.domain.records import CaseFile
from bot.studio.cases import Terms
from bot.studio.members import checked_length
from cogs import desk_words as words
from cogs.cards import Card
from cogs.form import Form
from cogs.items import OwnItem
from cogs.language import _
from cogs.people import person_of
from cogs.staff import role_of_member
from cogs.surface import surface_of

_ID = rf"[{ALPHABET}]{{{LENGTH}}}"
_ACCENTS = (0x80848E, 0xC9A227, 0xD97706, 0xC0392B)  # by gravity
_STYLES = {
    Action.CLAIM: discord.ButtonStyle.primary,
    Action.BAN: discord.ButtonStyle.danger,
    Action.STRIKE: discord.ButtonStyle.danger,
    Action.REMOVE: discord.ButtonStyle.danger,
}
BUTTONS_IN_A_ROW = 5


class CaseButton(
    OwnItem[ui.Button[Any]],
    template=rf"plantain:case:(?P<action>{'|'.join(Action)}):(?P<id>{_ID}):(?P<turn>\d{{1,6}})",
):
    """One thing that a moderator can do with a case.

    `turn` is the state of the case that the button was shown for: whoever decides about an older one is told.
    """

    def __init__(self, action: Action, case_id: str, turn: int) -> None:
        self.action, self.case_id, self.turn = action, case_id, turn
        super().__init__(
            ui.Button(
                label=_(words.ACTIONS[action]),
                style=_STYLES.get(action, discord.ButtonStyle.secondary),
                custom_id=f"plantain:case:{action}:{case_id}:{turn}",
            )
        )

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(Action(match["action"]), match["id"], int(match["turn"]))

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        cases = surface_of(interaction).casework.cases
        file = await cases.file(person_of(interaction), self.case_id)
        if self.action is Action.BAN:
            await BanForm(file.case, self.turn).show(interaction)
            return
        await interaction.response.defer()
        await decide(interaction, file.case, self.action, self.turn, Terms())


class BanForm(Form):
    """Asks for how long, and why."""

    def __init__(self, case: Case, turn: int) -> None:
        super().__init__(title=_("Ban the maker of case {case}", case=f"#{case.number}"))
        self._case, self._turn = case, turn
        self._length: ui.TextInput[Any] = ui.TextInput(
            custom_id="length", placeholder=_("12h, 7d, 2 weeks, or permanent"), max_length=20, default="7d"
        )
        self._reason: ui.TextInput[Any] = ui.TextInput(
            custom_id="reason", style=discord.TextStyle.paragraph, max_length=REASON_LIMIT
        )
        self.add_item(ui.Label(text=_("How long"), component=self._length))
        self.add_item(
            ui.Label(text=_("Reason"), description=_("The member reads it."), component=self._reason)
        )

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Ban, and answer whatever goes wrong."""
        await surface_of(interaction).guard.run(interaction, self._sent(interaction))

    async def _sent(self, interaction: discord.Interaction[Any]) -> None:
        terms = Terms(self._reason.value, checked_length(self._length.value))
        await interaction.response.defer()
        await decide(interaction, self._case, Action.BAN, self._turn, terms)


async def decide(
    interaction: discord.Interaction[Any], case: Case, action: Action, turn: int, terms: Terms
) -> Case:
    """Do something with a case after an interaction was acknowledged, and show it where it was pressed.

    The card at the desk is changed by the worker, for everybody; one that only this moderator sees is
    changed here.
    """
    cases = surface_of(interaction).casework.cases
    person = person_of(interaction)
    if action in (Action.STRIKE, Action.BAN):
        target = await role_of_member(interaction, case.member_id)
        terms = Terms(terms.reason, terms.length, target)
    decided = await cases.act(person, case.id, action, turn, terms)
    if interaction.message is not None and interaction.message.flags.ephemeral:
        file = await cases.file(person, case.id)
        card = case_card(file, await cases.picture(file), names=True)
        await interaction.edit_original_response(view=card.view, attachments=card.files)
    return decided


def case_card(file: CaseFile, picture: FittedFile | None, *, names: bool) -> Card:
    """Return a case's card. The picture is a spoiler: nobody sees it who does not want to.

    `names` shows who reported it, which is for one moderator's eyes: who else reads the desk's channel is
    the server's to decide.
    """
    files = []
    parts: list[ui.Item[Any]] = [ui.TextDisplay(words.case_head(file))]
    if picture is not None:
        name = f"plantain-case-{file.case.number}.{EXTENSIONS.get(picture.mime, 'img')}"
        files.append(discord.File(io.BytesIO(picture.data), filename=name, spoiler=True))
        parts.append(ui.MediaGallery(discord.MediaGalleryItem(files[0], spoiler=True)))
    parts.append(ui.TextDisplay(words.case_body(file, names=names)))
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*parts, accent_colour=discord.Colour(_ACCENTS[file.case.reason.gravity])))
    for row in _rows(file):
        view.add_item(row)
    return Card(view, files)


def _rows(file: CaseFile) -> list[ui.ActionRow[Any]]:
    case = file.case
    offered = [
        CaseButton(action, case.id, case.turn)
        for action in Action
        if case.allows(action) and (action is not Action.BLOCK or file.may_block)
    ]
    return [
        ui.ActionRow(*offered[start : start + BUTTONS_IN_A_ROW])
        for start in range(0, len(offered), BUTTONS_IN_A_ROW)
    ]
