"""Asking again with the settings of an earlier request, by the rules of now."""

from __future__ import annotations

import pytest

from bot.domain.requests import Kind
from bot.errors import InvalidRequest, NotAllowed
from tests.studio.library import library_of, manager, person, problem, settings_of
from tests.studio.world import GUILD, MEMBER, World, make_request

ALICE = person()


async def test_the_rules_of_now_hold(world: World) -> None:
    library = library_of(world)
    request = make_request(kind=Kind.VARY, frame=("In green.",), unit="dollars")
    repeat = await library.repeats.repeat(request, ALICE, age_restricted=True)
    assert (repeat.request, repeat.needs_confirmation) == (request, False)
    settings = settings_of(world)
    state = await settings.change_server(
        manager(),
        await settings.server(GUILD),
        unit="images",
        spoiler="age_restricted",
        confirm_above_micros=10,
        brand_prefix="In blue.",
    )
    repeat = await library.repeats.repeat(request, ALICE, age_restricted=True)
    assert repeat.request == request.evolve(unit="images", spoiler=True)
    assert repeat.needs_confirmation and 33_600 < repeat.micros < 40_000
    assert not (await library.repeats.repeat(request, ALICE, age_restricted=False)).request.spoiler
    # In direct messages no server has a say.
    alone = await library.repeats.repeat(request, person(guild_id=None), age_restricted=False)
    assert (alone.request, alone.needs_confirmation) == (request, False)
    await settings.change_server(manager(), state, age_restricted="refused")
    with pytest.raises(NotAllowed):
        await library.repeats.repeat(request, ALICE, age_restricted=True)


async def test_a_member_who_makes_pictures_privately_does_so_here(world: World) -> None:
    library = library_of(world)
    settings = settings_of(world)
    await settings.change_member(MEMBER, private=True, spoiler=True)
    repeat = await library.repeats.repeat(make_request(), ALICE, age_restricted=False)
    assert (repeat.request.private, repeat.request.spoiler) == (True, True)


async def test_words_that_stay_need_no_character_and_new_ones_do(world: World) -> None:
    library = library_of(world)
    request = make_request("@tom at sea")
    assert (await library.repeats.repeat(request, ALICE, age_restricted=False)).request == request
    kept = await library.repeats.repeat(request, ALICE, age_restricted=False, before="@tom at home")
    assert kept.request == request
    with pytest.raises(InvalidRequest) as caught:
        await library.repeats.repeat(request, ALICE, age_restricted=False, before="a boat")
    assert problem(caught) == "character_unknown"
