"""Whatever text people and providers send comes back, from both databases and from disk."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.answers import Answer, Picture, Usage, Verdict
from bot.domain.jobs import Failure, FailureCode, JobState
from bot.domain.requests import Kind, Options, Origin, Reference, Request
from storage import Blobs, Store
from tests.storage.samples import NOON, make_answer, make_job, make_origin, put, stored

# Every character, and often those that databases and JSON dislike: NUL, half a surrogate pair, quotes.
nasty = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\0\ud800\uffff\u2028\U0001f600'\"\\:;$\x1b"),
    max_size=40,
)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | nasty,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(nasty, inner, max_size=3),
    max_leaves=10,
)
big = st.integers(-(2**63), 2**63 - 1)
counted = st.integers(0, 2**63 - 1)

requests = st.builds(
    Request,
    kind=st.sampled_from(Kind),
    prompt=nasty,
    options=st.builds(
        Options,
        model=nasty,
        ratio=st.none() | nasty,
        size=st.none() | nasty,
        count=st.integers(),
        seed=st.none() | st.integers(),
    ),
    references=st.lists(st.builds(Reference, sha256=hashes, mime=nasty, size=counted), max_size=3).map(tuple),
    parent=st.none() | nasty,
    variation=st.integers(),
    private=st.booleans(),
)
origins = st.builds(
    Origin,
    key=nasty,
    application_id=big,
    member_id=big,
    guild_id=st.none() | big,
    channel_id=big,
    token=st.none() | nasty,
    token_at=big,
    upload_limit=counted,
    direct=st.booleans(),
    locale=nasty,
    place_locale=nasty,
)
answers = st.builds(
    Answer,
    verdict=st.sampled_from(Verdict),
    model=nasty,
    pictures=st.lists(
        st.builds(Picture, sha256=hashes, mime=nasty, size=counted, thought=st.booleans()), max_size=3
    ).map(tuple),
    text=nasty,
    finish_reason=nasty,
    message=nasty,
    usage=st.builds(
        Usage,
        prompt=counted,
        output=counted,
        output_images=st.none() | counted,
        thoughts=counted,
        total=counted,
    ),
    response_id=nasty,
    model_version=nasty,
    content=st.none() | st.dictionaries(nasty, json_values, max_size=3),
    safety=st.lists(st.dictionaries(nasty, json_values, max_size=2), max_size=2).map(tuple),
)

numbers = itertools.count(1)
thorough = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def plain(text: str) -> str:
    """Return text as a column holds it; in JSON nothing is replaced."""
    return text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")


@pytest.fixture
async def blobs(tmp_path: Path) -> AsyncIterator[Blobs]:
    async with Blobs.open(tmp_path) as opened:
        yield opened


def in_columns(value: Any) -> Any:
    """Return a dataclass with its own texts as columns hold them."""
    texts = {
        field.name: plain(text) for field in fields(value) if type(text := getattr(value, field.name)) is str
    }
    return type(value)(**({field.name: getattr(value, field.name) for field in fields(value)} | texts))


@given(request=requests)
@thorough
async def test_a_request_comes_back_exactly(store: Store, request: Request) -> None:
    job = make_job(next(numbers), request=request)
    await put(store, job)
    assert (await stored(store, job.id)).request == request


@given(origin=origins)
@thorough
async def test_an_origin_comes_back_but_for_what_no_column_holds(store: Store, origin: Origin) -> None:
    number = next(numbers)
    origin = make_origin(number, **{field.name: getattr(origin, field.name) for field in fields(origin)})
    job = make_job(number, origin=in_columns(origin))
    job = job.evolve(origin=origin_with(origin, key=f"{number} {origin.key}"))
    await put(store, job)
    found = await stored(store, job.id)
    assert found == job.evolve(origin=in_columns(job.origin))
    async with store.reading() as tx:
        assert await tx.jobs.by_origin(job.origin.key) == found


def origin_with(origin: Origin, **changes: Any) -> Origin:
    return Origin(**({field.name: getattr(origin, field.name) for field in fields(origin)} | changes))


@given(answer=answers)
@thorough
async def test_an_answer_comes_back_but_for_what_no_column_holds(store: Store, answer: Answer) -> None:
    number = next(numbers)
    await put(store, make_job(number))
    async with store.transaction() as tx:
        await tx.answers.settle(f"job{number:05}", 3, answer, None)
    async with store.reading() as tx:
        found = (await tx.answers.of_job(f"job{number:05}"))[3]
    assert found == in_columns(answer)
    assert (found.content, found.safety) == (answer.content, answer.safety)


@given(answer=answers)
@thorough
async def test_an_answer_on_disk_comes_back_exactly(blobs: Blobs, answer: Answer) -> None:
    await blobs.keep_answer("job", 2, answer)
    assert await blobs.kept_answers("job") == {2: answer}


@given(message=nasty, reference=nasty, code=st.sampled_from(FailureCode))
@thorough
async def test_a_failure_comes_back(store: Store, message: str, reference: str, code: FailureCode) -> None:
    number = next(numbers)
    failure = Failure(code, message, reference)
    job = make_job(number)
    await put(store, job)
    async with store.transaction() as tx:
        await tx.jobs.save(job.to(JobState.FAILED, NOON, failure=failure), JobState.CREATED, message)
    assert (await stored(store, job.id)).failure == in_columns(failure)


async def test_a_signature_of_megabytes_comes_back(store: Store) -> None:
    content = {"role": "model", "parts": [{"thoughtSignature": "A" * 3_000_000}]}
    await put(store, make_job())
    async with store.transaction() as tx:
        await tx.answers.settle("job00001", 0, make_answer(content=content), None)
    async with store.reading() as tx:
        assert (await tx.answers.of_job("job00001"))[0].content == content
