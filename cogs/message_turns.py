"""A message as a turn: taken, replaced while it waits, offered to be made again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import discord
from discord import ui
from discord.ext import commands

from bot.domain.conversations import Conversation, Turn
from bot.domain.images import Sender
from bot.domain.requests import Origin, Request
from bot.errors import InvalidRequest, NotAllowed, Problem
from bot.studio.fitting import PLAIN_UPLOAD_LIMIT
from bot.studio.lookup import Branch
from bot.studio.pictures import Person
from cogs.language import _
from cogs.message_answers import answer_message
from cogs.messages_meant import Meant
from cogs.messages_there import check_there
from cogs.people import is_age_restricted
from cogs.prices import price
from cogs.standing import standing_of_message
from cogs.surface import Surface, surface_of
from cogs.turn_taking import wish_for
from cogs.wishes import SECONDS_TO_CONFIRM


class MessageTurn:
    """One message, and what it asks for."""

    def __init__(self, bot: commands.Bot, surface: Surface, message: discord.Message) -> None:
        self._bot = bot
        self._surface = surface
        self._message = message

    @property
    def person(self) -> Person:
        """Who wrote it, with the permissions that they have where they wrote it."""
        message, author = self._message, self._message.author
        guild_id = message.guild.id if message.guild else None
        if not isinstance(author, discord.Member) or isinstance(message.channel, discord.PartialMessageable):
            return Person(author.id, guild_id, message.channel.id, moderator=False)
        permissions = message.channel.permissions_for(author)
        moderator = permissions.moderate_members or permissions.manage_messages
        return Person(author.id, guild_id, message.channel.id, moderator, permissions.manage_guild)

    async def origin(self, version: str = "") -> Origin:
        """Where it came from; `version` tells a changed message from what it was before."""
        message = self._message
        guild = message.guild
        locale = await self._surface.audiences.of_message(message)
        return Origin(
            key=f"message:{message.id}{version}",
            application_id=self._bot.application_id or 0,
            member_id=message.author.id,
            guild_id=guild.id if guild else None,
            channel_id=message.channel.id,
            token=None,
            token_at=int(message.created_at.timestamp() * 1000),
            upload_limit=guild.filesize_limit if guild else PLAIN_UPLOAD_LIMIT,
            direct=guild is None,
            locale=locale,
            place_locale=locale,
            message_id=message.id,
        )

    async def take(self, conversation: Conversation, said: Meant, branch: Branch | None) -> None:
        """Take it as the next turn; ask first where the server wants prices to be confirmed."""
        request, question = await self._composed(conversation, said, branch)
        await self._accept_or_ask(conversation, request, await self.origin(), branch, question)

    async def redo(self, conversation: Conversation, said: Meant, branch: Branch) -> None:
        """Take it once more, from where its first turn went on; ask first as for any other."""
        request, question = await self._composed(conversation, said, branch)
        changed = self._message.edited_at or self._message.created_at
        origin = await self.origin(f":{int(changed.timestamp() * 1000)}")
        await self._accept_or_ask(conversation, request, origin, branch, question)

    async def join(self, conversation: Conversation, turn: Turn, said: Meant) -> None:
        """Add its words and pictures to a turn of the same person that waits."""
        request = await self._surface.talk.lookup.request_of(turn)
        both = Meant(f"{request.prompt}\n{said.words}".strip(), said.sources)
        await self._instead_of(conversation, turn, both, request, prompt_id=turn.prompt_id)

    async def replace(self, conversation: Conversation, turn: Turn, said: Meant) -> None:
        """Let a turn that waits say what its message says now."""
        request = await self._surface.talk.lookup.request_of(turn)
        alone = replace(said, sources=())  # attachments cannot be changed; those that went stay
        await self._instead_of(conversation, turn, alone, request, prompt_id=turn.prompt_id)

    async def says_the_same(self, turn: Turn, said: Meant) -> bool:
        """Whether its words are those of the turn: Discord tells of previews of links as changes, too."""
        request = await self._surface.talk.lookup.request_of(turn)
        return said.words == request.prompt

    # --- steps --------------------------------------------------------------------------------------------

    async def _composed(
        self, conversation: Conversation, said: Meant, branch: Branch | None
    ) -> tuple[Request, str | None]:
        """Return the request, and its price in words where that has to be confirmed."""
        # Who is banned is told so before anything of theirs is looked at.
        await self._surface.casework.bans.check(self.person)
        wish = wish_for(self._surface, conversation, said.words, branch=branch, attachments=len(said.sources))
        wish = replace(wish, age_restricted=is_age_restricted(self._message.channel))
        if not said.words:
            raise InvalidRequest(Problem.PROMPT_EMPTY)
        composed = await self._surface.library.composer.compose(wish, self.person)
        sender = Sender(self.person.guild_id, self.person.id)
        request = await self._surface.studio.intake.complete(composed.request(wish), said.sources, sender)
        request = request.evolve(
            references=(*request.references, *composed.brought), age_restricted=wish.age_restricted
        )
        needs = composed.needs_confirmation
        return request, price(composed.server, composed.micros) if needs else None

    async def _instead_of(
        self, conversation: Conversation, turn: Turn, said: Meant, before: Request, *, prompt_id: int | None
    ) -> None:
        branch = Branch(turn.parent) if turn.branches else None
        request, _price = await self._composed(conversation, said, branch)
        request = request.evolve(references=(*before.references, *request.references))
        changed = self._message.edited_at or self._message.created_at
        # The answer still goes to the message that asked first.
        origin = replace(
            await self.origin(f":{int(changed.timestamp() * 1000)}"), message_id=prompt_id or self._message.id
        )
        await self._accept(conversation, request, origin, branch, instead_of=turn)

    async def _accept(
        self,
        conversation: Conversation,
        request: Request,
        origin: Origin,
        branch: Branch | None,
        instead_of: Turn | None = None,
    ) -> None:
        conversations = self._surface.talk.conversations
        standing = await standing_of_message(self._message, self._bot, self._surface.acquaintances)
        await conversations.take(
            conversation,
            request,
            origin,
            branch=branch,
            instead_of=instead_of,
            written_in=self._message.id,
            standing=standing,
        )
        await self._surface.notifier.working.begin(origin)

    async def _accept_or_ask(
        self,
        conversation: Conversation,
        request: Request,
        origin: Origin,
        branch: Branch | None,
        amount: str | None,
    ) -> None:
        """Take a turn; first ask whether it may cost `amount`, where there is one."""
        if amount is None:
            await self._accept(conversation, request, origin, branch)
            return

        async def go_on() -> None:
            await check_there(self._bot, self._message.channel.id, [self._message.id])
            await self._accept(conversation, request, origin, branch)

        view = ui.LayoutView(timeout=SECONDS_TO_CONFIRM)
        text = _("This costs about **{amount}**. Shall I make it?", amount=amount)
        label = _("Make it for {amount}", amount=amount)
        view.add_item(ui.TextDisplay(text))
        view.add_item(ui.ActionRow(ConfirmTurn(self._message.author.id, go_on, label)))
        await answer_message(self._message, view=view)


class ConfirmTurn(ui.Button[Any]):
    """The answer to the question about a turn's price. Only who wrote the message may press it.

    What was asked for is known to this process alone; pressed after a restart, the guard says so.
    """

    def __init__(self, author_id: int, go_on: Callable[[], Awaitable[None]], label: str) -> None:
        super().__init__(label=label, style=discord.ButtonStyle.primary)
        self._author_id = author_id
        self._go_on = go_on

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Take the turn, and remove the question."""
        await surface_of(interaction).guard.run(interaction, self._pressed(interaction))

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.user.id != self._author_id:
            raise NotAllowed("confirm")
        await interaction.response.defer()
        try:
            await self._go_on()
        except NotAllowed as refused:
            if refused.action == "message_gone":  # its price is no question any more
                await interaction.delete_original_response()
            raise
        await interaction.delete_original_response()
