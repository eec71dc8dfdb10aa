"""The act of getting a finished job's answer to its origin, recorded on its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.requests import Origin

# Discord ends a token 15 minutes after its interaction; the minute between is for uploads and clock skew.
TOKEN_LIFE_MS = 14 * 60 * 1000


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    OPEN = "open"  # the job is not finished yet
    PENDING = "pending"  # finished; its owner has not got it
    SENT = "sent"
    KEPT = "kept"  # no way led to the owner: told at their next interaction


class Way(StrEnum):
    """How an answer reaches somebody, in the order in which the ways are tried."""

    TOKEN = "token"  # noqa: S105 - the name of a way, not a secret
    REPLY = "reply"  # to the message that asked
    CHANNEL = "channel"
    DIRECT = "direct"
    FOLLOW_UP = "follow_up"  # with the owner's next interaction, for what was kept


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery of one job. Times are UTC milliseconds."""

    job_id: str
    state: DeliveryState
    updated_at: int
    card_message_id: int | None = None  # the "Preparing…" card
    way: Way | None = None
    channel_id: int | None = None  # where the answer is, once SENT
    message_id: int | None = None
    tries: int = 0

    def evolve(self, **changes: Any) -> Delivery:
        """Return a copy with some fields changed."""
        return replace(self, **changes)


def ways(origin: Origin, *, private: bool, now: int) -> tuple[Way, ...]:
    """Return the ways that an answer may take now, best first.

    A private answer never goes to a channel that others read; the member's direct messages are none.
    """
    found = []
    if origin.token is not None and now - origin.token_at < TOKEN_LIFE_MS:
        found.append(Way.TOKEN)
    if not private or origin.direct:
        found.append(Way.CHANNEL if origin.message_id is None else Way.REPLY)
    found.append(Way.DIRECT)
    return tuple(found)
