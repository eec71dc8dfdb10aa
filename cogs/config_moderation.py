"""/config moderation: where the desk is, when reports hide a picture, who moderates, what strikes lead to."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.domain.consequences import Consequence, StrikeRule, read_rules
from bot.domain.server_settings import ServerSettings
from bot.errors import InvalidRequest, NotAllowed, Problem
from bot.studio.settings import managed_server
from cogs.config_changes import change_server
from cogs.language import N_, _, ngettext
from cogs.panels import answer_privately
from cogs.people import person_of
from cogs.surface import surface_of

NEEDED = {
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "attach_files": N_("Attach Files"),
}


class ModerationConfig(app_commands.Group):
    """The commands, one for each setting."""

    def __init__(self) -> None:
        super().__init__(name="moderation", description=N_("Reports, the moderators' desk, strikes"))

    @app_commands.command(name="show", description="Show what is set about moderation")
    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Show everything, and whether the desk can be written to."""
        guild_id = managed_server(person_of(interaction))
        state = await surface_of(interaction).settings.server(guild_id)
        lines = [f"**{_('Moderation')}**", *lines_of(state.settings).values()]
        missing = _missing(interaction, state.settings.desk_channel)
        await answer_privately(interaction, "\n".join([*lines, *missing]))

    @app_commands.command(name="channel", description="Where moderators get a card for each case")
    @app_commands.describe(channel="A channel that only moderators see; leave it out for commands only")
    async def channel(
        self, interaction: discord.Interaction[Any], channel: discord.TextChannel | None = None
    ) -> None:
        """Set or remove the desk's channel; open cases get their cards there."""
        guild_id = managed_server(person_of(interaction))
        missing = _missing(interaction, channel.id) if channel is not None else []
        if missing:
            raise NotAllowed("desk_channel")
        await _change(interaction, "channel", desk_channel=channel.id if channel else None)
        await surface_of(interaction).casework.cases.renew_cards(guild_id)

    @app_commands.command(name="threshold", description="How many reports hide a picture until you decide")
    @app_commands.describe(
        reports="So many people have to report it; the gravest reasons hide at once",
        an_hour="How many pictures one member may report in an hour",
    )
    async def threshold(
        self,
        interaction: discord.Interaction[Any],
        reports: app_commands.Range[int, 1, 100],
        an_hour: app_commands.Range[int, 1, 1000] | None = None,
    ) -> None:
        """Set how many reports hide a picture, and how many one member may make."""
        changes: dict[str, object] = {"report_threshold": reports}
        if an_hour is not None:
            changes["reports_an_hour"] = an_hour
        await _change(interaction, "threshold", **changes)

    @app_commands.command(name="reminders", description="Remind the desk of cases that wait too long")
    @app_commands.describe(hours="After so many hours; 0 for never")
    async def reminders(
        self, interaction: discord.Interaction[Any], hours: app_commands.Range[int, 0, 720]
    ) -> None:
        """Set after how long the desk is reminded."""
        await _change(interaction, "reminders", reminder_hours=hours)

    @app_commands.command(name="roles", description="Who moderates beside those with Moderate Members")
    @app_commands.describe(
        role1="A role whose members moderate; leave all out for none",
        role2="Another one",
        role3="Another one",
    )
    async def roles(
        self,
        interaction: discord.Interaction[Any],
        role1: discord.Role | None = None,
        role2: discord.Role | None = None,
        role3: discord.Role | None = None,
    ) -> None:
        """Set the moderators' roles. Everybody's own role is not taken."""
        guild_id = managed_server(person_of(interaction))
        chosen = [role.id for role in (role1, role2, role3) if role is not None]
        if guild_id in chosen:
            raise NotAllowed("everyone_moderates")
        await _change(interaction, "roles", moderator_roles=tuple(chosen))

    @app_commands.command(name="strikes", description="What strikes lead to, and how long they count")
    @app_commands.describe(
        rules="Like 2:cap:5, 3:cooldown:24h, 5:ban:30d (ban:0 is for good); none for nothing",
        days="How many days a new strike counts",
    )
    async def strikes(
        self,
        interaction: discord.Interaction[Any],
        rules: app_commands.Range[str, 1, 300] | None = None,
        days: app_commands.Range[int, 1, 3650] | None = None,
    ) -> None:
        """Set the rules of strikes."""
        changes: dict[str, object] = {}
        if rules is not None:
            read = read_rules(rules)
            if read is None:
                raise InvalidRequest(Problem.RULES_UNREADABLE, text=rules)
            changes["strike_rules"] = read
        if days is not None:
            changes["strike_days"] = days
        await _change(interaction, "strikes", **changes)


def lines_of(settings: ServerSettings) -> dict[str, str]:
    """Return what each setting says, in words, by the command that changes it."""
    desk = settings.desk_channel
    hours = settings.reminder_hours
    roles = ", ".join(f"<@&{role}>" for role in settings.moderator_roles)
    rules = "; ".join(map(_rule, settings.strike_rules))
    days = ngettext(
        "a strike counts for {number} day", "a strike counts for {number} days", settings.strike_days
    )
    return {
        "channel": _("Cases get a card in {channel}.", channel=f"<#{desk}>")
        if desk
        else _("There is no desk channel: `/mod queue` shows the cases."),
        "threshold": ngettext(
            "{number} report hides a picture until moderators decide",
            "{number} reports hide a picture until moderators decide",
            settings.report_threshold,
        )
        + "; "
        + ngettext(
            "one member may report {number} picture an hour.",
            "one member may report {number} pictures an hour.",
            settings.reports_an_hour,
        ),
        "reminders": ngettext(
            "The desk is reminded of a case after {number} hour.",
            "The desk is reminded of a case after {number} hours.",
            hours,
        )
        if hours
        else _("The desk is never reminded of a case."),
        "roles": _("Moderators: everybody with the permission Moderate Members, and {roles}.", roles=roles)
        if roles
        else _("Moderators: everybody with the permission Moderate Members."),
        "strikes": _("Strikes: {rules}; {days}.", rules=rules or _("nothing follows from them"), days=days),
    }


def _rule(rule: StrikeRule) -> str:
    start = ngettext("from {number} strike on", "from {number} strikes on", rule.strikes)
    match rule.consequence:
        case Consequence.CAP:
            what = ngettext("{number} image a day", "{number} images a day", rule.value)
        case Consequence.COOLDOWN:
            what = ngettext("a pause of {number} hour", "a pause of {number} hours", rule.value)
        case Consequence.BAN if rule.value:
            what = ngettext("a ban of {number} day", "a ban of {number} days", rule.value)
        case _:
            what = _("a ban for good")
    return f"{start}: {what}"


def _missing(interaction: discord.Interaction[Any], channel_id: int | None) -> list[str]:
    """Say what keeps the bot from writing to the desk's channel."""
    if channel_id is None or interaction.guild is None:
        return []
    channel = interaction.guild.get_channel(channel_id)
    if channel is None:
        return [
            _("The desk's channel is not there any more. Name another one with `/config moderation channel`.")
        ]
    allowed = channel.permissions_for(interaction.guild.me)
    names = [_(name) for flag, name in NEEDED.items() if not getattr(allowed, flag)]
    if not names:
        return []
    return [
        _("I cannot write there. I need: {permissions}.", permissions=", ".join(names)),
    ]


async def _change(interaction: discord.Interaction[Any], command: str, **changes: object) -> None:
    changed = await change_server(interaction, **changes)
    said = f"**{_('Saved.')}**" if changed.really else _("Nothing was changed.")
    await answer_privately(interaction, f"{said} {lines_of(changed.state.settings)[command]}")
