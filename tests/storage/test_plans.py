"""Every statement finds its rows by an index: what is quick with ten jobs is quick with a million."""

from __future__ import annotations

import re

import pytest

from storage import (
    Store,
    admission,
    attempts,
    blocked,
    conversations,
    deliveries,
    drawings,
    gallery,
    grants,
    images,
    jobs,
    lanes,
    ledger,
    limits,
    postings,
    retractions,
    spending_notes,
    turns,
    usage,
    vitals,
    words,
)
from storage.named import placed

STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
STATEMENTS = {
    f"{module.__name__}.{name}": text
    for module in (
        *(jobs, images, ledger, deliveries, gallery, postings, drawings, limits, grants),
        *(admission, words, attempts, blocked, conversations, turns, vitals),
        *(lanes, spending_notes, usage, retractions),
    )
    for name, text in vars(module).items()
    if name.isupper() and name[0] != "_" and isinstance(text, str) and STATEMENT.match(text)
}

EXCUSED = {
    "storage.deliveries.LIST_LATEST_SENT",  # only the sandbox asks this, once at its start
    # A search for rows that pointed here before is planned, but runs only while foreign keys are deferred.
    "storage.images.INSERT_IMAGE",
    "storage.jobs.INSERT_JOB",
    "storage.retractions.LIST_CHANNELS",  # asked when the bot comes to Discord
    "storage.lanes.LIST_LANES",  # there are as many rows as models
}

# What a statement makes of rows that it has found already; a table has none of these names.
DERIVED = (
    *("SCAN (subquery-", "SCAN asking", "SCAN lately", "SCAN at_work", "SCAN busy"),
    *("SCAN queue", "SCAN places", "SCAN paid"),
)

# What every request asks, and how a plan says that it reads jobs that have ended long ago.
READS_MANY = re.compile(
    r"SCAN (jobs|waiting|recent|begun|earlier)\b|AUTOMATIC .*PARTIAL|jobs_of_\w+ \(\w+=\?\)"
)
# A hundred members with a thousand jobs each, all of them ended: rows in all, then for each value of the
# first column, of the first two, and so on.
ENDED = {
    "jobs_by_state": "100000 100000 1000 2 1",
    "jobs_of_member_by_start": "100000 1000 2 2 1",
    "jobs_of_model_by_start": "100000 50000 2 1",
    "jobs_of_server": "100000 100000 2 2 1",
}
BUSY = ("storage.admission.", "storage.deliveries.LIST_KEPT", "storage.jobs.COUNT_UNFINISHED")


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - EXCUSED))
async def test_no_statement_reads_a_whole_table(sqlite_store: Store, name: str) -> None:
    sql = STATEMENTS[name]
    async with sqlite_store.engine.transaction() as connection:
        plan = await connection.fetch_all(
            f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(placed(sql, "sqlite")[1], 0)
        )
    # A SELECT without a table of its own reads one constant row; a path is what the statement itself found.
    known = ("SCAN CONSTANT ROW", "SCAN path")
    steps = [row["detail"] for row in plan if row["detail"] not in known]
    scans = [step for step in steps if step.startswith("SCAN") and "INDEX" not in step]
    assert [step for step in scans if not step.startswith(DERIVED)] == []


@pytest.mark.parametrize("name", sorted(name for name in STATEMENTS if name.startswith(BUSY)))
async def test_statistics_of_jobs_that_have_ended_mislead_nobody(sqlite_store: Store, name: str) -> None:
    """After an ANALYZE, SQLite believes that every job has each state."""
    sql = STATEMENTS[name]
    async with sqlite_store.engine.transaction() as connection:
        await connection.fetch_all("ANALYZE")
        for index, rows in ENDED.items():
            await connection.fetch_all(
                "INSERT INTO sqlite_stat1 VALUES ('jobs', :name, :rows)", {"name": index, "rows": rows}
            )
        await connection.fetch_all("ANALYZE sqlite_schema")  # read them
        plan = await connection.fetch_all(
            f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(placed(sql, "sqlite")[1], 0)
        )
    steps = [row["detail"] for row in plan]
    many = re.compile(
        r"SCAN (jobs|waiting|recent|begun|earlier)\b|AUTOMATIC .*PARTIAL|jobs_of_\w+ \(\w+=\?\)"
    )
    assert [step for step in steps if many.search(step)] == [], steps
