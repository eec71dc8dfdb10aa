"""The audit is a chain: whatever is changed behind the triggers' back is noticed."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.audit import AuditEntry
from storage import Store
from tests.storage.conftest import Place
from tests.storage.server_samples import make_entry

COLUMNS = "id, guild_id, actor_id, at, action, target, data"


async def append(store: Store, *entries: AuditEntry) -> None:
    async def one(entry: AuditEntry) -> None:
        async with store.transaction() as tx:
            await tx.audit.append(entry)

    await asyncio.gather(*map(one, entries))


async def tamper(store: Store, sql: str) -> None:
    """Do what the triggers refuse, as somebody with the file in their hands can."""
    async with store.engine.transaction() as connection:
        if store.engine.dialect == "sqlite":
            await connection.execute("DROP TRIGGER IF EXISTS audit_keeps_entries")
            await connection.execute("DROP TRIGGER IF EXISTS audit_keeps_values")
        else:
            await connection.execute("DROP TRIGGER IF EXISTS audit_keeps_entries ON audit")
            await connection.execute("DROP TRIGGER IF EXISTS audit_keeps_values ON audit")
        await connection.execute(sql)


async def test_an_empty_audit_is_whole(store: Store) -> None:
    async with store.reading() as tx:
        report = await tx.audit.verify()
    assert (report.whole, report.links) == (True, 0)


async def test_links_that_are_made_at_once_are_one_chain(store: Store) -> None:
    await append(store, *(make_entry(number) for number in range(1, 21)))
    async with store.reading() as tx:
        report = await tx.audit.verify()
        entries = await tx.audit.of_server(make_entry().guild_id or 0, limit=50)
    assert (report.whole, report.links) == (True, 20)
    assert sorted(entry.number or 0 for entry in entries) == list(range(1, 21))
    assert len({entry.link for entry in entries}) == 20


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE audit SET actor_id = 1 WHERE number = 2", 2),
        ("UPDATE audit SET data = '{}' WHERE number = 3", 3),
        ("UPDATE audit SET target = '' WHERE number = 1", 1),
        ("UPDATE audit SET at = at + 1 WHERE number = 2", 2),
        ("UPDATE audit SET guild_id = 5 WHERE number = 2", 2),
        ("UPDATE audit SET action = 'case.claimed' WHERE number = 2", 2),
        ("UPDATE audit SET hash = 'x' WHERE number = 2", 2),
        ("UPDATE audit SET salt = NULL WHERE number = 2", 2),
        ("UPDATE audit SET salt = NULL, actor_id = 1 WHERE number = 2", 2),
        ("UPDATE audit SET salt = NULL, data = '{}' WHERE number = 2", 2),
        ("UPDATE audit SET salt = NULL, target = '' WHERE number = 2", 2),
        ("UPDATE audit SET salt = NULL, actor_id = 0, target = 'x', data = '{}' WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 3", 3),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET number = 9 WHERE number = 3", 3),
    ],
)
async def test_what_was_changed_is_noticed(store: Store, sql: str, broken: int) -> None:
    for number in (1, 2, 3):
        await append(store, make_entry(number))
    await tamper(store, sql)
    async with store.reading() as tx:
        report = await tx.audit.verify()
    assert (report.whole, report.broken) == (False, broken)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET salt = NULL, actor_id = -7 WHERE number = 2",
        "UPDATE audit SET salt = NULL, actor_id = -7, target = '', data = '{}' WHERE number = 2",
        "UPDATE audit SET salt = NULL, actor_id = 0, target = '', data = '{}' WHERE number = 2",
        "UPDATE audit SET salt = NULL, target = '', data = '{}' WHERE number = 2",
        "UPDATE audit SET salt = NULL, data = '{}' WHERE number = 3",
    ],
)
async def test_what_an_erasure_leaves_breaks_nothing(store: Store, sql: str) -> None:
    for number in (1, 2):
        await append(store, make_entry(number))
    await append(store, make_entry(3, action="job.cancelled", data={"member_id": 5}))
    async with store.engine.transaction() as connection:
        await connection.execute(sql)  # with the triggers: they let it through
    async with store.reading() as tx:
        assert (await tx.audit.verify()).whole


async def test_the_first_link_covers_what_was_written_before_there_was_a_chain(place: Place) -> None:
    async with place.open() as store:
        old = f"INSERT INTO audit ({COLUMNS}) VALUES ('old', 700, 1, 2, 'style.created', 'x', '{{}}')"
        async with store.engine.transaction() as connection:
            await connection.execute(old)
        await append(store, make_entry())
        async with store.reading() as tx:
            assert (await tx.audit.verify()).whole
        await tamper(store, "UPDATE audit SET action = 'style.deleted' WHERE id = 'old'")
        async with store.reading() as tx:
            report = await tx.audit.verify()
    assert (report.whole, report.broken) == (False, 1)
