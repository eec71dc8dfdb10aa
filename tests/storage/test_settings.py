"""What servers and members have set."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.server_settings import InForce, MemberSettings, ServerSettings, ServerState, Spoiler
from bot.errors import StaleState
from storage import Store
from tests.storage.samples import MEMBER, NOON
from tests.storage.server_samples import GUILD, make_state, make_words


async def server(store: Store, guild_id: int = GUILD) -> ServerState:
    async with store.reading() as tx:
        return await tx.settings.of_server(guild_id)


async def save(store: Store, state: ServerState) -> None:
    async with store.transaction() as tx:
        await tx.settings.save_server(state)


async def member(store: Store, member_id: int = MEMBER) -> MemberSettings:
    async with store.reading() as tx:
        return await tx.settings.of_member(member_id)


async def test_nothing_kept_is_the_defaults(store: Store) -> None:
    assert await server(store) == ServerState(GUILD, ServerSettings())
    assert await member(store) == MemberSettings()


async def test_a_servers_settings_come_back_as_they_were_saved(store: Store) -> None:
    await save(store, make_state())
    assert await server(store) == make_state()
    later = make_state(2, spoiler="always", confirm_above_micros=50_000, consent_required=True)
    await save(store, later)
    assert await server(store) == later
    assert (await server(store)).settings.spoiler is Spoiler.ALWAYS
    assert await server(store, GUILD + 1) == ServerState(GUILD + 1, ServerSettings())


@pytest.mark.parametrize("version", [1, 2, 4])
async def test_who_did_not_see_the_latest_version_changes_nothing(store: Store, version: int) -> None:
    for number in (1, 2):
        await save(store, make_state(number))
    with pytest.raises(StaleState):
        await save(store, make_state(version, unit="images"))
    assert await server(store) == make_state(2)


async def test_of_two_at_once_one_is_told(store: Store) -> None:
    results = await asyncio.gather(
        *(save(store, make_state(1, brand_prefix=f"brand {number}")) for number in range(8)),
        return_exceptions=True,
    )
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, StaleState) for result in results) == 7
    assert (await server(store)).version == 1


async def test_a_members_settings_are_replaced_and_forgotten(store: Store) -> None:
    for settings in (MemberSettings(model="pro", count=3), MemberSettings(locale="de", spoiler=True)):
        async with store.transaction() as tx:
            await tx.settings.save_member(MEMBER, settings, now=NOON)
        assert await member(store) == settings
    assert await member(store, MEMBER + 1) == MemberSettings()
    async with store.transaction() as tx:
        await tx.settings.forget_member(MEMBER)
    assert await member(store) == MemberSettings()


async def test_what_another_version_wrote_is_read_as_far_as_it_makes_sense(store: Store) -> None:
    await save(store, make_state())
    async with store.engine.transaction() as connection:
        await connection.execute(
            "UPDATE server_settings SET data = :data",
            {"data": '{"unit": "bananas", "spoiler": "always", "confirm_above_micros": -1, "new": [1]}'},
        )
    assert (await server(store)).settings == ServerSettings(spoiler=Spoiler.ALWAYS)


async def in_force(store: Store, guild_id: int | None = GUILD) -> InForce:
    return await store.read(lambda tx: tx.settings.in_force(MEMBER, guild_id))


async def test_what_is_in_force_is_found_at_one_go(store: Store) -> None:
    assert await in_force(store) == await in_force(store, None) == InForce()
    mine = MemberSettings(model="pro")
    async with store.transaction() as tx:
        await tx.settings.save_member(MEMBER, mine, now=NOON)
        await tx.settings.save_server(make_state())
        await tx.words.save(make_words())
    assert await in_force(store) == InForce(mine, make_state().settings, make_words().version)
    assert await in_force(store, None) == await in_force(store, GUILD + 1) == InForce(mine)
