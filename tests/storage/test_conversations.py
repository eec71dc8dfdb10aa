"""Conversations and their turns, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.calls import UserContent
from bot.domain.conversations import Conversation, Ending, Participants, Turn, TurnNote, TurnState
from bot.domain.deliveries import Delivery, DeliveryState, Way
from bot.domain.images import Withheld
from bot.domain.jobs import JobState
from bot.domain.requests import Reference
from bot.errors import StaleState
from storage import Store
from tests.storage.samples import (
    NOON,
    make_answer,
    make_image,
    make_job,
    make_origin,
    make_request,
    put,
    submit,
)


def conversation(name: str = "conv001", place: int | None = 2**62, **changes: Any) -> Conversation:
    return Conversation(
        name,
        place,
        channel_id=600,
        guild_id=700,
        owner_id=101,
        participants=Participants.INVITED,
        model="m",
        created_at=NOON,
        updated_at=NOON,
    ).evolve(**changes)


def turn(number: int, parent: int | None = None, **changes: Any) -> Turn:
    job = f"job{number:05d}"
    return Turn(
        id=job,
        conversation_id="conv001",
        number=number,
        job_id=job,
        author_id=101,
        state=TurnState.DONE,
        created_at=NOON,
        parent=None if parent is None else f"job{parent:05d}",
        said=UserContent((f"turn {number} \U0001f3ee", "\0"), (Reference("a" * 64, "image/png", 5),)),
        image_id=f"{job}p0",
        family="banana",
        prompt_id=9000 + number,
        notes=(TurnNote.LEFT_OUT,),
    ).evolve(**changes)


async def filled(store: Store, parents: dict[int, int | None], *, gone: int | None = None) -> None:
    """A conversation with these turns, each with its job, image and answer."""
    await put(store, *(make_job(number) for number in parents))
    async with store.transaction() as tx:
        await tx.conversations.insert(conversation())
        for number, parent in parents.items():
            job = f"job{number:05d}"
            await tx.images.insert(make_image(job, sha256=f"{number:064x}"))
            await tx.answers.settle(job, 0, make_answer(), f"{job}p0")
            await tx.turns.insert(turn(number, parent))
        if gone is not None:
            await tx.images.mark_deleted(f"job{gone:05d}p0", now=NOON, by=1)


async def test_a_conversation_comes_back_as_it_was_written(store: Store) -> None:
    written = conversation(head="job00001", moves=3, turns=5, private=True, invited=frozenset({7, 2**62}))
    async with store.transaction() as tx:
        await tx.conversations.insert(written)
        for member in (7, 7, 8, 2**62):
            await tx.conversations.invite("conv001", member)
        await tx.conversations.uninvite("conv001", 8)
    async with store.transaction() as tx:
        assert await tx.conversations.open_at(2**62) == written
        assert await tx.conversations.lock("conv001") == written
        ended = written.ended(Ending.SPEND, NOON + 5).evolve(participants=Participants.OWNER)
        await tx.conversations.save(ended)
    async with store.reading() as tx:
        assert await tx.conversations.get("conv001") == ended.evolve(invited=frozenset())
        assert await tx.conversations.open_at(2**62) is None
        assert await tx.conversations.latest_at(2**62) == ended.evolve(invited=frozenset())
        assert list(await tx.conversations.open_in_channel(600)) == []
    async with store.transaction() as tx:
        assert await tx.conversations.lock("nothing") is None


async def test_a_place_has_one_open_conversation(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.conversations.insert(conversation())
        with pytest.raises(StaleState):
            await tx.conversations.insert(conversation("conv002"))
        await tx.conversations.save(conversation().ended(Ending.ASKED, NOON))
        await tx.conversations.insert(conversation("conv002", created_at=NOON + 1))
        await tx.conversations.insert(conversation("conv003", None))
        await tx.conversations.insert(conversation("conv004", None))
        found = await tx.conversations.latest_at(2**62)
        assert found is not None and found.id == "conv002"
        assert len(await tx.conversations.open_in_channel(600)) == 3


async def test_turns_come_back_and_are_found(store: Store) -> None:
    await filled(store, {1: None, 2: 1})
    async with store.transaction() as tx:
        assert await tx.turns.get("job00002") == turn(2, 1)
        assert await tx.turns.numbered("conv001", 2) == turn(2, 1)
        assert await tx.turns.of_image("conv001", "job00002p0") == turn(2, 1)
        assert await tx.turns.of_image("another", "job00002p0") is None
        assert await tx.turns.of_prompt(9002) == turn(2, 1)
        with pytest.raises(StaleState):
            await tx.turns.insert(turn(2))
        failed = turn(2, 1).evolve(state=TurnState.FAILED, said=None, image_id=None)
        await tx.turns.save(failed)
        assert await tx.turns.get("job00002") == failed
        assert await tx.turns.numbered("conv001", 2) is None
        assert [node.number for node in await tx.turns.nodes("conv001")] == [1]


async def test_the_path_is_from_the_root_to_the_turn(store: Store) -> None:
    await filled(store, {1: None, 2: 1, 3: 2, 4: 1, 5: 4})
    async with store.reading() as tx:
        path = await tx.turns.path("job00005")
        assert [step.turn_id for step in path] == ["job00001", "job00004", "job00005"]
        answer = make_answer()
        assert [step.raw for step in path] == [answer.content] * 3
        assert path[0].said == turn(1).said
        result = path[2].result
        assert result is not None and result == Reference(f"{5:064x}", "image/jpeg", result.size)
        assert path[0].sizes == {picture.sha256: picture.size for picture in answer.pictures}
        ancestors = await tx.turns.ancestors("job00005")
        assert [node.number for node in ancestors] == [5, 4, 1]
        assert await tx.turns.path("nothing") == []


async def test_what_was_removed_or_erased_is_marked(store: Store) -> None:
    await filled(store, {1: None, 2: 1}, gone=1)
    async with store.transaction() as tx:
        await tx.turns.save(turn(2, 1).evolve(image_id="erased0"))
        first, second = await tx.turns.path("job00002")
        assert (first.result, second.result) == (None, None)
        assert f"{1:064x}" in first.removed
        assert set(second.sizes) <= second.removed
        assert [node.sha256 for node in await tx.turns.nodes("conv001")] == [None, None]


@pytest.mark.parametrize("withheld", Withheld)
async def test_what_moderators_keep_back_is_marked(store: Store, withheld: Withheld) -> None:
    """As the picture of a turn, and where it was sent along with one."""
    await filled(store, {1: None, 2: 1, 3: 2})
    await put(store, make_job(9))
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00009", sha256="a" * 64, guild_id=700))
        for image_id in ("job00002p0", "job00009p0"):
            await tx.images.withhold(image_id, withheld)
        path = await tx.turns.path("job00003")
        assert [step.result is None for step in path] == [False, True, False]
        assert all(step.removed == {f"{2:064x}", "a" * 64} for step in path)
        assert [node.sha256 is None for node in await tx.turns.nodes("conv001")] == [
            False,
            True,
            False,
        ]
        for image_id in ("job00002p0", "job00009p0"):
            await tx.images.withhold(image_id, None)
        assert not any(step.removed for step in await tx.turns.path("job00003"))


async def test_a_turn_waits_for_those_before_it(store: Store) -> None:
    """Admission: of one conversation one turn at a time, in their order; others do not wait for it."""

    def job(number: int, name: str | None, place: int) -> Any:
        request = make_request(conversation=name, turn=place)
        return make_job(number, request=request, created_at=NOON - number)  # the later turn is the older job

    await put(store, job(1, "conv001", 1), job(2, "conv001", 2), job(3, "conv002", 1), job(4, None, 0))
    taken = []
    async with store.transaction() as tx:
        while claimed := await tx.jobs.claim(
            "worker", now=NOON, lease_until=NOON + 1, max_running=9, max_per_member=9
        ):
            taken.append(claimed.id)
    assert sorted(taken) == ["job00001", "job00003", "job00004"]
    async with store.transaction() as tx:
        first = await tx.jobs.get("job00001")
        assert first is not None
        storing = first.to(JobState.STORING, NOON)
        await tx.jobs.save(storing, JobState.RUNNING)
        await tx.jobs.save(storing.to(JobState.SUCCEEDED, NOON, cost_micros=0), JobState.STORING)
        claimed = await tx.jobs.claim("w", now=NOON, lease_until=NOON + 1, max_running=9, max_per_member=9)
        assert claimed is not None and claimed.id == "job00002"


async def test_the_picture_that_a_message_shows(store: Store) -> None:
    await filled(store, {1: None})
    async with store.transaction() as tx:
        await tx.deliveries.save(Delivery("job00001", DeliveryState.SENT, NOON, None, Way.REPLY, 600, 77, 1))
    async with store.reading() as tx:
        assert await tx.images.at_message(77) == "job00001p0"
        assert await tx.images.at_message(78) is None


async def test_what_a_conversation_has_cost_and_who_waits(store: Store) -> None:
    async with store.transaction() as tx:
        await tx.conversations.insert(conversation())
        for number in (1, 2):
            request = make_request(conversation="conv001", turn=number)
            job = make_job(number, request=request, origin=make_origin(number, message_id=50 + number))
            await submit(tx, job)
            await tx.turns.insert(turn(number, state=TurnState.WAITING, image_id=None))
        assert await tx.conversations.spent("conv001") > 0
        waiting = await tx.turns.waiting("conv001")
        assert [item.number for item in waiting] == [1, 2]
        job_ = await tx.jobs.get("job00001")
        assert job_ is not None
        assert (job_.origin.message_id, job_.request.turn) == (51, 1)
