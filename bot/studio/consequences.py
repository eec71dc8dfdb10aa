"""What bans, strikes and removals keep people from, asked wherever something is made or shared."""

from __future__ import annotations

from datetime import tzinfo

from bot.domain.caps import Cap, Period, day_of
from bot.domain.consequences import EVERYWHERE, Restriction, restriction
from bot.errors import Banned, CapRule, CoolingDown, NotAllowed
from bot.studio.gates import Asked
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.store_ports import Store, Transaction


async def check_banned(tx: Transaction, guild_id: int | None, member_id: int, now: int) -> None:
    """Raise Banned where a ban holds for a member, everywhere or in this server."""
    holding = await tx.members.holding(guild_id or EVERYWHERE, member_id, now)
    if holding:
        # The one that lasts longest says when it is over; that everywhere comes first among equals.
        ban = max(holding, key=lambda item: (item.until is None, item.until or 0, item.everywhere))
        raise Banned(
            reason=ban.reason,
            until=ban.until,
            everywhere=ban.everywhere,
            may_appeal=any(item.appealed_at is None for item in holding),
        )


async def restriction_of(tx: Transaction, guild_id: int, member_id: int, now: int) -> Restriction:
    """Return what a member's strikes lead to in a server now."""
    strikes = await tx.members.strikes_of(guild_id, member_id)
    if not strikes:
        return Restriction()
    rules = (await tx.settings.of_server(guild_id)).settings.strike_rules
    return restriction(strikes, rules, now)


async def images_of_day(tx: Transaction, member_id: int, day: Period) -> int:
    """Return what counts against a cap that strikes lead to: everything, what was granted or reset too."""
    return await tx.ledger.images_used(member_id, since=day.start, until=day.end)


class Consequences:
    """A gate: bans, and what strikes lead to."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    async def check(self, tx: Transaction, asked: Asked) -> None:
        origin = asked.origin
        await check_banned(tx, origin.guild_id, origin.member_id, asked.now)
        if origin.guild_id is None:
            return
        found = await restriction_of(tx, origin.guild_id, origin.member_id, asked.now)
        if found.cooldown_until is not None:
            raise CoolingDown(found.cooldown_until, found.strikes)
        if found.cap is not None:
            today = day_of(asked.now, self._zone)
            used = await images_of_day(tx, origin.member_id, today)
            Cap(found.cap, today, CapRule.STRIKES, found.cap_until).check(used, asked.images)


class NothingWithheld:
    """A gate: pictures that are withheld are not sent to a model again, under whatever name they come."""

    async def check(self, tx: Transaction, asked: Asked) -> None:
        for reference in asked.request.references:
            if await tx.images.is_withheld(reference.sha256):
                raise NotAllowed("withheld")


class BanCheck:
    """Asks about bans where something is made or shared without a request."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def check(self, person: Person) -> None:
        """Raise Banned where this person may make and share nothing here."""
        async with self._store.reading() as tx:
            await check_banned(tx, person.guild_id, person.id, self._clock.now())
