"""From a request to the calls that it takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calls import MAX_SEED, UserContent, build_call
from bot.domain.requests import Kind, Options, Reference, Request

REFERENCES = (Reference("a" * 64, "image/png", 10), Reference("b" * 64, "image/jpeg", 20))


def request(kind: Kind = Kind.GENERATE, *, seed: int | None = None, variation: int = 0) -> Request:
    options = Options("gemini-3-pro-image", "16:9", "2K", 3, seed)
    return Request(kind, "a red\nlighthouse  *at dusk*", options, REFERENCES, variation=variation)


def last_text(asked: Request, position: int = 0) -> str:
    content = build_call(asked, position).contents[-1]
    assert isinstance(content, UserContent)
    return content.texts[-1]


def test_options_and_pictures_go_along() -> None:
    call = build_call(request(), 0)
    assert (call.model, call.ratio, call.size, call.seed) == ("gemini-3-pro-image", "16:9", "2K", None)
    assert call.contents == (UserContent(("a red\nlighthouse  *at dusk*",), REFERENCES),)
    assert call.want_image


@given(prompt=st.text(min_size=1), variation=st.integers(0, 9), position=st.integers(0, 3))
def test_a_persons_words_are_the_last_text_word_for_word(prompt: str, variation: int, position: int) -> None:
    asked = request(Kind.VARY, variation=variation).evolve(prompt=prompt)
    assert last_text(asked, position) == prompt


def test_another_take_says_so_before_the_words() -> None:
    first, second, third = (build_call(request(Kind.VARY, variation=n), 0).contents[0] for n in range(3))
    assert isinstance(first, UserContent)
    assert isinstance(second, UserContent)
    assert isinstance(third, UserContent)
    assert len(first.texts) == 1
    assert len(second.texts) == len(third.texts) == 2
    assert len({first.texts, second.texts, third.texts}) == 3


def test_a_seed_makes_words_about_another_take_needless() -> None:
    content = build_call(request(Kind.VARY, seed=5, variation=2), 0).contents[0]
    assert isinstance(content, UserContent)
    assert len(content.texts) == 1


@given(seed=st.integers(0, MAX_SEED))
def test_every_picture_of_a_request_has_a_seed_of_its_own_that_is_one(seed: int) -> None:
    seeds = [build_call(request(seed=seed), position).seed for position in range(4)]
    assert seeds[0] == seed
    assert len(set(seeds)) == 4
    assert all(found is not None and 0 <= found <= MAX_SEED for found in seeds)


def test_the_same_request_makes_the_same_call() -> None:
    assert build_call(request(seed=7), 2) == build_call(request(seed=7), 2)


def test_a_description_wants_no_picture() -> None:
    assert not build_call(request(Kind.DESCRIBE), 0).want_image


def test_a_description_is_told_how_and_the_words_stay_last() -> None:
    (content,) = build_call(request(Kind.DESCRIBE), 0).contents
    assert isinstance(content, UserContent)
    assert len(content.texts) == 2
    assert "as a prompt" in content.texts[0]
