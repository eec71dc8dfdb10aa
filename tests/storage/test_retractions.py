"""Jobs whose messages are gone, on both databases: what leaves them, what stays, and for how long."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from bot.domain.calls import UserContent
from bot.domain.cases import Action
from bot.domain.privacy import DAY_MS, Retention
from bot.domain.requests import Reference
from storage import Store
from storage.store import Transaction
from tests.storage.conftest import Place
from tests.storage.moderation_samples import make_case
from tests.storage.samples import (
    MEMBER,
    NOON,
    SHA256,
    keep,
    make_answer,
    make_image,
    make_job,
    make_origin,
    make_request,
    put,
    select,
    submit,
)
from tests.storage.test_conversations import conversation, filled, turn
from tests.storage.test_privacy import WISH, erase, purge

AT_WORK = "UPDATE jobs SET state = 'running', lease_owner = 'w', lease_until = 1 WHERE state = 'created'"
ENDED = (
    "UPDATE jobs SET state = 'failed', failure_code = 'unknown', finished_at = created_at, "
    "lease_owner = NULL, lease_until = NULL WHERE state IN ('created', 'running')"
)


async def run(store: Store, sql: str) -> None:
    async with store.engine.transaction() as connection:
        await connection.execute(sql)


async def taken(store: Store, *job_ids: str, now: int = NOON) -> None:
    async with store.transaction() as tx:
        await tx.retractions.note(job_ids, now)
        for job_id in job_ids:
            assert await tx.retractions.carry_out(job_id, now)


async def words(store: Store) -> str:
    """Everything about jobs, turns and answers as one text."""
    found: list[Any] = []
    for sql, *columns in (
        ("SELECT request, words FROM jobs", "request", "words"),
        ("SELECT said FROM turns WHERE said IS NOT NULL", "said"),
        ("SELECT content, text FROM answers", "content", "text"),
    ):
        found += await select(store, sql, *columns)
    return str(found)


async def test_a_message_is_found_by_what_it_asked_for(store: Store) -> None:
    await filled(store, {1: None, 2: 1, 3: 2})
    async with store.transaction() as tx:
        await tx.turns.save(turn(3, 2, prompt_id=9002))  # made again after the message was changed
        await tx.retractions.add_message("job00001", 77, pictures=False)
        await tx.retractions.add_message("job00001", 77, pictures=False)
        await tx.retractions.copy_messages("job00001", "job00003")
        await tx.retractions.copy_messages("job00001", "job00003")
    async with store.reading() as tx:
        asked_by = tx.retractions.asked_by
        assert list(await asked_by([1, 2])) == []
        assert list(await asked_by([9001])) == ["job00001"]
        assert sorted(await asked_by([9002, 9001, 9002])) == ["job00001", "job00002", "job00003"]
        assert sorted(await asked_by([77])) == ["job00001", "job00003"]
        assert list(await tx.retractions.asked_in_place(2**62)) == ["job00001", "job00002", "job00003"]
        assert list(await tx.retractions.asked_in_place(5)) == []
        assert list(await tx.retractions.asked_in_channel(600)) == ["job00001", "job00002", "job00003"]
        assert list(await tx.retractions.asked_in_channel(5)) == []
        assert list(await tx.retractions.channels()) == [(700, 600)]


async def test_the_words_leave_everything_but_what_moderators_look_into(store: Store) -> None:
    await filled(store, {1: None, 2: 1})
    assert "lighthouse" in await words(store) and "Here it is." in await words(store)
    before = make_job(1).request
    async with store.transaction() as tx:
        await tx.retractions.add_message("job00001", 77, pictures=False)
    await taken(store, "job00001", "job00002")
    left = await words(store)
    for gone in ("lighthouse", "turn 1", "turn 2", "Here it is.", "c2ln"):
        assert gone not in left
    async with store.reading() as tx:
        job = await tx.jobs.get("job00001")
        assert job is not None and job.request == before.without_words()
        assert (job.request.prompt, job.request.references, job.request.options) == ("", (), before.options)
        kept = await tx.retractions.kept_of("job00001")
        assert kept is not None and kept.request == before and dict(kept.texts) == {0: "Here it is."}
        assert list(await tx.retractions.asked_by([9001, 77])) == []
        assert list(await tx.retractions.asked_in_channel(600)) == []
        answer = (await tx.answers.of_job("job00001"))[0]
        assert (answer.pictures, answer.response_id) == (make_answer().pictures, "r-1")
        # The pictures are still what the conversation goes on from.
        path = await tx.turns.path("job00002")
        assert [step.retracted for step in path] == [True, True]
        assert [step.result is not None and step.raw is None for step in path] == [True, True]
        assert [step.said for step in path] == [UserContent(())] * 2
    freed = await select(store, "SELECT sha256 FROM freed_files ORDER BY 1", "sha256")
    assert freed == [("a" * 64,), (before.references[0].sha256,)]


async def test_taking_back_twice_changes_nothing(store: Store) -> None:
    await filled(store, {1: None})
    await taken(store, "job00001")
    async with store.transaction() as tx:
        await tx.retractions.note(["job00001", "nothing"], NOON + 5)
        assert not await tx.retractions.carry_out("job00001", NOON + 5)
        assert not await tx.retractions.carry_out("nothing", NOON + 5)
        kept = await tx.retractions.kept_of("job00001")
    assert kept is not None and kept.request.prompt
    assert await select(store, "SELECT at FROM retractions", "at") == [(NOON,)]


async def test_what_is_at_work_keeps_its_words_until_it_has_ended(store: Store) -> None:
    await put(store, make_job(1), make_job(2))
    await run(store, AT_WORK)
    async with store.transaction() as tx:
        await tx.retractions.note(["job00002"], NOON + 1)
        await tx.retractions.note(["job00001"], NOON)
        assert list(await tx.retractions.due(10)) == []
    await run(store, ENDED)
    async with store.transaction() as tx:
        assert list(await tx.retractions.due(10)) == [("job00001", False), ("job00002", False)]
        assert list(await tx.retractions.due(1)) == [("job00001", False)]
        assert await tx.retractions.carry_out("job00001", NOON)
        assert list(await tx.retractions.due(10)) == [("job00002", False)]


async def test_direct_messages_have_no_moderators_who_need_evidence(store: Store) -> None:
    origin = make_origin(1, guild_id=None)
    await put(store, make_job(1, origin=origin), make_job(2, origin=make_origin(2, guild_id=None)))
    async with store.transaction() as tx:
        for number in (1, 2):
            await tx.images.insert(make_image(f"job0000{number}"))
        assert await tx.cases.insert(make_case("job00002p0"))
    await taken(store, "job00001", "job00002")
    async with store.reading() as tx:
        assert await tx.retractions.kept_of("job00001") is None
        assert await tx.retractions.kept_of("job00002") is not None  # but a case that is open


async def _purge(store: Store, now: int) -> None:
    async def purge(tx: Transaction) -> int:
        cutoffs = Retention().cutoffs(now)
        return await tx.privacy.purge("retractions", cutoffs, now=now, limit=1)

    while await store.write(purge):
        pass


async def test_evidence_ends_with_its_term_and_never_before_its_case(store: Store) -> None:
    await put(store, make_job(1), make_job(2))
    case = make_case("job00002p0", opened_at=NOON, updated_at=NOON)
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00001"))
        await tx.images.insert(make_image("job00002"))
        assert await tx.cases.insert(case)
    await taken(store, "job00001", "job00002")

    async def kept() -> list[bool]:
        async with store.reading() as tx:
            return [await tx.retractions.kept_of(f"job0000{number}") is not None for number in (1, 2)]

    await _purge(store, NOON + 30 * DAY_MS)
    assert await kept() == [True, True]
    await _purge(store, NOON + 30 * DAY_MS + 1)
    assert await kept() == [False, True]
    decided = NOON + 40 * DAY_MS
    async with store.transaction() as tx:
        await tx.cases.save(case.after(Action.DISMISS, by=5, now=decided, seen=0), expected=0)
    await _purge(store, decided + 180 * DAY_MS)
    assert await kept() == [False, True]
    await _purge(store, decided + 180 * DAY_MS + 1)
    assert await kept() == [False, False]


@pytest.mark.parametrize("way", ["erase", "purge", "leave"])
async def test_whoever_forgets_the_job_forgets_that_it_was_taken_back(store: Store, way: str) -> None:
    async with store.transaction() as tx:
        await submit(tx, make_job(1))
        await tx.images.insert(make_image("job00001", guild_id=700))
        await tx.retractions.add_message("job00001", 77, pictures=False)
    await run(store, ENDED)
    await taken(store, "job00001")
    async with store.transaction() as tx:
        await tx.retractions.add_message("job00001", 78, pictures=False)
    if way == "erase":
        await erase(store)
    elif way == "purge":
        await purge(store, NOON + 400 * DAY_MS, evidence_days=3650, images_days=365)
        assert await select(store, "SELECT job_id FROM retractions", "job_id") == [("job00001",)]
        await purge(store, NOON + 3700 * DAY_MS, evidence_days=3650, images_days=365)
    else:
        for kind in ("images", "requests", "conversations"):
            leave = partial(_leave, kind)
            while await store.write(leave):
                pass
    assert await select(store, "SELECT job_id FROM retractions", "job_id") == []
    assert await select(store, "SELECT job_id FROM job_messages", "job_id") == []
    async with store.transaction() as tx:
        await tx.retractions.note(["job00001"], NOON)  # there is nothing to be taken back any more
    assert await select(store, "SELECT job_id FROM retractions", "job_id") == []
    assert WISH.member_id == MEMBER


async def _leave(kind: str, tx: Transaction) -> int:
    return await tx.privacy.leave(kind, 700, now=NOON, limit=1)


async def test_the_file_that_came_with_a_message_goes_where_nobody_else_needs_it(place: Place) -> None:
    async with place.open() as store:
        own, shared = await keep(store, b"own"), await keep(store, b"shared")
        both = tuple(Reference(digest, "image/png", 5) for digest in (own, shared))
        await put(
            store,
            make_job(1, request=make_request(references=both)),
            make_job(2, request=make_request(references=both[1:])),
        )
        await taken(store, "job00001")  # its digests are evidence, the bytes are not
        assert await store.orphans().remove_freed() == 1
        assert (store.blobs.path(own).is_file(), store.blobs.path(shared).is_file()) == (False, True)


async def test_conversations_that_ended_are_of_their_channel_still(store: Store) -> None:
    await filled(store, {1: None})
    async with store.transaction() as tx:
        await tx.conversations.insert(conversation("conv002", 5, guild_id=None, channel_id=5))
        await tx.conversations.insert(conversation("conv003", 6, channel_id=601))
        assert list(await tx.retractions.channels()) == [(700, 600), (700, 601)]
    await run(store, "UPDATE conversations SET ended_at = 1, ending = 'asked'")
    async with store.reading() as tx:
        assert list(await tx.retractions.channels()) == [(700, 600)]
        assert list(await tx.retractions.asked_in_channel(600)) == ["job00001"]


async def test_our_own_messages_are_known_by_their_ids(store: Store) -> None:
    await put(store, make_job(1))
    await run(store, "UPDATE deliveries SET message_id = 55, channel_id = 5")
    async with store.reading() as tx:
        assert await tx.privacy.knows_message(55)
        assert not await tx.privacy.knows_message(56)


async def test_only_pictures_leave_what_somebody_else_asked_for(store: Store) -> None:
    await filled(store, {1: None})
    before = make_job(1).request
    own = Reference("a" * 64, "image/png", 5)  # came with the turn by itself
    sent = turn(1).evolve(said=UserContent(("words",), (own, before.references[0])), prompt_id=None)
    async with store.transaction() as tx:
        await tx.turns.save(sent)
        await tx.retractions.add_message("job00001", 77, pictures=True)
        assert list(await tx.retractions.asked_by([77])) == []
        assert list(await tx.retractions.brought_by([77, 77, 5])) == ["job00001"]
        await tx.retractions.note(["job00001"], NOON, pictures=True)
        assert await tx.retractions.carry_out("job00001", NOON)
        assert not await tx.retractions.carry_out("job00001", NOON)
    async with store.reading() as tx:
        job, left = await tx.jobs.get("job00001"), await tx.turns.get("job00001")
        assert job is not None and job.request == before.without_pictures()
        assert (job.request.prompt, job.request.references) == (before.prompt, ())
        assert left is not None and left.said == UserContent(("words",), (own,))
        assert (await tx.answers.of_job("job00001"))[0] == make_answer()
        kept = await tx.retractions.kept_of("job00001")
        assert kept is not None and kept.request == before
        assert list(await tx.retractions.brought_by([77])) == []
    assert await select(store, "SELECT sha256 FROM freed_files", "sha256") == [(SHA256,)]


async def test_what_somebody_else_waits_for_is_made_first(store: Store) -> None:
    await put(store, make_job(1), make_job(2))
    async with store.transaction() as tx:
        await tx.retractions.note(["job00001"], NOON, pictures=True)
        await tx.retractions.note(["job00002"], NOON + 1)
        assert list(await tx.retractions.due(5)) == [("job00002", False)]
    await run(store, ENDED)
    async with store.reading() as tx:
        assert list(await tx.retractions.due(5)) == [("job00001", True), ("job00002", False)]


async def test_the_words_may_follow_the_pictures_and_not_the_other_way_round(store: Store) -> None:
    await filled(store, {1: None})
    before = make_job(1).request
    async with store.transaction() as tx:
        await tx.retractions.note(["job00001"], NOON, pictures=True)
        assert await tx.retractions.carry_out("job00001", NOON)
        await tx.retractions.note(["job00001"], NOON + 1)
        assert await tx.retractions.carry_out("job00001", NOON + 1)
        await tx.retractions.note(["job00001"], NOON + 2, pictures=True)
        assert list(await tx.retractions.due(5)) == []
        kept, job = await tx.retractions.kept_of("job00001"), await tx.jobs.get("job00001")
    assert kept is not None and kept.request == before and dict(kept.texts) == {0: "Here it is."}
    assert job is not None and not job.request.prompt
