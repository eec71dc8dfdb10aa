"""Characters: kept, shared, brought in by name; somebody else's private one is like none."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.audit import CHARACTER_SHARED, CHARACTER_UNSHARED
from bot.domain.characters import MAX_PICTURES
from bot.domain.composition import Cast
from bot.domain.images import IntakeNote
from bot.errors import Gone, InputRefused, InvalidRequest, NotAllowed
from bot.studio import characters as module
from bot.studio.library import Library
from bot.studio.pictures import Person
from tests.imaging.pictures import animation, encode, flat_png, noise
from tests.studio.library import (
    OTHER_GUILD,
    Shelf,
    audit_of,
    keep_image,
    library_of,
    manager,
    person,
    problem,
    settings_of,
)
from tests.studio.world import DRAFT, GUILD, MEMBER, STANDARD, World

ALICE = person()
BEN = person(MEMBER + 1)


async def save(library: Library, shelf: Shelf, name: str, who: Person = ALICE, pictures: int = 1) -> None:
    sources = [shelf.put(flat_png(8 + number, 8)) for number in range(pictures)]
    await library.characters.save(name, who, sources=sources)


async def names(library: Library, who: Person) -> list[str]:
    return [character.name for character in await library.characters.visible(who)]


async def resolve(library: Library, prompt: str, who: Person = ALICE) -> tuple[list[str], list[str]]:
    brought = await library.characters.resolve(prompt, who)
    return [character.name for character in brought.characters], list(brought.missing)


# --- saving -----------------------------------------------------------------------------------------------


async def test_attachments_are_taken_in_and_kept(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    photo = encode(noise(40, 30), "JPEG")
    saved = await library.characters.save(
        "@Mia", ALICE, sources=[shelf.put(photo, "a.jpg"), shelf.put(animation("GIF"), "b.gif")]
    )
    assert saved.character.name == "Mia"
    assert IntakeNote.FIRST_FRAME in saved.notes
    (found,) = await library.characters.visible(ALICE)
    assert found == saved.character
    assert found.references[0].mime == "image/jpeg"
    for reference in found.references:
        assert world.blobs.path(reference.sha256).stat().st_size == reference.size


async def test_a_kept_image_becomes_a_character(world: World) -> None:
    library = library_of(world)
    image_id = await keep_image(world)
    saved = await library.characters.save("Mia", ALICE, image_ids=[image_id, image_id])
    (picture,) = saved.character.pictures
    assert picture.image_id == image_id


async def test_an_image_that_is_not_there_for_this_person_is_gone(world: World) -> None:
    library = library_of(world)
    private = await keep_image(world, owner=BEN.id, private=True, guild_id=GUILD)
    for image_id in (private, "nothing"):
        with pytest.raises(Gone):
            await library.characters.save("Mia", ALICE, image_ids=[image_id])
    assert await names(library, ALICE) == []


async def test_what_is_refused_costs_no_download(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    await save(library, shelf, "Mia")
    shelf.fetched.clear()
    source = shelf.put(flat_png(8, 8))
    for name, count, expected in (
        ("mia", 1, "name_in_use"),
        ("a b", 1, "name_not_taken"),
        ("Rex", 0, "character_pictures"),
        ("Rex", MAX_PICTURES + 1, "character_pictures"),
    ):
        with pytest.raises(InvalidRequest) as caught:
            await library.characters.save(name, ALICE, sources=[source] * count)
        assert problem(caught) == expected
    assert shelf.fetched == []


async def test_a_picture_that_cannot_be_used_keeps_nothing(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    with pytest.raises(InputRefused):
        await library.characters.save(
            "Mia", ALICE, sources=[shelf.put(flat_png(8, 8)), shelf.put(b"no picture", "b.png")]
        )
    assert await names(library, ALICE) == []


async def test_a_server_may_ask_for_consent(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    settings = settings_of(world)
    state = await settings.server(GUILD)
    await settings.change_server(manager(), state, consent_required=True)
    source = shelf.put(flat_png(8, 8))
    with pytest.raises(InvalidRequest) as caught:
        await library.characters.save("Mia", ALICE, sources=[source])
    assert problem(caught) == "consent_missing"
    assert shelf.fetched == []
    assert (await library.characters.save("Mia", ALICE, sources=[source], consent=True)).character.consent
    image_id = await keep_image(world)
    assert not (await library.characters.save("Rex", ALICE, image_ids=[image_id])).character.consent
    await library.characters.save("Tom", person(guild_id=None), sources=[source])


async def test_of_two_at_once_one_is_told(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    results = await asyncio.gather(
        *(save(library, shelf, name) for name in ("Mia", "mia", "MIA")), return_exceptions=True
    )
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, InvalidRequest) for result in results) == 2


async def test_a_person_keeps_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OWN", 1)
    shelf = Shelf()
    library = library_of(world, shelf)
    await save(library, shelf, "Mia")
    with pytest.raises(InvalidRequest) as caught:
        await save(library, shelf, "Rex")
    assert problem(caught) == "too_many_kept"
    await save(library, shelf, "Rex", BEN)


# --- sharing and deleting ---------------------------------------------------------------------------------


async def test_a_manager_shares_their_own_with_the_server(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    boss = manager()
    await save(library, shelf, "Mascot", boss)
    assert await names(library, ALICE) == []
    for _ in range(2):  # again is no harm
        await library.characters.share("mascot", boss)
    assert await names(library, ALICE) == ["Mascot"]
    assert await names(library, person(guild_id=OTHER_GUILD)) == []
    assert await names(library, person(guild_id=None)) == []
    await library.characters.unshare("MASCOT", manager(member_id=7))
    assert await names(library, ALICE) == []
    assert await names(library, boss) == ["Mascot"]
    assert [entry.action for entry in await audit_of(world)] == [CHARACTER_SHARED, CHARACTER_UNSHARED]


async def test_nobody_else_shares_and_nothing_else_is_shared(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    await save(library, shelf, "Mia")
    with pytest.raises(NotAllowed):
        await library.characters.share("Mia", ALICE)
    with pytest.raises(NotAllowed):
        await library.characters.unshare("Mia", ALICE)
    for attempt in (library.characters.share("Mia", manager()), library.characters.unshare("Mia", manager())):
        with pytest.raises(InvalidRequest) as caught:
            await attempt
        assert problem(caught) == "character_unknown"


async def test_a_server_has_a_shared_name_once_and_so_many(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    first, second = manager(), manager(member_id=7)
    await save(library, shelf, "Mascot", first)
    await save(library, shelf, "mascot", second)
    await save(library, shelf, "Other", second)
    await library.characters.share("Mascot", first)
    with pytest.raises(InvalidRequest) as caught:
        await library.characters.share("mascot", second)
    assert problem(caught) == "name_in_use"
    monkeypatch.setattr(module, "MAX_SHARED", 1)
    with pytest.raises(InvalidRequest) as caught:
        await library.characters.share("Other", second)
    assert problem(caught) == "too_many_kept"


async def test_shared_elsewhere_is_shared_here_no_more(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    await save(library, shelf, "Mascot", manager())
    await library.characters.share("Mascot", manager())
    await library.characters.share("Mascot", manager(OTHER_GUILD))
    assert await names(library, ALICE) == []
    assert [entry.action for entry in await audit_of(world)] == [CHARACTER_SHARED, CHARACTER_UNSHARED]
    assert [entry.action for entry in await audit_of(world, OTHER_GUILD)] == [CHARACTER_SHARED]


async def test_only_its_owner_deletes_a_character(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    boss = manager()
    await save(library, shelf, "Mascot", boss)
    await library.characters.share("Mascot", boss)
    with pytest.raises(InvalidRequest):
        await library.characters.delete("Mascot", ALICE)
    assert (await library.characters.delete("@mascot", boss)).name == "Mascot"
    assert await names(library, ALICE) == []
    assert [entry.action for entry in await audit_of(world)] == [CHARACTER_SHARED, CHARACTER_UNSHARED]


# --- bringing in ------------------------------------------------------------------------------------------


async def test_own_characters_go_before_shared_ones(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    boss = manager()
    await save(library, shelf, "Mia", boss)
    await save(library, shelf, "Rex", boss)
    for name in ("Mia", "Rex"):
        await library.characters.share(name, boss)
    await save(library, shelf, "mia", ALICE, pictures=2)
    brought = await library.characters.resolve("@REX chases @Mia and @mia", ALICE)
    assert [(item.name, item.owner_id) for item in brought.characters] == [("Rex", boss.id), ("mia", MEMBER)]
    assert len(brought.references) == 3
    assert brought.cast(before=1) == (Cast("Rex", 2, 2), Cast("mia", 3, 4))


async def test_somebody_elses_private_character_is_like_none(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    await save(library, shelf, "Mia", BEN)
    model = world.catalogue.resolve(STANDARD).model
    assert await resolve(library, "@mia and @nobody") == ([], ["mia", "nobody"])
    said = []
    for name in ("mia", "nobody"):
        with pytest.raises(InvalidRequest) as caught:
            await library.characters.bring_in(f"@{name}", ALICE, model=model, others=0)
        said.append((problem(caught), {**caught.value.values, "names": None}))
    assert said[0] == said[1]
    assert await resolve(library, "no names here, me@example.com") == ([], [])
    assert await resolve(library, '@everyone at a sign that says "@cafe" or "@mia"') == ([], [])


async def test_the_models_limit_counts_everything(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    await save(library, shelf, "Mia", pictures=2)
    model = world.catalogue.resolve(DRAFT).model
    assert model.max_inputs == 3
    brought = await library.characters.bring_in("@mia", ALICE, model=model, others=1)
    assert len(brought.references) == 2
    with pytest.raises(InvalidRequest) as caught:
        await library.characters.bring_in("@mia", ALICE, model=model, others=2)
    assert problem(caught) == "too_many_references"
    assert caught.value.values == {"count": 4, "limit": 3, "model": model.label}


async def test_what_a_moderator_removed_is_not_brought_in(world: World) -> None:
    library = library_of(world)
    image_id = await keep_image(world)
    await library.characters.save("Mia", ALICE, image_ids=[image_id])
    assert await resolve(library, "@mia") == (["Mia"], [])
    async with world.store.transaction() as tx:
        await tx.images.mark_deleted(image_id, now=1, by=999)
    assert await resolve(library, "@mia") == ([], ["mia"])
