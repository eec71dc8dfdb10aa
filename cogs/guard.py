"""The one place where an entrance that failed answers the person.

Every command, button and modal goes through it: commands by the tree's `on_error`, components by `run`,
because discord.py only logs what a dynamic item raises (ui/view.py, `schedule_dynamic_item_call`). What no
entrance takes (a button of an older version, a forged one) is answered by `catch`. Messages are answered by
`cogs/message_answers.py`; events that ask for no answer go through `heed`.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import secrets
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

import discord
from discord import app_commands

from bot.errors import DeliveryError, Refusal, StorageError, TooFast
from bot.studio.about import tell
from bot.studio.hammering import Hammering
from cogs.audience import Tree
from cogs.faults import translated
from cogs.items import Misfit
from cogs.language import _
from cogs.surface import surface_of
from cogs.wording import COMMAND_CHANGED, NOTHING_BEHIND, refusal, unexpected

log = logging.getLogger(__name__)

# Codes of Discord's API (facts-discord): the interaction is gone, or was answered by its first delivery.
UNKNOWN_INTERACTION = 10062
ALREADY_ACKNOWLEDGED = 40060

# What an entrance still does when the program stops is short: its job is not waited for here.
SECONDS_TO_FINISH = 3.0

_TAKEN = "plantain.taken"
_COMPONENTS = (discord.InteractionType.component, discord.InteractionType.modal_submit)


class GuardedTree(Tree):
    """The commands: whoever comes too often waits, before anything is looked up."""

    async def interaction_check(self, interaction: discord.Interaction[discord.Client], /) -> bool:
        """Let an interaction in, or answer whoever comes too often. Pickers ask with every key: they may."""
        guard = surface_of(interaction).guard
        guard.enter()
        await super().interaction_check(interaction)
        if interaction.type is discord.InteractionType.autocomplete:
            return True
        try:
            guard.admit(interaction)
        except TooFast as error:
            await guard.answer(interaction, error)
            return False
        return True


class Guard:
    """Answers a person when an entrance raises: a refusal in plain words, anything else with a reference."""

    def __init__(self, hammering: Hammering) -> None:
        self._hammering = hammering
        self._inside: set[asyncio.Task[Any]] = set()

    def enter(self) -> None:
        """Say that the current task answers somebody."""
        task = asyncio.current_task()
        if task is not None:
            self._inside.add(task)
            task.add_done_callback(self._inside.discard)

    async def finish(self) -> None:
        """Return when everybody who came in was answered, or after a while: the data is closed next."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS_TO_FINISH):
                while inside := self._inside - {asyncio.current_task()}:
                    await asyncio.wait(inside)

    def admit(self, interaction: discord.Interaction[Any]) -> None:
        """Raise TooFast for whoever comes too often."""
        self.admit_member(interaction.user.id)

    def admit_member(self, member_id: int) -> None:
        """Raise TooFast for whoever comes too often; messages that are turns count like everything else."""
        self._hammering.check(member_id)

    async def heed(self, work: Awaitable[object]) -> None:
        """Do what follows from an event that nobody waits to be answered: what fails is only logged."""
        self.enter()
        try:
            await work
        except StorageError as error:
            log.warning("what Discord told was not noted: %s", error)
        except Exception:
            log.exception("what Discord told was not noted")

    async def run(self, interaction: discord.Interaction[Any], work: Awaitable[None]) -> None:
        """Await the work of a button or modal and answer whatever it raises."""
        interaction.extras[_TAKEN] = True
        self.enter()
        try:
            await surface_of(interaction).audiences.listen(interaction)
            self.admit(interaction)
        except Exception as error:
            if inspect.iscoroutine(work):
                work.close()
            await self.answer(interaction, error)
            return
        try:
            await work
        except Exception as error:
            await self.answer(interaction, error)

    async def catch(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a press that nothing took; made for the client's `on_interaction`.

        discord.py starts this after what it found for the interaction, and `run` is the first thing that
        every component of ours does. One that was taken back meanwhile, or that its message does not hold,
        is dropped by discord.py without a word.
        """
        if interaction.type in _COMPONENTS and _TAKEN not in interaction.extras:
            log.info("interaction %s: nothing takes it", interaction.id)
            await surface_of(interaction).audiences.listen(interaction)
            await say_privately(interaction, _(NOTHING_BEHIND))

    async def on_command_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError
    ) -> None:
        """Answer what a command raised; made for `CommandTree.error`."""
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            log.warning("interaction %s: %s", interaction.id, error)
            await say_privately(interaction, _(COMMAND_CHANGED))
            return
        await self.answer(interaction, getattr(error, "original", error))

    async def answer(self, interaction: discord.Interaction[Any], error: BaseException) -> None:
        """Say what happened to the person who caused it, and to nobody else."""
        if isinstance(error, Refusal):
            log.info("interaction %s refused: %s", interaction.id, error)
            await say_privately(interaction, refusal(error))
            return
        if isinstance(error, Misfit):
            log.info("interaction %s: what was sent does not fit", interaction.id)
            await say_privately(interaction, _(NOTHING_BEHIND))
            return
        if is_too_late(error):
            log.warning("interaction %s was not acknowledged in time: %s", interaction.id, error)
            return
        reference = secrets.token_hex(4)
        tell(interaction=interaction.id, guild=interaction.guild_id, reference=reference)
        log.error("interaction %s broke, reference %s", interaction.id, reference, exc_info=error)
        await say_privately(interaction, unexpected(reference, error))


def is_too_late(error: BaseException) -> bool:
    """Whether Discord says that an interaction can no longer, or need no longer, be acknowledged."""
    return isinstance(error, discord.HTTPException) and error.code in (
        UNKNOWN_INTERACTION,
        ALREADY_ACKNOWLEDGED,
    )


async def say_privately(interaction: discord.Interaction[Any], text: str) -> None:
    """Answer an interaction so that only its person sees it; if Discord takes no answer, log that.

    A picker that waits for its offers takes no text: it gets none, and stops waiting.
    """
    try:
        async with translated():
            if interaction.type is discord.InteractionType.autocomplete:
                await interaction.response.autocomplete([])
            elif interaction.response.is_done():
                await interaction.followup.send(text, ephemeral=True)
            else:
                await interaction.response.send_message(text, ephemeral=True)
    except DeliveryError as error:
        log.warning("interaction %s could not be answered: %s", interaction.id, error)
