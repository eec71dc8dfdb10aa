"""The Discord client: intents, cogs, command sync, and an orderly end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import discord
from discord import ui
from discord.ext import commands

from bot.errors import LoginError
from bot.publishing import Published, publish
from bot.studio.service import Studio
from cogs.guard import GuardedTree
from cogs.surface import Surface
from cogs.translator import Translator

log = logging.getLogger(__name__)

AUTHENTICATION_FAILED = 4004  # the gateway's close code for a token that is not valid

LOGIN_REFUSED = (
    "Discord does not accept DISCORD_TOKEN. Copy the token from the developer portal (your application, Bot, "
    "Reset Token) into the environment or the .env file."
)
INTENT_IS_OFF = (
    "The message-content intent is not enabled for this application. Switch it on in the developer portal "
    "(your application, Bot, Privileged Gateway Intents, Message Content Intent), or write "
    "message_content = false in [discord] to go without it (or message_content_optional = true to go without "
    "it only as long as it is off)."
)
GOING_WITHOUT = (
    "The message-content intent is not enabled for this application, so conversations take only mentions, "
    "replies to the bot, /edit and the button Edit. To have every message there taken, switch it "
    "on in the developer portal (your application, Bot, Privileged Gateway Intents, Message Content Intent) "
    "and start again."
)
LOGIN_ENDED = (
    "Discord does not accept DISCORD_TOKEN any more. Somebody has reset it: copy the new one from the "
    "developer portal (your application, Bot) into the environment or the .env file, and start again. "
    "Nothing is lost."
)
SENT_AWAY = "Discord has ended the connection for good (code {code}). Start again; the log has more."
OUT_OF_REACH = "Discord is out of reach. Check the network and discord.proxy, then start again."


class PlantainClient(commands.Bot):
    """discord.py's bot with Plantain's cogs. The studio works as long as the client is logged in.

    Slash commands only: the prefix machinery of `commands.Bot` is not used, its cogs are.
    """

    surface: Surface
    studio: Studio
    items: Sequence[type[ui.DynamicItem[ui.Item[Any]]]]

    def __init__(
        self,
        *,
        proxy: str | None,
        message_content: bool,
        guild_ids: Sequence[int],
        published: Published,
        http_trace: aiohttp.TraceConfig,
        optional: bool = False,
    ) -> None:
        # There is no voice in Plantain: no warning about the libraries that it would need.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        intents.message_content = message_content
        super().__init__(
            command_prefix=commands.when_mentioned,
            tree_cls=GuardedTree,
            help_command=None,
            intents=intents,
            proxy=proxy,
            http_trace=http_trace,
            allowed_mentions=discord.AllowedMentions.none(),
            # Plantain asks Discord for what it needs when it needs it; keeping members would cost memory.
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
        )
        self._guild_ids = tuple(guild_ids)
        self._published = published
        self._optional = optional  # the message-content intent
        self._cogs: tuple[commands.Cog, ...] = ()
        self._running = AsyncExitStack()
        # A studio that begins delivers already: it is not left without its session half-way.
        self._beginning = asyncio.Lock()
        self._ending = False
        self._connected = False
        self.began = asyncio.Event()  # once it is ready for the first time; before login nothing can wait

    def attach(
        self,
        *,
        surface: Surface,
        cogs: Sequence[commands.Cog],
        items: Sequence[type[ui.DynamicItem[ui.Item[Any]]]],
    ) -> None:
        """Hand over what needs the client to exist before it can be made. Called once, before login."""
        self.surface = surface
        self.studio = surface.studio
        self._cogs = tuple(cogs)
        self.items = tuple(items)
        self.tree.error(surface.guard.on_command_error)
        self.add_dynamic_items(*items)

    async def setup_hook(self) -> None:
        """Add the cogs, tell Discord the commands, and start the studio. Runs once, after login."""
        self._look_at_intents()
        for cog in self._cogs:
            await self.add_cog(cog)
        await self.tree.set_translator(Translator(self.surface.audiences.languages))
        await publish(self, self._guild_ids, self._published)
        async with self._beginning:
            if not self._ending:  # else nobody would end what is begun now
                await self._running.enter_async_context(self.studio)

    @property
    def _intent_is_off(self) -> bool:
        """Whether the settings want the message-content intent and the developer portal does not."""
        flags = self.application_flags
        enabled = flags.gateway_message_content or flags.gateway_message_content_limited
        return self.intents.message_content and not enabled

    def _look_at_intents(self) -> None:
        """Leave the message-content intent out where it is off and may be: Discord would not let us in."""
        if self._optional and self._intent_is_off:
            log.warning(GOING_WITHOUT)
            # Nobody has connected yet, and `Client` has no other way to change its mind.
            self._connection._intents.message_content = False

    async def connect(self, *, reconnect: bool = True) -> None:
        """Connect, unless Discord would not let us in: that would be one of the connections that a bot may
        begin in a day, and whoever restarts us again and again would use up all of them."""
        if self._intent_is_off:
            raise LoginError(INTENT_IS_OFF, theirs=True)
        await super().connect(reconnect=reconnect)

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        """Tell the listeners, unless there is nobody left: discord.py 2.7.1 announces READY two seconds late,
        also to a client that was closed meanwhile, and breaks on that."""
        if not self.is_closed():
            super().dispatch(event_name, *args, **kwargs)

    @property
    def connected(self) -> bool:
        """Whether Discord's gateway tells us what happens. (`is_ready` stays true when it is lost.)"""
        return self._connected and not self.is_closed()

    async def on_ready(self) -> None:
        """Say in the log that people can be served."""
        self._connected = True
        self.began.set()
        log.info("ready as %s, servers: %d", self.user, len(self.guilds))

    async def on_resumed(self) -> None:
        """Note that a connection that was lost goes on."""
        self._connected = True

    async def on_disconnect(self) -> None:
        """Note that the connection is lost, or could not be made; discord.py tries again by itself."""
        self._connected = False

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer what no entrance takes."""
        await self.surface.guard.catch(interaction)

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages alone: there are no prefix commands."""

    async def live(self, token: str) -> None:
        """Log in and serve until `close`; raise LoginError where Discord does not let us."""
        try:
            await self.start(token)
        except discord.LoginFailure as error:
            raise LoginError(LOGIN_REFUSED, theirs=True) from error
        except discord.PrivilegedIntentsRequired as error:
            raise LoginError(INTENT_IS_OFF, theirs=True) from error
        except discord.ConnectionClosed as error:
            # After these discord.py does not try again (Discord's "Gateway Close Event Codes").
            if error.code == AUTHENTICATION_FAILED:
                raise LoginError(LOGIN_ENDED, theirs=True) from error
            raise LoginError(SENT_AWAY.format(code=error.code), theirs=False) from error
        except (aiohttp.ClientError, OSError, discord.HTTPException, discord.GatewayNotFound) as error:
            if not self.is_closed():  # else it was ourselves who cut the connection
                log.error("Discord is out of reach: %s", error)
            raise LoginError(OUT_OF_REACH, theirs=False) from error
        except RuntimeError as error:
            if not self.is_closed():
                raise
            # aiohttp's word for a session that we closed between two requests of the login.
            raise LoginError(OUT_OF_REACH, theirs=False) from error

    async def close(self) -> None:
        """Drain the studio while Discord can still be told, then log out. Safe to call twice."""
        self._ending = True
        async with self._beginning:
            await self._running.aclose()
        await self.surface.guard.finish()
        await super().close()
