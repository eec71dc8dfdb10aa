"""What /usage server costs over a million lines of the ledger, and what a submission costs beside them."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import TypeVar
from zoneinfo import ZoneInfo

from benchmarks.database import seconds_of, submitter
from benchmarks.report import Figure, Section
from bot.catalogue import load_catalogue
from bot.clock import SystemClock
from bot.domain.operator_limits import OperatorLimits
from bot.imaging import Imaging
from bot.studio.allowances import Allowances
from bot.studio.pictures import Person
from bot.studio.usage import UsageService
from bot.wiring.outside import plain_wait
from cogs.chart_values import usage_chart
from storage import open_store
from storage.store import DATABASE

T = TypeVar("T")
GUILD = 1
DAYS = 365
MODELS = ("gemini-nano-banana-2.1", "gemini-3.1-flash-lite-image", "gemini-3-pro-image")

FILL_JOBS = """
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :jobs)
INSERT INTO jobs (
    id, state, kind, words, request, origin_key, application_id, member_id, guild_id, channel_id, token,
    token_at, upload_limit, direct, locale, created_at, updated_at, started_at, finished_at, attempts,
    failure_code, failure_message, failure_reference, cost_micros, model, images
)
SELECT
    printf('u%07d', n), CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'succeeded' END, 'generate', '', '{}',
    'old:' || n, 1, 1000 + n % 500, 1, 1, NULL, 0, 0, 0, 'en', :start + n * :step, 0, :start + n * :step,
    :start + n * :step + 9000 + n % 17000, 1, CASE WHEN n % 20 = 0 THEN 'safety' END,
    CASE WHEN n % 20 = 0 THEN '' END, CASE WHEN n % 20 = 0 THEN '' END,
    CASE WHEN n % 20 = 0 THEN NULL ELSE 33600 END,
    CASE n % 3 WHEN 0 THEN :a WHEN 1 THEN :b ELSE :c END, 1
FROM numbers
"""
FILL_RESERVATIONS = """
INSERT INTO ledger (
    job_id, kind, member_id, guild_id, charged_at, at, reserved_images, reserved_micros, settled_images,
    settled_micros
)
SELECT id, 'reserve', member_id, guild_id, created_at, created_at, 1, 33600, 0, 0 FROM jobs
"""
FILL_ENDS = """
INSERT INTO ledger (
    job_id, kind, member_id, guild_id, charged_at, at, reserved_images, reserved_micros, settled_images,
    settled_micros
)
SELECT
    id, CASE state WHEN 'failed' THEN 'release' ELSE 'settle' END, member_id, guild_id, created_at,
    finished_at, -1, -33600, CASE state WHEN 'failed' THEN 0 ELSE 1 END,
    CASE state WHEN 'failed' THEN 0 ELSE 33600 END
FROM jobs
"""


async def usage(quick: bool) -> Section:
    """Fill a database, then ask."""
    jobs = 50_000 if quick else 500_000
    zone = ZoneInfo("Europe/Berlin")
    manager = Person(1, GUILD, 1, moderator=True, manager=True)
    with tempfile.TemporaryDirectory(prefix="bench-usage-") as name:
        folder = Path(name)
        async with open_store("", folder):
            pass
        await asyncio.to_thread(_fill, folder / DATABASE, jobs)
        async with open_store("", folder) as store, Imaging(cache=folder) as imaging:
            service = UsageService(
                store=store,
                charts=imaging,
                allowances=Allowances(OperatorLimits()),
                clock=SystemClock(),
                waits=plain_wait,
                zone=zone,
            )
            catalogue = load_catalogue(None)
            month, _ = await _timed(service.of_server(manager, 30))
            year, found = await _timed(service.of_server(manager, DAYS))
            chart, _ = await _timed(service.chart(usage_chart(found, DAYS, catalogue)))
            submit = submitter(store)
            singles = [await seconds_of(submit) for _ in range(50 if quick else 300)]
    return Section(
        "usage",
        f"/usage server over {2 * jobs:,} lines of the ledger, all of one server within a year",
        [
            Figure("sums of 30 days", "s", month),
            Figure("sums of the whole year", "s", year, most=3),
            Figure("its charts, in a process of their own", "s", chart),
            Figure("submit's transaction beside them, median", "ms", 1000 * median(singles), most=5),
        ],
        [f"{found.total.images:,} images of 500 members; sums run on SQLite's reading thread"],
    )


async def _timed(work: Awaitable[T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = await work
    return time.perf_counter() - began, result


def _fill(database: Path, jobs: int) -> None:
    now = SystemClock().now()
    start = now - DAYS * 86_400_000
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            FILL_JOBS,
            {
                "jobs": jobs,
                "start": start,
                "step": (now - start) // jobs,
                **dict(zip("abc", MODELS, strict=True)),
            },
        )
        connection.execute(FILL_RESERVATIONS)
        connection.execute(FILL_ENDS)
        connection.commit()
