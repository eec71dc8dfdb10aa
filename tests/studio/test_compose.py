"""From what somebody typed to everything that a request needs."""

from __future__ import annotations

import pytest

from bot.domain.composition import NO_MORE_TEXT, NO_TEXT, Chosen
from bot.domain.presets import Preset
from bot.domain.requests import Kind, Options, Reference
from bot.domain.templates import Template
from bot.errors import InvalidRequest, NotAllowed
from bot.studio.compose import Wish
from tests.imaging.pictures import flat_png
from tests.studio.library import Shelf, library_of, manager, person, problem, settings_of
from tests.studio.world import DRAFT, GUILD, MEMBER, STANDARD, World

ALICE = person()
PRO = "gemini-3-pro-image"
EDITED = Reference("ab" * 32, "image/png", 7)


async def test_plain_words_stay_nearly_alone(world: World) -> None:
    composed = await library_of(world).composer.compose(Wish("a lighthouse"), ALICE)
    assert composed.composition.texts == (NO_TEXT, "a lighthouse")
    assert composed.frame == (NO_TEXT,)
    assert composed.options == Options(STANDARD)
    assert (composed.brought, composed.private) == ((), False)
    assert (composed.better, composed.preset) == (None, None)


async def test_server_style_and_member_have_their_say(world: World) -> None:
    library = library_of(world)
    settings = settings_of(world)
    await settings.change_server(manager(), await settings.server(GUILD), brand_prefix="In green.")
    await settings.change_member(MEMBER, model="draft", ratio="16:9", count=2, private=True)
    preset = Preset("Harbour", "Harbour", "", Template(scene="a {size=small} harbour"), ratio="21:9")
    await library.styles.create(preset, manager())

    composed = await library.composer.compose(Wish("boats", style="HARBOUR; size: huge"), ALICE)
    assert composed.composition.texts[0] == "In green."
    assert "Scene: a huge harbour" in composed.composition.texts[1]
    assert composed.options == Options(DRAFT, "21:9", None, 2)
    assert composed.private and composed.preset is not None and composed.preset.name == "Harbour"

    wish = Wish("boats", chosen=Chosen(model="pro", ratio="1:1", count=1, seed=3), private=False)
    composed = await library.composer.compose(wish, ALICE)
    assert composed.options == Options(PRO, "1:1", None, 1, 3)
    assert not composed.private


async def test_the_pro_model_is_suggested_for_words_in_the_picture(world: World) -> None:
    composer = library_of(world).composer
    composed = await composer.compose(Wish('a sign that says "OPEN"'), ALICE)
    assert composed.better is not None and composed.better.id == PRO
    assert composed.composition.texts == ('a sign that says "OPEN"',)
    composed = await composer.compose(Wish("a jazz night", style="poster"), ALICE)
    assert (composed.options.model, composed.better) == (PRO, None)


async def test_characters_come_after_every_other_picture(world: World) -> None:
    shelf = Shelf()
    library = library_of(world, shelf)
    await library.characters.save(
        "Mia", ALICE, sources=[shelf.put(flat_png(8, 8)), shelf.put(flat_png(9, 9))]
    )
    wish = Wish("put @mia in it", kind=Kind.EDIT, references=(EDITED,), attachments=1)
    composed = await library.composer.compose(wish, ALICE)
    assert len(composed.brought) == 2 and EDITED not in composed.brought
    assert composed.composition.texts[0].startswith("@Mia is who or what pictures 3 to 4 show.")
    assert len(composed.composition.texts) == 2
    assert composed.characters == ("Mia",)
    made = await library.composer.compose(Wish("@mia at sea"), ALICE)
    assert made.composition.texts[1:] == (NO_MORE_TEXT, "@mia at sea")


async def test_the_servers_rules_hold_for_every_wish(world: World) -> None:
    library = library_of(world)
    composed = await library.composer.compose(Wish("a lighthouse", age_restricted=True), ALICE)
    assert (composed.spoiler, composed.needs_confirmation, composed.micros) == (False, False, 33_639)
    settings = settings_of(world)
    await settings.change_server(
        manager(),
        await settings.server(GUILD),
        consent_required=True,
        spoiler="age_restricted",
        confirm_above_micros=50_000,
    )
    composed = await library.composer.compose(Wish("a lighthouse", chosen=Chosen(count=2)), ALICE)
    assert (composed.spoiler, composed.needs_confirmation) == (False, True)
    assert (await library.composer.compose(Wish("a lighthouse", age_restricted=True), ALICE)).spoiler
    with pytest.raises(InvalidRequest) as caught:
        await library.composer.compose(Wish("a lighthouse", attachments=1), ALICE)
    assert problem(caught) == "consent_missing"
    await library.composer.compose(Wish("a lighthouse", attachments=1, consent=True), ALICE)
    await settings.change_server(manager(), await settings.server(GUILD), age_restricted="refused")
    with pytest.raises(NotAllowed):
        await library.composer.compose(Wish("a lighthouse", age_restricted=True), ALICE)
    await settings.change_member(MEMBER, spoiler=True)
    assert (await library.composer.compose(Wish("a lighthouse"), ALICE)).spoiler


async def test_an_edit_keeps_the_shape_of_its_picture_and_is_made_once(world: World) -> None:
    library = library_of(world)
    settings = settings_of(world)
    await settings.change_member(MEMBER, model="pro", ratio="16:9", size="2K", count=4)
    wish = Wish("make it night", kind=Kind.EDIT, references=(EDITED,))
    assert (await library.composer.compose(wish, ALICE)).options == Options(PRO, None, "2K", 1)
    assert (await library.composer.compose(Wish("night"), ALICE)).options == Options(PRO, "16:9", "2K", 4)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish("x", style="nothing"), "style_unknown"),
        (Wish("x", style="poster; colour: red"), "slot_unknown"),
        (Wish("x", chosen=Chosen(model="dall-e")), "model_unknown"),
        (Wish("@somebody at sea"), "character_unknown"),
    ],
)
async def test_what_there_is_not_is_refused(world: World, wish: Wish, expected: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await library_of(world).composer.compose(wish, ALICE)
    assert problem(caught) == expected


async def test_outside_of_servers_the_packaged_styles_are_there(world: World) -> None:
    library = library_of(world)
    settings = settings_of(world)
    await settings.change_server(manager(), await settings.server(GUILD), brand_prefix="In green.")
    composed = await library.composer.compose(Wish("a mug", style="Sticker"), person(guild_id=None))
    assert composed.composition.texts[0].startswith("Make one picture")
    assert composed.options.ratio == "1:1"
    composed = await library.composer.compose(Wish("a mug", style="  "), ALICE)
    assert composed.preset is None
