"""Reports and decisions that come at the same moment, on both databases."""

from __future__ import annotations

import asyncio
import itertools
import secrets

from bot.catalogue import load_catalogue
from bot.domain.cases import Action, CaseState, Reason
from bot.domain.ids import new_id
from bot.domain.images import Withheld
from bot.domain.notices import NoticeKind
from bot.errors import ChangedMeanwhile
from bot.imaging import Imaging
from bot.studio.authority import Authority
from bot.studio.cases import Cases
from bot.studio.pictures import Person, Pictures
from bot.studio.report import Reports
from bot.studio.small_pictures import SmallPictures
from storage import Store
from tests.fakes.clock import FakeClock
from tests.storage.samples import make_image, make_job, put, select
from tests.storage.server_samples import GUILD

MANY = 50


def fresh_id() -> str:
    return new_id(secrets.randbelow)


def person(number: int, *, moderator: bool = False) -> Person:
    return Person(9_000 + number, GUILD, 600, moderator=moderator)


def reports_of(store: Store, clock: FakeClock) -> Reports:
    pictures = Pictures(store, load_catalogue(), clock, lambda bound: 0, fresh_id)
    return Reports(store=store, pictures=pictures, clock=clock, new_id=fresh_id, wake=lambda: None)


def cases_of(store: Store, clock: FakeClock) -> Cases:
    return Cases(
        store=store,
        small_pictures=SmallPictures(store.blobs, Imaging(workers=1)),  # none is looked at here
        authority=Authority(store, ()),
        clock=clock,
        new_id=fresh_id,
        wake=lambda: None,
        blocks_similar=False,
    )


async def kept_image(store: Store, number: int = 1) -> str:
    job = make_job(number)
    await put(store, job)
    image = make_image(job.id, private=False, guild_id=GUILD, sha256=f"{number:064x}")
    async with store.transaction() as tx:
        await tx.images.insert(image)
    return image.id


async def test_fifty_people_report_one_picture(store: Store) -> None:
    image, reports = await kept_image(store), reports_of(store, FakeClock())
    filing = [reports.file(image, person(n), Reason.HATE, "", wants_outcome=True) for n in range(MANY)]
    filed = await asyncio.gather(*filing)
    assert {item.number for item in filed} == {1}
    async with store.reading() as tx:
        case = await tx.cases.of_image(image)
        kept = await tx.images.get(image)
        assert case is not None and kept is not None
        assert case.reports == MANY == len(await tx.cases.reports_of(case.id))
        assert kept.withheld is Withheld.HIDDEN
        assert (await tx.audit.verify()).links == 1  # hidden once
    notices = await select(store, "SELECT kind FROM notices ORDER BY kind", "kind")
    assert notices == [(NoticeKind.CARD,), (NoticeKind.PICTURE,)]


async def test_many_pictures_reported_at_once_are_numbered_without_a_gap(store: Store) -> None:
    images = [await kept_image(store, number) for number in range(1, 13)]
    reports = reports_of(store, FakeClock())
    await asyncio.gather(
        *(
            reports.file(image, person(n), Reason.SPAM, "", wants_outcome=False)
            for n, image in enumerate(images)
        )
    )
    numbers = await select(store, "SELECT number FROM cases ORDER BY number", "number")
    assert [number for (number,) in numbers] == list(range(1, 13))


async def test_of_two_moderators_one_wins_and_the_other_is_told(store: Store) -> None:
    clock = FakeClock()
    reports, cases = reports_of(store, clock), cases_of(store, clock)
    pairs = itertools.permutations((Action.DISMISS, Action.REMOVE, Action.CLAIM), 2)
    for number, (one, other) in enumerate(pairs, start=1):
        image = await kept_image(store, number)
        await reports.file(image, person(number), Reason.SPAM, "", wants_outcome=True)
        async with store.reading() as tx:
            case = await tx.cases.of_image(image)
        assert case is not None
        results = await asyncio.gather(
            cases.act(person(100, moderator=True), case.id, one, case.turn),
            cases.act(person(101, moderator=True), case.id, other, case.turn),
            return_exceptions=True,
        )
        told = [item for item in results if isinstance(item, BaseException)]
        assert [type(item) for item in told] == [ChangedMeanwhile]
        (won,) = [item for item in results if not isinstance(item, BaseException)]
        async with store.reading() as tx:
            assert await tx.cases.get(case.id) == won
            kept = await tx.images.get(image)
        assert kept is not None
        assert (kept.withheld is Withheld.REMOVED) is (won.state is CaseState.REMOVED)
    async with store.reading() as tx:
        assert (await tx.audit.verify()).links == 6
