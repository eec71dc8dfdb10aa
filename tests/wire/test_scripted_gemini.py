"""The scripted Gemini does what it is told, so that other tests may rely on it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
from typing import Any

import aiohttp
import pytest
from PIL import Image

from tests.fakes.gemini import (
    Hang,
    JsonAnswer,
    Picture,
    Pictures,
    Raw,
    Reset,
    ScriptedGemini,
    SlowDrip,
    Truncated,
    UniquePictures,
    blocked,
    empty,
    html_502,
    make_jpeg,
    no_image,
    overloaded,
    prepare,
    quota,
)

PATH = "/v1beta/models/gemini-nano-banana-2.1:generateContent"
ASK = {"contents": [{"role": "user", "parts": [{"text": "a red lighthouse"}]}]}
PATIENCE = aiohttp.ClientTimeout(total=30)


async def ask(gemini: ScriptedGemini, session: aiohttp.ClientSession) -> tuple[int, Any]:
    async with session.post(gemini.base_url + PATH, json=ASK) as response:
        return response.status, await response.json(content_type=None)


def picture_in(body: Any, part: int = 0) -> bytes:
    return base64.b64decode(body["candidates"][0]["content"]["parts"][part]["inlineData"]["data"])


async def test_answers_come_in_the_order_of_the_queue_and_then_the_default() -> None:
    jpeg = make_jpeg(80, 60)
    async with ScriptedGemini(default=empty()) as gemini, aiohttp.ClientSession() as session:
        gemini.enqueue(Picture(jpeg), blocked(), no_image(), overloaded(), quota("53s"))
        status, body = await ask(gemini, session)
        assert status == 200
        assert picture_in(body) == jpeg
        assert body["candidates"][0]["content"]["parts"][0]["thoughtSignature"]
        assert (await ask(gemini, session))[1]["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT"
        assert (await ask(gemini, session))[1]["candidates"] == [{"finishReason": "NO_IMAGE", "index": 0}]
        assert (await ask(gemini, session))[0] == 503
        status, body = await ask(gemini, session)
        assert status == 429
        assert body["error"]["details"][-1]["retryDelay"] == "53s"
        assert await ask(gemini, session) == (200, {})
        assert gemini.waiting == 0


async def test_history_holds_what_was_asked() -> None:
    async with ScriptedGemini() as gemini, aiohttp.ClientSession() as session:
        headers = {"x-goog-api-key": "k"}
        async with session.post(f"{gemini.base_url}{PATH}?x=1", json=ASK, headers=headers) as response:
            await response.read()
        (got,) = await gemini.received(1)
    assert (got.model, got.text, got.query) == ("gemini-nano-banana-2.1", "a red lighthouse", {"x": "1"})
    assert got.headers["x-goog-api-key"] == "k"
    assert got.body == ASK
    assert got.length == len(got.raw)


async def test_several_parts_drafts_and_words() -> None:
    draft, final = make_jpeg(32, 32, seed=1), make_jpeg(32, 32, seed=2)
    async with ScriptedGemini() as gemini, aiohttp.ClientSession() as session:
        gemini.enqueue(Pictures([Picture(draft, thought=True), "here", Picture(final, signature="c2ln")]))
        _, body = await ask(gemini, session)
    parts = body["candidates"][0]["content"]["parts"]
    assert parts[0]["thought"] is True
    assert "thoughtSignature" not in parts[0]
    assert parts[1] == {"text": "here"}
    assert parts[2]["thoughtSignature"] == "c2ln"
    assert picture_in(body, 2) == final


async def test_raw_bytes_go_out_as_they_are() -> None:
    async with ScriptedGemini() as gemini, aiohttp.ClientSession() as session:
        gemini.enqueue(html_502(), Raw(418, b"\x00not json", "text/plain", {"Retry-After": "7"}))
        async with session.post(gemini.base_url + PATH, json=ASK) as response:
            assert (response.status, response.content_type) == (502, "text/html")
            assert b"<h1>502</h1>" in await response.read()
        async with session.post(gemini.base_url + PATH, json=ASK) as response:
            assert (response.status, response.headers["Retry-After"]) == (418, "7")
            assert await response.read() == b"\x00not json"


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (Reset(), aiohttp.ServerDisconnectedError),
        (Reset(rst=True), aiohttp.ClientOSError),
        (Reset(after=40, answer=JsonAnswer(["x" * 100])), aiohttp.ClientPayloadError),
        (Truncated(JsonAnswer(["x" * 100]), at=40), aiohttp.ClientPayloadError),
    ],
)
async def test_broken_connections(answer: Reset | Truncated, failure: type[Exception]) -> None:
    async with ScriptedGemini() as gemini, aiohttp.ClientSession(timeout=PATIENCE) as session:
        gemini.enqueue(answer)
        with pytest.raises(failure):
            await ask(gemini, session)
        assert (await ask(gemini, session))[0] == 200


async def test_a_short_body_that_was_announced_as_short() -> None:
    async with ScriptedGemini() as gemini, aiohttp.ClientSession() as session:
        gemini.enqueue(Truncated(JsonAnswer({"a": 1}), at=4, announced=False))
        async with session.post(gemini.base_url + PATH, json=ASK) as response:
            assert await response.read() == b"{\n  "


async def test_a_slow_drip_arrives_piece_by_piece() -> None:
    async with ScriptedGemini() as gemini, aiohttp.ClientSession() as session:
        gemini.enqueue(SlowDrip(Raw(200, b"abcdefgh"), size=3, pause=0.02))
        async with session.post(gemini.base_url + PATH, json=ASK) as response:
            pieces = [piece async for piece in response.content.iter_any()]
    assert b"".join(pieces) == b"abcdefgh"
    assert len(pieces) > 1


async def test_a_hold_keeps_requests_until_it_is_released() -> None:
    async with ScriptedGemini() as gemini, aiohttp.ClientSession() as session:
        hold = gemini.hold()
        asking = [asyncio.create_task(ask(gemini, session)) for _ in range(3)]
        await hold.arrived(3)
        assert not any(task.done() for task in asking)
        assert gemini.in_flight == 3
        hold.release()
        assert [status for status, _ in await asyncio.gather(*asking)] == [200, 200, 200]
        assert (gemini.in_flight, gemini.most_in_flight) == (0, 3)


async def test_a_dropped_hold_cuts_who_waits() -> None:
    async with ScriptedGemini() as gemini, aiohttp.ClientSession() as session:
        hold = gemini.hold()
        asking = asyncio.create_task(ask(gemini, session))
        await hold.arrived()
        hold.drop()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await asking
        assert (await ask(gemini, session))[0] == 200


async def test_hanging_ends_with_the_client_and_with_the_server() -> None:
    async with ScriptedGemini() as gemini, aiohttp.ClientSession() as session:
        gemini.enqueue(Hang(), Hang())
        asking = asyncio.create_task(ask(gemini, session))
        await gemini.received(1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        asking = asyncio.create_task(ask(gemini, session))
        await gemini.received(2)
    with pytest.raises(aiohttp.ClientError):
        await asking


async def test_three_hundred_at_once_each_with_a_file_of_its_own() -> None:
    answer = prepare(UniquePictures(make_jpeg(640, 640, 100_000)))
    connector = aiohttp.TCPConnector(limit=0)
    async with ScriptedGemini(default=answer) as gemini:
        hold = gemini.hold()
        async with aiohttp.ClientSession(connector=connector) as session:
            asking = [asyncio.create_task(ask(gemini, session)) for _ in range(300)]
            await hold.arrived(300)
            hold.release()
            bodies = [body for _, body in await asyncio.gather(*asking)]
    files = [picture_in(body) for body in bodies]
    assert len({hashlib.sha256(file).digest() for file in files}) == 300
    Image.open(io.BytesIO(files[17])).load()


async def test_a_default_may_depend_on_the_request() -> None:
    async with (
        ScriptedGemini(default=lambda got: JsonAnswer({"you said": got.text})) as gemini,
        aiohttp.ClientSession() as session,
    ):
        assert await ask(gemini, session) == (200, {"you said": "a red lighthouse"})


@pytest.mark.parametrize("size", [1_500_000, 1_500_001, 1_500_002, 1_500_003, 8 * 1024 * 1024])
def test_pictures_of_a_wanted_file_size(size: int) -> None:
    jpeg = make_jpeg(1024, 1024, size, seed=3)
    assert len(jpeg) == size
    with Image.open(io.BytesIO(jpeg)) as image:
        image.load()
        assert image.size == (1024, 1024)


def test_a_picture_that_cannot_be_so_small_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        make_jpeg(1024, 1024, 500)


def test_the_seed_makes_another_picture() -> None:
    assert make_jpeg(64, 64, seed=1) == make_jpeg(64, 64, seed=1)
    assert make_jpeg(64, 64, seed=1) != make_jpeg(64, 64, seed=2)
