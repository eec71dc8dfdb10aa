"""The page where people try the bot: SimCord's preview of the simulated channel, kept alive.

By itself SimCord's clock stands still, and its pages change only after what a person does. What is used here
beside its public interface is that of simcord 3.2.1; the browser tests see to it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import simcord

from bot.errors import ConfigurationError, Fault
from bot.sandbox.languages import Languages
from bot.sandbox.page_server import PageServer, publish
from bot.sandbox.places import Places
from bot.sandbox.prepared import PreparedMedia

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 0.1


@asynccontextmanager
async def open_page(
    env: simcord.Env,
    channel: simcord.ChannelHandle,
    viewers: Sequence[simcord.MemberActor],
    languages: Languages,
    *,
    port: int,
) -> AsyncIterator[simcord.Preview]:
    """Serve the page of a channel, and show in it what the bot does by itself; port 0 is any that is free.

    Raises ConfigurationError where the port cannot be had.
    """
    async with AsyncExitStack() as stack:
        try:
            env._preview = None  # there is a page for each channel; SimCord knows one at a time
            preview = env.preview(channel, viewers=viewers, layout="channel", port=port or None)
            preview._server = PageServer(preview, port, languages)
            preview._media_worker = PreparedMedia()
            page = await stack.enter_async_context(preview)
        except (OSError, simcord.SetupError) as error:
            why = getattr(error.__cause__ or error, "strerror", None)
            fault = Fault(
                "sandbox.port",
                f"port {port} cannot be used{f' ({why})' if why else ''}",
                "Write another one (--port N does, too), or 0 for any that is free",
            )
            raise ConfigurationError([fault]) from error
        places = Places(env, channel)
        env.backend.subscribers.append(places.notice)
        task = asyncio.create_task(_keep_alive(env, page, places), name="sandbox page")
        try:
            yield page
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def keep_time(env: simcord.Env) -> None:
    """Bring the simulation's clock to ours."""
    env.backend.advance_clock(max(0.0, (datetime.now(UTC) - env.now()).total_seconds()))


async def _keep_alive(env: simcord.Env, page: simcord.Preview, places: Places) -> None:
    """Let time pass in the simulation, and publish whatever the bot has done."""
    seen = 0
    going: simcord.ChannelHandle | None = None
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        keep_time(env)
        going = places.take() or going
        if (requests := len(env.http_requests)) == seen and going is None:
            continue
        try:
            if _publish(env, page, going):
                seen, going = requests, None
        except Exception:
            log.exception("the page shows an older state")
            seen, going = requests, None


def _publish(env: simcord.Env, page: simcord.Preview, going: simcord.ChannelHandle | None) -> bool:
    """Show the present state in every open page; False where somebody's action is just carried out.

    `going`: another channel is to be shown from now on.
    """
    try:
        env._begin_operation("sandbox page")
    except simcord.SetupError:
        return False
    try:
        publish(page, going)
    finally:
        env._end_operation()
    return True
