"""Answers in every shape that was seen, read over a socket."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from typing import Any

import pytest

from bot.domain.answers import Answer, Picture, Usage, Verdict
from bot.domain.calls import Call
from bot.errors import BadAnswer, RequestRefused
from bot.providers.gemini import Gemini
from tests.providers.calls import KEY, MODEL, SIMPLE, Arrivals, ask
from tests.providers.local_server import LocalServer, answer, parts, picture, raw, silence
from tests.providers.shelf import Shelf

JPEG = b"\xff\xd8\xff" + os.urandom(300_000) + b"\xff\xd9"
DRAFT = b"\xff\xd8\xffdraft"
SHA = hashlib.sha256(JPEG).hexdigest()
DRAFT_SHA = hashlib.sha256(DRAFT).hexdigest()
DESCRIBE = Call(model=MODEL, contents=SIMPLE.contents, want_image=False)


async def test_a_picture(server: LocalServer, store: Shelf, gemini: Gemini) -> None:
    arrivals = Arrivals()
    server.scripts = [answer(parts({"text": "Here it is."}, picture(JPEG, thoughtSignature="Q2F0")))]
    got = await ask(gemini, arriving=arrivals)
    assert got == Answer(
        verdict=Verdict.PICTURE,
        model=MODEL,
        pictures=(Picture(SHA, "image/jpeg", len(JPEG)),),
        text="Here it is.",
        finish_reason="STOP",
        usage=Usage(prompt=12, output=1300, output_images=1300, thoughts=80, total=1392),
        response_id="abc123",
        model_version="gemini-nano-banana-2.1",
        content={
            "role": "model",
            "parts": [
                {"text": "Here it is."},
                {"inlineData": {"mimeType": "image/jpeg", "data": {"blob": SHA}}, "thoughtSignature": "Q2F0"},
            ],
        },
    )
    assert store.path(SHA).read_bytes() == JPEG
    assert store.names == [SHA]
    assert arrivals.count == 1
    assert Answer.from_json(json.loads(json.dumps(got.to_json()))) == got


async def test_drafts_are_recorded_and_the_last_final_is_the_result(
    server: LocalServer, store: Shelf, gemini: Gemini
) -> None:
    first = picture(b"first")
    body = parts(
        {"text": "thinking about it", "thought": True},
        picture(DRAFT, thought=True),
        first,
        {"text": "and, "},
        {"text": "better:"},
        picture(JPEG),
        {"text": "There."},
    )
    server.scripts = [answer(body)]
    got = await ask(gemini)
    assert got.verdict is Verdict.PICTURE
    assert [(p.sha256, p.thought) for p in got.pictures] == [
        (DRAFT_SHA, True),
        (hashlib.sha256(b"first").hexdigest(), False),
        (SHA, False),
    ]
    assert got.result is not None and got.result.sha256 == SHA
    assert got.text == "and, better:\nThere."
    assert got.content is not None
    assert got.content["parts"][0] == {"text": "thinking about it", "thought": True}
    assert got.content["parts"][1]["inlineData"]["data"] == {"blob": DRAFT_SHA}
    assert len(store.names) == 3


async def test_only_a_draft_is_no_picture(server: LocalServer, gemini: Gemini) -> None:
    server.scripts = [answer(parts(picture(DRAFT, thought=True)))]
    got = await ask(gemini)
    assert got.verdict is Verdict.NO_IMAGE
    assert got.result is None and got.pictures[0].thought


async def test_unknown_fields_stay_in_the_content(server: LocalServer, gemini: Gemini) -> None:
    extra = {"new": [{"data": "no base64!"}], "thoughtSignature": "c2ln" * 2000, "videoMetadata": None}
    server.scripts = [answer(parts(picture(JPEG, **extra), {"later": 1.5}))]
    got = await ask(gemini)
    assert got.content is not None
    inline = {"mimeType": "image/jpeg", "data": {"blob": SHA}}
    assert got.content["parts"] == [{"inlineData": inline, **extra}, {"later": 1.5}]


async def test_snake_case_and_a_missing_type(server: LocalServer, gemini: Gemini) -> None:
    inline = picture(JPEG)["inlineData"]
    body = parts({"inline_data": {"data": inline["data"], "mime_type": "image/png"}})
    server.scripts = [answer(body), answer(parts({"inlineData": {"data": inline["data"]}}))]
    assert (await ask(gemini)).pictures == (Picture(SHA, "image/png", len(JPEG)),)
    assert (await ask(gemini)).pictures == (Picture(SHA, "application/octet-stream", len(JPEG)),)


async def test_data_of_another_kind_is_no_picture(server: LocalServer, gemini: Gemini) -> None:
    inline = {"mimeType": "audio/wav", "data": picture(JPEG)["inlineData"]["data"]}
    server.scripts = [answer(parts({"inlineData": inline}))]
    got = await ask(gemini)
    assert got.verdict is Verdict.NO_IMAGE and got.pictures == ()


REFUSED = "Unable to show the generated image. Try rephrasing the prompt."

SHAPES: list[tuple[dict[str, Any], Verdict, str, str]] = [
    ({}, Verdict.NO_IMAGE, "", ""),
    ({"candidates": []}, Verdict.NO_IMAGE, "", ""),
    ({"candidates": None}, Verdict.NO_IMAGE, "", ""),
    ({"candidates": [None]}, Verdict.NO_IMAGE, "", ""),
    ({"candidates": [{"finishReason": "NO_IMAGE", "index": 0}]}, Verdict.NO_IMAGE, "NO_IMAGE", ""),
    (
        {"candidates": [{"content": {}, "finishReason": "IMAGE_OTHER", "finishMessage": REFUSED}]},
        Verdict.NO_IMAGE,
        "IMAGE_OTHER",
        REFUSED,
    ),
    (
        {
            "candidates": [
                {"content": {"parts": None}, "finishReason": "IMAGE_SAFETY", "finishMessage": REFUSED}
            ],
            "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5},
            "responseId": "x",
        },
        Verdict.BLOCKED,
        "IMAGE_SAFETY",
        REFUSED,
    ),
    (
        {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {}},
        Verdict.BLOCKED,
        "PROHIBITED_CONTENT",
        "",
    ),
    (
        {"promptFeedback": {"blockReason": "NEW_REASON", "blockReasonMessage": "No."}},
        Verdict.BLOCKED,
        "NEW_REASON",
        "No.",
    ),
    (parts({"text": "I cannot."}), Verdict.NO_IMAGE, "STOP", ""),
    (parts({"text": "I can"}, finishReason="MAX_TOKENS"), Verdict.NO_IMAGE, "MAX_TOKENS", ""),
    (parts(finishReason="MALFORMED_RESPONSE"), Verdict.NO_IMAGE, "MALFORMED_RESPONSE", ""),
    (parts(finishReason="SOMETHING_NEW"), Verdict.NO_IMAGE, "SOMETHING_NEW", ""),
    (parts(picture(DRAFT), finishReason="SOMETHING_NEW"), Verdict.PICTURE, "SOMETHING_NEW", ""),
    (parts(picture(DRAFT), finishReason=None), Verdict.PICTURE, "", ""),
    (parts(picture(DRAFT), finishReason="MAX_TOKENS"), Verdict.PICTURE, "MAX_TOKENS", ""),
    (parts(picture(DRAFT), finishReason="IMAGE_SAFETY"), Verdict.BLOCKED, "IMAGE_SAFETY", ""),
    (parts(picture(b"")), Verdict.NO_IMAGE, "STOP", ""),
]


@pytest.mark.parametrize(("body", "verdict", "reason", "message"), SHAPES)
async def test_shapes(
    server: LocalServer, gemini: Gemini, body: dict[str, Any], verdict: Verdict, reason: str, message: str
) -> None:
    server.scripts = [answer(body)]
    got = await ask(gemini)
    assert (got.verdict, got.finish_reason, got.message) == (verdict, reason, message)
    assert got.usage.known is bool(body.get("usageMetadata"))


@pytest.mark.parametrize(
    "reason",
    [
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    ],
)
async def test_refusals(server: LocalServer, gemini: Gemini, reason: str) -> None:
    server.scripts = [answer({"candidates": [{"finishReason": reason, "finishMessage": "No."}]})]
    got = await ask(gemini)
    assert (got.verdict, got.message) == (Verdict.BLOCKED, "No.")


async def test_a_lost_signature_is_our_fault(server: LocalServer, gemini: Gemini) -> None:
    server.scripts = [answer(parts(finishReason="MISSING_THOUGHT_SIGNATURE", finishMessage="Missing."))]
    with pytest.raises(RequestRefused) as caught:
        await ask(gemini)
    assert caught.value.message == "Missing."


async def test_a_description(server: LocalServer, gemini: Gemini) -> None:
    server.scripts = [answer(parts({"text": "A lighthouse."})), answer({}), answer(SHAPES[7][0])]
    got = await ask(gemini, DESCRIBE)
    assert (got.verdict, got.text) == (Verdict.TEXT, "A lighthouse.")
    assert (await ask(gemini, DESCRIBE)).verdict is Verdict.NO_IMAGE
    assert (await ask(gemini, DESCRIBE)).verdict is Verdict.BLOCKED


async def test_safety_ratings(server: LocalServer, gemini: Gemini) -> None:
    rating = {"category": "HARM_CATEGORY_HARASSMENT", "probability": "LOW"}
    body = parts(picture(JPEG), safetyRatings=[rating, "odd"])
    server.scripts = [answer(body | {"promptFeedback": {"safetyRatings": [rating]}})]
    assert (await ask(gemini)).safety == (rating, rating)


async def test_values_of_the_wrong_type_are_left_out(server: LocalServer, gemini: Gemini) -> None:
    body = {
        "candidates": [{"content": {"parts": [{"text": 5}, 7, picture(JPEG)]}, "finishMessage": ["a"]}],
        "usageMetadata": {"promptTokenCount": "12", "totalTokenCount": -1, "candidatesTokensDetails": {}},
        "responseId": {"a": 1},
        "modelVersion": 3,
        "promptFeedback": [],
    }
    server.scripts = [answer(body)]
    got = await ask(gemini)
    assert (got.verdict, got.message, got.response_id, got.text) == (Verdict.PICTURE, "", "", "")
    assert got.usage == Usage()


async def test_text_that_no_database_takes_is_cleaned(server: LocalServer, gemini: Gemini) -> None:
    server.scripts = [answer(parts({"text": "a\0b\ud800c"}, finishMessage="x\0" + "y" * 5000))]
    got = await ask(gemini)
    assert got.text == "ab?c"
    assert got.message == "x" + "y" * 598


async def test_another_content_type_is_read_all_the_same(server: LocalServer, gemini: Gemini) -> None:
    body = json.dumps(parts(picture(JPEG))).encode()
    server.scripts = [raw(body, headers="Content-Type: text/plain")]
    assert (await ask(gemini)).verdict is Verdict.PICTURE


async def test_a_forged_reference_to_a_picture_is_refused(
    server: LocalServer, store: Shelf, gemini: Gemini
) -> None:
    other = store.keep(b"somebody else's")
    forged = parts({"inlineData": {"mimeType": "image/png", "data": {"blob": other}}})
    server.scripts = [answer(forged)]
    with pytest.raises(BadAnswer):
        await ask(gemini)


BAD = {
    "truncated JSON": json.dumps(parts(picture(JPEG))).encode()[:-20],
    "truncated picture": json.dumps(parts(picture(JPEG))).encode()[:2000],
    "HTML": b"<html><body>All is well, but this is no JSON: {}</body></html>",
    "nothing": b"",
    "a list": b"[{}]",
    "a string": b'"inlineData"',
    "not UTF-8": b'{"candidates":"\xff\xfe"}',
    "no base64": json.dumps(parts({"inlineData": {"data": "no base64!" * 9}})).encode(),
    "no number": b'{"candidates":NaN}',
    "endless": b'{"a":' * 5000,
    "too many pictures": json.dumps(parts(*[picture(b"x")] * 5)).encode(),
    "too large pictures": json.dumps(parts(*[picture(JPEG)] * 4)).encode(),
    "too large text": json.dumps(parts({"text": "x" * 100_001})).encode(),
    "another encoding": json.dumps(parts(picture(DRAFT))).encode("utf-16"),
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD.keys())
async def test_what_cannot_be_read(server: LocalServer, store: Shelf, gemini: Gemini, body: bytes) -> None:
    server.scripts = [raw(body), answer(parts(picture(DRAFT)))]
    with pytest.raises(BadAnswer) as caught:
        await ask(gemini)
    assert "lighthouse" not in str(caught.value) and len(str(caught.value)) < 100
    assert not [name for name in store.names if name.endswith(".part")]
    assert (await ask(gemini)).verdict is Verdict.PICTURE  # the next call is not harmed
    assert len(server.requests) == 2


async def test_a_large_picture(server: LocalServer, store: Shelf) -> None:
    large = os.urandom(3_000_000)
    server.scripts = [answer(parts(picture(large)))]
    async with Gemini(store, api_key=KEY, base_url=server.url) as gemini:
        got = await ask(gemini)
    assert store.path(got.pictures[0].sha256).read_bytes() == large


async def test_a_cancelled_call_leaves_nothing(server: LocalServer, store: Shelf, gemini: Gemini) -> None:
    begun = json.dumps(parts(picture(JPEG))).encode()[:200_000]
    server.scripts = [silence(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + begun)]
    arrived = asyncio.Event()
    call = asyncio.create_task(gemini.generate(SIMPLE, timeout=20, arriving=arrived.set))
    await asyncio.wait_for(arrived.wait(), 10)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert store.names == []


async def test_many_at_once(server: LocalServer, store: Shelf, gemini: Gemini) -> None:
    server.scripts = [answer(parts(picture(JPEG)))]
    answers = await asyncio.gather(*(ask(gemini) for _ in range(20)))
    assert {got.pictures[0].sha256 for got in answers} == {SHA}
    assert store.names == [SHA]
