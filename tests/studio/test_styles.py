"""Styles: found by everybody, changed by managers, never by two at once."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.audit import STYLE_CHANGED, STYLE_CREATED, STYLE_DELETED
from bot.domain.composition import NO_TEXT
from bot.domain.presets import Preset, ServerPreset
from bot.domain.templates import Template
from bot.errors import ChangedMeanwhile, InvalidRequest, NotAllowed
from bot.presets import load_presets
from bot.studio import styles as module
from tests.studio.library import (
    MANAGER,
    OTHER_GUILD,
    audit_of,
    library_of,
    manager,
    person,
    problem,
    settings_of,
)
from tests.studio.world import GUILD, World

PACKAGED = [preset.name for preset in load_presets()]


def harbour(name: str = "Harbour", text: str = "Our {size=small} harbour.") -> Preset:
    return Preset(name, name, "For the newsletter", Template(prefix=text), ratio="16:9", avoid=("crowds",))


async def test_a_servers_styles_come_first_and_stay_there(world: World) -> None:
    styles = library_of(world).styles
    await styles.create(harbour("Zebra"), manager())
    await styles.create(harbour(), manager())
    await styles.create(harbour("Elsewhere"), manager(OTHER_GUILD))
    assert [preset.name for preset in await styles.all(GUILD)] == ["Harbour", "Zebra", *PACKAGED]
    assert [preset.name for preset in await styles.all(None)] == PACKAGED
    assert (await styles.find("hArBoUr", GUILD)).description == "For the newsletter"
    with pytest.raises(InvalidRequest) as caught:
        await styles.find("Elsewhere", GUILD)
    assert problem(caught) == "style_unknown"


async def test_a_style_that_is_packaged_later_does_not_hide_the_servers_own(world: World) -> None:
    styles = library_of(world).styles
    preset = harbour("poster").checked(world.catalogue)
    async with world.store.transaction() as tx:
        await tx.presets.insert(ServerPreset(GUILD, preset, 1, 0, 1, 0, 1))
    assert await styles.find("POSTER", GUILD) == preset
    assert [item.name for item in await styles.all(GUILD)].count("poster") == 1


async def test_only_managers_change_styles(world: World) -> None:
    styles = library_of(world).styles
    kept = await styles.create(harbour(), manager())
    for who in (person(), person(moderator=True), person(guild_id=None, manager=True)):
        with pytest.raises(NotAllowed):
            await styles.check_new("Other", who)
        with pytest.raises(NotAllowed):
            await styles.create(harbour("Other"), who)
        with pytest.raises(NotAllowed):
            await styles.change(harbour(), 1, who)
        with pytest.raises(NotAllowed):
            await styles.delete("Harbour", who)
        with pytest.raises(NotAllowed):
            await styles.kept("Harbour", who)
    assert await styles.kept("Harbour", manager()) == kept
    assert len(await audit_of(world)) == 1


@pytest.mark.parametrize("name", ["harbour", "HARBOUR ", "poster", "Studio Product Shot"])
async def test_a_name_is_used_once(world: World, name: str) -> None:
    styles = library_of(world).styles
    await styles.create(harbour(), manager())
    for attempt in (styles.check_new(name, manager()), styles.create(harbour(name), manager())):
        with pytest.raises(InvalidRequest) as caught:
            await attempt
        assert problem(caught) == "name_in_use"


async def test_of_two_that_create_the_same_at_once_one_is_told(world: World) -> None:
    styles = library_of(world).styles
    results = await asyncio.gather(
        *(styles.create(harbour(), manager()) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, ServerPreset) for result in results) == 1
    assert sum(isinstance(result, InvalidRequest) for result in results) == 3


async def test_a_style_that_makes_no_sense_is_refused(world: World) -> None:
    styles = library_of(world).styles
    for text, expected in (("", "style_empty"), ("a {b", "slot_broken"), ("x" * 1_001, "text_too_long")):
        with pytest.raises(InvalidRequest) as caught:
            await styles.create(harbour(text=text), manager())
        assert problem(caught) == expected
    assert await audit_of(world) == []


async def test_a_server_keeps_so_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_STYLES", 1)
    styles = library_of(world).styles
    await styles.create(harbour(), manager())
    with pytest.raises(InvalidRequest) as caught:
        await styles.create(harbour("Other"), manager())
    assert problem(caught) == "too_many_kept"
    await styles.create(harbour("Other"), manager(OTHER_GUILD))


async def test_a_style_is_edited_by_who_saw_its_latest_version(world: World) -> None:
    styles = library_of(world).styles
    kept = await styles.create(harbour(), manager())
    later = await styles.change(harbour(text="Our harbour at night."), kept.version, manager(member_id=7))
    assert (later.version, later.created_by, later.updated_by) == (2, MANAGER, 7)
    with pytest.raises(ChangedMeanwhile):
        await styles.change(harbour(text="Our harbour by day."), kept.version, manager())
    assert (await styles.find("harbour", GUILD)).template.prefix == "Our harbour at night."
    await styles.delete("harbour", manager())
    with pytest.raises(ChangedMeanwhile):
        await styles.change(harbour(), 2, manager())
    with pytest.raises(InvalidRequest):
        await styles.delete("harbour", manager())
    with pytest.raises(InvalidRequest):
        await styles.delete("poster", manager())  # packaged
    entries = await audit_of(world)
    assert [entry.action for entry in entries] == [STYLE_CREATED, STYLE_CHANGED, STYLE_DELETED]
    assert entries[1].data["before"]["template"]["prefix"] == "Our {size=small} harbour."
    assert entries[1].data["after"] == entries[2].data["before"]


async def test_a_preview_is_what_would_be_sent(world: World) -> None:
    library = library_of(world)
    settings = settings_of(world)
    await settings.change_server(manager(), await settings.server(GUILD), brand_prefix="In green.")
    await library.styles.create(harbour(), manager())
    preview = await library.styles.preview("harbour; size: huge", "boats", GUILD)
    brand, frame, line, words = preview.composition.texts
    assert (brand, line, words) == ("In green.", NO_TEXT, "boats")
    assert "Our huge harbour." in frame and "crowds" in frame
    assert preview.preset.ratio == "16:9"
    assert (await library.styles.preview("harbour", None, GUILD)).composition.texts[-1] == module.SAMPLE_WORDS
    with pytest.raises(InvalidRequest) as caught:
        await library.styles.preview("harbour; colour: red", None, GUILD)
    assert problem(caught) == "slot_unknown"
