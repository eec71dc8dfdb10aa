"""Settings of servers and members: who may change them, and two at once."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.audit import SETTINGS_CHANGED
from bot.domain.server_settings import MemberSettings, ServerSettings, ServerState, Spoiler
from bot.errors import ChangedMeanwhile, InvalidRequest, NotAllowed
from bot.studio.pictures import Person
from tests.studio.library import (
    MANAGER,
    OTHER_GUILD,
    audit_of,
    manager,
    person,
    problem,
    settings_of,
)
from tests.studio.world import DRAFT, GUILD, MEMBER, STANDARD, World


async def test_a_manager_changes_what_holds_for_a_server(world: World) -> None:
    settings = settings_of(world)
    seen = await settings.server(GUILD)
    assert seen == ServerState(GUILD, ServerSettings())
    state = await settings.change_server(manager(), seen, spoiler="always", brand_prefix="In green.")
    assert state.settings == ServerSettings(spoiler=Spoiler.ALWAYS, brand_prefix="In green.")
    assert (state.version, state.updated_by) == (1, MANAGER)
    assert await settings.server(GUILD) == state
    assert (await settings.server(OTHER_GUILD)).version == 0
    assert (await settings.server(None)).settings == ServerSettings()
    (entry,) = await audit_of(world)
    assert (entry.action, entry.actor_id, entry.target) == (
        SETTINGS_CHANGED,
        MANAGER,
        "spoiler, brand_prefix",
    )
    assert entry.data == {"spoiler": ["never", "always"], "brand_prefix": ["", "In green."]}


@pytest.mark.parametrize("who", [person(), person(moderator=True), person(guild_id=None, manager=True)])
async def test_nobody_else_does(world: World, who: Person) -> None:
    settings = settings_of(world)
    with pytest.raises(NotAllowed):
        await settings.change_server(who, await settings.server(GUILD), spoiler="always")
    assert (await settings.server(GUILD)).version == 0


async def test_what_was_seen_in_one_server_does_not_change_another(world: World) -> None:
    settings = settings_of(world)
    with pytest.raises(ChangedMeanwhile):
        await settings.change_server(manager(OTHER_GUILD), await settings.server(GUILD), spoiler="always")
    assert await audit_of(world, OTHER_GUILD) == []


async def test_of_two_managers_at_once_the_second_is_told(world: World) -> None:
    settings = settings_of(world)
    seen = await settings.server(GUILD)
    await settings.change_server(manager(), seen, unit="credits")
    with pytest.raises(ChangedMeanwhile):
        await settings.change_server(manager(member_id=7), seen, unit="images")
    assert (await settings.server(GUILD)).settings.unit == "credits"
    assert len(await audit_of(world)) == 1

    seen = await settings.server(GUILD)
    results = await asyncio.gather(
        *(settings.change_server(manager(), seen, credit_micros=number) for number in range(1, 6)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, ServerState) for result in results) == 1
    assert sum(isinstance(result, ChangedMeanwhile) for result in results) == 4
    assert len(await audit_of(world)) == 2


async def test_what_changes_nothing_is_not_recorded(world: World) -> None:
    settings = settings_of(world)
    seen = await settings.server(GUILD)
    assert await settings.change_server(manager(), seen, spoiler="never") == seen
    with pytest.raises(InvalidRequest):
        await settings.change_server(manager(), seen, spoiler="sometimes")
    assert await audit_of(world) == []


# --- members ----------------------------------------------------------------------------------------------


async def test_a_member_sets_their_own(world: World) -> None:
    settings = settings_of(world)
    await settings.change_member(MEMBER, model="draft", private=True)
    await settings.change_member(MEMBER, count=2)
    assert await settings.member(MEMBER) == MemberSettings(model=DRAFT, private=True, count=2)
    assert await settings.member(MEMBER + 1) == MemberSettings()
    assert await settings.reset_member(MEMBER) == MemberSettings()
    assert await settings.member(MEMBER) == MemberSettings()


async def test_a_model_has_to_be_on_offer_and_a_retired_one_is_replaced(world: World) -> None:
    settings = settings_of(world)
    with pytest.raises(InvalidRequest) as caught:
        await settings.change_member(MEMBER, model="dall-e")
    assert problem(caught) == "model_unknown"
    assert (await settings.change_member(MEMBER, model="gemini-2.5-flash-image")).model == STANDARD


async def test_ratio_and_size_belong_to_the_model(world: World) -> None:
    settings = settings_of(world)
    await settings.change_member(MEMBER, ratio="1:8", size="4K")
    changed = await settings.change_member(MEMBER, model="draft")
    assert changed == MemberSettings(model=DRAFT)
    for name, value, expected in (("ratio", "1:8", "ratio_not_taken"), ("size", "4K", "size_not_taken")):
        with pytest.raises(InvalidRequest) as caught:
            await settings.change_member(MEMBER, **{name: value})
        assert problem(caught) == expected
    assert await settings.member(MEMBER) == changed


async def test_changes_at_once_are_all_kept(world: World) -> None:
    settings = settings_of(world)
    changes: list[dict[str, object]] = [
        {"count": 3},
        {"private": True},
        {"spoiler": True},
        {"locale": "de"},
        {"ratio": "16:9"},
    ]
    await asyncio.gather(*(settings.change_member(MEMBER, **change) for change in changes))
    assert await settings.member(MEMBER) == MemberSettings(
        count=3, private=True, spoiler=True, locale="de", ratio="16:9"
    )
