"""Grants and resets: what managers give a member beside the daily cap, and who gave it and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.domain.audit import GRANT_GIVEN, GRANT_REVOKED, MEMBER_RESET, AuditEntry, entry_id
from bot.domain.caps import Use, day_of
from bot.domain.grants import MAX_DAYS, MAX_GRANT, NEVER, Grant, GrantEntry, GrantKind, Reset
from bot.domain.kept import number, text
from bot.domain.ledger import Account
from bot.domain.operator_limits import OperatorLimits
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.settings import managed_server
from bot.studio.store_ports import Store

DAY = 86_400_000  # milliseconds
REASON_LIMIT = 200  # characters


@dataclass(frozen=True, slots=True)
class Revoked:
    """What was taken back."""

    grants: int
    images: int


class Granting:
    """Gives, takes back and resets, each in the audit with who and why."""

    def __init__(
        self, store: Store, operator: OperatorLimits, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._store = store
        self.operator = operator
        self._clock = clock
        self._new_id = new_id

    async def grant(
        self, person: Person, member_id: int, images: object, days: object = None, reason: object = ""
    ) -> Grant:
        """Give a member images in the server that a manager is in; no days: until they are used."""
        guild_id, now = managed_server(person), self._clock.now()
        amount = number("images", 1, MAX_GRANT)(images)
        lasts = number("days", 1, MAX_DAYS, none=True)(days)
        why = text("reason", REASON_LIMIT)(reason)
        expires = NEVER if lasts is None else now + lasts * DAY
        grant = Grant(entry_id(now, self._new_id()), guild_id, member_id, amount, expires)
        async with self._store.transaction() as tx:
            await tx.lock_member(member_id)
            await tx.grants.append(_entry(grant, GrantKind.GRANT, amount, now, person, why))
            data = {"images": amount, "days": lasts, "reason": why, "grant": grant.id}
            await tx.audit.append(self._audit(person, now, GRANT_GIVEN, member_id, data))
        return grant

    async def revoke(self, person: Person, member_id: int, reason: object = "") -> Revoked:
        """Take back what is left of a member's grants here; what jobs have drawn stays theirs."""
        guild_id, now = managed_server(person), self._clock.now()
        why = text("reason", REASON_LIMIT)(reason)
        async with self._store.transaction() as tx:
            await tx.lock_member(member_id)
            given = [
                grant for grant in await tx.grants.open(guild_id, member_id, now=now) if not grant.carried
            ]
            for grant in given:
                await tx.grants.append(_entry(grant, GrantKind.REVOKE, -grant.left, now, person, why))
            images = sum(grant.left for grant in given)
            if given:
                data = {"images": images, "reason": why, "grants": [grant.id for grant in given]}
                await tx.audit.append(self._audit(person, now, GRANT_REVOKED, member_id, data))
        return Revoked(len(given), images)

    async def reset(self, person: Person, member_id: int, reason: object = "") -> Use:
        """Let a member begin the day anew in this server; return what does not count any more."""
        guild_id, now = managed_server(person), self._clock.now()
        why = text("reason", REASON_LIMIT)(reason)
        day = day_of(now, self.operator.zone)
        async with self._store.transaction() as tx:
            await tx.lock_member(member_id)
            last = await tx.limits.last_reset(guild_id, member_id)
            since = last if day.start < last < day.end else day.start
            # What was accepted in this very millisecond is forgotten, too: the reset begins after it.
            at = max(now, last) + 1
            used = await tx.ledger.use_of(Account.MEMBER, member_id, since=since, until=at)
            await tx.limits.append_reset(Reset(guild_id, member_id, at, person.id, why))
            data = {"images": used.images, "micros": used.micros, "reason": why}
            await tx.audit.append(self._audit(person, now, MEMBER_RESET, member_id, data))
        return used

    def _audit(
        self, person: Person, now: int, action: str, member_id: int, data: dict[str, Any]
    ) -> AuditEntry:
        return AuditEntry(
            entry_id(now, self._new_id()), person.guild_id, person.id, now, action, str(member_id), data
        )


def _entry(grant: Grant, kind: GrantKind, images: int, now: int, person: Person, reason: str) -> GrantEntry:
    return GrantEntry(
        grant.id,
        kind,
        grant.guild_id,
        grant.member_id,
        images,
        now,
        now,
        grant.expires_at,
        actor_id=person.id,
        reason=reason,
    )
