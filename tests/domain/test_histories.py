"""What a model gets of a conversation, and what gives way first."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calls import Content, ModelContent, UserContent
from bot.domain.conversations import Step, TurnNote
from bot.domain.histories import LEFT_OUT, Room, build_history, from_head_alone
from bot.domain.requests import Reference

FAMILY = "banana"
NEWEST = UserContent(("and now this",))
ROOMY = Room(pictures=1000, tokens=10**9, bytes=10**9)


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def picture(name: str, size: int = 1000) -> Reference:
    return Reference(sha(name), "image/jpeg", size)


def step(name: str, *, given: int = 0, size: int = 1000, family: str = FAMILY, **changes: Any) -> Step:
    """A turn: words, pictures that a person gave, and the model's picture with a signature and a word."""
    result = picture(name, size)
    raw = {
        "role": "model",
        "parts": [
            {
                "inlineData": {"mimeType": "image/jpeg", "data": {"blob": result.sha256}},
                "thoughtSignature": f"signature of {name}",
            },
            {"text": f"here is {name}"},
        ],
    }
    made = Step(
        turn_id=name,
        said=UserContent((f"make {name}",), tuple(picture(f"{name}-{n}", size) for n in range(given))),
        raw=raw,
        raw_bytes=200,
        result=result,
        family=family,
        sizes={result.sha256: size},
    )
    return dataclasses.replace(made, **changes)


def raw_of(content: Content) -> Mapping[str, Any]:
    assert isinstance(content, ModelContent)
    return content.raw


def shas(contents: Any) -> list[str]:
    found = []
    for content in contents:
        if isinstance(content, UserContent):
            found += [item.sha256 for item in content.pictures]
        else:
            found += [
                part["inlineData"]["data"]["blob"] for part in content.raw["parts"] if "inlineData" in part
            ]
    return found


def test_a_path_that_fits_goes_exactly_as_it_was() -> None:
    path = [step("a", given=1), step("b"), step("c", given=2)]
    history = build_history(path, NEWEST, family=FAMILY, room=ROOMY)
    assert history.notes == ()
    expected: list[Any] = []
    for item in path:
        assert item.raw is not None
        expected += [item.said, ModelContent(item.raw)]
    assert history.contents == (*expected, NEWEST)
    assert raw_of(history.contents[1]) is path[0].raw


def test_without_a_path_only_the_words_go() -> None:
    assert build_history((), NEWEST, family=FAMILY, room=ROOMY).contents == (NEWEST,)


def test_the_oldest_pictures_in_the_middle_give_way_first() -> None:
    path = [step(name) for name in "abcde"]
    history = build_history(path, NEWEST, family=FAMILY, room=Room(pictures=3, tokens=10**9, bytes=10**9))
    assert shas(history.contents) == [sha("a"), sha("d"), sha("e")]
    assert history.notes == (TurnNote.LEFT_OUT,)
    left = raw_of(history.contents[3])
    assert left == {"role": "model", "parts": [{"text": "here is b"}]}
    assert [content.texts for content in history.contents if isinstance(content, UserContent)] == [
        *[(f"make {name}",) for name in "abcde"],
        NEWEST.texts,
    ]


def test_then_the_roots_and_never_those_of_the_head_or_the_newest_words() -> None:
    newest = UserContent(("look",), (picture("new"),))
    history = build_history(
        [step(name) for name in "abc"], newest, family=FAMILY, room=Room(pictures=1, tokens=1, bytes=1)
    )
    assert shas(history.contents) == [sha("c"), sha("new")]


def test_what_was_taken_back_goes_as_a_picture_alone() -> None:
    """Neither the words, nor what the model said to them, nor the signature that it made of them."""
    bare = step("b", said=UserContent(()), raw=None, raw_bytes=0)
    history = build_history([step("a"), bare, step("c")], NEWEST, family=FAMILY, room=ROOMY)
    assert history.notes == (TurnNote.RETRACTED,)
    _first, second, third, fourth, newest = history.contents
    assert isinstance(third, UserContent) and newest is NEWEST
    assert third.texts == (
        "The first picture is an earlier version. Go on from it, unless told otherwise.",
        "make c",
    )
    assert [item.sha256 for item in third.pictures] == [sha("b")]
    assert raw_of(second) == step("a").raw and raw_of(fourth) == step("c").raw


def test_a_head_that_was_taken_back_is_gone_on_from() -> None:
    bare = step("b", said=UserContent(()), raw=None, raw_bytes=0)
    other = step("a", family="another")
    history = build_history([other, bare], NEWEST, family=FAMILY, room=ROOMY)
    assert history.notes == (TurnNote.RETRACTED, TurnNote.OTHER_MODEL)
    assert shas(history.contents) == [sha("a"), sha("b")]
    (said,) = history.contents
    assert isinstance(said, UserContent)
    assert said.texts[0].startswith("The first 2 pictures are earlier versions, made by another model")
    assert from_head_alone([bare], NEWEST).pictures == (bare.result,)


def test_tokens_and_bytes_count_as_well() -> None:
    path = [step(name, size=3_000) for name in "abcd"]
    by_bytes = build_history(path, NEWEST, family=FAMILY, room=Room(pictures=99, tokens=10**9, bytes=13_500))
    by_tokens = build_history(path, NEWEST, family=FAMILY, room=Room(pictures=99, tokens=3_500, bytes=10**9))
    assert shas(by_bytes.contents) == shas(by_tokens.contents) == [sha("a"), sha("c"), sha("d")]


def test_whole_turns_give_way_where_even_the_words_are_too_many() -> None:
    path = [step(name, said=UserContent((name * 4000,))) for name in "abcd"]
    history = build_history(path, NEWEST, family=FAMILY, room=Room(pictures=99, tokens=4_700, bytes=10**9))
    texts = [content.texts[0][0] for content in history.contents[:-1] if isinstance(content, UserContent)]
    assert texts == ["a", "c", "d"]


def test_a_models_turn_of_nothing_but_a_picture_is_not_left_empty() -> None:
    path = [step(name) for name in "abc"]
    raw = path[1].raw
    assert raw is not None
    path[1] = dataclasses.replace(path[1], raw={"role": "model", "parts": raw["parts"][:1]})
    history = build_history(path, NEWEST, family=FAMILY, room=Room(pictures=2, tokens=10**9, bytes=10**9))
    assert raw_of(history.contents[3])["parts"] == [{"text": LEFT_OUT}]


def test_another_familys_pictures_go_as_plain_ones_without_its_words() -> None:
    path = [step("a", given=1, family="other"), step("b", family="other"), step("c")]
    history = build_history(path, NEWEST, family=FAMILY, room=ROOMY)
    first, second, newest = history.contents
    assert isinstance(first, UserContent)
    assert [item.sha256 for item in first.pictures] == [sha("a-0"), sha("a"), sha("b")]
    assert first.texts[-1] == "make c"
    assert "first 3 pictures are earlier versions" in first.texts[0]
    assert isinstance(second, ModelContent)
    assert newest == NEWEST
    assert history.notes == (TurnNote.OTHER_MODEL,)


def test_what_was_removed_does_not_go_along() -> None:
    removed = frozenset({sha("b")})
    path = [step("a", removed=removed), step("b", removed=removed, result=None), step("c", removed=removed)]
    history = build_history(path, NEWEST, family=FAMILY, room=ROOMY)
    assert shas(history.contents) == [sha("a"), sha("c")]
    assert history.notes == ()


def test_after_a_turn_that_was_made_alone_the_path_begins_there() -> None:
    path = [step("a"), step("b", alone=True), step("c")]
    history = build_history(path, NEWEST, family=FAMILY, room=ROOMY)
    assert shas(history.contents) == [sha("b"), sha("c")]


def test_from_the_head_alone_its_picture_goes_first() -> None:
    newest = UserContent(("look",), (picture("new"),))
    said = from_head_alone([step("a"), step("b")], newest)
    assert said == UserContent(("look",), (picture("b"), picture("new")))
    assert from_head_alone((), newest) == newest


@given(
    sizes=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5000)), max_size=40),
    families=st.lists(st.booleans(), min_size=40, max_size=40),
    pictures=st.integers(1, 60),
    room=st.integers(1, 200_000),
)
def test_the_rule_in_general(
    sizes: list[tuple[int, int]], families: list[bool], pictures: int, room: int
) -> None:
    """The newest words stay last and whole, the head's picture stays, and what fits loses nothing."""
    path = [
        step(f"s{at}", given=given, size=size, family=FAMILY if families[at] else "other")
        for at, (given, size) in enumerate(sizes)
    ]
    limit = Room(pictures=pictures, tokens=10**9, bytes=room)
    history = build_history(path, NEWEST, family=FAMILY, room=limit)
    last = history.contents[-1]
    assert isinstance(last, UserContent)
    assert last.texts[-1] == NEWEST.texts[-1]
    roles = [isinstance(content, UserContent) for content in history.contents]
    assert roles == [at % 2 == 0 for at in range(len(roles))]
    went = shas(history.contents)
    if path:
        assert path[-1].result is not None
        assert path[-1].result.sha256 in went
    if TurnNote.LEFT_OUT in history.notes:
        assert len(path) > 1
    else:
        everything = [
            sha_ for item in path for sha_ in [*(g.sha256 for g in item.said.pictures), *item.sizes]
        ]
        assert sorted(went) == sorted(everything)
