"""Every column of both databases either tells of nobody, or is without the person after an erasure."""

from __future__ import annotations

from functools import partial
from typing import Any

from bot.domain.privacy import DAY_MS, Erasure
from storage import Store
from storage.store import Transaction
from tests.storage.conftest import Place
from tests.storage.personal_rows import TABLES, TOLD
from tests.storage.samples import MEMBER, NOON

LATER = NOON + 40 * DAY_MS  # no cap looks back so far
WISH = Erasure(-77, MEMBER, NOON + DAY_MS)
SQLITE = """
SELECT tables.name AS of_table, columns.name AS of_column
FROM sqlite_master AS tables JOIN pragma_table_info(tables.name) AS columns
WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'
"""
POSTGRES = """
SELECT table_name AS of_table, column_name AS of_column FROM information_schema.columns
WHERE table_schema = current_schema()
"""


async def test_every_column_is_written_down(place: Place) -> None:
    async with place.open() as store, store.engine.reading() as connection:
        rows = await connection.fetch_all(POSTGRES if place.url else SQLITE)
    there: dict[str, set[str]] = {}
    for row in rows:
        there.setdefault(row["of_table"], set()).add(row["of_column"])
    written = {name: table.columns() for name, table in TABLES.items()}
    assert there.keys() == written.keys()
    assert {name: columns ^ written[name] for name, columns in there.items() if columns ^ written[name]} == {}


async def test_what_tells_of_a_person_goes(store: Store) -> None:
    await fill(store)
    # What is to go is there before, or this would prove nothing.
    planted = await told(store)
    assert planted == {(name, column) for name, table in TABLES.items() for column in table.goes}
    async with store.reading() as tx:
        kinds = tx.privacy.kinds()
    for kind in kinds:
        while await store.write(partial(_erase, kind)):
            pass
    assert await told(store) == set()


async def fill(store: Store) -> None:
    async with store.engine.transaction() as connection:
        for name, table in TABLES.items():
            for row in table.rows():
                columns = ", ".join(row)
                values = ", ".join(f":{column}" for column in row)
                await connection.execute(f"INSERT INTO {name} ({columns}) VALUES ({values})", row)


async def told(store: Store) -> set[tuple[str, str]]:
    """The columns that tell of the member."""
    found = set()
    async with store.engine.reading() as connection:
        for name in TABLES:
            rows: list[Any] = list(await connection.fetch_all(f"SELECT * FROM {name}"))
            for row in map(dict, rows):
                found |= {
                    (name, column)
                    for column, value in row.items()
                    if any(part in str(value) for part in TOLD)
                }
    return found


async def _erase(kind: str, tx: Transaction) -> int:
    return await tx.privacy.erase(kind, WISH, now=LATER, limit=1)
