"""Programs that tests start as processes of their own: ``python -m tests.storage.programs NAME FOLDER``.

They say what they do line by line on standard output, and stop when standard input ends.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
from pathlib import Path
from unittest.mock import patch

from bot.__main__ import main
from bot.domain.operator_limits import OperatorLimits
from bot.errors import StorageError
from storage import Blobs, open_store
from storage.migrate import known_migrations
from tests.storage.capped import CAP, everybody, submissions, submit_all
from tests.storage.samples import make_answer, make_job, submit


def say(*words: object) -> None:
    print(*words, flush=True)


async def hold(folder: Path) -> None:
    """Keep the store open."""
    async with open_store("", folder):
        say("open")
        await asyncio.to_thread(sys.stdin.read)


async def write(folder: Path) -> None:
    """Accept jobs without end, several at once; name each one that is durable."""
    async with open_store("", folder) as store:

        async def accept(first: int) -> None:
            number = first
            while True:
                async with store.transaction() as tx:
                    await submit(tx, make_job(number))
                await store.blobs.keep_answer(f"job{number:05}", 0, make_answer())
                async with store.blobs.spool() as spool:
                    await spool.write(f"picture {number} ".encode() * 50_000)
                    sha256, _ = await spool.commit()
                say(number, sha256)
                number += 4

        await asyncio.gather(*(accept(first) for first in range(1, 5)))


async def accept_capped(folder: Path, url: str) -> None:
    """Accept 500 requests under caps, all at once; name each one that is durable, and its job."""
    async with open_store(url, folder) as store:
        door = submissions(store, OperatorLimits(daily_images=CAP))
        await submit_all(door, everybody(), lambda key, ticket: say(key, ticket.job.id))


async def open_as_nobody(folder: Path) -> None:
    """Open the store with no rights but everybody's, and say how that went."""
    migrations = known_migrations()  # before: nobody may not be let into the checkout
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    try:
        async with open_store("", folder, migrations=migrations):
            say("open")
    except StorageError as exc:
        say(type(exc).__name__, exc)


async def spool_too_much(folder: Path) -> None:
    """Write a picture and an answer larger than this process may write, and say how that went."""
    import resource  # Windows has none

    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    async with Blobs.open(folder) as blobs:
        try:
            async with blobs.spool() as spool:
                for _ in range(10):
                    await spool.write(os.urandom(100_000))
                await spool.commit()
        except StorageError as exc:
            cause = exc.__cause__
            say(type(exc).__name__, exc, isinstance(cause, OSError) and errno.errorcode[cause.errno or 0])
        try:
            await blobs.keep_answer("job", 0, make_answer(text="x" * 400_000))
        except StorageError as exc:
            say(type(exc).__name__, exc)


def stop_in_the_middle(folder: Path, command: str, archive: str) -> None:
    """Run a command of the command line; in its middle it says so and waits."""

    def wait(*_: object, **__: object) -> None:
        say("working")
        sys.stdin.read()

    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    os.environ["PLANTAIN_STORAGE__PATH"] = str(folder)
    force = ["--force"] if command == "restore" else []
    with patch("storage.backup.copy_database", wait), patch("storage.exchange._set_aside", wait):
        sys.exit(main([command, archive, *force]))


if __name__ == "__main__":
    name, where = sys.argv[1], Path(sys.argv[2])
    if name == "capped":
        asyncio.run(accept_capped(where, sys.argv[3]))
    elif name == "command":
        stop_in_the_middle(where, *sys.argv[3:])
    else:
        program = {"hold": hold, "write": write, "nobody": open_as_nobody, "spool": spool_too_much}[name]
        asyncio.run(program(where))
