"""Bots that start within a few hundredths of a second: a process that has everything loaded, and forks.

What takes long in a start is Python that reads modules. Here that is done once, and each bot is a fork with
settings, data, connections and a death of its own. `python -m tests.wire.forks` is the parent; `Nursery` is
how a test speaks to it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fakes.process import inherited

ROOT = Path(__file__).parents[2]


class Nursery:
    """Starts one bot after the other from `config`, with a log for each. Use with ``async with``."""

    def __init__(self, config: Path, environment: Mapping[str, str], folder: Path) -> None:
        self._config = config
        self._environment = inherited() | dict(environment)
        self._folder = folder
        self._parent: asyncio.subprocess.Process | None = None
        self.logs: list[Path] = []
        self.pid = 0

    async def __aenter__(self) -> Self:
        self._parent = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            __name__,
            cwd=ROOT,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.pid:
            await self.end(signal.SIGKILL)
        if self._parent is not None and self._parent.stdin is not None:
            self._parent.stdin.close()
            await self._parent.wait()

    async def start(self) -> None:
        """Start a bot and do not wait for anything that it does."""
        log = self._folder / f"fork-{len(self.logs) + 1}.log"
        self.logs.append(log)
        self.pid = await self._ask(f"{log}\t{self._config}")

    async def end(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the exit code, negative for a signal."""
        os.kill(self.pid, how)
        code = await self._ask("")
        self.pid = 0
        return code

    def last_words(self) -> str:
        """What the last bot wrote; nothing where it died before that."""
        return self.logs[-1].read_text() if self.logs[-1].exists() else ""

    async def _ask(self, line: str) -> int:
        if self._parent is None or self._parent.stdin is None or self._parent.stdout is None:
            raise RuntimeError("enter the context first")
        self._parent.stdin.write(f"{line}\n".encode())
        return int(await self._parent.stdout.readline())


def main() -> None:
    """Load everything; then, for each line: a log and settings start a bot, an empty one awaits its end."""
    import gc

    import_module("bot.serve")  # what takes long
    from bot.__main__ import main as run

    gc.freeze()
    child = 0
    for line in sys.stdin:
        if line.strip():
            log, config = line.strip().split("\t")
            child = os.fork()
            if not child:
                output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                for number, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
                    os.dup2(number, target)
                code = run(["run", "--config", config])
                sys.stderr.flush()
                os._exit(code)
            print(child, flush=True)
        else:
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
