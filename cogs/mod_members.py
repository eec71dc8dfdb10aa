"""/mod member, ban, unban, strike, pardon and note: what moderators know and do about somebody."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands, ui

from bot.domain.cases import REASON_LIMIT
from bot.errors import NotAllowed
from bot.studio.members import checked_length
from cogs import record_words as words
from cogs.appeal import ANSWERS, AppealButton
from cogs.language import _, ngettext
from cogs.mod_group import mod
from cogs.offers import CHOICES_LIMIT, Choices, offers
from cogs.panels import answer_privately, short
from cogs.people import person_of
from cogs.staff import role_of_user
from cogs.surface import surface_of
from cogs.text import moment, quote

Reason = app_commands.Range[str, 1, REASON_LIMIT]


@mod.command(name="member", description="Everything that is known about a member here")
@app_commands.describe(user="The member")
async def member(interaction: discord.Interaction[Any], user: discord.User) -> None:
    """Show a member's record to the moderator alone."""
    surface = surface_of(interaction)
    record = await surface.casework.members.record(person_of(interaction), user.id)
    now = _now(interaction)
    # Without a desk's channel this is where an appeal is answered.
    operates = interaction.user.id in surface.casework.authority.operators
    rows: list[ui.ActionRow[Any]] = [
        ui.ActionRow(*(AppealButton(answer, ban.id) for answer in ANSWERS))
        for ban in record.bans
        if ban.appeal_waits(now) and (operates or not ban.everywhere)
    ]
    await answer_privately(interaction, *words.record_parts(record, now), *rows)


@mod.command(name="ban", description="Keep a member from making and sharing pictures")
@app_commands.describe(
    user="The member",
    duration="How long: 12h, 7d, 2 weeks, or permanent",
    reason="Why; the member reads it",
    everywhere="In every server; for the people who run this bot",
)
async def ban(
    interaction: discord.Interaction[Any],
    user: discord.User,
    duration: app_commands.Range[str, 1, 20],
    reason: Reason,
    everywhere: bool = False,
) -> None:
    """Ban a member of the bot, not of the server."""
    length = checked_length(duration)
    target = await role_of_user(interaction, user)
    given = await surface_of(interaction).casework.members.ban(
        person_of(interaction), user.id, length, reason, target=target, everywhere=everywhere
    )
    end = _("until {moment}", moment=moment(given.until)) if given.until else _("for good")
    where = _("in every server") if everywhere else _("in this server")
    await answer_privately(
        interaction, _("{member} is banned {where} {end}.", member=user.mention, where=where, end=end)
    )


@mod.command(name="unban", description="Let a member make and share pictures again")
@app_commands.describe(user="The member", everywhere="Lift the ban that holds in every server")
async def unban(interaction: discord.Interaction[Any], user: discord.User, everywhere: bool = False) -> None:
    """Lift a ban."""
    members = surface_of(interaction).casework.members
    await members.unban(person_of(interaction), user.id, everywhere=everywhere)
    await answer_privately(interaction, _("{member} is not banned any more.", member=user.mention))


@mod.command(name="strike", description="Give a member a strike")
@app_commands.describe(user="The member", reason="Why; the member reads it")
async def strike(interaction: discord.Interaction[Any], user: discord.User, reason: Reason) -> None:
    """Give a strike, and say what follows from it."""
    target = await role_of_user(interaction, user)
    members = surface_of(interaction).casework.members
    told = await members.strike(person_of(interaction), user.id, reason, target=target)
    lines = [
        ngettext(
            "{member} has {number} strike that counts now.",
            "{member} has {number} strikes that count now.",
            told.strikes,
            member=user.mention,
        )
    ]
    if told.banned:
        lines.append(_("By a rule of this server, that is a ban."))
    elif told.cooldown_until:
        lines.append(_("They can make pictures again at {moment}.", moment=moment(told.cooldown_until)))
    if told.cap is not None:
        lines.append(
            ngettext(
                "At most {number} image a day, with what is made elsewhere.",
                "At most {number} images a day, with what is made elsewhere.",
                told.cap,
            )
        )
    await answer_privately(interaction, "\n".join(lines))


@mod.command(name="pardon", description="Take a strike back")
@app_commands.describe(user="The member", strike="Which strike; the latest if you say nothing")
async def pardon(
    interaction: discord.Interaction[Any], user: discord.User, strike: str | None = None
) -> None:
    """Let a strike count no more."""
    members, person = surface_of(interaction).casework.members, person_of(interaction)
    counting = await members.counting_strikes(person, user.id)
    wanted = [item for item in counting if strike is None or item.id == strike.strip().casefold()]
    if not wanted:
        raise NotAllowed("no_strike")
    given = await members.pardon(person, wanted[0].id)
    await answer_privately(
        interaction,
        _(
            "The strike of {member} is pardoned: {reason}",
            member=user.mention,
            reason=quote(given.reason, 200),
        ),
    )


@pardon.autocomplete("strike")
async def _strikes(interaction: discord.Interaction[Any], typed: str) -> Choices:
    return await offers(interaction, _counting(interaction, typed))


async def _counting(interaction: discord.Interaction[Any], typed: str) -> Choices:
    user = getattr(interaction.namespace, "user", None)
    if user is None:
        return []
    members = surface_of(interaction).casework.members
    found = await members.counting_strikes(person_of(interaction), user.id)
    return [
        app_commands.Choice(name=short(f"{item.id} · {item.reason}"), value=item.id)
        for item in found
        if item.id.startswith(typed.strip().casefold())
    ][:CHOICES_LIMIT]


@mod.command(name="note", description="Write down something about a member, for moderators only")
@app_commands.describe(user="The member", text="What the other moderators should know")
async def note(
    interaction: discord.Interaction[Any],
    user: discord.User,
    text: app_commands.Range[str, 1, 1000],
) -> None:
    """Keep a note."""
    await surface_of(interaction).casework.members.note(person_of(interaction), user.id, text)
    await answer_privately(interaction, _("The note about {member} is kept.", member=user.mention))


def _now(interaction: discord.Interaction[Any]) -> int:
    return int(interaction.created_at.timestamp() * 1000)
