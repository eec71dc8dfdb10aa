"""The studio's protocols are what storage gives. mypy checks it; running it only shows that it imports."""

from __future__ import annotations

from bot.studio import ports, store_ports
from storage import Blobs, Store, Transaction


def store_for_studio(store: Store) -> store_ports.Store:
    return store


def transaction_for_studio(transaction: Transaction) -> store_ports.Transaction:
    return transaction


def blobs_for_studio(blobs: Blobs) -> ports.Blobs:
    return blobs


async def test_the_store_does_what_the_studio_needs(store: Store) -> None:
    async with store_for_studio(store).transaction() as tx:
        assert await tx.jobs.get("nothing") is None
    async with store.reading() as opened:
        assert list(await transaction_for_studio(opened).deliveries.pending()) == []
    assert await blobs_for_studio(store.blobs).kept_answers("nothing") == {}
