"""Servers' own words, what rules refused, and pictures that may not come back."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.attempts import Attempt
from bot.domain.blocked import BlockedPicture
from bot.domain.rules.ruleset import Listed
from bot.domain.rules.words import ServerWords
from bot.errors import StaleState
from storage import Store
from tests.storage.samples import MEMBER, NOON
from tests.storage.server_samples import GUILD, MANAGER, make_attempt, make_blocked, make_words


async def words(store: Store, guild_id: int = GUILD) -> ServerWords:
    async with store.reading() as tx:
        found = await tx.words.of_server(guild_id)
        assert await tx.words.version_of(guild_id) == found.version
        return found


async def save(store: Store, value: ServerWords) -> None:
    async with store.transaction() as tx:
        await tx.words.save(value)


async def test_a_list_comes_back_as_it_was_saved(store: Store) -> None:
    assert await words(store) == ServerWords(GUILD)
    await save(store, make_words())
    assert await words(store) == make_words()
    later = make_words().changed([(Listed.BLOCK, "(ab+)+$ ünï 🍍")], NOON + 9, MANAGER)
    await save(store, later)
    assert await words(store) == later
    assert await words(store, GUILD + 1) == ServerWords(GUILD + 1)


async def test_of_two_at_once_one_is_told(store: Store) -> None:
    results = await asyncio.gather(
        *(save(store, replace(make_words(), updated_by=number)) for number in range(6)),
        return_exceptions=True,
    )
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, StaleState) for result in results) == 5


async def add(store: Store, *attempts: Attempt) -> list[bool]:
    async with store.transaction() as tx:
        return [await tx.attempts.add(attempt) for attempt in attempts]


async def test_an_attempt_is_kept_once_and_comes_back(store: Store) -> None:
    assert await add(store, make_attempt()) == [True]
    assert await add(store, make_attempt(), make_attempt(2, member_id=MEMBER + 1)) == [False, True]
    async with store.reading() as tx:
        assert await tx.attempts.of_server(GUILD, limit=10) == [
            make_attempt(2, member_id=MEMBER + 1),
            make_attempt(),
        ]
        assert await tx.attempts.of_server(GUILD, limit=10, member_id=MEMBER) == [make_attempt()]
        assert await tx.attempts.of_server(GUILD, limit=1) == [make_attempt(2, member_id=MEMBER + 1)]
        assert await tx.attempts.of_server(GUILD + 1, limit=10) == []


async def test_attempts_are_counted_by_member_and_server(store: Store) -> None:
    direct = make_attempt(7, guild_id=None)
    await add(store, *(make_attempt(number) for number in (1, 3, 2)), make_attempt(9, guild_id=8), direct)
    async with store.reading() as tx:
        assert await tx.attempts.latest(GUILD, MEMBER, 2) == [NOON + 3, NOON + 2]
        assert await tx.attempts.latest(8, MEMBER, 5) == [NOON + 9]
        assert await tx.attempts.latest(None, MEMBER, 5) == [NOON + 7]
        assert await tx.attempts.latest(GUILD, MEMBER + 1, 5) == []


async def test_what_is_kept_long_enough_is_forgotten_in_small_steps(store: Store) -> None:
    await add(store, *(make_attempt(number, kept_until=NOON + number) for number in range(1, 6)))
    async with store.transaction() as tx:
        assert await tx.attempts.forget(NOON, 10) == 0
        assert await tx.attempts.forget(NOON + 4, 3) == 3
        assert await tx.attempts.forget(NOON + 4, 3) == 1
        assert [attempt.id for attempt in await tx.attempts.of_server(GUILD, limit=9)] == ["attempt5"]


async def insert(store: Store, *pictures: BlockedPicture) -> list[bool]:
    async with store.transaction() as tx:
        return [await tx.blocked.insert(picture) for picture in pictures]


async def state(store: Store, guild_id: int | None) -> tuple[str, list[BlockedPicture]]:
    async with store.reading() as tx:
        return await tx.blocked.stamp(guild_id), list(await tx.blocked.holding_for(guild_id))


async def test_blocked_pictures_hold_for_their_server_or_everywhere(store: Store) -> None:
    assert await state(store, GUILD) == ("", [])
    own, everywhere = make_blocked(), make_blocked(2, guild_id=None, sha256="cd" * 32)
    assert await insert(store, own, everywhere, make_blocked(3)) == [True, True, False]
    assert (await state(store, GUILD))[1] == [everywhere, own]
    assert (await state(store, GUILD + 1))[1] == [everywhere]
    assert (await state(store, None))[1] == [everywhere]


@pytest.mark.parametrize("change", ["insert", "delete", "replace"])
async def test_a_stamp_changes_with_every_change(store: Store, change: str) -> None:
    first, second = make_blocked(), make_blocked(2, sha256="cd" * 32)
    await insert(store, first, second)
    before, _ = await state(store, GUILD)
    async with store.transaction() as tx:
        if change != "insert":
            assert await tx.blocked.delete(second.id, GUILD)
            assert not await tx.blocked.delete(second.id, GUILD)
            assert not await tx.blocked.delete(first.id, None)
        if change != "delete":
            await tx.blocked.insert(make_blocked(4, sha256="ef" * 32))
    assert (await state(store, GUILD))[0] != before


def test_samples_are_different() -> None:
    values: list[Any] = [make_attempt(), make_attempt(2), make_blocked(), make_blocked(2)]
    assert len({value.id for value in values}) == 4
