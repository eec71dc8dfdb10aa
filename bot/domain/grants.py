"""Images beside the daily cap: what managers grant, and what a day carries over to the next.

Append-only, like the ledger. A grant's balance is the sum of its entries. A job draws on grants only for
what the daily cap does not hold any more, from the one that ends first; where it makes less than it
reserved, the grants get theirs back before the daily cap does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

NEVER = 253_402_300_799_000  # the end of the year 9999: a grant that does not expire
MAX_GRANT = 10_000  # images
MAX_DAYS = 3_650
_CARRIED = "carry:"
OUTSIDE = 0  # what stands for a server outside of servers


class GrantKind(StrEnum):
    """What an entry does to its grant."""

    GRANT = "grant"  # a manager gives images
    CARRY = "carry"  # a day gives what it left to the next: at most one for each day
    DRAW = "draw"  # a job reserves some
    RETURN = "return"  # a job gives back what it did not use
    REVOKE = "revoke"  # a manager takes back what is left


@dataclass(frozen=True, slots=True)
class GrantEntry:
    """One line: a change of a grant's balance.

    `charged_at` is the moment that the use of a DRAW or RETURN counts to (its job's), and for a CARRY when
    its day began.
    """

    grant_id: str
    kind: GrantKind
    guild_id: int
    member_id: int
    images: int
    at: int  # UTC milliseconds
    charged_at: int
    expires_at: int  # of the grant; it is good until then, and not at that moment
    job_id: str | None = None
    actor_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant that can be drawn on, with what is left of it."""

    id: str
    guild_id: int
    member_id: int
    left: int
    expires_at: int

    @property
    def carried(self) -> bool:
        """Whether a day left it, and no manager gave it."""
        return self.id.startswith(_CARRIED)


@dataclass(frozen=True, slots=True)
class Draw:
    """What a job takes from a grant, or has taken."""

    grant: Grant
    images: int


def carry_id(guild_id: int, member_id: int, day: int) -> str:
    """Return the id of what a day, by its start, begins with: there is one."""
    return f"{_CARRIED}{guild_id}:{member_id}:{day}"


def draws_for(grants: Sequence[Grant], images: int) -> tuple[Draw, ...]:
    """Return from which grants so many images come, those that end first before the others.

    Raises ValueError where they do not hold so many.
    """
    draws = []
    for grant in sorted(grants, key=lambda grant: (grant.expires_at, grant.id)):
        taken = min(grant.left, images)
        if taken > 0:
            draws.append(Draw(grant, taken))
            images -= taken
    if images > 0:
        raise ValueError(f"the grants lack {images} images")
    return tuple(draws)


def returns_for(draws: Sequence[Draw], reserved: int, settled: int) -> tuple[Draw, ...]:
    """Return what a job gives back that drew on grants, reserved so many images and made so many.

    The one that ends last gets its images back first: it is good for longest.
    """
    drawn = sum(draw.images for draw in draws)
    spare = drawn - max(0, settled - (reserved - drawn))
    returns = []
    for draw in sorted(draws, key=lambda draw: (draw.grant.expires_at, draw.grant.id), reverse=True):
        given = min(draw.images, spare)
        if given > 0:
            returns.append(Draw(draw.grant, given))
            spare -= given
    return tuple(returns)


def draw_entry(draw: Draw, job_id: str, now: int) -> GrantEntry:
    """Return the entry for a job that is accepted now and draws on a grant."""
    return _of_job(draw, GrantKind.DRAW, -draw.images, job_id, now, now)


def return_entry(draw: Draw, job_id: str, charged_at: int, now: int) -> GrantEntry:
    """Return the entry for what a job gives back now; `charged_at` is when it was accepted."""
    return _of_job(draw, GrantKind.RETURN, draw.images, job_id, charged_at, now)


def _of_job(draw: Draw, kind: GrantKind, images: int, job_id: str, charged_at: int, now: int) -> GrantEntry:
    grant = draw.grant
    return GrantEntry(
        grant.id, kind, grant.guild_id, grant.member_id, images, now, charged_at, grant.expires_at, job_id
    )


@dataclass(frozen=True, slots=True)
class Reset:
    """From `at` on, what a member used earlier that day does not count in a server any more."""

    guild_id: int
    member_id: int
    at: int  # UTC milliseconds
    actor_id: int
    reason: str = ""


def carried_over(*, most: int, cap: int, left: int, days_between: int) -> int:
    """Return how many images a day begins with beside its cap.

    `left` was not used on the last day that had a carry; on each of the `days_between` nothing was.
    """
    return max(0, min(most, left + days_between * cap))
