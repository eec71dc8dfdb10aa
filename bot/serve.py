"""Running the bot against Discord until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from bot.app import App, open_app
from bot.collecting import collect_less
from bot.config import Settings
from bot.doctor.examine import examine_briefly
from bot.error_reports import ErrorReports
from bot.errors import LoginError
from bot.log import OURS, conclude, configure
from bot.metrics.watching import watch_loop
from bot.signals import call_on_hangup, stop_on_signals
from bot.web import serving
from bot.web_originals import original_routes

log = logging.getLogger(__name__)


async def serve(settings: Settings, load: Callable[[], Settings]) -> int:
    """Run until SIGTERM or SIGINT; return the exit code. What an operator must change is a sentence and 2.

    Raises StorageDamaged where the database turns out to be that: what is under way comes to its end before,
    as far as it can, and going on would only repeat the same failure, or write into the damage.

    `load` reads the settings anew, for SIGHUP and `/config reload`.
    """
    if settings.discord_token is None:
        raise ValueError("serve needs a Discord token; load_settings(require=…) makes sure of it")
    token = settings.discord_token.get_secret_value()
    stopping = stop_on_signals()
    async with (
        open_app(settings, load=load) as app,
        serving(
            app.checks,
            app.meters.exposition,
            settings.server.host,
            settings.server.port,
            original_routes(app.studio.originals) if settings.server.public_url else (),
        ),
        _beside(app, settings),
    ):
        collect_less()
        living = asyncio.create_task(app.client.live(token), name="discord")
        told = asyncio.create_task(stopping.wait(), name="signals")
        damaged = asyncio.create_task(app.store.engine.damaged(), name="damage")
        await asyncio.wait({living, told, damaged}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            log.info("stopping: no new work is begun, what runs may finish")
        told.cancel()
        lost = living.done()
        await app.client.close()
        if damaged.done():
            await asyncio.gather(living, return_exceptions=True)
            raise damaged.result()
        damaged.cancel()
        try:
            await living
        except LoginError as error:
            if lost:
                conclude(str(error))
                return 2 if error.theirs else 1
            log.info("stopped while it was logging in")
    return 0


@asynccontextmanager
async def _beside(app: App, settings: Settings) -> AsyncIterator[None]:
    """What runs beside the bot: measuring, a look at the installation, error reports, SIGHUP."""
    reports = ErrorReports(settings.log.channel, app.report_errors)
    tasks: set[asyncio.Task[None]] = set()

    def start(work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def take_over(new: Settings) -> None:
        configure(new.log.level, new.log.format, settings.secrets())
        reports.channel_id = new.log.channel

    app.reloader.listeners.append(take_over)
    call_on_hangup(lambda: start(app.reloader.on_signal(), "reload"))
    start(watch_loop(app.meters), "event loop")
    start(examine_briefly(settings, app), "doctor")
    start(reports.run(), "error reports")
    for name in OURS:
        logging.getLogger(name).addHandler(reports)
    try:
        yield
    finally:
        for name in OURS:
            logging.getLogger(name).removeHandler(reports)
        running = tuple(tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
