"""Showing under a message that it is being worked on: a reaction from the start, typing while it is made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import discord

from bot.domain.jobs import Job
from bot.domain.progress import Stage
from bot.domain.requests import Origin
from bot.errors import DeliveryError, StorageError
from bot.studio.ports import Clock, Waits
from cogs.faults import translated

log = logging.getLogger(__name__)

AT_WORK = "⏳"
SECONDS_OF_TYPING = 8.0  # Discord shows it for ten


class Working:
    """All of it is a courtesy: what fails is only logged.

    `listeners` hear of messages that turn out to be gone: Discord tells of a deletion only while we listen.
    """

    def __init__(self, client: discord.Client, clock: Clock, waits: Waits) -> None:
        self._client = client
        self._clock = clock
        self._waits = waits
        self.listeners: list[Callable[[Sequence[int]], Awaitable[None]]] = []
        self._typing: dict[str, asyncio.Task[None]] = {}

    async def begin(self, origin: Origin) -> None:
        """Mark the message that asked."""
        try:
            async with translated():
                await self._message(origin).add_reaction(AT_WORK)
        except DeliveryError as error:
            log.info("no reaction for %s: %s", origin.key, error)
            await self._tell(origin, error)

    def progress(self, job: Job, stage: Stage) -> None:
        """Type in the channel from the moment that somebody works on it."""
        if stage is Stage.GENERATING and job.id not in self._typing:
            self._typing[job.id] = asyncio.create_task(self._type(job), name=f"typing {job.id}")

    async def end(self, job: Job) -> None:
        """Stop typing, and take the mark away."""
        task = self._typing.pop(job.id, None)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        user = self._client.user
        if user is None:
            return
        try:
            async with translated():
                await self._message(job.origin).remove_reaction(AT_WORK, user)
        except DeliveryError as error:
            log.info("the reaction of %s stays: %s", job.origin.key, error)
            await self._tell(job.origin, error)

    async def _tell(self, origin: Origin, error: DeliveryError) -> None:
        """Tell the listeners where the message itself is gone. A reaction that somebody took away before is
        answered by Discord in the same way, so the message is asked for."""
        if not error.gone or not self.listeners or origin.message_id is None or await self._is_there(origin):
            return
        for listener in self.listeners:
            try:
                await listener([origin.message_id])
            except StorageError as failure:
                log.warning("that the message of %s is gone was not noted: %s", origin.key, failure)

    async def _is_there(self, origin: Origin) -> bool:
        """Whether a message can still be had; where Discord does not say, it is taken to be there."""
        try:
            async with translated():
                await self._message(origin).fetch()
        except DeliveryError as error:
            return not error.gone
        return True

    async def _type(self, job: Job) -> None:
        channel = self._client.get_partial_messageable(job.origin.channel_id)
        while not self._client.is_closed():
            try:
                async with translated():
                    await channel.typing()
            except DeliveryError as error:
                log.info("no typing for job %s: %s", job.id, error)
                return
            await self._waits(self._clock.sleep(SECONDS_OF_TYPING), "typing")

    def _message(self, origin: Origin) -> discord.PartialMessage:
        channel = self._client.get_partial_messageable(origin.channel_id)
        return channel.get_partial_message(origin.message_id or 0)
