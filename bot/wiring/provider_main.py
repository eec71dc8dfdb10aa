"""The process that makes the provider's calls: ``python -m bot.wiring.provider_main``, started by the bot.

Its standard input and output are the pipe to the bot; its log goes where the bot's goes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

from bot.background import stand_back
from bot.collecting import collect_less
from bot.errors import StorageError
from bot.log import configure
from bot.providers.answering import Answering, read
from bot.providers.base import PictureStore, Spool
from bot.providers.gemini import Gemini
from bot.wiring.greeting import Greeting
from storage.blobs import Blobs

# A terminal, and systemd, send a signal to all processes at once. When this one ends is the bot's to say:
# what is under way has been paid.
NOT_OURS = ("SIGINT", "SIGTERM", "SIGHUP")


def main() -> None:
    """Answer until the bot is gone."""
    for name in NOT_OURS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    stand_back()  # what has come in is finished before more is taken in
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else writes to standard output must not come between the messages
    greeting = read(source)
    if not isinstance(greeting, Greeting):
        sys.exit("this is a part of the bot, and is started by it")
    log_as_told(greeting)
    asyncio.run(_answer(greeting, source, sink))


async def _answer(greeting: Greeting, source: BinaryIO, sink: BinaryIO) -> None:
    async with _store(greeting.folder) as store, _gemini(greeting, store) as gemini:
        collect_less()
        await Answering(gemini, source, sink, greeted=log_as_told).run()


def log_as_told(greeting: Greeting) -> None:
    """Write the log as the settings say by now."""
    configure(greeting.log_level, greeting.log_format, greeting.secrets)


def _gemini(greeting: Greeting, store: PictureStore) -> Gemini:
    return Gemini(
        store,
        api_key=greeting.api_key,
        base_url=greeting.base_url,
        vertex=greeting.vertex,
        project=greeting.project,
        location=greeting.location,
    )


@asynccontextmanager
async def _store(folder: Path | None) -> AsyncIterator[PictureStore]:
    """The place for pictures; without a folder it takes none, for who only lists models."""
    if folder is None:
        yield _NoPictures()
        return
    # Shared with the bot. Without threads: each hand-over between them costs more than it saves here, where
    # nobody waits for the event loop but other answers.
    async with Blobs.open(folder, shared=True, threads=0) as blobs:
        yield blobs


class _NoPictures:
    """A place for pictures for who asks for none."""

    @asynccontextmanager
    async def spool(self) -> AsyncIterator[Spool]:
        raise StorageError("no picture was asked for")
        yield

    def path(self, sha256: str) -> Path:
        raise StorageError("no picture was asked for")


if __name__ == "__main__":
    main()
