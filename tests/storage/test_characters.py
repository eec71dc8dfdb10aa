"""Characters and their reference pictures."""

from __future__ import annotations

import pytest

from bot.domain.characters import Character, CharacterPicture
from bot.domain.requests import Reference
from bot.errors import StaleState
from storage import Store
from tests.storage.samples import MEMBER, NOON, make_image, make_job, put, select
from tests.storage.server_samples import GUILD, make_character

MODERATOR = 900


async def insert(store: Store, *characters: Character) -> None:
    for character in characters:
        async with store.transaction() as tx:
            await tx.characters.insert(character)


async def get(store: Store, character_id: str) -> Character | None:
    async with store.reading() as tx:
        return await tx.characters.get(character_id)


async def names(store: Store, *, owner: int = 0, guild: int = 0) -> list[str]:
    async with store.reading() as tx:
        found = await (tx.characters.of_owner(owner) if owner else tx.characters.of_server(guild))
        return [character.name for character in found]


async def share(store: Store, character: Character, guild_id: int | None) -> None:
    async with store.transaction() as tx:
        await tx.characters.share(character.id, guild_id)


async def test_a_character_comes_back_as_it_was_kept(store: Store) -> None:
    mia, rex = make_character(), make_character("Rex", pictures=(), consent=False)
    await insert(store, mia, rex)
    assert await get(store, mia.id) == mia
    assert await get(store, rex.id) == rex
    assert await get(store, "nothing") is None
    async with store.reading() as tx:
        assert list(await tx.characters.of_owner(MEMBER)) == [mia, rex]


async def test_an_owner_has_a_name_once(store: Store) -> None:
    await insert(store, make_character("Mia"))
    with pytest.raises(StaleState):
        await insert(store, make_character("MIA", id="c000002"))
    await insert(store, make_character("MIA", id="c000003", owner_id=MEMBER + 1))
    assert await names(store, owner=MEMBER) == ["Mia"]
    assert await names(store, owner=MEMBER + 1) == ["MIA"]


async def test_a_server_has_a_shared_name_once(store: Store) -> None:
    first, second = make_character(), make_character("mia", id="c000002", owner_id=MEMBER + 1)
    await insert(store, first, second, make_character("Rex"))
    assert await names(store, guild=GUILD) == []
    await share(store, first, GUILD)
    await share(store, first, GUILD)  # again is no harm
    with pytest.raises(StaleState):
        await share(store, second, GUILD)
    await share(store, second, GUILD + 1)
    assert await names(store, guild=GUILD) == ["Mia"]
    await share(store, first, None)
    await share(store, second, GUILD)
    assert await names(store, guild=GUILD) == ["mia"]
    assert await names(store, guild=GUILD + 1) == []
    with pytest.raises(StaleState):
        await share(store, make_character("nobody"), GUILD)
    with pytest.raises(StaleState):
        await insert(store, make_character("MIA", id="c000004", owner_id=5, guild_id=GUILD))


async def test_a_deleted_character_leaves_nothing(store: Store) -> None:
    mia = make_character()
    await insert(store, mia, make_character("Rex"))
    async with store.transaction() as tx:
        assert await tx.characters.delete(mia.id)
        assert not await tx.characters.delete(mia.id)
    assert await names(store, owner=MEMBER) == ["Rex"]
    left = await select(store, "SELECT DISTINCT character_id FROM character_pictures", "character_id")
    assert left == [(make_character("Rex").id,)]


@pytest.mark.parametrize(("by", "left"), [(MODERATOR, 1), (MEMBER, 2)])
async def test_what_others_removed_is_not_used_again(store: Store, by: int, left: int) -> None:
    mia = make_character(guild_id=GUILD)
    await put(store, make_job(1))
    await insert(store, mia)
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00001"))
        assert await tx.images.mark_deleted("job00001p0", now=NOON, by=by)
    async with store.reading() as tx:
        for found in (
            await tx.characters.get(mia.id),
            (await tx.characters.of_owner(MEMBER))[0],
            (await tx.characters.of_server(GUILD))[0],
        ):
            assert found == mia.evolve(pictures=mia.pictures[:left])


async def test_a_file_about_which_nobody_said_that_who_is_shown_agrees(store: Store) -> None:
    job = make_job()
    await put(store, job)
    async with store.transaction() as tx:
        await tx.images.insert(make_image(job.id))
    one, two = ("12" * 32, "34" * 32)
    silent = make_character("Rex", pictures=(picture(one),), consent=False)
    await insert(store, silent, make_character("Tom", pictures=(picture(two),)))

    async def unsaid(*digests: str) -> bool:
        async with store.reading() as tx:
            return await tx.characters.unsaid(digests)

    assert not await unsaid()
    assert not await unsaid(make_image(job.id).sha256, two)
    assert await unsaid(one)
    assert await unsaid(two, "56" * 32)
    await insert(store, make_character("Rex", id="c000009", owner_id=MEMBER + 1, pictures=(picture(one),)))
    assert not await unsaid(one)


def picture(sha256: str) -> CharacterPicture:
    return CharacterPicture(Reference(sha256, "image/png", 12))
