"""Servers that the bot is removed from and comes back to, and messages that disappear from Discord."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence

from bot.studio.ports import Clock
from bot.studio.store_ports import Store, Transaction

log = logging.getLogger(__name__)


class Departures:
    """Remembers what Discord says is gone.

    What belongs to a server that is left stays for a while (`Retention.server_days`), so that being invited
    again finds it. A message of ours that somebody deletes is forgotten as a place: nothing is ever edited or
    posted there again. Its picture stays with its owner, because Discord does not say who deleted it, and
    moderators tidy channels without meaning to take anybody's work; the owner deletes it by Delete.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def left(self, guild_id: int) -> None:
        """Note that the bot was removed from a server."""
        now = self._clock.now()
        await self._store.write(lambda tx: tx.privacy.leave_server(guild_id, now=now))
        log.info("removed from server %d: what belongs to it is forgotten after the time of grace", guild_id)

    async def entered(self, guild_id: int) -> None:
        """Note that the bot is in a server (again)."""
        if await self._store.write(lambda tx: tx.privacy.enter_server(guild_id)):
            log.info("back in server %d in time: nothing of it is forgotten", guild_id)

    async def compare(self, here: Collection[int]) -> None:
        """Note what happened while the bot was not connected; `here` are the servers that it is in now.

        Requests are no sign of having been in a server: the bot comes along with people who installed it.
        """
        async with self._store.reading() as tx:
            known, left = set(await tx.privacy.servers()), set(await tx.privacy.left_servers())
        for guild_id in sorted(known - left - set(here)):
            await self.left(guild_id)
        for guild_id in sorted(set(here) - (known - left)):
            await self.entered(guild_id)

    async def messages_deleted(self, message_ids: Sequence[int]) -> None:
        """Forget messages of ours that are not there any more."""

        async def known(tx: Transaction) -> list[int]:
            return [each for each in message_ids if await tx.privacy.knows_message(each)]

        ours = await self._store.read(known)  # most messages of a server are not: nothing is written for them
        if not ours:
            return

        async def forget(tx: Transaction) -> None:
            for message_id in ours:
                await tx.privacy.forget_message(message_id)

        await self._store.write(forget)
