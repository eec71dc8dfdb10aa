"""/mod log and stats: what was done at the desk."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self

import discord
from discord import app_commands, ui

from bot.domain.audit import AuditEntry, AuditFilter, ChainReport, entry_time
from bot.domain.records import DAY_MS, DeskFigures
from bot.errors import DeliveryError
from cogs.chart_values import desk_chart
from cogs.faults import translated
from cogs.items import Misfit, OwnItem
from cogs.language import N_, _, ngettext
from cogs.mod_group import mod
from cogs.panels import Part, answer_privately, fitted, replace_panel
from cogs.people import person_of
from cogs.surface import surface_of
from cogs.text import code, escape_within, mention

logger = logging.getLogger(__name__)

SHOWN = 12  # entries on a page: all of them fit
SUBJECTS = {
    "case": N_("Cases"),
    "strike": N_("Strikes"),
    "ban": N_("Bans"),
    "appeal": N_("Appeals"),
    "note": N_("Notes"),
    "evidence": N_("Evidence that was looked at"),
    "picture": N_("Pictures that were hidden, blocked, deleted or taken away"),
    "words": N_("Words"),
    "settings": N_("Settings"),
    "style": N_("Styles"),
    "character": N_("Characters"),
    "limits": N_("Limits"),
    "tier": N_("Tiers"),
    "grant": N_("Granted images"),
    "member": N_("Members whose day was begun anew"),
    "job": N_("Requests that were cancelled"),
}
_SUBJECTS = [app_commands.Choice(name=name, value=value) for value, name in SUBJECTS.items()]


@mod.command(name="log", description="What moderators and managers did, newest first")
@app_commands.describe(
    moderator="Only what this person did",
    about="Only what is about this",
    case="Only this case, like #7",
    member="Only what was done to this member",
    days="Only the last so many days",
    export="As a file with everything that matches",
)
@app_commands.choices(about=_SUBJECTS)
async def log(
    interaction: discord.Interaction[Any],
    moderator: discord.User | None = None,
    about: str | None = None,
    case: app_commands.Range[str, 1, 12] | None = None,
    member: discord.User | None = None,
    days: app_commands.Range[int, 1, 3650] | None = None,
    export: bool = False,
) -> None:
    """Show the latest entries to the moderator alone, or send a file."""
    record, person = surface_of(interaction).casework.record, person_of(interaction)
    target = f"#{case.strip().lstrip('#')}" if case else str(member.id) if member else ""
    since = int(interaction.created_at.timestamp() * 1000) - days * DAY_MS if days else 0
    wanted = AuditFilter(moderator.id if moderator else None, about or "", target, since)
    if not export:
        await answer_privately(interaction, *await _page(interaction, wanted))
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    found = await record.export(person, wanted)
    lines = [_chain(found.chain)]
    if found.cut_off:
        lines.append(_("There is more: choose fewer days."))
    file = discord.File(io.BytesIO(_table(found.entries)), filename="plantain-log.csv")
    await interaction.followup.send("\n".join(lines), file=file, ephemeral=True)


class LogButton(
    OwnItem[ui.Button[Any]],
    template=r"plantain:log:(?P<actor>[0-9a-f]{1,16}):(?P<subject>[a-z]{0,10}):(?P<target>[#0-9]{0,20})"
    r":(?P<since>[0-9a-f]{1,11}):(?P<before>[0-9a-z-]{0,24})",
):
    """Turns to the entries before one, or (without it) to the newest."""

    def __init__(self, wanted: AuditFilter, before: str = "", label: str = "…") -> None:
        self._wanted, self._before = wanted, before
        where = f"{wanted.actor_id or 0:x}:{wanted.subject}:{wanted.target}:{wanted.since:x}"
        super().__init__(ui.Button(label=label, custom_id=f"plantain:log:{where}:{before}"))

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        actor, since = int(match["actor"], 16), int(match["since"], 16)
        wanted = AuditFilter(actor or None, match["subject"], match["target"], since)
        if match["before"] and entry_time(match["before"]) is None:
            raise Misfit
        return cls(wanted, match["before"])

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        await replace_panel(interaction, *await _page(interaction, self._wanted, self._before))


async def _page(interaction: discord.Interaction[Any], wanted: AuditFilter, before: str = "") -> list[Part]:
    """Return some entries, newest first, and what turns the pages."""
    record, person = surface_of(interaction).casework.record, person_of(interaction)
    entries = await record.entries(person, wanted, SHOWN + 1, before)
    lines = [_line(entry) for entry in entries[:SHOWN]] or [_("Nothing is written there.")]
    turning = []
    if before:
        turning.append(LogButton(wanted, label=_("Newest")))
    if len(entries) > SHOWN:
        turning.append(LogButton(wanted, entries[SHOWN - 1].id, _("Older ›")))
    parts: list[Part] = [fitted([f"**{_('Log')}**", *lines])]
    if turning:
        parts.append(ui.ActionRow(*turning))
    return parts


@mod.command(name="stats", description="The desk in figures, as a picture")
@app_commands.describe(days="Over how many days")
async def stats(interaction: discord.Interaction[Any], days: app_commands.Range[int, 1, 365] = 30) -> None:
    """Send the picture to the moderator alone."""
    record, person = surface_of(interaction).casework.record, person_of(interaction)

    async def name_of(member_id: int) -> str:
        return await _name(interaction, member_id)

    await interaction.response.defer(ephemeral=True, thinking=True)
    figures = await record.figures(person, days, name_of)
    chart = await surface_of(interaction).studio.usage.chart(desk_chart(figures))
    text, files = _summary(figures), []
    if chart is not None:
        data = io.BytesIO(chart.data)
        files = [discord.File(data, filename="plantain-desk.png", description=text[:1000])]
    else:
        text += f"\n-# {_('The charts could not be drawn this time.')}"
    await interaction.followup.send(text, files=files, ephemeral=True)


def _line(entry: AuditEntry) -> str:
    target = f"<@{entry.target}>" if entry.target.isdigit() and len(entry.target) > 12 else entry.target
    what = escape_within(target, 60) if target == entry.target else target
    who = mention(entry.actor_id) if entry.actor_id else _("reports or rules")
    action = str(entry.data.get("decision", ""))
    parts = [f"<t:{entry.at // 1000}:f>", who, code(entry.action), what, action]
    reason = entry.data.get("reason")
    if isinstance(reason, str) and reason:
        parts.append(escape_within(reason, 80))
    return " · ".join(part for part in parts if part)


def _chain(chain: ChainReport) -> str:
    if chain.whole:
        return _("Every entry fits the one before it ({number} in all).", number=chain.links)
    return _(
        "Careful: entry {number} was changed, or does not fit the one before it. Tell the people who run "
        "this bot.",
        number=chain.broken,
    )


def _table(entries: Sequence[AuditEntry]) -> bytes:
    """Return entries as CSV. What begins like a formula is kept from being one in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["number", "time", "moderator", "action", "target", "data", "hash"])
    for entry in entries:
        time = datetime.fromtimestamp(entry.at / 1000, tz=UTC).isoformat()
        data = json.dumps(dict(entry.data), ensure_ascii=False)
        row = [entry.number or "", time, entry.actor_id, entry.action, entry.target, data, entry.link]
        writer.writerow([f"'{item}" if str(item).startswith(("=", "+", "-", "@")) else item for item in row])
    return text.getvalue().encode("utf-8")


def _summary(figures: DeskFigures) -> str:
    opened = ngettext("{number} case was opened", "{number} cases were opened", sum(figures.opened))
    said = ngettext(
        "Open now: {open}. In {number} day {opened} and {decided} decided.",
        "Open now: {open}. In {number} days {opened} and {decided} decided.",
        len(figures.days),
        open=figures.open_now,
        opened=opened,
        decided=sum(figures.decided),
    )
    if (median := figures.median_time) is not None:
        said += " " + _("Half of them were decided within {time}.", time=f"{median / 3_600_000:.1f} h")
    return said


async def _name(interaction: discord.Interaction[Any], member_id: int) -> str:
    """Return what a moderator is called here; the id of one who has left, or whom Discord does not tell."""
    if member_id < 0:
        return _("forgotten")
    if interaction.guild is not None:
        try:
            async with translated():
                return (await interaction.guild.fetch_member(member_id)).display_name
        except DeliveryError as error:
            logger.info("the name of moderator %d is not known: %s", member_id, error)
    return str(member_id)
