"""``python -m bot usage``: what was made and what it cost, on the terminal or as CSV for other programs."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.config import Settings
from bot.domain.caps import Period
from bot.domain.jobs import JobState
from bot.domain.usage import Spent
from bot.domain.usage_csv import HEADER, line_row
from bot.errors import ConfigurationError, Fault
from bot.studio.usage import all_lines
from storage.looking import open_to_look

EVER = Period(0, 2**62)


async def print_usage(
    settings: Settings, *, csv: bool, days: tuple[str | None, str | None], server: int | None
) -> int:
    """Print the requests that have ended in a period; return the exit code. Raises ConfigurationError."""
    period = _period(days, ZoneInfo(settings.limits.timezone))
    months: defaultdict[str, Spent] = defaultdict(Spent)
    outcomes: defaultdict[str, int] = defaultdict(int)
    try:
        async with open_to_look(settings.storage.url, settings.storage.path) as tx:
            if csv:
                sys.stdout.write(HEADER)
            async for line in all_lines(tx, period, server):
                if csv:
                    sys.stdout.write(line_row(line))
                    continue
                month = f"{datetime.fromtimestamp(line.asked_at / 1000, tz=UTC):%Y-%m}"
                months[month] += Spent(line.images, line.micros)
                outcomes["succeeded" if line.state == JobState.SUCCEEDED else line.failure] += 1
            sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        sys.stderr.close()
        return 0
    if not csv:
        _print_sums(months, outcomes)
    return 0


def _print_sums(months: Mapping[str, Spent], outcomes: Mapping[str, int]) -> None:
    print("Month      Images      Dollars")
    for month, spent in sorted(months.items()):
        print(f"{month}  {spent.images:>9,}  {_dollars(spent.micros):>11}")
    total = sum(months.values(), Spent())
    print(f"Total    {total.images:>9,}  {_dollars(total.micros):>11}")
    shown = ", ".join(f"{name} {number:,}" for name, number in sorted(outcomes.items())) or "none"
    print(f"Requests: {shown}")


def _dollars(micros: int) -> str:
    return f"${micros / 1_000_000:,.3f}"


def _period(days: tuple[str | None, str | None], zone: tzinfo) -> Period:
    first, last = (_day(text, name) for text, name in zip(days, ("--from", "--to"), strict=True))
    start = EVER.start if first is None else _midnight(first, zone)
    end = EVER.end if last is None else _midnight(last + timedelta(days=1), zone)
    return Period(start, end)


def _day(text: str | None, name: str) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        fault = Fault(name, f"{text!r} is no day", "Write one like 2026-11-21")
        raise ConfigurationError([fault]) from error


def _midnight(day: date, zone: tzinfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
