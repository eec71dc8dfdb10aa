"""The first answer to an interaction, in time also when the work before it is held up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import discord
from discord import ui

from bot.errors import DeliveryError
from cogs.faults import translated
from cogs.first_answers import FirstAnswers

log = logging.getLogger(__name__)

# Discord takes no first answer after 3 seconds, the way there and back included (facts-discord).
SECONDS_TO_HOLD = 1.5


async def promise(interaction: discord.Interaction[Any], *, private: bool = False) -> int:
    """Tell people that an answer is on its way, and return the id of the message that it will be in."""
    response = await interaction.response.defer(ephemeral=private, thinking=True)
    if response is not None and response.message_id is not None:
        return response.message_id
    return (await interaction.original_response()).id


class Reply:
    """Answers an interaction with one message. Used as a context around the work that decides what it says.

    Where many wait for a first answer, and where the block has not answered after `SECONDS_TO_HOLD` (a
    database that is locked, a machine that is busy), Discord is asked to wait: people see that the bot is
    thinking. A block that raises takes that back, so that the refusal that follows is seen by nobody else.
    """

    def __init__(
        self,
        interaction: discord.Interaction[Any],
        *,
        private: bool,
        first_answers: FirstAnswers,
    ) -> None:
        self._interaction = interaction
        self._private = private
        self._first_answers = first_answers
        self._answering = asyncio.Lock()
        self._awaited = False
        self._held = False
        self._answered = False
        self._timer: asyncio.Task[None] | None = None
        self.message_id: int | None = None  # of the message that is the answer, once Discord has said it

    async def __aenter__(self) -> Self:
        self._awaited = True
        self._first_answers.expect()
        if not self._first_answers.many:
            self._timer = asyncio.create_task(self._hold_later(), name=f"hold {self._interaction.id}")
            return self
        try:
            await self._hold()
            await self._first_answers.settled()
        except BaseException:
            self._given()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._given()
        async with self._answering:  # an answer that is on the wire is not cut off
            if self._timer is not None:
                self._timer.cancel()
            if self._held and not self._answered:
                await self._take_back()

    async def answer(self, view: Callable[[], ui.LayoutView], *, at_once: bool) -> bool:
        """Answer with what `view` makes, or raise DeliveryError.

        Where Discord was asked to wait, the message is there already. Then this returns False and leaves its
        first words to whoever keeps it up to date, unless they are wanted `at_once`.
        """
        async with self._answering, translated():
            self._answered = True
            if not self._held:
                response = await self._interaction.response.send_message(view=view(), ephemeral=self._private)
                self.message_id = response.message_id
            elif at_once:
                await self._interaction.edit_original_response(view=view())
            return at_once or not self._held

    def _given(self) -> None:
        if self._awaited:
            self._awaited = False
            self._first_answers.given()

    async def _hold_later(self) -> None:
        await self._first_answers.patience(SECONDS_TO_HOLD)
        await self._hold()

    async def _hold(self) -> None:
        async with self._answering:
            if self._answered:
                return
            try:
                async with translated():
                    self.message_id = await promise(self._interaction, private=self._private)
            except DeliveryError as error:
                log.warning("interaction %s could not be held: %s", self._interaction.id, error)
            else:
                self._held = True
                self._given()

    async def _take_back(self) -> None:
        """Remove what people see as thinking. It has to become a message first: until then, Discord takes a
        follow-up for what it was waiting for, and shows it to everybody."""
        try:
            async with translated():
                await self._interaction.edit_original_response(content="…")
                await self._interaction.delete_original_response()
        except DeliveryError as error:
            log.warning("interaction %s goes on thinking: %s", self._interaction.id, error)
