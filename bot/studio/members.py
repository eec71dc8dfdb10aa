"""Members as moderators see them: records, strikes, bans, notes, appeals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.domain.audit import (
    APPEAL_DECLINED,
    APPEAL_MADE,
    BAN_LIFTED,
    NOTE_WRITTEN,
    STRIKE_PARDONED,
)
from bot.domain.cases import APPEAL_LIMIT, REASON_LIMIT
from bot.domain.consequences import EVERYWHERE, Ban, Note, Strike, read_duration
from bot.domain.notices import Notice, NoticeKind
from bot.domain.records import MemberRecord
from bot.domain.roles import Act, Role, may_punish
from bot.errors import ChangedMeanwhile, Gone, InvalidRequest, NotAllowed, Problem, StaleState
from bot.studio.authority import Authority, server_of
from bot.studio.cases import record_of
from bot.studio.moderation_ports import SanctionTold
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.sanctions import Acts, give_ban, give_strike
from bot.studio.store_ports import Store, Transaction


class Members:
    """What moderators do about members, and what a banned member can do."""

    def __init__(
        self,
        *,
        store: Store,
        authority: Authority,
        clock: Clock,
        new_id: Callable[[], str],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock
        self._new_id = new_id
        self._wake = wake

    async def record(self, person: Person, member_id: int) -> MemberRecord:
        """Return what is known about a member in the moderator's server."""
        guild_id = server_of(person)
        await self._authority.require(person, Act.SEE_CASES)
        async with self._store.reading() as tx:
            return await record_of(tx, guild_id, member_id, self._clock.now())

    async def ban(
        self,
        person: Person,
        member_id: int,
        length: int | None,
        reason: str,
        *,
        target: Role,
        everywhere: bool = False,
    ) -> Ban:
        """Ban a member for so many milliseconds, or (None) for good; everywhere, for operators."""
        await self._check_target(person, member_id, target, everywhere=everywhere)
        now = self._clock.now()
        until = None if length is None else now + length
        where = EVERYWHERE if everywhere else server_of(person)
        try:
            async with self._store.transaction() as tx:
                await tx.lock_member(member_id)
                acts = self._acts(tx, person, now)
                ban = await give_ban(acts, member_id, reason[:REASON_LIMIT], until, guild_id=where)
                told = SanctionTold(where, member_id, reason=reason, banned=True, banned_until=until)
                await acts.tell(told)
                await acts.write()
        except StaleState as exc:  # a decision about a case bans the same member
            raise ChangedMeanwhile("ban") from exc
        self._wake()
        return ban

    async def unban(self, person: Person, member_id: int, *, everywhere: bool = False) -> Ban:
        """Lift the ban that holds for a member; raise NotAllowed where none does."""
        role = await self._authority.require(person, Act.BAN_EVERYWHERE if everywhere else Act.PUNISH)
        _check_own(person, member_id, role)
        guild_id = EVERYWHERE if everywhere else server_of(person)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await tx.lock_member(member_id)
            ban = await self._lift(tx, person, guild_id, member_id, now)
        self._wake()
        return ban

    async def strike(self, person: Person, member_id: int, reason: str, *, target: Role) -> SanctionTold:
        """Give a member a strike; return what the member is told."""
        await self._check_target(person, member_id, target)
        async with self._store.transaction() as tx:
            await tx.lock_member(member_id)
            acts = self._acts(tx, person, self._clock.now())
            told = await give_strike(acts, member_id, reason[:REASON_LIMIT])
            await acts.tell(told)
            await acts.write()
        self._wake()
        return told

    async def pardon(self, person: Person, strike_id: str) -> Strike:
        """Let a strike count no more; raise Gone where this server has none of that id that does."""
        guild_id = server_of(person)
        role = await self._authority.require(person, Act.PUNISH)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            strike = await tx.members.pardon(guild_id, strike_id.strip().casefold(), now=now, by=person.id)
            if strike is None:
                raise NotAllowed("no_strike")
            _check_own(person, strike.member_id, role)
            acts = self._acts(tx, person, now)
            acts.record(STRIKE_PARDONED, str(strike.member_id), strike=strike.id)
            await acts.write()
        return strike

    async def counting_strikes(self, person: Person, member_id: int) -> Sequence[Strike]:
        """Return the strikes of a member that count, for somebody who wants to pardon one."""
        record = await self.record(person, member_id)
        return [strike for strike in record.strikes if strike.counts(self._clock.now())]

    async def note(self, person: Person, member_id: int, text: str) -> Note:
        """Write down something about a member."""
        guild_id = server_of(person)
        await self._authority.require(person, Act.PUNISH)
        now = self._clock.now()
        note = Note(self._new_id(), guild_id, member_id, now, person.id, text)
        async with self._store.transaction() as tx:
            await tx.members.add_note(note)
            acts = self._acts(tx, person, now)
            acts.record(NOTE_WRITTEN, str(member_id), note=note.id)
            await acts.write()
        return note

    # --- appeals ------------------------------------------------------------------------------------------

    async def appealable(self, person: Person) -> Ban:
        """Return the ban that somebody may ask about; raise NotAllowed where there is none, or they did."""
        async with self._store.reading() as tx:
            return await self._appealable(tx, person, self._clock.now())

    async def appeal(self, person: Person, text: str) -> Ban:
        """Ask for another look at a ban, once for each."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await tx.lock_member(person.id)
            ban = await self._appealable(tx, person, now)
            if not await tx.members.appeal(ban.id, text[:APPEAL_LIMIT], now=now):
                raise NotAllowed("appeal_again")
            await tx.notices.put(Notice(NoticeKind.APPEAL, ban.id, now))
            acts = Acts(tx, ban.guild_id, person.id, now, self._new_id)
            acts.record(APPEAL_MADE, str(person.id), ban=ban.id)
            await acts.write()
        self._wake()
        return ban

    async def answer_appeal(self, person: Person, ban_id: str, *, lift: bool) -> Ban:
        """Lift a ban that was appealed against, or leave it; ChangedMeanwhile where that was done before."""
        async with self._store.reading() as tx:
            ban = await tx.members.ban(ban_id)
        if ban is None or not (ban.everywhere or ban.guild_id == person.guild_id):
            raise Gone(ban_id)
        role = await self._authority.require(person, Act.BAN_EVERYWHERE if ban.everywhere else Act.DECIDE)
        _check_own(person, ban.member_id, role)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            await tx.lock_member(ban.member_id)
            if not await tx.members.answer_appeal(ban_id, now=now, by=person.id):
                raise ChangedMeanwhile("appeal")
            if lift:
                await self._lift(tx, person, ban.guild_id, ban.member_id, now)
            else:
                acts = Acts(tx, ban.guild_id, person.id, now, self._new_id)
                acts.record(APPEAL_DECLINED, str(ban.member_id), ban=ban.id)
                await acts.tell(SanctionTold(ban.guild_id, ban.member_id, declined=True))
                await acts.write()
        self._wake()
        return ban

    async def _appealable(self, tx: Transaction, person: Person, now: int) -> Ban:
        holding = await tx.members.holding(person.guild_id or EVERYWHERE, person.id, now)
        if not holding:
            raise NotAllowed("appeal_none")
        for ban in holding:
            if ban.appealed_at is None:
                return ban
        raise NotAllowed("appeal_again")

    # --- helpers ------------------------------------------------------------------------------------------

    def _acts(self, tx: Transaction, person: Person, now: int) -> Acts:
        return Acts(tx, person.guild_id or EVERYWHERE, person.id, now, self._new_id)

    async def _check_target(
        self, person: Person, member_id: int, target: Role, *, everywhere: bool = False
    ) -> None:
        if not everywhere:
            server_of(person)
        role = await self._authority.require(person, Act.BAN_EVERYWHERE if everywhere else Act.PUNISH)
        if member_id == person.id:
            raise NotAllowed("punish_self")
        if not may_punish(role, target) or member_id in self._authority.operators:
            raise NotAllowed("punish_staff")

    async def _lift(self, tx: Transaction, person: Person, guild_id: int, member_id: int, now: int) -> Ban:
        lifted = await tx.members.lift_bans(guild_id, member_id, now=now, by=person.id)
        held = [ban for ban in lifted if ban.until is None or now < ban.until]
        if not held:
            raise NotAllowed("no_ban")
        acts = self._acts(tx, person, now)
        acts.record(BAN_LIFTED, str(member_id), ban=held[0].id)
        await acts.tell(SanctionTold(guild_id, member_id, lifted=True))
        await acts.write()
        return held[0]


def checked_length(text: str) -> int | None:
    """Return how long a ban lasts, in milliseconds, as somebody wrote it; None is for good."""
    length = read_duration(text)
    if length is False:
        raise InvalidRequest(Problem.DURATION_UNREADABLE, text=text)
    return length


def _check_own(person: Person, member_id: int, role: Role) -> None:
    """Raise NotAllowed where somebody would lift what holds for themselves. Operators own the data anyway."""
    if member_id == person.id and role is not Role.OPERATOR:
        raise NotAllowed("spare_self")
