"""Casework as one thing: reports, cases, members, the desk's record, and what happens in Discord."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import tzinfo

from bot.studio.authority import Authority
from bot.studio.cases import Cases
from bot.studio.consequences import BanCheck
from bot.studio.deliver import Deliverer
from bot.studio.desk_record import DeskRecord
from bot.studio.evidence import EvidenceRoom
from bot.studio.members import Members
from bot.studio.moderation_ports import DeskMessages, SimilarPictures
from bot.studio.notice_steps import NoticeSteps
from bot.studio.notices import NoticeWorker
from bot.studio.pictures import Pictures
from bot.studio.ports import Blobs, Clock, Imaging, Waits
from bot.studio.report import Reports
from bot.studio.small_pictures import SmallPictures
from bot.studio.store_ports import Store


@dataclass(frozen=True, slots=True)
class Casework:
    """The services around cases. `worker` runs as long as the studio does."""

    authority: Authority
    bans: BanCheck
    reports: Reports
    cases: Cases
    members: Members
    record: DeskRecord
    evidence: EvidenceRoom
    worker: NoticeWorker


def open_casework(
    *,
    store: Store,
    blobs: Blobs,
    pictures: Pictures,
    deliverer: Deliverer,
    messages: DeskMessages,
    imaging: Imaging,
    clock: Clock,
    waits: Waits,
    zone: tzinfo,
    new_id: Callable[[], str],
    operators: Collection[int],
    sole: bool,
    similar: SimilarPictures | None = None,
) -> Casework:
    """Put casework together; there is nothing to close. Without `similar` nothing like it is blocked."""
    authority = Authority(store, operators)
    # Who writes a notice wakes the worker, which needs them all: they get to know it by this.
    wakers: list[Callable[[], None]] = []

    def wake() -> None:
        for waker in wakers:
            waker()

    small_pictures = SmallPictures(blobs, imaging)
    cases = Cases(
        store=store,
        small_pictures=small_pictures,
        authority=authority,
        clock=clock,
        new_id=new_id,
        wake=wake,
        blocks_similar=similar is not None,
    )
    steps = NoticeSteps(
        store=store,
        deliverer=deliverer,
        cases=cases,
        messages=messages,
        authority=authority,
        clock=clock,
        similar=similar,
    )
    worker = NoticeWorker(store=store, steps=steps, clock=clock, waits=waits, sole=sole)
    wakers.append(worker.wake)
    return Casework(
        authority=authority,
        bans=BanCheck(store, clock),
        reports=Reports(store=store, pictures=pictures, clock=clock, new_id=new_id, wake=wake),
        cases=cases,
        members=Members(store=store, authority=authority, clock=clock, new_id=new_id, wake=wake),
        record=DeskRecord(store=store, authority=authority, clock=clock, zone=zone),
        evidence=EvidenceRoom(
            store=store, small_pictures=small_pictures, authority=authority, clock=clock, new_id=new_id
        ),
        worker=worker,
    )
