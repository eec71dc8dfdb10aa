"""Errors of the log, told to the operator in a Discord channel, without anything private.

The log itself may name members and quote what Discord or Google said. What goes to a channel is less: our
own sentence with ids of jobs, references and the like in it, every other value left out; of an exception its
class and where in our code it came up.
"""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bot.errors import DeliveryError
from bot.log import OURS, redact
from bot.studio import about

log = logging.getLogger(__name__)

SECONDS_TO_COLLECT = 5.0  # after the first error: one trouble often makes several
SECONDS_BETWEEN = 60.0  # between two messages
MOST_KINDS = 5  # of errors in one message; the others are counted
MOST_REMEMBERED = 100  # kinds that wait for a channel that takes them

_LEFT_OUT = "…"
# A job's id, a reference, a class, a status, a state. Ids of Discord are longer, prompts have spaces.
_HARMLESS = re.compile(r"[A-Za-z0-9_.:-]{1,16}")
_ROOT = Path(__file__).parents[1]

Send = Callable[[int, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Report:
    """One error, fit to be shown to whoever reads the operator's channel."""

    where: str  # logger and line
    said: str
    about: str  # job, reference
    exception: str


def report_of(record: logging.LogRecord) -> Report:
    """Return what may be said about a line of the log."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    try:
        said = record.msg % tuple(map(_harmless, arguments)) if arguments else str(record.msg)
    except (TypeError, ValueError):
        said = str(record.msg)
    fields = about.fields()
    named = [
        f"{name} {getattr(record, name, None) or fields[name]}"
        for name in ("job", "reference")
        if getattr(record, name, None) or name in fields
    ]
    return Report(f"{record.name}:{record.lineno}", redact(said), ", ".join(named), _exception(record))


def _harmless(value: object) -> object:
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, int | float) and abs(value) < 1_000_000:
        return value
    return value if isinstance(value, str) and _HARMLESS.fullmatch(value) else _LEFT_OUT


def _exception(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return ""
    frames = [
        f"{Path(frame.filename).relative_to(_ROOT)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(_ROOT) and "site-packages" not in frame.filename
    ]
    return f"{type(error).__name__} at {' < '.join(reversed(frames))}" if frames else type(error).__name__


class ErrorReports(logging.Handler):
    """A handler that collects errors of our own packages; `run` sends them. Logging waits for nothing."""

    def __init__(self, channel_id: int, send: Send, *, between: float = SECONDS_BETWEEN) -> None:
        super().__init__(logging.ERROR)
        self.channel_id = channel_id  # 0: nowhere
        self._send = send
        self._between = between
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._counts: dict[str, int] = {}
        self._latest: dict[str, Report] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep an error until it is sent; from any thread."""
        if self.channel_id and record.name.partition(".")[0] in OURS and record.name != __name__:
            self._loop.call_soon_threadsafe(self._keep, report_of(record))

    def _keep(self, report: Report) -> None:
        if report.where in self._latest or len(self._latest) < MOST_REMEMBERED:
            self._counts[report.where] = self._counts.get(report.where, 0) + 1
            self._latest[report.where] = report
        self._came.set()

    async def run(self) -> None:
        """Send what comes, for ever."""
        while True:
            await self._came.wait()
            await asyncio.sleep(min(SECONDS_TO_COLLECT, self._between))
            self._came.clear()
            counts, self._counts = self._counts, {}
            latest, self._latest = self._latest, {}
            try:
                await self._send(self.channel_id, as_text(latest, counts))
            except Exception as error:
                log.warning("errors were not reported: %s", error)
                if isinstance(error, DeliveryError) and error.passing:
                    self._put_back(latest, counts)
            await asyncio.sleep(self._between)

    def _put_back(self, latest: dict[str, Report], counts: dict[str, int]) -> None:
        """Keep what could not be told for the next time: the errors of the minutes when Discord is unwell."""
        self._latest = {**latest, **self._latest}
        for where, count in counts.items():
            self._counts[where] = self._counts.get(where, 0) + count
        self._came.set()


def as_text(latest: dict[str, Report], counts: dict[str, int]) -> str:
    """Return a message's text: the latest error of each kind, and how often it came."""
    lines = []
    for where, report in list(latest.items())[:MOST_KINDS]:
        times = f" ({counts[where]} times)" if counts[where] > 1 else ""
        parts = [f"{where}{times}: {report.said}", report.about, report.exception]
        lines.append("\n  ".join(part[:300] for part in parts if part))
    if len(latest) > MOST_KINDS:
        lines.append(f"and {len(latest) - MOST_KINDS} other kinds")
    return "\n".join(lines)
