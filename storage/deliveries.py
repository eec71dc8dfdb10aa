"""Deliveries, one for each job."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.deliveries import Delivery, DeliveryState, Way
from bot.domain.jobs import Job
from bot.errors import StaleState
from storage.engine import Connection, Row, Value
from storage.job_rows import job_from

INSERT_DELIVERY = """
INSERT INTO deliveries (job_id, state, updated_at, card_message_id, way, channel_id, message_id, tries)
VALUES (:job_id, :state, :updated_at, :card_message_id, :way, :channel_id, :message_id, :tries)
ON CONFLICT DO NOTHING
"""

# The card may become known while somebody has the delivery in hand: what is on its way forgets no card. One
# that was done and is opened again begins afresh. (On the right of SET, `state` is the old one.)
UPDATE_DELIVERY = """
UPDATE deliveries SET
    state = :state, updated_at = :updated_at, way = :way, channel_id = :channel_id, message_id = :message_id,
    tries = :tries,
    card_message_id = CASE
        WHEN state IN ('open', 'pending') THEN COALESCE(:card_message_id, card_message_id)
        ELSE :card_message_id
    END,
    lease_owner = CASE WHEN :state = 'pending' THEN lease_owner END,
    lease_until = CASE WHEN :state = 'pending' THEN lease_until END
WHERE job_id = :job_id
"""

# Of two processes that try at once the second finds the first one's lease.
CLAIM_DELIVERY = """
UPDATE deliveries SET lease_owner = :owner, lease_until = :until
WHERE job_id = :job_id AND state = :state
    AND (lease_until IS NULL OR lease_until <= :now OR lease_owner = :owner)
RETURNING job_id
"""

RENEW_LEASES = """
UPDATE deliveries SET lease_until = :until WHERE state = 'pending' AND lease_owner = :owner
"""

RELEASE_LEASES = """
UPDATE deliveries SET lease_owner = NULL, lease_until = 0 WHERE state = 'pending' AND lease_owner = :owner
"""

SET_STATE = """
UPDATE deliveries SET state = :state, updated_at = :now WHERE job_id = :job_id
"""

SET_CARD = "UPDATE deliveries SET card_message_id = :message_id WHERE job_id = :job_id"
GET_DELIVERY = "SELECT * FROM deliveries WHERE job_id = :job_id"
# Beside its job's columns, a delivery's begin with its name.
BESIDE_JOB = "delivery_"
GET_WITH_JOB = """
SELECT jobs.*, deliveries.job_id AS delivery_job_id, deliveries.state AS delivery_state,
    deliveries.updated_at AS delivery_updated_at, deliveries.card_message_id AS delivery_card_message_id,
    deliveries.way AS delivery_way, deliveries.channel_id AS delivery_channel_id,
    deliveries.message_id AS delivery_message_id, deliveries.tries AS delivery_tries
FROM deliveries JOIN jobs ON jobs.id = deliveries.job_id
WHERE deliveries.job_id = :job_id AND deliveries.state = :state
"""

LIST_PENDING = """
SELECT deliveries.job_id FROM deliveries JOIN jobs ON jobs.id = deliveries.job_id
WHERE deliveries.state = 'pending'
ORDER BY jobs.created_at, jobs.id
"""

LIST_ABANDONED = """
SELECT deliveries.job_id FROM deliveries JOIN jobs ON jobs.id = deliveries.job_id
WHERE deliveries.state = 'pending'
    AND COALESCE(deliveries.lease_until, deliveries.updated_at + :grace) <= :now
ORDER BY jobs.created_at, jobs.id
"""

# Few deliveries are kept, and somebody may have many jobs: CROSS keeps SQLite from beginning with those.
LIST_KEPT = """
SELECT deliveries.job_id FROM deliveries CROSS JOIN jobs
WHERE deliveries.state = 'kept' AND jobs.id = deliveries.job_id AND jobs.member_id = :member_id
ORDER BY jobs.created_at, jobs.id
"""

LIST_LATEST_SENT = """
SELECT * FROM deliveries WHERE state = 'sent' ORDER BY updated_at DESC, job_id DESC LIMIT :limit
"""


class DeliveryRepository:
    """Deliveries within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, delivery: Delivery) -> None:
        """Write the delivery of a job that exists; StaleState where it has one."""
        if await self._connection.execute(INSERT_DELIVERY, _params(delivery)) == 0:
            raise StaleState(f"job {delivery.job_id} has a delivery already")

    async def get(self, job_id: str) -> Delivery | None:
        row = await self._connection.fetch_one(GET_DELIVERY, {"job_id": job_id})
        return None if row is None else _delivery(row)

    async def with_job(self, job_id: str, state: DeliveryState) -> tuple[Job, Delivery] | None:
        """Return a job and its delivery; None where that is in another state."""
        row = await self._connection.fetch_one(GET_WITH_JOB, {"job_id": job_id, "state": state})
        return None if row is None else (job_from(row), _delivery(row, BESIDE_JOB))

    async def save(self, delivery: Delivery) -> None:
        """Write a changed delivery; StaleState where the job has none."""
        if await self._connection.execute(UPDATE_DELIVERY, _params(delivery)) == 0:
            raise StaleState(f"job {delivery.job_id} has no delivery")

    async def set_state(self, job_id: str, state: DeliveryState, *, now: int) -> None:
        """Say of a delivery that nobody has in hand what becomes of it; StaleState where the job has none."""
        params: dict[str, Value] = {"job_id": job_id, "state": state, "now": now}
        if await self._connection.execute(SET_STATE, params) == 0:
            raise StaleState(f"job {job_id} has no delivery")

    async def set_card(self, job_id: str, message_id: int) -> None:
        """Remember which message is the job's card."""
        await self._connection.execute(SET_CARD, {"job_id": job_id, "message_id": message_id})

    async def pending(self) -> Sequence[str]:
        """Ids of jobs whose answer is still to be delivered, the oldest first."""
        return [row["job_id"] for row in await self._connection.fetch_all(LIST_PENDING)]

    async def abandoned(self, *, now: int, grace: int) -> Sequence[str]:
        """Those of `pending` whose lease has ended, or that nobody took within `grace` milliseconds."""
        rows = await self._connection.fetch_all(LIST_ABANDONED, {"now": now, "grace": grace})
        return [row["job_id"] for row in rows]

    async def claim(self, job_id: str, state: DeliveryState, owner: str, *, now: int, until: int) -> bool:
        """Take a delivery in this state in hand; False where it is in another, or somebody else has it."""
        params: dict[str, Value] = {
            "job_id": job_id,
            "state": state,
            "owner": owner,
            "now": now,
            "until": until,
        }
        return await self._connection.fetch_one(CLAIM_DELIVERY, params) is not None

    async def renew_leases(self, owner: str, *, until: int) -> None:
        """Keep what somebody has in hand."""
        await self._connection.execute(RENEW_LEASES, {"owner": owner, "until": until})

    async def release_leases(self, owner: str) -> None:
        """Let others take at once what somebody had in hand."""
        await self._connection.execute(RELEASE_LEASES, {"owner": owner})

    async def latest_sent(self, limit: int) -> Sequence[Delivery]:
        """The latest deliveries that succeeded, the oldest of them first."""
        rows = await self._connection.fetch_all(LIST_LATEST_SENT, {"limit": limit})
        return [_delivery(row) for row in reversed(rows)]

    async def kept_for(self, member_id: int) -> Sequence[str]:
        """Ids of jobs whose answer could not be delivered to this member, the oldest first."""
        rows = await self._connection.fetch_all(LIST_KEPT, {"member_id": member_id})
        return [row["job_id"] for row in rows]


def _params(delivery: Delivery) -> dict[str, Value]:
    return {
        "job_id": delivery.job_id,
        "state": delivery.state,
        "updated_at": delivery.updated_at,
        "card_message_id": delivery.card_message_id,
        "way": delivery.way,
        "channel_id": delivery.channel_id,
        "message_id": delivery.message_id,
        "tries": delivery.tries,
    }


def _delivery(row: Row, prefix: str = "") -> Delivery:
    way = row[f"{prefix}way"]
    return Delivery(
        job_id=row[f"{prefix}job_id"],
        state=DeliveryState(row[f"{prefix}state"]),
        updated_at=row[f"{prefix}updated_at"],
        card_message_id=row[f"{prefix}card_message_id"],
        way=None if way is None else Way(way),
        channel_id=row[f"{prefix}channel_id"],
        message_id=row[f"{prefix}message_id"],
        tries=row[f"{prefix}tries"],
    )
