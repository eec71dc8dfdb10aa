"""A bot as a process of its own: started, watched, killed, and its log shown when a test fails."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fakes.discord.signals import Signal

SHOWN_LINES = 200


@dataclass(frozen=True, slots=True)
class Usage:
    """What processes have used: resident memory now and at most, in bytes, and CPU seconds."""

    resident: int
    peak: int
    cpu_seconds: float

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.resident + other.resident, self.peak + other.peak, self.cpu_seconds + other.cpu_seconds
        )


class BotProcess:
    """`python {arguments}` in `cwd`, with `environment` in place of what tests must not inherit.

    `python` is another interpreter than ours.

    Without `log_path` the log is a temporary file, kept only when a test fails. Both streams are read all
    the time, kept apart in `stdout` and `stderr`, and written together to `log_path`. Leaving the context
    kills the process if it still runs, and prints the log when an exception passes through.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        cwd: Path | None = None,
        log_path: Path | None = None,
        python: Path | None = None,
    ) -> None:
        self._arguments = [str(python or sys.executable), *arguments]
        self._environment = inherited() | dict(environment)
        self._cwd = cwd or Path(__file__).parents[2]
        self._temporary = log_path is None
        if log_path is None:
            handle, name = tempfile.mkstemp(prefix="bot-", suffix=".log")
            os.close(handle)
            log_path = Path(name)
        self.log_path = log_path
        self.stdout: list[str] = []
        self.stderr: list[str] = []
        self.lines: list[str] = []
        self._changed = Signal()
        self._process: asyncio.subprocess.Process | None = None
        self._readers: asyncio.Task[list[None]] | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._arguments,
            cwd=self._cwd,
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=2**20,
        )
        self._readers = asyncio.create_task(self._read(self._process), name="bot output")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.running:
            await self.kill()
        if self._readers is not None:
            await self._readers
        if kind is not None:
            self.show_log()
        elif self._temporary:
            self.log_path.unlink(missing_ok=True)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._started.pid

    @property
    def running(self) -> bool:
        """It has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def log(self) -> str:
        """Everything that the process has written, both streams in the order of arrival."""
        return "\n".join(self.lines)

    def show_log(self) -> None:
        """Print the end of the log; pytest shows it with the failure."""
        print(f"--- {' '.join(self._arguments[1:])}: {self.log_path}", file=sys.stderr)
        print("\n".join(self.lines[-SHOWN_LINES:]), file=sys.stderr)

    async def wait_for_line(self, pattern: str, *, within: float = 20.0) -> str:
        """Wait for a line, already written or still to come, in which the regular expression occurs.

        Raises `NotSeen` with the log, at once when the process has ended.
        """
        wanted = re.compile(pattern)

        def probe() -> str | None:
            found = next((line for line in self.lines if wanted.search(line)), None)
            if found is None and self._readers is not None and self._readers.done():
                return _ENDED
            return found

        found = await self._changed.until(
            probe, within=within, describe=lambda: f"no line matched {pattern!r}:\n{self.log}"
        )
        if found is _ENDED:
            raise AssertionError(f"the process ended without a line that matches {pattern!r}:\n{self.log}")
        return found

    async def wait(self, *, within: float = 20.0) -> int:
        """Wait for the end; returns the exit code."""
        try:
            async with asyncio.timeout(within):
                code = await self._started.wait()
                if self._readers is not None:
                    await asyncio.shield(self._readers)
        except TimeoutError as exc:
            raise AssertionError(f"still running after {within:g} s:\n{self.log}") from exc
        return code

    def signal_stop(self) -> None:
        """SIGTERM, without waiting."""
        self._started.terminate()

    async def terminate(self, *, within: float = 8.0) -> int:
        """SIGTERM; returns the exit code. AssertionError when it takes longer than `within` seconds."""
        self.signal_stop()
        return await self.wait(within=within)

    async def kill(self) -> None:
        """SIGKILL, and wait until the process is gone."""
        self._started.send_signal(signal.SIGKILL)
        await self.wait()

    @property
    def children(self) -> list[int]:
        """The processes that this one has started and that run, from /proc: Linux only."""
        return children_of(self.pid)

    def usage(self) -> Usage:
        """Memory and CPU so far, with those of its children, from /proc: Linux only."""
        return sum((_usage_of(pid) for pid in self.children), _usage_of(self.pid))

    @property
    def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("enter the context first")
        return self._process

    async def _read(self, process: asyncio.subprocess.Process) -> list[None]:
        if process.stdout is None or process.stderr is None:
            raise RuntimeError("the streams are pipes")
        with self.log_path.open("w", encoding="utf-8") as log:

            async def follow(stream: asyncio.StreamReader, kept: list[str]) -> None:
                async for raw in stream:
                    line = raw.decode("utf-8", "replace").rstrip("\n")
                    kept.append(line)
                    self.lines.append(line)
                    log.write(line + "\n")
                    log.flush()
                    self._changed.notify()

            done = await asyncio.gather(
                follow(process.stdout, self.stdout), follow(process.stderr, self.stderr)
            )
        asyncio.get_running_loop().call_soon(self._changed.notify)
        return list(done)


_ENDED = "\0ended"


def children_of(pid: int) -> list[int]:
    """The processes that one has started and that run (proc(5): /proc/pid/task/tid/children)."""
    return [
        int(child)
        for path in Path(f"/proc/{pid}/task").glob("*/children")
        for child in path.read_text().split()
    ]


def _usage_of(pid: int) -> Usage:
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", status, re.MULTILINE))
    # proc(5): utime and stime are fields 14 and 15; the name in field 2 may hold spaces.
    stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    ticks = int(stat[11]) + int(stat[12])
    return Usage(int(fields["VmRSS"]) * 1024, int(fields["VmHWM"]) * 1024, ticks / os.sysconf("SC_CLK_TCK"))


def inherited() -> dict[str, str]:
    """The environment of this process without settings and secrets that would reach the bot by accident."""
    hidden = ("PLANTAIN_", "DISCORD_", "GEMINI_", "GOOGLE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
