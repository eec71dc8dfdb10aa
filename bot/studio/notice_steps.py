"""Bringing about what a decision means in Discord. Every step is safe to repeat."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.domain.cases import Reason
from bot.domain.notices import Notice, NoticeKind
from bot.errors import DeliveryError, Gone
from bot.studio.authority import Authority
from bot.studio.cases import Cases
from bot.studio.deliver import Deliverer
from bot.studio.moderation_ports import (
    AppealFile,
    DeskMessages,
    OutcomeTold,
    SanctionTold,
    SimilarPictures,
)
from bot.studio.ports import Clock
from bot.studio.store_ports import Store
from bot.studio.withholding import withhold_twins

LISTED = 10  # cases in a reminder


class NoticeSteps:
    """Does what notices ask for; raises DeliveryError where Discord does not let us."""

    def __init__(
        self,
        *,
        store: Store,
        deliverer: Deliverer,
        cases: Cases,
        messages: DeskMessages,
        authority: Authority,
        clock: Clock,
        similar: SimilarPictures | None,
    ) -> None:
        self._store = store
        self._deliverer = deliverer
        self._cases = cases
        self._messages = messages
        self._authority = authority
        self._clock = clock
        self._similar = similar
        self._ways: Mapping[NoticeKind, Callable[[Notice], Awaitable[None]]] = {
            NoticeKind.PICTURE: self._picture,
            NoticeKind.ANSWER: self._answer,
            NoticeKind.CARD: self._card,
            NoticeKind.OUTCOME: self._outcome,
            NoticeKind.MEMBER: self._member,
            NoticeKind.CANCELLED: self._cancelled,
            NoticeKind.APPEAL: self._appeal,
            NoticeKind.BLOCK: self._block,
            NoticeKind.REMINDER: self._reminder,
            NoticeKind.TROUBLE: self._trouble,
        }

    async def bring_about(self, notice: Notice) -> None:
        """Do what a notice asks for."""
        await self._ways[notice.kind](notice)

    async def _picture(self, notice: Notice) -> None:
        # On a database of several processes the same picture may have come while it was decided.
        await self._store.write(lambda tx: withhold_twins(tx, notice.subject, self._clock.now()))
        await self._deliverer.agree(notice.subject)

    async def _answer(self, notice: Notice) -> None:
        await self._deliverer.agree_all(notice.subject)

    async def _cancelled(self, notice: Notice) -> None:
        await self._deliverer.deliver(notice.subject)

    async def _card(self, notice: Notice) -> None:
        async with self._store.reading() as tx:
            case = await tx.cases.get(notice.subject)
            if case is None:
                raise Gone(notice.subject)
            desk = (await tx.settings.of_server(case.guild_id)).settings.desk_channel
            file = await self._cases.load(tx, case)
        if desk is None:
            return
        there = case.message_id if case.channel_id == desk else None
        picture = await self._cases.picture(file)
        async with self._telling_trouble(case.guild_id, desk):
            message_id = await self._messages.put_card(desk, there, file, picture)
        if message_id != there:
            async with self._store.transaction() as tx:
                await tx.cases.set_card(case.id, desk, message_id)
                await tx.notices.forget(NoticeKind.TROUBLE, _trouble_at(case.guild_id, desk))

    async def _outcome(self, notice: Notice) -> None:
        await self._messages.tell(OutcomeTold(**notice.data), f"{notice.kind}{notice.subject}")

    async def _member(self, notice: Notice) -> None:
        values: dict[str, Any] = dict(notice.data)
        if "case_reason" in values:
            values["case_reason"] = Reason(values["case_reason"])
        values.setdefault("guild_id", 0)
        await self._messages.tell(SanctionTold(**values), f"{notice.kind}{notice.subject}")

    async def _appeal(self, notice: Notice) -> None:
        async with self._store.reading() as tx:
            ban = await tx.members.ban(notice.subject)
            if ban is None:
                raise Gone(notice.subject)
            settings = (await tx.settings.of_server(ban.guild_id)).settings
            strikes = await tx.members.strikes_of(ban.guild_id, ban.member_id)
            bans = await tx.members.bans_of(ban.guild_id, ban.member_id)
        counting = sum(strike.counts(self._clock.now()) for strike in strikes)
        file = AppealFile(ban, counting, len(bans) - 1)
        if ban.everywhere:
            await self._appeal_to_operators(file)
        elif settings.desk_channel is not None:
            async with self._telling_trouble(ban.guild_id, settings.desk_channel):
                await self._messages.put_appeal(settings.desk_channel, None, file)

    async def _appeal_to_operators(self, file: AppealFile) -> None:
        """Tell all of them; it is enough where one can be told."""
        operators, failures = sorted(self._authority.operators), list[DeliveryError]()
        for operator in operators:
            try:
                await self._messages.put_appeal(None, operator, file)
            except DeliveryError as error:
                failures.append(error)
        if failures and len(failures) == len(operators):
            raise failures[-1]

    async def _block(self, notice: Notice) -> None:
        async with self._store.reading() as tx:
            image = await tx.images.get(notice.subject)
            case = await tx.cases.of_image(notice.subject)
        if image is None or self._similar is None or case is None or not case.blocked:
            raise Gone(notice.subject)  # or restored meanwhile
        reason, by = str(notice.data["case"]), int(notice.data["by"])
        await self._similar.add(image, int(notice.data["guild"]), reason=reason, by=by)

    async def _reminder(self, notice: Notice) -> None:
        guild_id, before = int(notice.subject), int(notice.data["before"])
        async with self._store.reading() as tx:
            desk = (await tx.settings.of_server(guild_id)).settings.desk_channel
            overdue = await tx.cases.overdue(guild_id, before, 1000)
        if desk is None or not overdue:
            return
        key = f"{notice.kind}{guild_id}:{before}"
        async with self._telling_trouble(guild_id, desk):
            await self._messages.remind(desk, overdue[:LISTED], max(0, len(overdue) - LISTED), key)

    async def _trouble(self, notice: Notice) -> None:
        guild_id, channel_id = int(notice.data["server"]), int(notice.data["channel"])
        async with self._store.reading() as tx:
            state = await tx.settings.of_server(guild_id)
        if state.settings.desk_channel == channel_id:
            await self._messages.tell_trouble(guild_id, state.updated_by, channel_id)

    @asynccontextmanager
    async def _telling_trouble(self, guild_id: int, desk: int) -> AsyncIterator[None]:
        """Have those told who can change it, where the desk's channel does not work."""
        try:
            yield
        except DeliveryError as error:
            if not error.passing:
                await self._report_trouble(guild_id, desk)
            raise

    async def _report_trouble(self, guild_id: int, channel_id: int) -> None:
        """Have it told that the desk does not work, once until it works again."""
        subject, now = _trouble_at(guild_id, channel_id), self._clock.now()
        async with self._store.transaction() as tx:
            if not await tx.notices.known(NoticeKind.TROUBLE, subject):
                data = {"server": guild_id, "channel": channel_id}
                await tx.notices.put(Notice(NoticeKind.TROUBLE, subject, now, data))


def _trouble_at(guild_id: int, channel_id: int) -> str:
    return f"{guild_id}:{channel_id}"
