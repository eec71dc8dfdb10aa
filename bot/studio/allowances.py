"""What somebody may use, has used and has left: asked by the caps, and by whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.caps import Period, Use, day_of, days_between
from bot.domain.grants import OUTSIDE, Grant, GrantEntry, GrantKind, carried_over, carry_id
from bot.domain.ledger import Account
from bot.domain.operator_limits import OperatorLimits
from bot.domain.server_limits import ServerLimits
from bot.domain.standing import Place, Standing
from bot.domain.tiers import Allowance, allowance_of, named, together
from bot.studio.store_ports import Transaction


@dataclass(frozen=True, slots=True)
class Terms:
    """What a server and the operator have set for somebody, before anything was used."""

    guild_id: int  # `OUTSIDE` outside of servers that the bot is in
    server: ServerLimits
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class Balance:
    """Where a member stands today.

    `used` is what counts against the daily caps: without what came from grants, and from the last reset on.
    """

    day: Period
    used: Use
    grants: tuple[Grant, ...] = ()  # what may be used beside the cap, what was carried over included

    @property
    def granted(self) -> int:
        """How many images there are beside the daily cap."""
        return sum(grant.left for grant in self.grants)


class Allowances:
    """Looks both up within a transaction."""

    def __init__(self, operator: OperatorLimits) -> None:
        self.operator = operator

    async def terms(
        self, tx: Transaction, member_id: int, guild_id: int | None, standing: Standing, *, now: int
    ) -> Terms:
        """Return what holds for somebody here and now: of all their tiers the best."""
        inside = OUTSIDE if guild_id is None or standing.place is not Place.SERVER else guild_id
        server, assigned = ServerLimits(), frozenset[str]()
        if inside != OUTSIDE:
            server = (await tx.limits.of_server(inside)).limits
            assigned = frozenset(await tx.limits.tiers_of(inside, member_id, now=now))
        tiers = [
            tier
            for tier in together(self.operator.tiers, server.tiers)
            if tier.name in assigned
            or tier.belongs_to(member_id, standing.roles, booster=standing.booster)
            or self._is_operators(tier.name, member_id)
        ]
        allowance = allowance_of(tiers, self.operator.daily_images)
        return Terms(inside, server, allowance.within(server.models))

    async def balance(
        self, tx: Transaction, member_id: int, terms: Terms, *, now: int, keep: bool = False
    ) -> Balance:
        """Return what a member has used today and what is granted beside the cap.

        Where days carry over, the first request of a day writes what the days before it left: `keep` says
        that this is one, and not somebody who only looks.
        """
        day = day_of(now, self.operator.zone)
        reset = await tx.limits.last_reset(terms.guild_id, member_id)
        since = reset if day.start < reset < day.end else day.start
        used = await self._used(tx, member_id, Period(since, day.end))
        grants = list(await tx.grants.open(terms.guild_id, member_id, now=now))
        carried = await self._carried(tx, member_id, terms, day, now)
        if carried is not None and keep:
            await tx.grants.append(carried)
        if carried is not None and carried.images:
            grants.append(
                Grant(carried.grant_id, terms.guild_id, member_id, carried.images, carried.expires_at)
            )
        return Balance(day, used, tuple(grants))

    def _is_operators(self, name: str, member_id: int) -> bool:
        """A server may change a tier of the operator's, but not whom the operator gave it to."""
        tier = named(self.operator.tiers, name)
        return tier is not None and member_id in tier.members

    async def _used(self, tx: Transaction, member_id: int, period: Period) -> Use:
        used = await tx.ledger.use_of(Account.MEMBER, member_id, since=period.start, until=period.end)
        if not used.images:
            return used
        drawn = await tx.grants.drawn(member_id, since=period.start, until=period.end)
        return Use(used.images - drawn, used.micros)

    async def _carried(
        self, tx: Transaction, member_id: int, terms: Terms, day: Period, now: int
    ) -> GrantEntry | None:
        """What this day begins with beside the cap, where that is not written yet."""
        if not terms.allowance.carry_over:
            return None
        last = await tx.grants.last_carry(terms.guild_id, member_id)
        if last is not None and last.expires_at > now:
            return None
        return GrantEntry(
            grant_id=carry_id(terms.guild_id, member_id, day.start),
            kind=GrantKind.CARRY,
            guild_id=terms.guild_id,
            member_id=member_id,
            images=0 if last is None else await self._left(tx, member_id, terms, last, day),
            at=now,
            charged_at=day.start,
            expires_at=day.end,
        )

    async def _left(
        self, tx: Transaction, member_id: int, terms: Terms, last: GrantEntry, today: Period
    ) -> int:
        """Return what a day begins with after the one of the last carry, by the cap that holds now."""
        allowance = terms.allowance
        used = await self._used(tx, member_id, Period(last.charged_at, last.expires_at))
        left = max(0, allowance.daily_images - used.images) + await tx.grants.balance(last)
        return carried_over(
            most=allowance.carry_over,
            cap=allowance.daily_images,
            left=left,
            days_between=days_between(last.charged_at, today.start, self.operator.zone),
        )
