"""Reporting a picture: one case for each picture, one report for each person and picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.audit import PICTURE_HIDDEN, AuditEntry, entry_id
from bot.domain.cases import HOUR_MS, TEXT_LIMIT, Case, CaseState, Reason, Report
from bot.domain.images import Image, Withheld
from bot.domain.notices import Notice, NoticeKind
from bot.domain.server_settings import ServerSettings
from bot.errors import Gone, NotAllowed, TooManyReports
from bot.studio.authority import server_of
from bot.studio.consequences import check_banned
from bot.studio.pictures import Person, Pictures, Shown
from bot.studio.ports import Clock
from bot.studio.store_ports import Store, Transaction

BY_REPORTS = 0  # who hid a picture where its reports did


@dataclass(frozen=True, slots=True)
class Filed:
    """What came of a report."""

    number: int  # of the case
    hidden: bool  # whether the picture is hidden now


class Reports:
    """Takes reports. Who reported what is for moderators alone."""

    def __init__(
        self,
        *,
        store: Store,
        pictures: Pictures,
        clock: Clock,
        new_id: Callable[[], str],
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._pictures = pictures
        self._clock = clock
        self._new_id = new_id
        self._wake = wake

    async def check(self, shown: Shown, person: Person) -> Shown:
        """Return those of some pictures that this person may report; raise the Refusal where none is."""
        guild_id = server_of(person)
        async with self._store.reading() as tx:
            await check_banned(tx, guild_id, person.id, self._clock.now())
        images = tuple(image for image in shown.images if _refused(image, person) is None)
        if not images:
            raise NotAllowed(_refused(shown.images[0], person) or "report_here")
        return Shown(shown.job, images, shown.delivery)

    async def file(
        self, image_id: str, person: Person, reason: Reason, text: str, *, wants_outcome: bool
    ) -> Filed:
        """Take a report. Raises Gone, NotAllowed (own picture, no server, reported before), Banned or
        TooManyReports; nothing is written then."""
        guild_id = server_of(person)
        shown = await self._pictures.of_image(image_id, person, hidden=True)
        await self.check(shown, person)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            # A person's reports are counted one by one, a server's cases are numbered one by one.
            await tx.lock_member(person.id)
            await tx.lock_member(guild_id)
            image = await tx.images.get(image_id)
            if image is None or not (image.available or image.hidden):
                raise Gone(image_id)
            settings = (await tx.settings.of_server(guild_id)).settings
            await _check_rate(tx, person, settings, now)
            case = await self._case_of(tx, image, guild_id, reason, now)
            report = Report(case.id, person.id, reason, text[:TEXT_LIMIT], wants_outcome, now)
            if not await tx.cases.add_report(report):
                raise NotAllowed("report_again")
            filed = await self._join(tx, case, image, reason, settings, now)
        self._wake()
        return filed

    async def _case_of(self, tx: Transaction, image: Image, guild_id: int, reason: Reason, now: int) -> Case:
        known = await tx.cases.of_image(image.id)
        if known is not None:
            return known
        case = Case(
            id=self._new_id(),
            guild_id=guild_id,
            number=await tx.cases.last_number(guild_id) + 1,
            image_id=image.id,
            member_id=image.owner_id,
            reason=reason,
            opened_at=now,
            updated_at=now,
        )
        while await tx.cases.get(case.id) is not None:
            case = case.evolve(id=self._new_id())
        await tx.cases.insert(case)
        return case

    async def _join(
        self, tx: Transaction, case: Case, image: Image, reason: Reason, settings: ServerSettings, now: int
    ) -> Filed:
        joined = case.joined(reason, now=now)
        if joined.reopens(case.reason, settings.report_threshold):
            joined = joined.reopened(now)
        await tx.cases.save(joined, expected=case.turn)
        wanted = joined.hidden_by_reports and joined.hides(settings.report_threshold)
        hides = wanted and not image.hidden
        if joined.state is CaseState.OPEN:
            await tx.notices.put(Notice(NoticeKind.CARD, joined.id, now))
        if hides:
            await tx.images.withhold(image.id, Withheld.HIDDEN)
            await tx.notices.put(Notice(NoticeKind.PICTURE, image.id, now))
            await tx.audit.append(
                AuditEntry(
                    id=entry_id(now, self._new_id()),
                    guild_id=joined.guild_id,
                    actor_id=BY_REPORTS,
                    at=now,
                    action=PICTURE_HIDDEN,
                    target=f"#{joined.number}",
                    data={"image": image.id, "reason": joined.reason.value, "reports": joined.reports},
                )
            )
        return Filed(joined.number, hides or image.hidden)


def _refused(image: Image, person: Person) -> str | None:
    """Return why somebody cannot report a picture that they see; None where they can."""
    if image.owner_id == person.id:
        return "report_own"
    return None if image.guild_id == person.guild_id else "report_here"


async def _check_rate(tx: Transaction, person: Person, settings: ServerSettings, now: int) -> None:
    times = await tx.cases.report_times(person.id, now - HOUR_MS)
    limit = settings.reports_an_hour
    if len(times) >= limit:
        raise TooManyReports(limit=limit, next_at=times[-limit] + HOUR_MS)
