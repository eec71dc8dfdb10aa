"""``python -m bot sandbox``: the real bot in a simulated Discord, with a look-alike of Gemini's API.

Nothing leaves the machine. What the bot keeps (its database and pictures) is in ``<storage.path>/sandbox``
and is there again at the next start.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import simcord
from pydantic import SecretStr

from bot.app import App, open_app
from bot.config import Settings
from bot.domain.server_settings import ServerState
from bot.errors import StorageError, StorageInUse
from bot.sandbox.gemini import BEHAVIOURS, LookAlike
from bot.sandbox.history import forget_tokens, open_threads_again, post_again
from bot.sandbox.languages import Languages
from bot.sandbox.page import keep_time, open_page
from bot.sandbox.showing import ShownPictures
from bot.sandbox.world import World
from bot.signals import stop_on_signals
from bot.studio.fitting import PLAIN_UPLOAD_LIMIT
from bot.studio.store_ports import Store

log = logging.getLogger(__name__)

KEY = "sandbox"  # the look-alike asks for some key, as the real one does
TOPIC = (
    "Sandbox: nothing leaves this machine; Discord and Gemini are simulated here. The page follows into a "
    "thread; write //art to come back, // and the beginning of its name to go there. A right click on a "
    "message opens its menu (Apps). Words in a prompt that make Gemini's look-alike misbehave: !refuse, "
    "!noimage, !overloaded, !slow, !several, !big and others."
)
FOLDER = "sandbox"
NAME = "Plantain"
SECONDS_TO_STOP = 3.0  # for what still runs, so that Ctrl-C does not make anybody wait
# A call that never answers (!hang) is given up before people lose patience; the slowest answer (!slow) takes
# six times the latency.
SHORTEST_TIMEOUT, TIMEOUT_IN_LATENCIES = 20.0, 8.0


@dataclass(frozen=True, slots=True)
class Place:
    """The simulated server: where things happen and who is there."""

    members_channel: simcord.ChannelHandle
    moderators_channel: simcord.ChannelHandle
    viewers: tuple[simcord.MemberActor, ...]
    moderators: tuple[simcord.MemberActor, ...]
    languages: Languages


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs."""

    app: App
    env: simcord.Env
    place: Place
    url: str
    desk_url: str  # the moderators' channel


async def run_sandbox(
    settings: Settings, load: Callable[[], Settings], *, port: int | None, open_browser: bool, reset: bool
) -> int:
    """Run the sandbox until Ctrl-C or SIGTERM; return the exit code. `load` reads the settings anew."""
    stopping = stop_on_signals()
    wanted = settings.sandbox.port if port is None else port
    async with open_sandbox(settings, port=wanted, reset=reset, load=load) as sandbox:
        print(_welcome(sandbox, settings), flush=True)
        if open_browser and _has_screen():
            # A browser that starts here may hold up whoever asked for it until it is closed.
            threading.Thread(target=webbrowser.open, args=(sandbox.url,), daemon=True).start()
        await stopping.wait()
        print("Stopping the sandbox.", flush=True)
    return 0


@asynccontextmanager
async def open_sandbox(
    settings: Settings, *, port: int, reset: bool, load: Callable[[], Settings] | None = None
) -> AsyncIterator[Sandbox]:
    """Start the look-alike, the simulated Discord and the bot; stop them in the opposite order.

    Raises ConfigurationError where the port cannot be had, StorageError as `open_app` does.
    """
    folder = settings.storage.path / FOLDER
    world = World()
    async with AsyncExitStack() as stack:
        gemini = await stack.enter_async_context(LookAlike(latency=settings.sandbox.latency_seconds))
        settings = _sandboxed(settings, folder, gemini.base_url)
        if reset:
            await _empty(settings, world, folder)

        def load_sandboxed() -> Settings:
            return _sandboxed(load(), folder, gemini.base_url) if load else settings

        app = await stack.enter_async_context(open_app(settings, world.outside, load_sandboxed))
        # Its faults are in the log: something that a person tries must not end the sandbox.
        env = simcord.Env(app.client, check_errors=False)
        env.backend.edit_bot_profile(NAME)
        env.backend.cdn = ShownPictures()
        env.backend.subscribers.append(_in_a_plain_server)
        place = build_place(env)
        env.backend.subscribers.append(place.languages.notice)
        keep_time(env)  # so that ids of interactions are new at every start
        world.enter(env)
        await forget_tokens(app.store, world.now())
        await stack.enter_async_context(_simulation(app, env))
        stack.enter_context(env.time_context())
        shown = await post_again(app.store, app.studio.deliverer)
        await open_threads_again(env, app.client.surface, app.store, shown)
        await _open_desk(app.store, place.moderators_channel, place.viewers[3].id, world.now())
        desk = await stack.enter_async_context(
            open_page(env, place.moderators_channel, place.moderators, place.languages, port=0)
        )
        page = await stack.enter_async_context(
            open_page(env, place.members_channel, place.viewers, place.languages, port=port)
        )
        yield Sandbox(app, env, place, page.url, desk.url)


async def _open_desk(store: Store, channel: simcord.ChannelHandle, owner_id: int, now: int) -> None:
    """Let the moderators' channel be the desk, until somebody sets another one."""
    if channel.guild is None:
        return
    guild_id = channel.guild.id
    async with store.transaction() as tx:
        state = await tx.settings.of_server(guild_id)
        if state.version == 0:
            changed = state.settings.change(desk_channel=channel.id)
            await tx.settings.save_server(ServerState(guild_id, changed, 1, now, owner_id))


@asynccontextmanager
async def standing_in(settings: Settings) -> AsyncIterator[Settings]:
    """Run Gemini's look-alike; give the settings of the bot that the sandbox runs."""
    async with LookAlike(latency=settings.sandbox.latency_seconds) as gemini:
        yield _sandboxed(settings, settings.storage.path / FOLDER, gemini.base_url)


async def _empty(settings: Settings, world: World, folder: Path) -> None:
    """Remove what the sandbox kept, unless another process works on it."""
    if not await asyncio.to_thread(folder.exists):
        return
    try:
        async with open_app(settings, world.outside):
            pass
    except StorageInUse:
        raise
    except StorageError as error:
        log.info("what is removed could not be used any more: %s", error)
    try:
        await asyncio.to_thread(shutil.rmtree, folder)
    except OSError as error:
        raise StorageError(f"{folder} cannot be emptied: {error.strerror}. Remove it by hand") from error


@asynccontextmanager
async def _simulation(app: App, env: simcord.Env) -> AsyncIterator[None]:
    """Run the bot inside SimCord."""
    await env.start()
    # SimCord takes everything that a command raises for a fault, and tells people so. A refusal is none.
    app.client.tree.error(app.client.surface.guard.on_command_error)
    try:
        yield
    finally:
        await app.client.close()
        await env.shutdown()


def _in_a_plain_server(event: str, payload: Mapping[str, Any]) -> None:
    """Let people upload what most servers let them, not SimCord's 25 MiB, which it does not show anyway."""
    if event == "INTERACTION_CREATE" and isinstance(payload, dict):
        payload["attachment_size_limit"] = PLAIN_UPLOAD_LIMIT


def _sandboxed(settings: Settings, folder: Path, base_url: str) -> Settings:
    """Return the settings with everything that points outside turned to the stand-ins."""
    slowest = max(SHORTEST_TIMEOUT, TIMEOUT_IN_LATENCIES * settings.sandbox.latency_seconds)
    gemini = {
        "base_url": base_url,
        "vertex": False,
        "timeout_seconds": min(settings.gemini.timeout_seconds, slowest),
    }
    stop = min(settings.limits.shutdown_seconds, SECONDS_TO_STOP)
    return settings.model_copy(
        update={
            "discord": settings.discord.model_copy(update={"proxy": "", "guild_ids": ()}),
            "gemini": settings.gemini.model_copy(update=gemini),
            "limits": settings.limits.model_copy(update={"shutdown_seconds": stop}),
            "storage": settings.storage.model_copy(update={"url": "", "path": folder}),
            "server": settings.server.model_copy(update={"public_url": ""}),  # nothing serves it here
            "discord_token": None,
            "gemini_api_key": SecretStr(KEY),
        }
    )


def build_place(env: simcord.Env) -> Place:
    """Make the server. SimCord gives the same ids in the same order, so people keep theirs."""
    owner = env.create_user("olivia", global_name="Olivia (owner)")
    guild = env.create_guild("Plantain sandbox", owner=owner)
    moderators = guild.create_role(
        "Moderators", permissions=discord.Permissions(moderate_members=True, manage_messages=True)
    )
    closed = discord.PermissionOverwrite(view_channel=False)
    opened = discord.PermissionOverwrite(view_channel=True)
    bot = simcord.UserHandle(env, env.backend.bot_user)
    members_channel = guild.create_text_channel("art", topic=TOPIC)
    moderators_channel = guild.create_text_channel(
        "moderators",
        topic=TOPIC,
        overwrites={guild.default_role: closed, moderators: opened, bot: opened},
    )
    people = (
        guild.add_member(env.create_user("alice", global_name="Alice (member)")),
        guild.add_member(env.create_user("ben", global_name="Ben (member)")),
        guild.add_member(env.create_user("mona", global_name="Mona (moderator)"), roles=[moderators]),
        guild.add_member(owner),
        guild.add_member(env.create_user("greta", global_name="Greta (German)")),
    )
    languages = Languages({people[4].id: "de"})
    return Place(members_channel, moderators_channel, people, people[2:4], languages)


def _has_screen() -> bool:
    """Whether a browser would open a window; elsewhere one that writes into the terminal might start."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _welcome(sandbox: Sandbox, settings: Settings) -> str:
    tries = "\n".join(f"    {word:<14}{meaning}" for word, meaning in BEHAVIOURS.items())
    return (
        "\nPlantain sandbox. Nothing leaves this machine: Discord and Gemini are simulated here.\n\n"
        f"  Open   {sandbox.url}\n"
        f"  Desk   {sandbox.desk_url}  (the moderators' channel: reports arrive there)\n"
        f"  Type   /imagine a red lighthouse at dusk\n"
        f"  Or     /thread a red lighthouse; the page follows into the thread, //art comes back\n"
        f"  A picture takes about {settings.sandbox.latency_seconds:g} s (sandbox.latency_seconds).\n\n"
        f"  Words in a prompt that make the look-alike misbehave:\n{tries}\n\n"
        "  Ctrl-C stops it; pictures are there again at the next start, `--reset` begins anew.\n"
    )
