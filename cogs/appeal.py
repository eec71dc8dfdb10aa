"""/appeal: somebody who is banned asks once for another look, and the desk answers."""

from __future__ import annotations

import re
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.domain.cases import APPEAL_LIMIT
from bot.domain.ids import ALPHABET, LENGTH
from bot.studio.moderation_ports import AppealFile
from cogs import record_words as words
from cogs.form import Form
from cogs.items import OwnItem
from cogs.language import N_, _, ngettext
from cogs.panels import answer_privately
from cogs.people import person_of
from cogs.surface import surface_of
from cogs.text import quote

ANSWERS = {"lift": N_("Lift the ban"), "keep": N_("Keep it")}


class AppealCommand(commands.Cog):
    """The command."""

    @app_commands.command(name="appeal", description="Ask once for another look at your ban")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def appeal(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, where there is a ban that nobody has asked about."""
        await surface_of(interaction).casework.members.appealable(person_of(interaction))
        await AppealForm().show(interaction)


class AppealForm(Form):
    """Asks why the ban should end."""

    def __init__(self) -> None:
        super().__init__(title=_("Appeal"))
        self._why: ui.TextInput[Any] = ui.TextInput(
            custom_id="why", style=discord.TextStyle.paragraph, max_length=APPEAL_LIMIT
        )
        label = _("Why should your ban end?")
        hint = _("You can ask once for each ban.")
        self.add_item(ui.Label(text=label, description=hint, component=self._why))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Hand the appeal in."""
        await surface_of(interaction).guard.run(interaction, self._sent(interaction))

    async def _sent(self, interaction: discord.Interaction[Any]) -> None:
        await surface_of(interaction).casework.members.appeal(person_of(interaction), self._why.value)
        await answer_privately(
            interaction, _("Your appeal is with the moderators. They answer by direct message.")
        )


class AppealButton(
    OwnItem[ui.Button[Any]],
    template=rf"plantain:appeal:(?P<answer>lift|keep):(?P<id>[{ALPHABET}]{{{LENGTH}}})",
):
    """The desk's answer to an appeal."""

    def __init__(self, answer: str, ban_id: str) -> None:
        self._answer, self._ban_id = answer, ban_id
        style = discord.ButtonStyle.success if answer == "lift" else discord.ButtonStyle.secondary
        custom_id = f"plantain:appeal:{answer}:{ban_id}"
        super().__init__(ui.Button(label=_(ANSWERS[answer]), style=style, custom_id=custom_id))

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(match["answer"], match["id"])

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        members, lift = surface_of(interaction).casework.members, self._answer == "lift"
        await interaction.response.defer()
        ban = await members.answer_appeal(person_of(interaction), self._ban_id, lift=lift)
        who = {"member": f"<@{ban.member_id}>", "moderator": interaction.user.mention}
        text = (
            _("The ban of {member} is lifted by {moderator}.", **who)
            if lift
            else _("The ban of {member} stays, says {moderator}.", **who)
        )
        view = ui.LayoutView(timeout=None)
        view.add_item(ui.TextDisplay(f"{text}\n{quote(ban.appeal or '', 1100)}"))
        await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())


def appeal_card(file: AppealFile) -> ui.LayoutView:
    """Return what the desk sees of an appeal."""
    ban = file.ban
    lines = [
        f"**{_('Appeal of {member}', member=f'<@{ban.member_id}>')}**",
        words.ban_line(ban, ban.appealed_at or ban.at),
        ngettext("{number} strike that counts", "{number} strikes that count", file.strikes)
        + " · "
        + ngettext("{number} earlier ban", "{number} earlier bans", file.earlier_bans),
        quote(ban.appeal or "", 2 * APPEAL_LIMIT),
    ]
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay("\n".join(lines))))
    view.add_item(ui.ActionRow(*(AppealButton(answer, ban.id) for answer in ANSWERS)))
    return view
