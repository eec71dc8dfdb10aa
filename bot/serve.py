"""Running the bot against Discord until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys

from bot.app import open_app
from bot.config import Settings
from bot.errors import LoginError
from bot.signals import stop_on_signals
from bot.web import serving
from bot.web_originals import original_routes

# A job makes thousands of objects that go by counting alone. Python's own 700 would look for cycles among
# them a dozen times for each.
OBJECTS_BEFORE_COLLECTING = 20_000

log = logging.getLogger(__name__)


async def serve(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; return the exit code. What an operator must change is a sentence and 2."""
    if settings.discord_token is None:
        raise ValueError("serve needs a Discord token; load_settings(require=…) makes sure of it")
    token = settings.discord_token.get_secret_value()
    stopping = stop_on_signals()
    async with (
        open_app(settings) as app,
        serving(
            app.checks,
            settings.server.host,
            settings.server.port,
            original_routes(app.studio.originals) if settings.server.public_url else (),
        ),
    ):
        # What is loaded by now stays: a full collection over google-genai's classes would block the loop for
        # tens of milliseconds, again and again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
        living = asyncio.create_task(app.client.live(token), name="discord")
        told = asyncio.create_task(stopping.wait(), name="signals")
        await asyncio.wait({living, told}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            log.info("stopping: no new work is begun, what runs may finish")
        told.cancel()
        lost = living.done()
        await app.client.close()
        try:
            await living
        except LoginError as error:
            if lost:
                print(error, file=sys.stderr)
                return 2 if error.theirs else 1
            log.info("stopped while it was logging in")
    return 0
