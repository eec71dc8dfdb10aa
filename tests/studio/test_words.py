"""A server's own words: who changes them, files of them, and two who change them at once."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.rules.ruleset import Listed
from bot.domain.rules.words import MOST_FILE_BYTES
from bot.errors import ChangedMeanwhile, InputRefused, InvalidRequest, NotAllowed
from bot.studio.pictures import Person
from bot.studio.words import Imported, Words
from tests.studio.library import MANAGER, OTHER_GUILD, Shelf, audit_of, person, problem
from tests.studio.world import GUILD, World

MODERATOR = person(MANAGER, moderator=True)


def words_of(world: World, shelf: Shelf | None = None) -> Words:
    return world.moderation(downloads=shelf or Shelf()).words


async def texts(words: Words) -> list[str]:
    return [text for _, text in (await words.of_server(MODERATOR)).entries]


@pytest.mark.parametrize("who", [person(), person(guild_id=None, moderator=True)], ids=["member", "direct"])
async def test_only_moderators_of_the_server_may(world: World, who: Person) -> None:
    words, shelf = words_of(world), Shelf()
    for work in (
        lambda: words.of_server(who),
        lambda: words.add(["a word"], Listed.BLOCK, who),
        lambda: words.remove("a word", who),
        lambda: words.test("a word", who),
        lambda: words.import_file(shelf.put(b"a word", "a.txt"), who),
        lambda: words.export_file(who),
        lambda: words.attempts(who),
    ):
        with pytest.raises(NotAllowed):
            await work()
    assert shelf.fetched == []


async def test_what_was_added_is_found_tested_and_removed(world: World) -> None:
    words = words_of(world)
    assert await words.add(["pine apple", " ", "Kiwi "], Listed.BLOCK, MODERATOR) == (
        ["pine apple", "Kiwi"],
        2,
    )
    assert await words.add(["PINE-APPLE!"], Listed.BLOCK, MODERATOR) == (["PINE-APPLE!"], 0)
    finding = await words.test("a p1ne  apple", MODERATOR)
    assert finding is not None and finding.entries == ("pine apple",)
    assert await words.test("a p1ne  apple", person(MANAGER, OTHER_GUILD, moderator=True)) is None
    assert await words.remove("pine  APPLE", MODERATOR) == (Listed.BLOCK, "pine apple")
    with pytest.raises(InvalidRequest) as error:
        await words.remove("pine apple", MODERATOR)
    assert problem(error) == "word_unknown"
    assert await texts(words) == ["Kiwi"]
    changes = [dict(entry.data) for entry in await audit_of(world)]
    assert len(changes) == 2
    assert {"added": ["pine apple", "Kiwi"], "removed": []} in changes
    assert {"added": [], "removed": ["pine apple"]} in changes
    with pytest.raises(InvalidRequest) as error:
        await words.add([" ", ""], Listed.BLOCK, MODERATOR)
    assert problem(error) == "word_empty"


async def test_of_two_at_once_one_is_told(world: World) -> None:
    words = words_of(world)
    results = await asyncio.gather(
        *(words.add([f"word{number}"], Listed.BLOCK, MODERATOR) for number in range(5)),
        return_exceptions=True,
    )
    told = [result for result in results if isinstance(result, ChangedMeanwhile)]
    assert len(told) + len(await texts(words)) == 5
    assert all(isinstance(result, tuple | ChangedMeanwhile) for result in results)


async def test_a_file_goes_in_and_comes_out(world: World) -> None:
    shelf = Shelf()
    words = words_of(world, shelf)
    await words.add(["kiwi"], Listed.BLOCK, MODERATOR)
    data = b"pine apple\n\n+pine apple king\nKIWI\n.*\n"
    assert await words.import_file(shelf.put(data, "words.txt"), MODERATOR) == Imported(2, 1, 1, 3)
    exported = await words.export_file(MODERATOR)
    assert exported == b"kiwi\npine apple\n+pine apple king\n"
    assert await words.import_file(shelf.put(exported, "again.txt"), MODERATOR) == Imported(0, 3, 0, 3)
    table = b"pear,fruit\nplum,fruit\n"
    assert (await words.import_file(shelf.put(table, "WORDS.CSV"), MODERATOR)).added == 2
    assert await words.test("anything at all", MODERATOR) is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("\n".join(f"word{number}" for number in range(100_000)).encode(), "too_many_words"),
        (b"\x89PNG\r\n\x1a\n\0\0", "words_unreadable"),
        (b"x" * (MOST_FILE_BYTES + 1), "words_too_large"),
    ],
    ids=["100,000 lines", "a picture", "too large"],
)
async def test_a_file_that_is_no_list_changes_nothing(world: World, data: bytes, expected: str) -> None:
    shelf = Shelf()
    words = words_of(world, shelf)
    await words.add(["kiwi"], Listed.BLOCK, MODERATOR)
    with pytest.raises(InvalidRequest) as error:
        await words.import_file(shelf.put(data, "words.txt"), MODERATOR)
    assert problem(error) == expected
    assert await texts(words) == ["kiwi"]


async def test_a_file_that_is_gone_or_larger_than_it_claims(world: World) -> None:
    shelf = Shelf()
    words = words_of(world, shelf)
    source = shelf.put(b"x" * (MOST_FILE_BYTES + 1), "words.txt")
    small = type(source)(source.url, source.filename, 10, source.content_type)
    with pytest.raises(InvalidRequest) as error:
        await words.import_file(small, MODERATOR)
    assert problem(error) == "words_too_large"
    shelf.files.clear()
    with pytest.raises(InputRefused):
        await words.import_file(small, MODERATOR)
    assert (await words.of_server(MODERATOR)).guild_id == GUILD
