"""Who may see, vary and delete a picture, and what becomes of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.calls import UserContent
from bot.domain.jobs import Job
from bot.domain.requests import Kind
from bot.errors import Gone, NotAllowed
from bot.studio.pictures import Person
from tests.studio.world import CHANNEL, DRAFT, GUILD, MEMBER, World, make_origin, make_request

OWNER = Person(MEMBER, GUILD, CHANNEL, moderator=False)
OTHER = Person(MEMBER + 1, GUILD, CHANNEL, moderator=False)
IN_ANOTHER_CHANNEL = replace(OTHER, channel_id=CHANNEL + 1)
MODERATOR = replace(OTHER, id=MEMBER + 2, moderator=True)
STRANGER = Person(MEMBER + 3, GUILD + 1, CHANNEL + 50, moderator=False)
FOREIGN_MODERATOR = replace(STRANGER, moderator=True)
OWNER_ELSEWHERE = Person(MEMBER, GUILD + 1, CHANNEL + 50, moderator=False)
OWNER_DIRECT = Person(MEMBER, None, CHANNEL + 60, moderator=False)
STRANGER_DIRECT = Person(MEMBER + 3, None, CHANNEL + 61, moderator=False)


async def make(world: World, *, origin: dict[str, Any] | None = None, **request: Any) -> Job:
    async with world.running() as process:
        ticket = await process.submissions.submit(make_request(**request), make_origin(**(origin or {})))
    return await world.job(ticket.job.id)


# --- seeing -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "sees"),
    [
        pytest.param(OWNER, True, id="owner"),
        pytest.param(OWNER_ELSEWHERE, True, id="owner in another server"),
        pytest.param(OWNER_DIRECT, True, id="owner in direct messages"),
        pytest.param(OTHER, True, id="another member"),
        pytest.param(IN_ANOTHER_CHANNEL, True, id="another member in another channel"),
        pytest.param(MODERATOR, True, id="moderator"),
        pytest.param(STRANGER, False, id="another server"),
        pytest.param(FOREIGN_MODERATOR, False, id="moderator of another server"),
        pytest.param(STRANGER_DIRECT, False, id="somebody's direct messages"),
    ],
)
async def test_who_sees_a_public_picture(world: World, person: Person, sees: bool) -> None:
    job = await make(world)
    [image] = await world.images(job.id)
    for find, of in (
        (world.process().pictures.of_job, job.id),
        (world.process().pictures.of_image, image.id),
    ):
        if sees:
            shown = await find(of, person)
            assert (shown.job, shown.images) == (job, (image,))
            assert shown.delivery == await world.delivery(job.id)
        else:
            with pytest.raises(Gone):
                await find(of, person)


@pytest.mark.parametrize("person", [OTHER, MODERATOR, STRANGER, STRANGER_DIRECT])
async def test_a_private_picture_is_its_owner_s_alone(world: World, person: Person) -> None:
    job = await make(world, private=True)
    [image] = await world.images(job.id)
    pictures = world.process().pictures
    assert (await pictures.of_job(job.id, OWNER)).images == (image,)
    for find, of in ((pictures.of_job, job.id), (pictures.of_image, image.id), (pictures.delete, image.id)):
        with pytest.raises(Gone):
            await find(of, person)
    assert (await world.images(job.id))[0].deleted_at is None


async def test_a_picture_from_outside_of_servers_belongs_to_its_channel(world: World) -> None:
    """In a group of direct messages everybody who reads the channel may use it, and nobody else."""
    job = await make(world, origin={"guild_id": None, "channel_id": 555})
    pictures = world.process().pictures
    beside = Person(MEMBER + 1, None, 555, moderator=False)
    assert (await pictures.of_job(job.id, beside)).job == job
    for person in (STRANGER_DIRECT, OTHER, replace(beside, channel_id=None)):
        with pytest.raises(Gone):
            await pictures.of_job(job.id, person)


async def test_what_does_not_exist_and_what_is_not_made_yet_are_gone(world: World) -> None:
    waiting = await world.process().submissions.submit(make_request(), make_origin())
    pictures = world.process().pictures
    for job_id in ("nothing", waiting.job.id):
        with pytest.raises(Gone):
            await pictures.of_job(job_id, OWNER)
    with pytest.raises(Gone):
        await pictures.of_image("nothing", OWNER)


async def test_one_of_several_is_found_by_its_id(world: World) -> None:
    job = await make(world, count=3)
    images = await world.images(job.id)
    shown = await world.process().pictures.of_image(images[1].id, OWNER)
    assert (shown.job, shown.images) == (job, (images[1],))


# --- another take -----------------------------------------------------------------------------------------


async def test_another_take_is_the_same_request_once_more(world: World) -> None:
    job = await make(world, prompt="a fox", ratio="3:2", size="2K", count=3)
    pictures = world.process().pictures
    shown = await pictures.of_job(job.id, OTHER)
    take = pictures.another_take(shown)
    assert (take.kind, take.prompt, take.private) == (Kind.VARY, "a fox", False)
    assert take.options == replace(job.request.options, count=1)
    assert (take.parent, take.variation) == (shown.images[0].id, 1)


async def test_another_take_with_a_seed_has_another_seed(world: World) -> None:
    job = await make(world, model=DRAFT, seed=7)
    pictures = world.process().pictures
    take = pictures.another_take(await pictures.of_job(job.id, OWNER))
    assert take.options.seed == 2**31 - 1  # what this world picks: the highest that there is


async def test_another_take_runs_and_knows_where_it_comes_from(world: World) -> None:
    job = await make(world, prompt="a fox")
    async with world.running() as process:
        take = process.pictures.another_take(await process.pictures.of_job(job.id, OTHER))
        ticket = await process.submissions.submit(take, make_origin(member_id=OTHER.id))
    [image] = await world.images(ticket.job.id)
    [parent] = await world.images(job.id)
    assert (image.parent, image.owner_id) == (parent.id, OTHER.id)
    first, second = world.provider.history
    # The person's words stay as they are; what asks for a variation stands before them.
    assert first.prompt == second.prompt == "a fox"
    content = second.call.contents[0]
    assert isinstance(content, UserContent) and len(content.texts) == 2
    assert (await world.used(MEMBER), await world.used(OTHER.id)) == (1, 1)


async def test_another_take_of_another_take_counts_on(world: World) -> None:
    job = await make(world)
    async with world.running() as process:
        take = process.pictures.another_take(await process.pictures.of_job(job.id, OWNER))
        ticket = await process.submissions.submit(take, make_origin())
    pictures = world.process().pictures
    assert pictures.another_take(await pictures.of_job(ticket.job.id, OWNER)).variation == 2


async def test_another_take_of_a_private_picture_is_private(world: World) -> None:
    job = await make(world, private=True)
    pictures = world.process().pictures
    assert pictures.another_take(await pictures.of_job(job.id, OWNER)).private


# --- deleting ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", [OWNER, OWNER_ELSEWHERE, OWNER_DIRECT, MODERATOR])
async def test_its_owner_and_moderators_may_delete_a_picture(world: World, person: Person) -> None:
    job = await make(world, count=2)
    gone, left = await world.images(job.id)
    pictures = world.process().pictures
    world.clock.pass_by(5)
    shown, remaining = await pictures.delete(gone.id, person)
    assert (shown.images, list(remaining)) == ((gone,), [left])

    # It is gone for everybody, its file stays as evidence, and what was paid for it stays paid.
    for somebody in (OWNER, OTHER, MODERATOR):
        assert (await pictures.of_job(job.id, somebody)).images == (left,)
        with pytest.raises(Gone):
            await pictures.of_image(gone.id, somebody)
    [(at, by)] = await world.rows("SELECT deleted_at, deleted_by FROM images WHERE deleted_at IS NOT NULL")
    assert (at, by) == (world.clock.now(), person.id)
    assert world.blobs.path(gone.sha256).is_file()
    assert await world.used() == 2


async def test_another_member_may_not_delete_a_picture(world: World) -> None:
    job = await make(world)
    [image] = await world.images(job.id)
    pictures = world.process().pictures
    with pytest.raises(NotAllowed, match="delete"):
        await pictures.delete(image.id, OTHER)
    with pytest.raises(NotAllowed):
        pictures.check_delete(OTHER, image)
    assert (await pictures.of_image(image.id, OTHER)).images == (image,)


@pytest.mark.parametrize("person", [STRANGER, FOREIGN_MODERATOR, STRANGER_DIRECT])
async def test_for_people_of_other_servers_it_does_not_exist(world: World, person: Person) -> None:
    job = await make(world)
    [image] = await world.images(job.id)
    with pytest.raises(Gone):
        await world.process().pictures.delete(image.id, person)
    assert (await world.images(job.id))[0].deleted_at is None


async def test_a_moderator_of_a_server_is_none_outside_of_it(world: World) -> None:
    job = await make(world, origin={"guild_id": None, "channel_id": 555})
    [image] = await world.images(job.id)
    with pytest.raises(NotAllowed):
        await world.process().pictures.delete(image.id, Person(MEMBER + 1, None, 555, moderator=True))


async def test_a_picture_is_deleted_once(world: World) -> None:
    job = await make(world, count=2)
    [first, _] = await world.images(job.id)
    pictures = world.process().pictures
    outcomes = await asyncio.gather(
        *(pictures.delete(first.id, person) for person in (OWNER, MODERATOR, OWNER)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Gone) for outcome in outcomes) == 2
    with pytest.raises(Gone):
        await pictures.delete(first.id, OWNER)
    assert len(await world.rows("SELECT id FROM images WHERE deleted_at IS NOT NULL")) == 1


async def test_a_job_whose_last_picture_was_deleted_is_gone(world: World) -> None:
    job = await make(world)
    [image] = await world.images(job.id)
    pictures = world.process().pictures
    _, left = await pictures.delete(image.id, OWNER)
    assert list(left) == []
    with pytest.raises(Gone):
        await pictures.of_job(job.id, OWNER)
