"""The audit: what was written stays."""

from __future__ import annotations

import pytest

from bot.domain.audit import AuditEntry
from bot.errors import StaleState, StorageError
from storage import Store
from tests.storage.server_samples import GUILD, make_entry


async def append(store: Store, *entries: AuditEntry) -> None:
    for entry in entries:
        async with store.transaction() as tx:
            await tx.audit.append(entry)


async def test_the_latest_come_first_page_by_page(store: Store) -> None:
    entries = [make_entry(number, at=make_entry(number // 2).at) for number in range(1, 8)]
    await append(store, *entries, make_entry(9, guild_id=None), make_entry(10, guild_id=GUILD + 1))
    newest_first = sorted(entries, key=lambda entry: (entry.at, entry.id), reverse=True)
    pages: list[AuditEntry] = []
    async with store.reading() as tx:
        while page := await tx.audit.of_server(GUILD, limit=3, before=pages[-1] if pages else None):
            pages += page
    assert pages == newest_first


async def test_an_id_is_used_once(store: Store) -> None:
    await append(store, make_entry())
    with pytest.raises(StaleState):
        await append(store, make_entry(action="other"))


@pytest.mark.parametrize("sql", ["DELETE FROM audit", "UPDATE audit SET actor_id = 1"])
async def test_nothing_is_changed_or_removed(store: Store, sql: str) -> None:
    await append(store, make_entry())
    with pytest.raises(StorageError, match="append-only"):
        async with store.engine.transaction() as connection:
            await connection.execute(sql)
    async with store.reading() as tx:
        assert list(await tx.audit.of_server(GUILD, limit=9)) == [make_entry()]
