"""Which of several processes on one database delivers what.

An answer posted twice cannot be taken back unseen, so whoever delivers holds a lease on the delivery. It is
renewed while the process lives, given back when it stops, and ends by itself when it dies.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.deliveries import DeliveryState
from bot.studio.ports import Clock
from bot.studio.store_ports import Store, Transaction

LEASE_MS = 60_000
# Who finished a job delivers it at once. Others take it only where that has not happened for so long.
GRACE_MS = 60_000


class DeliveryLeases:
    """The leases of one process, called `owner`. `sole`: no other process works on this data, so that every
    lease is ours or a dead one's, and none is written."""

    def __init__(self, owner: str, clock: Clock, *, sole: bool) -> None:
        self.sole = sole
        self._owner = owner
        self._clock = clock

    async def take(self, store: Store, job_id: str, state: DeliveryState) -> bool:
        """Take a delivery that is in this state; False where another process has it, or it is in another."""
        if self.sole:
            return True
        now = self._clock.now()
        return await store.write(
            lambda tx: tx.deliveries.claim(job_id, state, self._owner, now=now, until=now + LEASE_MS)
        )

    async def left(self, tx: Transaction) -> Sequence[str]:
        """Jobs whose answer nobody else has in hand."""
        if self.sole:
            return await tx.deliveries.pending()
        return await tx.deliveries.abandoned(now=self._clock.now(), grace=GRACE_MS)

    async def renew(self, tx: Transaction) -> None:
        """Keep what this process has in hand."""
        await tx.deliveries.renew_leases(self._owner, until=self._clock.now() + LEASE_MS)

    async def release(self, tx: Transaction) -> None:
        """Let others take it at once."""
        await tx.deliveries.release_leases(self._owner)
