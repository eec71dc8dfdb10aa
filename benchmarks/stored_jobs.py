"""Databases as a bot has them after years, and as a crash leaves them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.jobs import Job, JobState
from bot.domain.ledger import reserve
from bot.domain.requests import Kind, Options, Origin, Request
from storage import Store

MEMBERS = 500
SERVERS = 5
DAYS = 60
DAY = 86_400_000
MONEY = 33_608  # micro-dollars: one picture of the default model
MODEL = "gemini-nano-banana-2.1"
DEAD = "a process that died"


def fill_ledger(database: Path, jobs: int, now: int) -> None:
    """Write so many settled jobs, with two entries of the ledger each, as the program does, faster."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.executemany(
            "INSERT INTO jobs (id, state, request, origin_key, application_id, member_id, guild_id,"
            " channel_id, token_at, upload_limit, direct, locale, created_at, updated_at, finished_at,"
            " attempts, cost_micros)"
            " VALUES (?, 'succeeded', '{}', ?, 1, ?, ?, 1, 0, 0, 0, 'en', ?, ?, ?, 1, ?)",
            (
                (f"b{number}", f"old:{number}", member, guild, at, at, at, MONEY)
                for number, member, guild, at in _jobs(jobs, now)
            ),
        )
        for kind, sign, settled in (("reserve", 1, 0), ("settle", -1, 1)):
            connection.executemany(
                "INSERT INTO ledger (job_id, kind, member_id, guild_id, charged_at, at, reserved_images,"
                " reserved_micros, settled_images, settled_micros) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (f"b{number}", kind, member, guild, at, at, sign, sign * MONEY, settled, settled * MONEY)
                    for number, member, guild, at in _jobs(jobs, now)
                ),
            )
        connection.execute("ANALYZE")


def _jobs(jobs: int, now: int) -> Iterator[tuple[int, int, int, int]]:
    """Number, member, server and moment of each job, evenly over the days until now."""
    step = DAYS * DAY // jobs
    for number in range(jobs):
        member = 1 + number * 7919 % MEMBERS
        yield number, member, 10_000 + member % SERVERS, now - (jobs - number) * step


async def leave_unfinished(store: Store, database: Path, number: int, now: int) -> None:
    """Write jobs that were with the provider when their process died."""
    async with store.transaction() as tx:
        for each in range(number):
            request = Request(Kind.GENERATE, f"a red lighthouse, number {each}", Options(MODEL))
            origin = Origin(f"left:{each}", 1, 1 + each, 10_000, 1, None, now, 10 * 2**20)
            job = Job(f"u{each:06d}", JobState.CREATED, request, origin, now + each, now + each)
            await tx.jobs.insert(job)
            await tx.ledger.append(reserve(job.id, origin.member_id, 10_000, images=1, micros=MONEY, now=now))
            await tx.deliveries.insert(Delivery(job.id, DeliveryState.OPEN, now))
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "UPDATE jobs SET state = 'running', attempts = 1, lease_owner = ?, lease_until = ?,"
            " started_at = ? WHERE state = 'created'",
            (DEAD, now, now),
        )


def left_of_the_dead(database: Path) -> int:
    """Return how many jobs nobody has taken over yet."""
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        sql = "SELECT COUNT(*) FROM jobs WHERE lease_owner = ?"
        return int(connection.execute(sql, (DEAD,)).fetchone()[0])
