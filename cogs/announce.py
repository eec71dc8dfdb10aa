"""Notes to a server's log channel."""

from __future__ import annotations

import hashlib

import discord

from bot.domain.server_settings import ServerSettings
from bot.domain.spending_notes import NoteKind, SpendingNote
from bot.domain.usage import TIMES
from cogs.faults import translated
from cogs.language import Languages, _, speaking
from cogs.numbers import dollars
from cogs.panels import panel
from cogs.text import moment

NOBODY = discord.AllowedMentions.none()


class DiscordAnnouncer:
    """The studio's announcer in Discord."""

    def __init__(self, client: discord.Client, languages: Languages) -> None:
        self._client = client
        self._languages = languages

    async def announce(self, channel_id: int, notice: SpendingNote, settings: ServerSettings) -> None:
        """Post a note; Discord drops the same one when it comes twice within minutes."""
        channel = self._client.get_partial_messageable(channel_id)
        about = f"{notice.guild_id}:{notice.kind}:{notice.subject}"
        nonce = hashlib.sha256(about.encode()).hexdigest()[:25]
        guild = self._client.get_guild(notice.guild_id)
        locale = settings.locale or (str(guild.preferred_locale) if guild else "en")
        with speaking(self._languages.of(locale)):
            text = notice_text(notice)
        async with translated():
            await channel.send(view=panel(text), nonce=nonce, allowed_mentions=NOBODY)


def notice_text(notice: SpendingNote) -> str:
    """Return what a note says."""
    data = notice.data
    if notice.kind is NoteKind.BUDGET:
        values = {"spent": dollars(data["spent"]), "budget": dollars(data["budget"])}
        if data["mark"] >= 100:
            return _(
                "**The month's budget is used up.** {spent} of {budget} are spent. A new month begins at "
                "{reset}. `/usage server` shows for what.",
                reset=moment(data["resets_at"]),
                **values,
            )
        return _(
            "**{mark} % of the month's budget are used.** {spent} of {budget} are spent. `/usage server` "
            "shows for what.",
            mark=data["mark"],
            **values,
        )
    return _(
        "**Unusual spending.** <@{member}> spent {spent} within 24 hours; a day costs {usual} usually. You "
        "are told when somebody spends more than {times} times the usual, and at least a dollar.",
        member=data["member_id"],
        spent=dollars(data["spent"]),
        usual=dollars(data["usual"]),
        times=TIMES,
    )
