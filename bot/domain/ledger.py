"""What was reserved, settled and released: an append-only record.

Each entry changes two running sums of its job: what is reserved and what is settled. A job has exactly one
RESERVE entry and, when it ends, exactly one entry that closes it: SETTLE (for what was made; what was
reserved beyond that falls away with it) or RELEASE. So for every finished job the reserved sum is zero, and
a member's use of a period is the plain sum of both columns. All entries of a job count to the period in
which it was reserved (`charged_at`), whenever it ends.

What a job that failed has cost nevertheless, because the provider charged tokens for answers without a
picture, is a `Loss`: its member pays nothing, but it counts for the server, for the bot and for strangers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry does."""

    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: changes of the reserved and settled sums, in images and micro-dollars."""

    job_id: str
    kind: EntryKind
    member_id: int
    guild_id: int | None
    charged_at: int  # UTC milliseconds: the period that it counts to
    at: int  # UTC milliseconds: when it was written
    reserved_images: int
    reserved_micros: int
    settled_images: int = 0
    settled_micros: int = 0
    stranger: bool = False  # counts to the caps that all strangers share


@dataclass(frozen=True, slots=True)
class Loss:
    """What a job has cost that made nothing."""

    job_id: str
    guild_id: int | None
    charged_at: int
    at: int
    micros: int
    stranger: bool = False


class Account(StrEnum):
    """Whose use is summed up."""

    MEMBER = "member"
    SERVER = "server"
    BOT = "bot"  # everybody's
    STRANGERS = "strangers"


@dataclass(frozen=True, slots=True)
class Difference:
    """A sum that is kept and is not what the entries amount to; by how much it is too high."""

    account: str
    account_id: int
    quarter: int  # UTC milliseconds: the quarter of an hour that the sum is of
    images: int
    micros: int


def reserve(
    job_id: str,
    member_id: int,
    guild_id: int | None,
    *,
    images: int,
    micros: int,
    now: int,
    stranger: bool = False,
) -> Entry:
    """Return the entry that holds `images` and `micros` back for a job that is accepted now.

    No images where the job makes none, as a description does: it costs money all the same.
    """
    if images < 0 or micros < 0:
        raise ValueError(f"cannot reserve {images} images and {micros} micro-dollars")
    return Entry(job_id, EntryKind.RESERVE, member_id, guild_id, now, now, images, micros, stranger=stranger)


def settle(reservation: Entry, *, images: int, micros: int, now: int) -> Entry:
    """Return the entry that closes a reservation with what was really made and paid."""
    least = min(1, reservation.reserved_images)
    if not least <= images <= reservation.reserved_images:
        raise ValueError(f"cannot settle {images} of {reservation.reserved_images} reserved images")
    if micros < 0:
        raise ValueError(f"cannot settle {micros} micro-dollars")
    return _close(reservation, EntryKind.SETTLE, now, images, micros)


def release(reservation: Entry, *, now: int) -> Entry:
    """Return the entry that closes a reservation without a charge."""
    return _close(reservation, EntryKind.RELEASE, now, 0, 0)


def _close(reservation: Entry, kind: EntryKind, now: int, images: int, micros: int) -> Entry:
    if reservation.kind is not EntryKind.RESERVE:
        raise ValueError(f"a {reservation.kind} entry cannot be closed")
    return Entry(
        reservation.job_id,
        kind,
        reservation.member_id,
        reservation.guild_id,
        reservation.charged_at,
        now,
        -reservation.reserved_images,
        -reservation.reserved_micros,
        images,
        micros,
        reservation.stranger,
    )


def lose(reservation: Entry, *, micros: int, now: int) -> Loss:
    """Return what a job cost that is released."""
    if micros < 1:
        raise ValueError(f"{micros} micro-dollars are no loss")
    return Loss(
        reservation.job_id,
        reservation.guild_id,
        reservation.charged_at,
        now,
        micros,
        reservation.stranger,
    )
