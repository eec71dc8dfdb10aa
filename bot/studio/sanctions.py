"""Strikes and bans, written within somebody else's transaction: by the desk, or by /mod."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.domain.audit import BAN_GIVEN, STRIKE_GIVEN, AuditEntry, entry_id
from bot.domain.consequences import BY_RULE, DAY_MS, Ban, Strike, ban_due, restriction
from bot.domain.deliveries import DeliveryState
from bot.domain.notices import Notice, NoticeKind
from bot.errors import StaleState
from bot.studio.moderation_ports import SanctionTold
from bot.studio.store_ports import Transaction
from bot.studio.taking_back import take_back


@dataclass
class Acts:
    """What moderators do within one transaction. The audit is written at its end: see `write`."""

    tx: Transaction
    guild_id: int
    by: int
    now: int
    new_id: Callable[[], str]
    entries: list[AuditEntry] = field(default_factory=list)

    def record(self, action: str, target: str, **data: Any) -> None:
        """Note what was done, for the audit."""
        entry = AuditEntry(
            id=entry_id(self.now, self.new_id()),
            guild_id=self.guild_id,
            actor_id=self.by,
            at=self.now,
            action=action,
            target=target,
            data=data,
        )
        self.entries.append(entry)

    async def write(self) -> None:
        """Write the audit. The last thing in the transaction: it makes everybody wait who writes there."""
        for entry in self.entries:
            await self.tx.audit.append(entry)

    async def tell(self, told: SanctionTold) -> None:
        """Have a member told by direct message."""
        data = {name: value for name, value in asdict(told).items() if value not in (None, "", False)}
        await self.tx.notices.put(Notice(NoticeKind.MEMBER, self.new_id(), self.now, data))


async def give_strike(
    acts: Acts, member_id: int, reason: str, *, case_id: str | None = None, image_id: str | None = None
) -> SanctionTold:
    """Give a member a strike, with what the server's rules make of it; return what the member is told."""
    tx, now = acts.tx, acts.now
    settings = (await tx.settings.of_server(acts.guild_id)).settings
    expires = now + settings.strike_days * DAY_MS
    strike = Strike(acts.new_id(), acts.guild_id, member_id, now, acts.by, reason, expires, case_id)
    await tx.members.add_strike(strike)
    strikes = await tx.members.strikes_of(acts.guild_id, member_id)
    found = restriction(strikes, settings.strike_rules, now)
    acts.record(STRIKE_GIVEN, str(member_id), strike=strike.id, reason=reason, counting=found.strikes)
    told = SanctionTold(
        acts.guild_id,
        member_id,
        image_id=image_id,
        reason=reason,
        strikes=found.strikes,
        strike_until=expires,
        cap=found.cap,
        cooldown_until=found.cooldown_until,
    )
    rule = ban_due(found.strikes, settings.strike_rules)
    if rule is None:
        return told
    until = now + rule.value * DAY_MS if rule.value else None
    # A ban that lasts longer stays as it is: one strike more is no way to a shorter one.
    held = [ban for ban in await tx.members.holding(acts.guild_id, member_id, now) if not ban.everywhere]
    longer = [ban.until for ban in held if ban.until is None or (until is not None and ban.until >= until)]
    if longer:
        until = longer[0]
    else:
        reason = f"{found.strikes} strike{'s' if found.strikes != 1 else ''}"
        await give_ban(acts, member_id, reason, until, by=BY_RULE, case_id=case_id)
    values = {**asdict(told), "banned": True, "banned_until": until}
    return SanctionTold(**values)


async def give_ban(
    acts: Acts,
    member_id: int,
    reason: str,
    until: int | None,
    *,
    by: int | None = None,
    case_id: str | None = None,
    guild_id: int | None = None,
) -> Ban:
    """Ban a member; a ban that holds is replaced, and may be appealed against anew.

    What waits of theirs is not made any more: who floods a channel has filled the queue before.
    """
    where = acts.guild_id if guild_id is None else guild_id
    actor = acts.by if by is None else by
    await acts.tx.members.lift_bans(where, member_id, now=acts.now, by=actor)
    ban = Ban(acts.new_id(), where, member_id, acts.now, actor, reason, until, case_id)
    await acts.tx.members.add_ban(ban)
    acts.record(BAN_GIVEN, str(member_id), ban=ban.id, reason=reason, until=until, everywhere=ban.everywhere)
    for job in await acts.tx.jobs.waiting_of(member_id, where):
        try:
            await take_back(acts.tx, job, acts.now, delivery=DeliveryState.PENDING)
        except StaleState:
            continue  # a worker was faster
        await acts.tx.notices.put(Notice(NoticeKind.CANCELLED, job.id, acts.now))
    return ban
