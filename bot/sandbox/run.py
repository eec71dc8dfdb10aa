"""``python -m bot sandbox``: the real bot in a simulated Discord, with a look-alike of Gemini's API.

Nothing leaves the machine. What the bot keeps (its database and pictures) is in ``<storage.path>/sandbox``
and is there again at the next start.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import discord
import simcord
from pydantic import SecretStr

from bot.app import App, open_app
from bot.config import Settings
from bot.sandbox.gemini import BEHAVIOURS, LookAlike
from bot.sandbox.history import reopen_deliveries
from bot.sandbox.world import World
from bot.signals import stop_on_signals

log = logging.getLogger(__name__)

KEY = "sandbox"  # the look-alike asks for some key, as the real one does
TOPIC = (
    "Sandbox: nothing leaves this machine; Discord and Gemini are simulated here. Words in a prompt that make "
    "Gemini's look-alike misbehave: !refuse, !noimage, !overloaded, !slow, !several, !big and others."
)
FOLDER = "sandbox"
NAME = "Plantain"
SECONDS_BETWEEN_LOOKS = 0.25


@dataclass(frozen=True, slots=True)
class Place:
    """The simulated server: where things happen and who is there."""

    members_channel: simcord.ChannelHandle
    moderators_channel: simcord.ChannelHandle
    viewers: tuple[simcord.MemberActor, ...]


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that runs."""

    app: App
    env: simcord.Env
    place: Place
    url: str


async def run_sandbox(settings: Settings, *, port: int | None, open_browser: bool, reset: bool) -> int:
    """Run the sandbox until Ctrl-C or SIGTERM; return the exit code."""
    stopping = stop_on_signals()
    wanted = settings.sandbox.port if port is None else port
    async with open_sandbox(settings, port=wanted, reset=reset) as sandbox:
        print(_welcome(sandbox.url, settings), flush=True)
        if open_browser:
            await asyncio.to_thread(webbrowser.open, sandbox.url)
        await stopping.wait()
        print("Stopping the sandbox.", flush=True)
    return 0


@asynccontextmanager
async def open_sandbox(settings: Settings, *, port: int, reset: bool) -> AsyncIterator[Sandbox]:
    """Start the look-alike, the simulated Discord and the bot; stop them in the opposite order."""
    folder = settings.storage.path / FOLDER
    if reset:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    world = World()
    async with AsyncExitStack() as stack:
        gemini = await stack.enter_async_context(LookAlike(latency=settings.sandbox.latency_seconds))
        app = await stack.enter_async_context(
            open_app(_sandboxed(settings, folder, gemini.base_url), world.outside)
        )
        await reopen_deliveries(app.store)
        # Its faults are in the log: something that a person tries must not end the sandbox.
        env = simcord.Env(app.client, check_errors=False)
        place = build_place(env)
        _to_the_present(env)
        await stack.enter_async_context(_simulation(app, env, world))
        stack.enter_context(env.time_context())
        if app.client.user is not None:
            await app.client.user.edit(username=NAME)
        preview = env.preview(
            place.members_channel, viewers=place.viewers, layout="channel", port=port or None
        )
        page = await stack.enter_async_context(preview)
        await stack.enter_async_context(_live(env, page))
        yield Sandbox(app, env, place, page.url)


@asynccontextmanager
async def _simulation(app: App, env: simcord.Env, world: World) -> AsyncIterator[None]:
    """Run the bot inside SimCord."""
    world.enter(env)
    await env.start()
    try:
        yield
    finally:
        await app.client.close()
        await env.shutdown()


@asynccontextmanager
async def _live(env: simcord.Env, page: simcord.Preview) -> AsyncIterator[None]:
    """Publish what the bot does by itself: SimCord's pages change only after what a person does."""

    async def publish() -> None:
        seen = 0
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            if (requests := len(env.http_requests)) == seen:
                continue
            try:
                await page.refresh()
                seen = requests
            except simcord.SetupError:
                continue  # somebody's action is being carried out: it publishes too, and then this looks again
            except TimeoutError as error:
                log.debug("the page shows an older state: %s", error)

    task = asyncio.create_task(publish(), name="sandbox page")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _sandboxed(settings: Settings, folder: Path, base_url: str) -> Settings:
    """Return the settings with everything that points outside turned to the stand-ins."""
    return settings.model_copy(
        update={
            "discord": settings.discord.model_copy(update={"proxy": "", "guild_ids": ()}),
            "gemini": settings.gemini.model_copy(update={"base_url": base_url, "vertex": False}),
            "storage": settings.storage.model_copy(update={"url": "", "path": folder}),
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
    bot = guild.me
    members_channel = guild.create_text_channel("art", topic=TOPIC)
    moderators_channel = guild.create_text_channel(
        "moderators",
        topic=TOPIC,
        overwrites={guild.default_role: closed, moderators: opened, **({bot: opened} if bot else {})},
    )
    people = (
        guild.add_member(env.create_user("alice", global_name="Alice (member)")),
        guild.add_member(env.create_user("ben", global_name="Ben (member)")),
        guild.add_member(env.create_user("mona", global_name="Mona (moderator)"), roles=[moderators]),
        guild.add_member(owner),
    )
    return Place(members_channel, moderators_channel, people)


def _to_the_present(env: simcord.Env) -> None:
    """Set the simulation's clock to now, so that ids of interactions are new at every start."""
    env.backend.advance_clock((datetime.now(UTC) - env.now()).total_seconds())


def _welcome(url: str, settings: Settings) -> str:
    tries = "\n".join(f"    {word:<14}{meaning}" for word, meaning in BEHAVIOURS.items())
    return (
        "\nPlantain sandbox. Nothing leaves this machine: Discord and Gemini are simulated here.\n\n"
        f"  Open   {url}\n"
        f"  Type   /imagine a red lighthouse at dusk\n"
        f"  A picture takes about {settings.sandbox.latency_seconds:g} s (sandbox.latency_seconds).\n\n"
        f"  Words in a prompt that make the look-alike misbehave:\n{tries}\n\n"
        "  Ctrl-C stops it; pictures are there again at the next start, `--reset` begins anew.\n"
    )
