"""Requests and answers survive being written as JSON."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answers import Answer, Picture, Usage, Verdict
from bot.domain.requests import Kind, Options, Reference, Request

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBER = st.integers(0, 2**53)
SHA256 = st.text("0123456789abcdef", min_size=64, max_size=64)
MIME = st.sampled_from(["image/jpeg", "image/png", "image/webp"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECT = st.dictionaries(TEXT, JSON, max_size=4)

REQUESTS = st.builds(
    Request,
    kind=st.sampled_from(Kind),
    prompt=TEXT,
    options=st.builds(
        Options,
        model=TEXT,
        ratio=st.none() | TEXT,
        size=st.none() | TEXT,
        count=NUMBER,
        seed=st.none() | NUMBER,
    ),
    references=st.lists(st.builds(Reference, SHA256, MIME, NUMBER), max_size=3).map(tuple),
    parent=st.none() | TEXT,
    variation=NUMBER,
    private=st.booleans(),
)
ANSWERS = st.builds(
    Answer,
    verdict=st.sampled_from(Verdict),
    model=TEXT,
    pictures=st.lists(st.builds(Picture, SHA256, MIME, NUMBER, st.booleans()), max_size=3).map(tuple),
    text=TEXT,
    finish_reason=TEXT,
    message=TEXT,
    usage=st.builds(Usage, NUMBER, NUMBER, st.none() | NUMBER, NUMBER, NUMBER),
    response_id=TEXT,
    model_version=TEXT,
    content=st.none() | OBJECT,
    safety=st.lists(OBJECT, max_size=2).map(tuple),
)


def through_json(values: dict[str, Any]) -> dict[str, Any]:
    found = json.loads(json.dumps(values))
    assert isinstance(found, dict)
    return found


@given(REQUESTS)
def test_a_request_comes_back_equal(request: Request) -> None:
    assert Request.from_json(through_json(request.to_json())) == request


@given(ANSWERS)
def test_an_answer_comes_back_equal(answer: Answer) -> None:
    assert Answer.from_json(through_json(answer.to_json())) == answer


@given(ANSWERS)
def test_the_order_in_a_models_content_is_kept(answer: Answer) -> None:
    """Signatures stand on the part that they came on: nothing may be sorted."""
    back = Answer.from_json(through_json(answer.to_json()))
    assert json.dumps(back.content) == json.dumps(answer.content)


def test_a_copy_in_json_is_not_the_original() -> None:
    content = {"parts": [{"text": "a"}]}
    answer = Answer(Verdict.PICTURE, "model", content=content)
    answer.to_json()["content"]["parts"].append("more")
    assert content == {"parts": [{"text": "a"}]}


def picture(name: str, *, thought: bool = False) -> Picture:
    return Picture(name * 64, "image/jpeg", 10, thought)


def test_the_result_is_the_last_picture_that_is_no_draft() -> None:
    pictures = (picture("a"), picture("b"), picture("c", thought=True))
    assert Answer(Verdict.PICTURE, "model", pictures).result == picture("b")
    assert Answer(Verdict.NO_IMAGE, "model", (picture("c", thought=True),)).result is None
    assert Answer(Verdict.NO_IMAGE, "model").result is None


def test_usage_is_known_when_anything_was_counted() -> None:
    assert not Usage().known
    assert not Usage(prompt=5).known
    assert Usage(output=1).known
    assert Usage(total=1).known
