"""The cases of a server: the queue, a case with all that belongs to it, and deciding about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from bot.domain.audit import CASE_CLAIMED, CASE_DECIDED, PICTURE_UNBLOCKED
from bot.domain.cases import PUNISHING, REASON_LIMIT, REMOVING, SPARING, Action, Case, CaseState
from bot.domain.images import FittedFile, Withheld
from bot.domain.notices import Notice, NoticeKind
from bot.domain.records import DAY_MS, QUEUE_PAGE, CaseFile, MemberRecord, QueueFilter, QueuePage
from bot.domain.roles import Act, Role, may_punish, may_spare_themselves
from bot.errors import ChangedMeanwhile, Gone, InvalidRequest, NotAllowed, Problem, StaleState
from bot.studio.authority import Authority, server_of
from bot.studio.evidence import as_made
from bot.studio.moderation_ports import SanctionTold
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.sanctions import Acts, give_ban, give_strike
from bot.studio.small_pictures import SmallPictures
from bot.studio.store_ports import Store, Transaction
from bot.studio.withholding import withhold

CARD_BYTES = 4 * 2**20  # of the picture on a card
FURTHEST_PARENT = 5
MOST_CHILDREN = 5
MOST_TWINS = 20  # whose messages a card tells of


@dataclass(frozen=True, slots=True)
class Terms:
    """What a moderator says beside a decision. `length` is that of a ban, in milliseconds; None: for good.

    `target` is what the picture's maker is in this server, which Discord knows.
    """

    reason: str = ""
    length: int | None = None
    target: Role = Role.MEMBER


class Cases:
    """What moderators do with cases. Every method checks the person, and that the case is their server's."""

    def __init__(
        self,
        *,
        store: Store,
        small_pictures: SmallPictures,
        authority: Authority,
        clock: Clock,
        new_id: Callable[[], str],
        wake: Callable[[], None],
        blocks_similar: bool,
    ) -> None:
        self._store = store
        self._small_pictures = small_pictures
        self._authority = authority
        self._clock = clock
        self._new_id = new_id
        self._wake = wake
        self._blocks_similar = blocks_similar

    # --- looking ------------------------------------------------------------------------------------------

    async def queue(self, person: Person, wanted: QueueFilter, page: int = 0) -> QueuePage:
        """Return a page of the server's cases; one that there is not is the last one."""
        guild_id = await self._moderated(person)
        async with self._store.reading() as tx:
            total = await tx.cases.count(guild_id, wanted)
            page = max(0, min(page, -(-total // QUEUE_PAGE) - 1))
            found = await tx.cases.listed(guild_id, wanted, page * QUEUE_PAGE, QUEUE_PAGE)
            appeals = await tx.members.waiting_appeals(guild_id, self._clock.now())
        return QueuePage(wanted, tuple(found), page, total, tuple(appeals))

    async def suggestions(self, person: Person, typed: str, limit: int) -> list[Case]:
        """Return the cases that somebody may mean by what they typed: open ones first, then the newest."""
        guild_id = await self._moderated(person)
        async with self._store.reading() as tx:
            waiting = await tx.cases.listed(guild_id, QueueFilter(), 0, 100)
            found = {case.id: case for case in (*waiting, *await tx.cases.latest(guild_id, 100))}
        wanted = typed.strip().lstrip("#")
        return [case for case in found.values() if str(case.number).startswith(wanted)][:limit]

    async def numbered(self, person: Person, typed: str) -> CaseFile:
        """Return the case that somebody typed the number of; InvalidRequest where it is none here."""
        guild_id = await self._moderated(person)
        number = typed.strip().lstrip("#")
        async with self._store.reading() as tx:
            case = None
            if number.isascii() and number.isdigit() and len(number) < 10:
                case = await tx.cases.by_number(guild_id, int(number))
            if case is None:
                raise InvalidRequest(Problem.CASE_UNKNOWN, case=typed)
            return await self.load(tx, case)

    async def file(self, person: Person, case_id: str) -> CaseFile:
        """Return a case; Gone where it is none of this server's."""
        guild_id = await self._moderated(person)
        async with self._store.reading() as tx:
            return await self.load(tx, await _of_server(tx, case_id, guild_id))

    async def load(self, tx: Transaction, case: Case) -> CaseFile:
        """Return a case with all that belongs to it."""
        image = await tx.images.get(case.image_id)
        job = await tx.jobs.get(image.job_id) if image else None
        if image is None or job is None:
            raise Gone(case.image_id)
        job, answers = await as_made(tx, job)
        parents: list[str] = []
        at = image.parent
        while at is not None and at not in parents and len(parents) < FURTHEST_PARENT:
            parents.append(at)
            parent = await tx.images.get(at)
            at = parent.parent if parent else None
        children = await tx.gallery.children(image.id, MOST_CHILDREN)
        conversation_id = job.request.conversation
        conversation = await tx.conversations.get(conversation_id) if conversation_id else None
        twins = await tx.images.twins(image.id)
        troubles = list(await tx.notices.failures(NoticeKind.CARD, case.id))
        for same in (image, *twins[:MOST_TWINS]):
            troubles += await tx.notices.failures(NoticeKind.PICTURE, same.id)
        return CaseFile(
            case=case,
            image=image,
            job=job,
            reports=await tx.cases.reports_of(case.id),
            record=await record_of(tx, case.guild_id, case.member_id, self._clock.now()),
            answer=answers.get(image.position),
            parents=tuple(parents),
            children=tuple(found.image.id for found in children if not found.image.private),
            thread_id=conversation.place_id if conversation else None,
            troubles=tuple(troubles),
            may_block=self._blocks_similar and case.allows(Action.BLOCK),
            twins=sum(twin.deleted_at is None for twin in twins),
            same_picture=await tx.cases.of_twins(image.id),
        )

    async def picture(self, file: CaseFile) -> FittedFile | None:
        """Return a case's picture, small enough for a card; None where its file is not there any more."""
        return await self._small_pictures.of(file.image, CARD_BYTES)

    # --- deciding -----------------------------------------------------------------------------------------

    async def act(
        self,
        person: Person,
        case_id: str,
        action: Action,
        seen: int,
        terms: Terms = Terms(),
    ) -> Case:
        """Do something with a case; `seen` is the turn that the moderator looked at.

        Raises NotAllowed, Gone where the case is none of this server's, ChangedMeanwhile where another
        moderator was faster. What has to happen in Discord is written in the same transaction.
        """
        guild_id = server_of(person)
        role = await self._authority.require(person, Act.DECIDE)
        if action in PUNISHING and not may_punish(role, terms.target):
            raise NotAllowed("punish_staff")
        if action is Action.BLOCK and not self._blocks_similar:
            raise NotAllowed("block")
        now = self._clock.now()
        try:
            async with self._store.transaction() as tx:
                await tx.lock_member(guild_id)
                case = await _of_server(tx, case_id, guild_id)
                if case.member_id == person.id:
                    _check_own(action, role)
                if action in PUNISHING and case.member_id in self._authority.operators:
                    raise NotAllowed("punish_staff")  # also where they are no members any more
                changed = case.after(action, by=person.id, now=now, seen=seen)
                await tx.cases.save(changed, expected=case.turn)
                acts = Acts(tx, guild_id, person.id, now, self._new_id)
                await tx.notices.put(Notice(NoticeKind.CARD, case.id, now))
                if action is Action.CLAIM:
                    acts.record(CASE_CLAIMED, f"#{case.number}", before=case.claimed_by)
                else:
                    await _decide(acts, case, changed, terms)
                await acts.write()
        except StaleState as exc:
            raise ChangedMeanwhile("case") from exc
        self._wake()
        return changed

    async def renew_cards(self, guild_id: int) -> None:
        """Put the cards of the open cases, and the appeals that wait, where the desk is now."""
        now = self._clock.now()
        async with self._store.transaction() as tx:
            for case_id in await tx.cases.open_ids(guild_id):
                await tx.notices.put(Notice(NoticeKind.CARD, case_id, now))
            for ban in await tx.members.waiting_appeals(guild_id, now):
                await tx.notices.put(Notice(NoticeKind.APPEAL, ban.id, now))
        self._wake()

    async def _moderated(self, person: Person) -> int:
        guild_id = server_of(person)
        await self._authority.require(person, Act.SEE_CASES)
        return guild_id


async def record_of(tx: Transaction, guild_id: int, member_id: int, now: int) -> MemberRecord:
    """Return what is known about a member in a server."""
    images, recent = await tx.members.images_made(guild_id, member_id, now - DAY_MS)
    return MemberRecord(
        member_id,
        images=images,
        images_day=recent,
        strikes=tuple(await tx.members.strikes_of(guild_id, member_id)),
        bans=tuple(await tx.members.bans_of(guild_id, member_id)),
        notes=tuple(await tx.members.notes_of(guild_id, member_id)),
        cases=await tx.cases.of_member(guild_id, member_id),
        reports_made=await tx.cases.reports_by(guild_id, member_id),
    )


def _check_own(action: Action, role: Role) -> None:
    """Raise NotAllowed where somebody may not do this about their own picture."""
    if action in PUNISHING:
        raise NotAllowed("punish_self")
    if action in SPARING and not may_spare_themselves(role):
        raise NotAllowed("spare_self")


async def _of_server(tx: Transaction, case_id: str, guild_id: int) -> Case:
    case = await tx.cases.get(case_id)
    if case is None or case.guild_id != guild_id:
        raise Gone(case_id)
    return case


async def _decide(acts: Acts, case: Case, changed: Case, terms: Terms) -> None:
    """Carry a decision out: the picture, its maker, those who reported it."""
    tx, action = acts.tx, changed.decision
    image = await tx.images.get(case.image_id)
    reason = terms.reason.strip()[:REASON_LIMIT]
    withheld = Withheld.REMOVED if action in REMOVING else None
    if action is Action.RESTORE and (image is None or image.deleted_at is not None):
        raise Gone(case.image_id)  # its maker has deleted it, or its time as evidence is over
    acts.record(
        CASE_DECIDED,
        f"#{case.number}",
        decision=action,
        reason=reason,
        image=case.image_id,
        before=case.state,
    )
    if image is not None:
        await withhold(tx, image, withheld, acts.now)
    if action is Action.BLOCK:
        data = {"guild": case.guild_id, "by": acts.by, "case": f"#{case.number}"}
        await tx.notices.put(Notice(NoticeKind.BLOCK, case.image_id, acts.now, data))
    if case.blocked and not changed.blocked and image is not None:
        for blocked in await tx.blocked.holding_for(case.guild_id):
            if blocked.guild_id == case.guild_id and blocked.sha256 == image.sha256:
                await tx.blocked.delete(blocked.id, case.guild_id)
                acts.record(PICTURE_UNBLOCKED, blocked.id, sha256=blocked.sha256, case=f"#{case.number}")
    told = await _sanction(acts, case, changed, reason, terms)
    if told is not None:
        await acts.tell(told)
    if changed.state is not case.state:
        # Who was told before hears it again only where it is something else now.
        other = (case.decision in REMOVING) is not (changed.state is CaseState.REMOVED)
        for report in await tx.cases.reports_of(case.id):
            if report.wants_outcome and (other or report.at > (case.decided_at or 0)):
                subject = f"{case.id}:{changed.turn}:{report.reporter_id}"
                data = {
                    "guild_id": case.guild_id,
                    "member_id": report.reporter_id,
                    "image_id": case.image_id,
                    "removed": changed.state is CaseState.REMOVED,
                }
                await tx.notices.put(Notice(NoticeKind.OUTCOME, subject, acts.now, data))


async def _sanction(acts: Acts, case: Case, changed: Case, reason: str, terms: Terms) -> SanctionTold | None:
    """Do what a decision does to the picture's maker; return what they are told."""
    because = reason or case.reason.value
    removed = changed.state is CaseState.REMOVED and case.state is not CaseState.REMOVED
    image_id = case.image_id if removed else None
    if changed.decision is Action.STRIKE:
        told = await give_strike(acts, case.member_id, because, case_id=case.id, image_id=image_id)
        return SanctionTold(**{**asdict(told), "reason": reason, "case_reason": case.reason})
    if changed.decision is Action.BAN:
        until = None if terms.length is None else acts.now + terms.length
        await give_ban(acts, case.member_id, because, until, case_id=case.id)
        told = SanctionTold(case.guild_id, case.member_id, image_id, reason, case.reason)
        return SanctionTold(**{**asdict(told), "banned": True, "banned_until": until})
    if removed:
        return SanctionTold(case.guild_id, case.member_id, image_id, reason, case.reason)
    if changed.decision is Action.RESTORE:
        return SanctionTold(case.guild_id, case.member_id, case.image_id, restored=True)
    return None
