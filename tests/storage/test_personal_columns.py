"""Every column of both databases either tells of nobody, or is without the person after an erasure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from bot.domain.privacy import DAY_MS, Erasure, Retention
from storage import Store
from storage.store import Transaction
from tests.storage.conftest import Place
from tests.storage.personal_rows import OTHER, TABLES, TOLD
from tests.storage.samples import MEMBER, NOON
from tests.storage.server_samples import GUILD

LATER = NOON + 40 * DAY_MS  # no cap looks back so far
WISH = Erasure(-77, MEMBER, NOON + DAY_MS)
# By what kind of an export a table is handed out.
EXPORTED = {
    "jobs": "requests",
    "images": "images",
    "answers": "images",
    "conversations": "conversations",
    "turns": "conversations",
    "characters": "characters",
    "character_pictures": "characters",
    "presets": "presets",
    "member_settings": "settings",
    "ledger": "ledger",
    "grants": "grants",
    "resets": "grants",
    "memberships": "tiers",
    "attempts": "attempts",
    "reports": "reports",
    "cases": "cases",
    "strikes": "sanctions",
    "bans": "sanctions",
    "audit": "audit",
}
LEFT_OUT = {
    "member_notes": "moderators' own, for each other; /privacy show says so",
    "spending_notes": "to the managers of a server, about its money",
    "notices": "what the member is being told just now",
    "ledger_sums": "sums of what is in the ledger",
    "job_events": "steps of requests that are there themselves",
    "deliveries": "in which message an answer is: it is in front of them",
    "postings": "the same of copies",
    "drawings": "the same of drawings of conversations",
    "drawn_turns": "the same of drawings of conversations",
    "conversation_members": "who invited them is somebody else's",
    "exports": "when this was done last",
    "job_messages": "which messages went into requests that are there themselves",
    "retractions": "what they took back: evidence for moderators; /privacy show says so",
    "server_settings": "a server's; that they changed it is in the audit",
    "server_limits": "the same",
    "word_lists": "the same",
    "blocked_pictures": "the same",
}
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


async def test_what_was_written_in_a_server_goes_with_it(store: Store) -> None:
    """What stays has its own time (the ledger, what it counts, and whose that was) or belongs to nobody's
    server."""
    await fill(store)
    async with store.reading() as tx:
        kinds = tx.privacy.kinds()
    for kind in kinds:
        while await store.write(partial(_leave, kind)):
            pass
    counted = {"jobs", "images", "ledger", "ledger_sums", "grants", "resets", "notices"}
    own = {"characters", "character_pictures", "member_settings", "exports"}
    left = await told(store)
    assert {name for name, _column in left} - counted - own == set()
    named = {"member_id", "owner_id", "deleted_by"}
    assert {column for name, column in left if name in ("jobs", "images")} <= named
    await purge(store, NOON + 1000 * DAY_MS)
    assert {name for name, _column in await told(store)} - own == set()


async def purge(store: Store, now: int) -> None:
    cutoffs = Retention().cutoffs(now)
    async with store.reading() as tx:
        kinds = tx.privacy.kinds()
    for kind in kinds:
        while await store.write(partial(_purge, kind, cutoffs, now)):
            pass


async def _purge(kind: str, cutoffs: Mapping[str, int], now: int, tx: Transaction) -> int:
    return await tx.privacy.purge(kind, cutoffs, now=now, limit=1)


async def _leave(kind: str, tx: Transaction) -> int:
    return await tx.privacy.leave(kind, GUILD, now=LATER, limit=1)


async def test_an_export_has_every_table_that_tells_of_a_member(store: Store) -> None:
    """A new table is exported, or written down with the reason why it is not."""
    personal = {name for name, table in TABLES.items() if table.goes}
    assert personal == EXPORTED.keys() | LEFT_OUT.keys()
    await fill(store)
    async with store.reading() as tx:
        kinds = tx.privacy.kinds(personal=True)
        found = {kind: (await tx.privacy.export(kind, MEMBER, "", 100)).rows for kind in kinds}
        counts = (await tx.privacy.holdings(MEMBER, now=LATER)).counts
    assert set(EXPORTED.values()) == set(kinds)
    assert counts == {kind: len(rows) for kind, rows in found.items()}
    # The first image is deleted: its picture is not handed out, and said so.
    assert {kind for kind, rows in found.items() if not rows} == {"images"}
    assert {row["kind"] for row in found["grants"]} == {"grant", "reset"}
    others = [str(OTHER + number) for number in range(9)]
    assert [name for name in others if name in str({**found, "audit": ()})] == []
