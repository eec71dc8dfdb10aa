"""The desk's messages in Discord: cards, appeals, reminders, and what people are told directly."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence

import discord
from discord import ui

from bot.domain.cases import Case
from bot.domain.images import FittedFile
from bot.domain.records import CaseFile
from bot.errors import DeliveryError
from bot.studio.moderation_ports import AppealFile, OutcomeTold, SanctionTold, Told
from bot.studio.settings import SettingsService
from cogs import desk_words as words
from cogs.appeal import appeal_card
from cogs.desk_cards import case_card
from cogs.faults import translated
from cogs.language import ENGLISH, Language, Languages, _, speaking
from cogs.messages_there import UNKNOWN_MESSAGE

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()


class DiscordDeskMessages:
    """Posts and changes them. Discord's errors become DeliveryErrors here.

    The desk speaks the language of its server; a direct message the one that its member has set, else that
    of the server.
    """

    def __init__(self, client: discord.Client, languages: Languages, settings: SettingsService) -> None:
        self._client = client
        self._languages = languages
        self._settings = settings

    async def put_card(
        self, channel_id: int, message_id: int | None, file: CaseFile, picture: FittedFile | None
    ) -> int:
        """Post a case's card, or change it; return the message's id. A card that is gone is posted anew."""
        channel = self._client.get_partial_messageable(channel_id)
        with speaking(await self._language(file.case.guild_id)):
            card = case_card(file, picture, names=False)
        if message_id is not None:
            async with translated():
                try:
                    await channel.get_partial_message(message_id).edit(
                        view=card.view, attachments=card.files, allowed_mentions=NOBODY
                    )
                except discord.NotFound as error:
                    if error.code != UNKNOWN_MESSAGE:
                        raise
                    log.info("the card of case %s is gone and posted anew", file.case.id)
                else:
                    return message_id
            with speaking(await self._language(file.case.guild_id)):
                card = case_card(file, picture, names=False)  # its file was sent, and closed with that
        nonce = _nonce(f"card {file.case.id} {channel_id} {message_id}")
        async with translated():
            message = await channel.send(
                view=card.view, files=card.files, nonce=nonce, allowed_mentions=NOBODY
            )
        return message.id

    async def put_appeal(self, channel_id: int | None, member_id: int | None, file: AppealFile) -> None:
        """Post an appeal in a channel, or to one operator."""
        nonce = _nonce(f"appeal {file.ban.id}")
        with speaking(await self._language(file.ban.guild_id, member_id)):
            view = appeal_card(file)
        async with translated():
            channel: discord.abc.Messageable
            if channel_id is not None:
                channel = self._client.get_partial_messageable(channel_id)
            else:
                channel = await self._client.create_dm(discord.Object(member_id or 0))
            await channel.send(view=view, nonce=nonce, allowed_mentions=NOBODY)

    async def remind(self, channel_id: int, cases: Sequence[Case], more: int, key: str) -> None:
        """Post which cases wait too long."""
        channel = self._client.get_partial_messageable(channel_id)
        with speaking(await self._language(cases[0].guild_id)):
            view = _text(words.listed_cases(cases, more))
        async with translated():
            await channel.send(view=view, nonce=_nonce(key), allowed_mentions=NOBODY)

    async def tell(self, told: Told, key: str) -> None:
        """Send a direct message about a decision."""
        with speaking(await self._language(told.guild_id, told.member_id)):
            server = self._name_of(told.guild_id)
            match told:
                case OutcomeTold():
                    text = words.outcome(told, server)
                case SanctionTold():
                    text = words.sanction(told, server)
                case _:
                    raise DeliveryError(f"nothing is to be said about {type(told).__name__}")
        await self._direct(told.member_id, text, key)

    async def tell_trouble(self, guild_id: int, member_id: int, channel_id: int) -> None:
        """Tell those who can change it that the desk's channel cannot be written to: who set it, as long as
        they manage the server, and its owner. Raises DeliveryError where nobody can be told."""
        people = await self._who_can_change(guild_id, member_id)
        failures = []
        for person in people:
            try:
                await self._tell_trouble(guild_id, person, channel_id)
            except DeliveryError as error:
                log.info("the trouble of the desk in server %d is not told: %s", guild_id, error)
                failures.append(error)
        if failures and len(failures) == len(people):
            raise failures[-1]

    async def _who_can_change(self, guild_id: int, member_id: int) -> list[int]:
        guild = self._client.get_guild(guild_id)
        if guild is None:
            return []  # the bot is not there any more
        people = [guild.owner_id] if guild.owner_id is not None else []
        if member_id > 0 and member_id not in people:
            async with translated():
                try:
                    member = await guild.fetch_member(member_id)
                except discord.NotFound:  # they have left
                    return people
            if member.guild_permissions.manage_guild:
                people.insert(0, member_id)
        return people

    async def _tell_trouble(self, guild_id: int, member_id: int, channel_id: int) -> None:
        with speaking(await self._language(guild_id, member_id)):
            text = _(
                "I cannot write to {channel}, where the moderators of {server} get their cases. The cases "
                "are kept: `/mod queue` shows them. Give me the permissions View Channel, Send Messages and "
                "Attach Files there, or name another channel with `/config moderation channel`.",
                channel=f"<#{channel_id}>",
                server=discord.utils.escape_markdown(self._name_of(guild_id)),
            )
        await self._direct(member_id, text, f"trouble {guild_id} {channel_id}")

    async def _direct(self, member_id: int, text: str, key: str) -> None:
        async with translated():
            channel = await self._client.create_dm(discord.Object(member_id))
            await channel.send(view=_text(text), nonce=_nonce(key), allowed_mentions=NOBODY)

    async def _language(self, guild_id: int, member_id: int | None = None) -> Language:
        """Return the language of a member, or of a server's desk."""
        in_force = await self._settings.in_force(member_id or 0, guild_id or None)
        guild = self._client.get_guild(guild_id)
        chosen = in_force.member.locale or in_force.server.locale
        return self._languages.of(chosen or (str(guild.preferred_locale) if guild else ENGLISH.code))

    def _name_of(self, guild_id: int) -> str:
        guild = self._client.get_guild(guild_id)
        return guild.name if guild is not None else _("every server") if not guild_id else _("a server")


def _nonce(key: str) -> str:
    """Return what makes Discord drop the same message sent a second time (at most 25 characters)."""
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def _text(text: str) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(text))
    return view
