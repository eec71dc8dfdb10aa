"""Characters: names that can be typed, and what ``@name`` in a prompt finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.characters import Character, checked_name, find_mentioned, meant, mentioned
from bot.errors import InvalidRequest, Problem


def make(name: str, id_: str = "") -> Character:
    return Character(id_ or name, 1, name, None, (), 0)


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("@mia in the rain", ["mia"]),
        ("in the rain with @Mia, @rex and @MIA.", ["Mia", "rex"]),
        ("@mia's hat (@rex) @rex-like", ["mia", "rex", "rex-like"]),
        ("@Straße_7 @名前", ["Straße_7", "名前"]),
        ("mail me@example.com, <@123> <@&4> @@x ..@y @-z @ a", []),
        ("a@b @c-", ["c"]),
        ("85 mm @50mm, @everyone @HERE @hereby", ["hereby"]),
        ("", []),
    ],
)
def test_names_are_found_in_a_prompt(prompt: str, names: list[str]) -> None:
    assert list(mentioned(prompt)) == names


@given(st.text(max_size=40))
def test_every_name_that_is_kept_can_be_mentioned(name: str) -> None:
    try:
        kept = checked_name(name)
    except InvalidRequest as error:
        assert error.problem is Problem.NAME_NOT_TAKEN
        return
    assert mentioned(f"a picture of @{kept} at sea") == (kept,)
    found, missing = find_mentioned(mentioned(f"@{kept.upper()}"), [make(kept)])
    assert [character.name for character in found] == [kept] or kept.upper().casefold() != kept.casefold()
    assert not (found and missing)


@pytest.mark.parametrize(
    "name",
    ["", "@", "-a", "_a", "1a", "Everyone", "a b", "a.b", "a-", "x" * 33, "a;b", "<@1>", "@@a", "\u200b"],
)
def test_a_name_that_cannot_be_mentioned_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        checked_name(name)


def test_lettering_means_nobody() -> None:
    names = mentioned('@mia under a sign that says "@cafe" and "@mia"')
    assert names == ("mia", "cafe")
    assert meant(names, '@mia under a sign that says "@cafe" and "@mia"') == ("mia",)
    assert meant(["mia"], '"@mia in the rain"') == ("mia",)


def test_the_first_of_two_wins_and_each_counts_once() -> None:
    own, shared, rex = make("Mia", "own"), make("mia", "shared"), make("Rex")
    found, missing = find_mentioned(["MIA", "rex", "mia", "tom"], [own, shared, rex])
    assert found == (own, rex)
    assert missing == ("tom",)


def test_a_name_may_be_followed_by_a_hyphen_and_more() -> None:
    mia, exact = make("mia"), make("mia-lou")
    assert find_mentioned(["mia-like"], [mia]) == ((mia,), ())
    assert find_mentioned(["Mia-Lou-like"], [mia, exact]) == ((exact,), ())
    assert find_mentioned(["like-mia"], [mia]) == ((), ("like-mia",))
