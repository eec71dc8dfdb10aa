"""The words in a prompt that make the look-alike misbehave do what their table says."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from google import genai
from google.genai import errors, types
from PIL import Image, UnidentifiedImageError

from bot.sandbox.gemini import BEHAVIOURS, LookAlike
from bot.sandbox.gemini.behaviours import Behaviour, behaviour_of, without_words
from tests.sandbox.look_alike import (
    connect,
    content_of,
    decoded,
    difference,
    file_of,
    files_of,
    generate,
    picture,
)


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def gemini(clock: Clock) -> AsyncIterator[LookAlike]:
    async with LookAlike(latency=0, clock=clock) as gemini:
        yield gemini


@pytest.fixture
async def client(gemini: LookAlike) -> AsyncIterator[genai.Client]:
    async with connect(gemini) as client:
        yield client


def test_every_behaviour_is_in_the_table_and_found_in_a_prompt() -> None:
    assert set(BEHAVIOURS) == {f"!{behaviour}" for behaviour in Behaviour if behaviour}
    for word in BEHAVIOURS:
        assert behaviour_of(f"a cat, {word.upper()} please") == Behaviour(word[1:])
        assert without_words(f"a {word} cat") == "a cat"


@pytest.mark.parametrize("prompt", ["a cat!", "wow!refuse", "!unknown", "! refuse", ""])
def test_what_is_no_word_of_the_table_is_plain_text(prompt: str) -> None:
    assert behaviour_of(prompt) is Behaviour.PAINT
    assert without_words(prompt) == prompt


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("!refuse", "IMAGE_SAFETY"),
        ("!noimage", "NO_IMAGE"),
        ("!other", "IMAGE_OTHER"),
        ("!recitation", "IMAGE_RECITATION"),
    ],
)
async def test_candidates_without_a_picture(client: genai.Client, word: str, reason: str) -> None:
    config = picture()
    config.should_return_http_response = True
    response = await generate(client, f"a cat {word}", config)
    assert response.sdk_http_response is not None
    assert response.sdk_http_response.body is not None
    (candidate,) = json.loads(response.sdk_http_response.body)["candidates"]
    assert candidate["finishReason"] == reason
    assert ("finishMessage" in candidate) is (word != "!noimage")
    assert not candidate.get("content")


async def test_a_blocked_prompt(client: genai.Client) -> None:
    response = await generate(client, "a cat !block")
    assert response.prompt_feedback is not None
    assert response.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT
    assert response.candidates is None


async def test_an_empty_answer(client: genai.Client) -> None:
    assert (await generate(client, "!empty")).candidates is None


@pytest.mark.parametrize(
    ("word", "code", "status"),
    [
        ("!overloaded", 503, "UNAVAILABLE"),
        ("!capacity", 503, "UNAVAILABLE"),
        ("!deadline", 503, "UNAVAILABLE"),
        ("!badrequest", 400, "INVALID_ARGUMENT"),
        ("!country", 400, "FAILED_PRECONDITION"),
    ],
)
async def test_errors_that_stay(client: genai.Client, word: str, code: int, status: str) -> None:
    for _ in range(2):
        with pytest.raises(errors.APIError) as caught:
            await generate(client, f"a cat {word}")
        assert (caught.value.code, caught.value.status) == (code, status)


async def test_flaky_fails_once_for_each_prompt(client: genai.Client, clock: Clock) -> None:
    for prompt in ("a cat !flaky", "a dog !flaky"):
        with pytest.raises(errors.ServerError, match="overloaded"):
            await generate(client, prompt)
        assert file_of(await generate(client, prompt))
    clock.now += 200
    with pytest.raises(errors.ServerError):
        await generate(client, "a cat !flaky")


async def test_quota_says_how_long_and_then_works(client: genai.Client, clock: Clock) -> None:
    async def delay() -> str:
        with pytest.raises(errors.ClientError) as caught:
            await generate(client, "a cat !quota")
        assert (caught.value.code, caught.value.status) == (429, "RESOURCE_EXHAUSTED")
        kinds = {
            entry["@type"].rpartition(".")[2]: entry for entry in caught.value.details["error"]["details"]
        }
        assert kinds["QuotaFailure"]["violations"]
        return str(kinds["RetryInfo"]["retryDelay"])

    assert await delay() == "3s"
    clock.now += 1.5
    assert await delay() == "1.5s"
    clock.now += 1.5
    assert file_of(await generate(client, "a cat !quota"))


async def test_words_beside_and_instead_of_the_picture(client: genai.Client) -> None:
    beside = content_of(await generate(client, "a cat !text")).parts or []
    assert [bool(part.text) for part in beside] == [True, False]
    instead = await generate(client, "a cat !textonly")
    assert instead.text
    assert files_of(instead) == []


async def test_several_pictures_the_last_is_the_final_one(client: genai.Client) -> None:
    response = await generate(client, "a cat !several")
    first, final = files_of(response)
    assert difference(first, final) > 3
    assert response.usage_metadata is not None
    assert response.usage_metadata.candidates_token_count == 2 * 1120


async def test_another_size_than_asked(client: genai.Client) -> None:
    response = await generate(client, "a cat !wrongsize", picture(aspect_ratio="16:9"))
    assert decoded(file_of(response)).size == (768, 1376)


async def test_a_picture_over_the_limit_is_one_all_the_same(client: genai.Client) -> None:
    file = file_of(await generate(client, "a cat !big"))
    assert len(file) > 10 * 1024 * 1024
    assert decoded(file).size == (1024, 1024)


async def test_bytes_that_are_no_image(client: genai.Client) -> None:
    file = file_of(await generate(client, "a cat !broken"))
    with pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(file))


async def test_an_html_page(client: genai.Client) -> None:
    with pytest.raises(errors.ServerError) as caught:
        await generate(client, "a cat !html")
    assert caught.value.code == 502
    assert "<!DOCTYPE html>" in str(caught.value.message)


async def test_an_answer_that_breaks_off(client: genai.Client) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        await generate(client, "a cat !truncated")


async def test_a_request_that_hangs_ends_with_its_client(client: genai.Client) -> None:
    asking = asyncio.create_task(generate(client, "a cat !hang"))
    assert file_of(await generate(client, "a cat"))
    assert not asking.done()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert file_of(await generate(client, "a cat"))


async def test_the_headers_come_before_the_picture(gemini: LookAlike) -> None:
    gemini.latency = 0.5
    url = f"{gemini.base_url}/v1beta/models/gemini-nano-banana-2.1:generateContent"
    body = {"contents": [{"parts": [{"text": "a cat"}]}]}
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(headers={"x-goog-api-key": "k"}) as session:
        begun = loop.time()
        async with session.post(url, json=body) as response:
            opening = loop.time()
            assert (await response.content.readany()).lstrip().startswith(b"{")
            await response.read()
            end = loop.time()
    assert 0.39 <= opening - begun < end - begun
    assert end - begun >= 0.49


async def test_slow_takes_six_times_as_long(gemini: LookAlike, client: genai.Client) -> None:
    gemini.latency = 0.1
    begun = asyncio.get_running_loop().time()
    assert file_of(await generate(client, "a cat !slow"))
    assert asyncio.get_running_loop().time() - begun >= 0.59
