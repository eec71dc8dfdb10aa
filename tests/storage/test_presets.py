"""The presets that servers made."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import StaleState
from storage import Store
from tests.storage.server_samples import GUILD, make_kept, make_preset


async def insert(store: Store, *names: str, guild_id: int = GUILD) -> None:
    for name in names:
        async with store.transaction() as tx:
            await tx.presets.insert(make_kept(make_preset(name), guild_id=guild_id))


async def names(store: Store, guild_id: int = GUILD) -> list[str]:
    async with store.reading() as tx:
        return [kept.preset.name for kept in await tx.presets.of_server(guild_id)]


async def test_a_preset_comes_back_as_it_was_kept(store: Store) -> None:
    await insert(store, "Harbour")
    async with store.reading() as tx:
        assert await tx.presets.get(GUILD, "hArBoUr ") == make_kept()
        assert await tx.presets.get(GUILD + 1, "Harbour") is None
        assert await tx.presets.get(GUILD, "harbours") is None


@pytest.mark.parametrize("other", ["Straße 1", "STRASSE 1", "straße  1", "Straße \uff11"])
async def test_names_are_unique_whatever_their_case(store: Store, other: str) -> None:
    await insert(store, "Straße 1")
    with pytest.raises(StaleState):
        await insert(store, other)
    await insert(store, other, guild_id=GUILD + 1)
    assert await names(store) == ["Straße 1"]


async def test_a_server_lists_its_own_by_name(store: Store) -> None:
    await insert(store, "zebra", "Boat", "apple")
    await insert(store, "else", guild_id=GUILD + 1)
    assert await names(store) == ["apple", "Boat", "zebra"]
    assert await names(store, GUILD + 2) == []


async def test_only_who_saw_the_latest_version_changes_it(store: Store) -> None:
    await insert(store, "Harbour")
    changed = make_kept(replace(make_preset("HARBOUR"), ratio="1:1"), version=2)
    async with store.transaction() as tx:
        await tx.presets.save(changed)
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.presets.save(make_kept(version=2))
    with pytest.raises(StaleState):
        async with store.transaction() as tx:
            await tx.presets.save(make_kept(make_preset("nothing"), version=2))
    async with store.reading() as tx:
        assert await tx.presets.get(GUILD, "harbour") == changed


async def test_a_preset_is_deleted_once(store: Store) -> None:
    await insert(store, "Harbour", "Pier")
    async with store.transaction() as tx:
        assert await tx.presets.delete(GUILD, "HARBOUR")
        assert not await tx.presets.delete(GUILD, "HARBOUR")
        assert not await tx.presets.delete(GUILD + 1, "Pier")
    assert await names(store) == ["Pier"]
