"""What the managers of a server allow in it: looked up and changed, each change with who made it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.audit import LIMITS_CHANGED, TIER_GIVEN, TIER_TAKEN, AuditEntry, entry_id
from bot.domain.caps import Period, Use, month_of
from bot.domain.catalogue import Catalogue
from bot.domain.grants import MAX_DAYS
from bot.domain.kept import number
from bot.domain.ledger import Account
from bot.domain.operator_limits import OperatorLimits
from bot.domain.server_limits import LimitsState, Membership, ServerLimits
from bot.domain.tiers import EVERYONE, Tier, named, tier_name, together
from bot.errors import ChangedMeanwhile, InvalidRequest, Problem, StaleState
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.settings import managed_server
from bot.studio.store_ports import Store, Transaction

DAY = 86_400_000  # milliseconds
MOST_MEMBERSHIPS = 50  # that are shown


@dataclass(frozen=True, slots=True)
class Overview:
    """What holds in a server: what its managers see before they change something."""

    state: LimitsState
    tiers: tuple[Tier, ...]  # the operator's and the server's own, `everyone` first
    memberships: tuple[Membership, ...]
    operator: OperatorLimits
    month: Period
    used: Use  # by the server in this month

    def tier(self, name: str) -> Tier:
        """Return the tier of that name; raise InvalidRequest where there is none."""
        tier = named(self.tiers, name)
        if tier is None:
            raise InvalidRequest(Problem.TIER_UNKNOWN, tier=name, allowed=[tier.name for tier in self.tiers])
        return tier


class LimitsService:
    """Limits of servers. Every change says which version its maker saw, and is in the audit."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        operator: OperatorLimits,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self.operator = operator
        self._clock = clock
        self._new_id = new_id

    async def overview(self, person: Person) -> Overview:
        """Return what holds in the server that a manager is in; raise NotAllowed for anybody else."""
        guild_id = managed_server(person)
        async with self._store.reading() as tx:
            return await self._overview(tx, guild_id)

    async def change(self, person: Person, version: int, **changes: object) -> Overview:
        """Change some limits of the server that a manager is in, and return what holds now.

        Raises NotAllowed, InvalidRequest, or ChangedMeanwhile where what holds is not `version` any more.
        """
        managed_server(person)
        if "models" in changes:
            changes["models"] = self._models(changes["models"])
        return await self._save(person, version, lambda limits, tiers: limits.change(**changes))

    async def change_tier(self, person: Person, version: int, name: str, **changes: object) -> Overview:
        """Change a tier; one of the operator's becomes the server's own with that."""
        managed_server(person)
        if "models" in changes:
            changes["models"] = self._models(changes["models"])
        if changes.get("fallback"):
            (changes["fallback"],) = self._models(changes["fallback"])

        def changed(limits: ServerLimits, tiers: Sequence[Tier]) -> ServerLimits:
            tier = named(tiers, name)
            if tier is None:
                raise InvalidRequest(Problem.TIER_UNKNOWN, tier=name, allowed=[tier.name for tier in tiers])
            return limits.with_tier(tier.change(**changes))

        return await self._save(person, version, changed)

    async def add_tier(self, person: Person, version: int, name: str) -> Overview:
        """Make a tier that says nothing yet."""
        managed_server(person)
        name = tier_name(name)

        def added(limits: ServerLimits, tiers: Sequence[Tier]) -> ServerLimits:
            if named(tiers, name) is not None:
                raise InvalidRequest(Problem.NAME_IN_USE, what="tier", name=name)
            return limits.with_tier(Tier(name))

        return await self._save(person, version, added)

    async def remove_tier(self, person: Person, version: int, name: str) -> Overview:
        """Remove what a server has set about a tier. One of the operator's is as the operator set it then."""
        return await self._save(person, version, lambda limits, tiers: limits.without_tier(name))

    async def give_tier(self, person: Person, member_id: int, name: str, days: object) -> Overview:
        """Give a member a tier for some days from now."""
        guild_id, until_days = managed_server(person), number("days", 1, MAX_DAYS)(days)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            tier = (await self._overview(tx, guild_id)).tier(name)
            if tier.name == EVERYONE:
                raise InvalidRequest(Problem.TIER_UNKNOWN, tier=name, allowed=[])
            given = Membership(guild_id, member_id, tier.name, now, now + until_days * DAY, person.id)
            await tx.limits.give_tier(given)
            data = {"tier": tier.name, "days": until_days}
            await tx.audit.append(self._entry(person, now, TIER_GIVEN, str(member_id), data))
            return await self._overview(tx, guild_id)

    async def take_tier(self, person: Person, member_id: int, name: str) -> Overview:
        """Let a member's tier end now; what has ended already stays so."""
        guild_id, now = managed_server(person), self._clock.now()
        async with self._store.transaction() as tx:
            if await tx.limits.take_tier(guild_id, member_id, name, now=now):
                entry = self._entry(person, now, TIER_TAKEN, str(member_id), {"tier": name})
                await tx.audit.append(entry)
            return await self._overview(tx, guild_id)

    # --- within -------------------------------------------------------------------------------------------

    async def _save(
        self,
        person: Person,
        version: int,
        changed: Callable[[ServerLimits, Sequence[Tier]], ServerLimits],
    ) -> Overview:
        guild_id, now = managed_server(person), self._clock.now()
        try:
            async with self._store.transaction() as tx:
                seen = await tx.limits.of_server(guild_id)
                if seen.version != version:
                    raise ChangedMeanwhile("limits")
                limits = changed(seen.limits, together(self.operator.tiers, seen.limits.tiers))
                if limits != seen.limits:
                    state = LimitsState(guild_id, limits, version + 1, now, person.id)
                    await tx.limits.save_server(state)
                    data = _difference(seen.limits, limits)
                    entry = self._entry(person, now, LIMITS_CHANGED, ", ".join(data), data)
                    await tx.audit.append(entry)
                return await self._overview(tx, guild_id)
        except StaleState as exc:
            raise ChangedMeanwhile("limits") from exc

    async def _overview(self, tx: Transaction, guild_id: int) -> Overview:
        state = await tx.limits.of_server(guild_id)
        now = self._clock.now()
        month = month_of(now, self.operator.zone)
        return Overview(
            state,
            together(self.operator.tiers, state.limits.tiers),
            tuple(await tx.limits.memberships(guild_id, now=now, limit=MOST_MEMBERSHIPS)),
            self.operator,
            month,
            await tx.ledger.use_of(Account.SERVER, guild_id, since=month.start, until=month.end),
        )

    def _models(self, names: object) -> list[str]:
        wanted = names if isinstance(names, list | tuple) else [names]
        return [self._catalogue.resolve(str(name)).model.id for name in wanted]

    def _entry(self, person: Person, now: int, action: str, target: str, data: dict[str, Any]) -> AuditEntry:
        return AuditEntry(
            entry_id(now, self._new_id()), person.guild_id, person.id, now, action, target, data
        )


def _difference(old: ServerLimits, new: ServerLimits) -> dict[str, Any]:
    """What changed: before and after, each tier by itself as ``tier NAME``."""
    before, after = _flat(old), _flat(new)
    names = dict.fromkeys((*before, *after))
    return {
        name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)
    }


def _flat(limits: ServerLimits) -> dict[str, Any]:
    data = limits.to_json()
    tiers = {f"tier {tier['name']}": tier for tier in data.pop("tiers")}
    return {**data, **tiers}
