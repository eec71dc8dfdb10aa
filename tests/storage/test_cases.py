"""Cases, reports, sanctions and notices, on both databases."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.cases import Action, CaseState, Reason
from bot.domain.images import Sender, Withheld
from bot.domain.notices import Notice, NoticeKind
from bot.domain.records import QueueFilter
from bot.errors import StaleState
from storage import Store
from tests.storage.moderation_samples import DAY, MODERATOR, make_ban, make_case, make_report, make_strike
from tests.storage.samples import MEMBER, NOON, SHA256, make_image, make_job, put
from tests.storage.server_samples import GUILD

HERE = Sender(GUILD, MEMBER)


async def images(store: Store, count: int = 1) -> list[str]:
    found = []
    for number in range(1, count + 1):
        job = make_job(number)
        await put(store, job)
        async with store.transaction() as tx:
            await tx.images.insert(make_image(job.id))
        found.append(f"{job.id}p0")
    return found


async def test_one_case_for_each_image_and_one_report_for_each_person(store: Store) -> None:
    (image,) = await images(store)
    case = make_case(image)
    async with store.transaction() as tx:
        assert await tx.cases.insert(case)
        assert not await tx.cases.insert(make_case(image, 2))
        assert await tx.cases.add_report(make_report(case))
        assert not await tx.cases.add_report(make_report(case, text="again"))
    async with store.reading() as tx:
        assert await tx.cases.of_image(image) == case == await tx.cases.by_number(GUILD, 1)
        assert list(await tx.cases.reports_of(case.id)) == [make_report(case)]
        assert await tx.cases.last_number(GUILD) == 1
        assert await tx.cases.by_number(GUILD + 1, 1) is None


async def test_a_decision_is_saved_by_who_has_seen_the_last_one(store: Store) -> None:
    (image,) = await images(store)
    case = make_case(image)
    async with store.transaction() as tx:
        await tx.cases.insert(case)
    decided = case.after(Action.REMOVE, by=MODERATOR, now=NOON, seen=0)
    async with store.transaction() as tx:
        await tx.cases.save(decided, expected=0)
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.cases.save(case.after(Action.DISMISS, by=1, now=NOON, seen=0), expected=0)
    async with store.reading() as tx:
        assert await tx.cases.get(case.id) == decided


async def test_the_queue_is_gravest_then_oldest_first(store: Store) -> None:
    found = await images(store, 4)
    reasons = [Reason.SPAM, Reason.HATE, Reason.HATE, Reason.MINORS]
    async with store.transaction() as tx:
        for number, (image, reason) in enumerate(zip(found, reasons, strict=True), start=1):
            await tx.cases.insert(make_case(image, number, reason=reason))
        claimed = make_case(found[1], 2, reason=Reason.HATE).after(Action.CLAIM, by=1, now=NOON, seen=0)
        await tx.cases.save(claimed, expected=0)
    async with store.reading() as tx:
        wanted = QueueFilter()
        assert [case.number for case in await tx.cases.listed(GUILD, wanted, 0, 9)] == [4, 2, 3, 1]
        assert [case.number for case in await tx.cases.listed(GUILD, wanted, 1, 2)] == [2, 3]
        assert await tx.cases.count(GUILD, QueueFilter(reason=Reason.HATE)) == 2
        assert await tx.cases.count(GUILD, QueueFilter(unclaimed=True)) == 3
        assert await tx.cases.count(GUILD, QueueFilter(CaseState.REMOVED)) == 0
        assert await tx.cases.count(GUILD + 1, wanted) == 0


async def test_what_is_withheld_is_found_by_its_bytes_and_in_no_gallery(store: Store) -> None:
    (image,) = await images(store)
    async with store.transaction() as tx:
        assert not await tx.images.is_withheld(SHA256, HERE)
        await tx.images.withhold(image, Withheld.REMOVED)
    async with store.reading() as tx:
        assert await tx.images.is_withheld(SHA256, HERE)
        assert not await tx.gallery.like(MEMBER, "", 9)
        kept = await tx.images.get(image)
    assert kept is not None
    assert not kept.available
    async with store.transaction() as tx:
        await tx.images.withhold(image, None)
    async with store.reading() as tx:
        assert [found.image.id for found in await tx.gallery.like(MEMBER, "", 9)] == [image]


async def test_a_ban_holds_until_its_end_and_here_or_everywhere(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.members.add_ban(make_ban(1))
        await tx.members.add_ban(make_ban(2, guild_id=0, until=None))
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.members.add_ban(make_ban(3))
    async with store.reading() as tx:
        assert list(await tx.members.holding(GUILD, MEMBER, NOON)) == [
            make_ban(2, guild_id=0, until=None),
            make_ban(1),
        ]
        assert [ban.id for ban in await tx.members.holding(GUILD, MEMBER, NOON + 8 * DAY)] == ["banbbb2"]
        assert [ban.id for ban in await tx.members.holding(GUILD + 1, MEMBER, NOON)] == ["banbbb2"]
        assert not await tx.members.holding(GUILD, MEMBER + 1, NOON)
    async with store.transaction() as tx:
        (lifted,) = await tx.members.lift_bans(GUILD, MEMBER, now=NOON + 5, by=MODERATOR)
        assert (lifted.id, lifted.lifted_by) == ("banbbb1", MODERATOR)
        await tx.members.add_ban(make_ban(4))
        assert await tx.members.appeal("banbbb4", "please", now=NOON)
        assert not await tx.members.appeal("banbbb4", "please!", now=NOON)
        assert await tx.members.answer_appeal("banbbb4", now=NOON, by=MODERATOR)
        assert not await tx.members.answer_appeal("banbbb4", now=NOON, by=MODERATOR)


async def test_strikes_are_pardoned_in_their_own_server(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.members.add_strike(make_strike())
        assert await tx.members.pardon(GUILD + 1, "strike1", now=NOON, by=1) is None
        pardoned = await tx.members.pardon(GUILD, "strike1", now=NOON, by=1)
        assert await tx.members.pardon(GUILD, "strike1", now=NOON, by=1) is None
    assert pardoned is not None
    assert not pardoned.counts(NOON)
    async with store.reading() as tx:
        assert list(await tx.members.strikes_of(GUILD, MEMBER)) == [pardoned]


# --- notices ----------------------------------------------------------------------------------------------

CARD = Notice(NoticeKind.CARD, "case", NOON, {"a": [1]})


async def test_a_notice_is_taken_by_one_and_comes_again_when_nobody_finished_it(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.notices.put(CARD)
    async with store.transaction() as tx:
        assert await tx.notices.take(now=NOON - 1, until=NOON) is None
        taken = await tx.notices.take(now=NOON, until=NOON + 100)
        assert await tx.notices.take(now=NOON, until=NOON + 100) is None
    assert taken is not None
    assert (taken.data, taken.tries) == ({"a": [1]}, 1)
    async with store.transaction() as tx:
        again = await tx.notices.take(now=NOON + 100, until=NOON + 200)
        assert again is not None
        await tx.notices.done(again)
        assert await tx.notices.next_due() is None


async def test_what_is_asked_for_again_meanwhile_is_done_again(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.notices.put(CARD)
        taken = await tx.notices.take(now=NOON, until=NOON + 100)
        assert taken is not None
        await tx.notices.put(CARD)
        await tx.notices.done(taken)
        await tx.notices.put_off(taken, None, "too old a word")
        once_more = await tx.notices.take(now=NOON, until=NOON + 100)
        assert once_more is not None
        assert once_more.version == taken.version + 1
        await tx.notices.put_off(once_more, None, "no permission")
        assert await tx.notices.take(now=NOON + 900, until=NOON + 999) is None
        assert list(await tx.notices.failures(CARD.kind, CARD.subject)) == ["no permission"]


async def test_two_processes_take_different_notices(store: Store) -> None:
    async with store.transaction() as tx:
        for number in range(10):
            await tx.notices.put(Notice(NoticeKind.CARD, f"case{number}", NOON))

    async def take() -> str | None:
        async with store.transaction() as tx:
            notice = await tx.notices.take(now=NOON, until=NOON + 100)
        return notice.subject if notice else None

    # Two that look at the same moment may find the same one: the second of them comes back with nothing.
    taken = [await asyncio.gather(take(), take()) for _ in range(30)]
    found = [subject for pair in taken for subject in pair if subject]
    assert sorted(found) == sorted({f"case{number}" for number in range(10)})
