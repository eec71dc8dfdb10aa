"""What goes over the socket: the request, byte for byte where it matters."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.calls import Call, ModelContent, UserContent
from bot.domain.requests import Reference
from bot.errors import BadAnswer, Busy, ConfigurationError, KeyRefused, RequestRefused, StorageError
from bot.providers.gemini import Gemini
from bot.providers.transport import _keepalive_socket
from tests.providers.calls import KEY, MODEL, PROMPT, SIMPLE, ask
from tests.providers.discovery import check_request
from tests.providers.local_server import LocalServer, answer, hang_up, parts, picture, raw
from tests.providers.shelf import Shelf

SPEC = "gemini-v1beta.json"
JPEG = b"\xff\xd8\xff" + os.urandom(200_000)


@pytest.fixture
def answering(server: LocalServer) -> LocalServer:
    server.scripts = [answer(parts(picture(b"x")))]
    return server


async def sent(server: LocalServer, gemini: Gemini, call: Call) -> dict[str, Any]:
    await ask(gemini, call)
    assert len(server.requests) == 1
    check_request(server.requests[0].json, file=SPEC)
    return server.requests[0].json


def reference(store: Shelf, data: bytes, mime: str = "image/jpeg") -> Reference:
    return Reference(store.keep(data), mime, len(data))


def inline(data: bytes, mime: str = "image/jpeg") -> dict[str, Any]:
    return {"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}}


async def test_a_simple_request(answering: LocalServer, gemini: Gemini) -> None:
    body = await sent(answering, gemini, SIMPLE)
    assert body == {
        "contents": [{"role": "user", "parts": [{"text": PROMPT}]}],
        "generationConfig": {"responseModalities": ["TEXT", "IMAGE"]},
    }
    request = answering.requests[0]
    assert (request.method, request.path) == ("POST", f"/v1beta/models/{MODEL}:generateContent")
    assert request.headers["x-goog-api-key"] == KEY
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-server-timeout"] == "20"
    assert not [name for name in request.headers if "plantain" in name]


async def test_options(answering: LocalServer, gemini: Gemini) -> None:
    call = Call(model=MODEL, contents=SIMPLE.contents, ratio="16:9", size="2K", seed=0)
    body = await sent(answering, gemini, call)
    assert body["generationConfig"] == {
        "responseModalities": ["TEXT", "IMAGE"],
        "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
        "seed": 0,
    }


async def test_a_ratio_alone(answering: LocalServer, gemini: Gemini) -> None:
    body = await sent(answering, gemini, Call(model=MODEL, contents=SIMPLE.contents, ratio="1:8"))
    assert body["generationConfig"]["imageConfig"] == {"aspectRatio": "1:8"}


async def test_a_description_asks_for_text(answering: LocalServer, gemini: Gemini) -> None:
    call = Call(model=MODEL, contents=SIMPLE.contents, ratio="1:1", want_image=False)
    body = await sent(answering, gemini, call)
    assert body["generationConfig"] == {"responseModalities": ["TEXT"]}


PROMPTS = [
    "  Ein  Leuchtturm\n\tmit „Ü“ 🌊  ",
    '"}]}],"contents":[]',
    "send-00000000000000000000000000000000-0 received-0-0",
    '{"inlineData":{"data":"QUJD"}} {"blob":"' + "0" * 64 + '"}',
    "\\u0000 \0 \u2028 %s {0} </script>",
    "x" * 10_000,
]


@pytest.mark.parametrize("prompt", PROMPTS)
async def test_a_prompt_goes_out_word_for_word(answering: LocalServer, gemini: Gemini, prompt: str) -> None:
    call = Call(model=MODEL, contents=(UserContent(texts=("Another take.", prompt)),))
    body = await sent(answering, gemini, call)
    assert body["contents"][0]["parts"] == [{"text": "Another take."}, {"text": prompt}]


async def test_pictures_come_before_texts(answering: LocalServer, store: Shelf, gemini: Gemini) -> None:
    sizes = [0, 1, 2, 3, 98_303, 98_304, 98_305]
    pictures = [JPEG[:size] for size in sizes] + [JPEG, JPEG]
    content = UserContent(texts=(PROMPT,), pictures=tuple(reference(store, data) for data in pictures))
    body = await sent(answering, gemini, Call(model=MODEL, contents=(content,)))
    assert body["contents"][0]["parts"] == [*map(inline, pictures), {"text": PROMPT}]
    request = answering.requests[0]
    assert len(request.body) == int(request.headers["content-length"])


async def test_a_conversation_goes_back_verbatim(
    answering: LocalServer, store: Shelf, gemini: Gemini
) -> None:
    sha256 = store.keep(JPEG)
    blob = {"mimeType": "image/jpeg", "data": {"blob": sha256}}
    raw_parts: list[dict[str, Any]] = [
        {"text": "thinking", "thought": True, "thoughtSignature": "c2lnMQ=="},
        {"inlineData": blob, "thoughtSignature": "c2ln/2+x" * 5000},
        {"unknownField": {"blob": sha256}, "data": 1e100, "text": "é"},
        {"inline_data": {"mime_type": "image/png", "data": ""}},
    ]
    call = Call(
        model=MODEL,
        contents=(
            UserContent(texts=("first",)),
            ModelContent({"role": "model", "parts": raw_parts}),
            ModelContent({"parts": [{"text": "without a role"}]}),
            UserContent(texts=("second",)),
        ),
    )
    await ask(gemini, call)
    contents = answering.requests[0].json["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "model", "user"]
    assert contents[1]["parts"] == [
        raw_parts[0],
        {**inline(JPEG), "thoughtSignature": "c2ln/2+x" * 5000},
        raw_parts[2],  # a blob anywhere else is only what a provider wrote
        raw_parts[3],
    ]


async def test_an_answer_can_be_sent_back(server: LocalServer, store: Shelf, gemini: Gemini) -> None:
    said = parts({"text": "Here."}, picture(JPEG, thoughtSignature="c2ln"), {"later": [None]})
    server.scripts = [answer(said)]
    got = await ask(gemini)
    assert got.content is not None
    await ask(gemini, Call(model=MODEL, contents=(*SIMPLE.contents, ModelContent(got.content))))
    assert server.requests[1].json["contents"][1] == said["candidates"][0]["content"]


async def test_a_missing_file_sends_nothing(answering: LocalServer, store: Shelf, gemini: Gemini) -> None:
    lost = reference(store, JPEG)
    store.path(lost.sha256).unlink()
    with pytest.raises(StorageError):
        await ask(gemini, Call(model=MODEL, contents=(UserContent(texts=(PROMPT,), pictures=(lost,)),)))
    assert answering.requests == []


@pytest.mark.parametrize("address", ["../../etc/passwd", "", "A" * 64, "0" * 63])
async def test_an_address_that_is_none(answering: LocalServer, gemini: Gemini, address: str) -> None:
    blob = {"inlineData": {"mimeType": "image/png", "data": {"blob": address}}}
    with pytest.raises(StorageError):
        await ask(gemini, Call(model=MODEL, contents=(ModelContent({"parts": [blob]}),)))
    assert answering.requests == []


async def test_large_pictures(server: LocalServer, store: Shelf, gemini: Gemini) -> None:
    large = reference(store, os.urandom(7_000_000), "image/png")
    content = UserContent(texts=(PROMPT,), pictures=(large, large))
    server.scripts = [answer(parts(picture(b"x")))]
    await ask(gemini, Call(model=MODEL, contents=(content,)))
    sent_parts = server.requests[0].json["contents"][0]["parts"]
    assert base64.b64decode(sent_parts[0]["inlineData"]["data"]) == store.path(large.sha256).read_bytes()


async def test_a_refusal_before_everything_is_sent(store: Shelf) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        while await reader.read(65536):
            pass
        writer.close()

    large = reference(store, os.urandom(3_000_000))
    content = UserContent(texts=(PROMPT,), pictures=(large,))
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as early:
        url = f"http://127.0.0.1:{early.sockets[0].getsockname()[1]}"
        async with Gemini(store, api_key=KEY, base_url=url) as gemini:
            with pytest.raises(RequestRefused, match="413"):
                await ask(gemini, Call(model=MODEL, contents=(content,)))


async def test_a_file_that_becomes_shorter(
    answering: LocalServer, store: Shelf, gemini: Gemini, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bot.providers.body._sizes_of",
        lambda pieces: [len(piece) if isinstance(piece, bytes) else len(JPEG) + 1 for piece in pieces],
    )
    content = UserContent(texts=(PROMPT,), pictures=(reference(store, JPEG),))
    with pytest.raises(StorageError, match="shorter"):
        await ask(gemini, Call(model=MODEL, contents=(content,)))
    assert answering.requests == []


async def test_calls_at_once_do_not_mix(server: LocalServer, store: Shelf, gemini: Gemini) -> None:
    server.scripts = [answer(parts(picture(b"x")))]
    pictures = [os.urandom(50_000) for _ in range(10)]

    async def one(number: int) -> None:
        content = UserContent(texts=(str(number),), pictures=(reference(store, pictures[number]),))
        await ask(gemini, Call(model=MODEL, contents=(content,)))

    await asyncio.gather(*map(one, range(10)))
    for request in server.requests:
        first, second = request.json["contents"][0]["parts"]
        assert first == inline(pictures[int(second["text"])])


# --- which models -----------------------------------------------------------------------------------------


async def test_models(server: LocalServer, gemini: Gemini) -> None:
    page = {
        "models": [
            {"name": "models/gemini-3-pro-image", "supportedGenerationMethods": ["generateContent"]},
            {"name": "models/embedding", "supportedGenerationMethods": ["embedContent"]},
        ],
        "nextPageToken": "more",
    }
    server.scripts = [answer(page), answer({"models": [{"name": "models/other"}]})]
    assert await gemini.models() == ["gemini-3-pro-image", "other"]
    assert [request.path.partition("?")[0] for request in server.requests] == ["/v1beta/models"] * 2


async def test_models_that_cannot_be_read(server: LocalServer, gemini: Gemini) -> None:
    server.scripts = [raw(b"<html>"), raw(b"", status=403), hang_up(reset=True)]
    with pytest.raises(BadAnswer):
        await gemini.models()
    with pytest.raises(KeyRefused):
        await gemini.models()
    with pytest.raises(Busy):
        await gemini.models()


# --- opening and closing ----------------------------------------------------------------------------------


async def test_it_is_used_within_its_context_only(server: LocalServer, store: Shelf) -> None:
    gemini = Gemini(store, api_key=KEY, base_url=server.url)
    with pytest.raises(RuntimeError):
        await ask(gemini)
    async with gemini:
        pass
    with pytest.raises(RuntimeError):
        await ask(gemini)
    assert server.requests == []


def test_a_missing_key_is_named(store: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "another key, which nobody meant for the bot")
    with pytest.raises(ConfigurationError, match="GEMINI_API_KEY"):
        Gemini(store)
    with pytest.raises(ConfigurationError, match="project"):
        Gemini(store, vertex=True, location="global")


async def test_the_environment_changes_nothing(
    answering: LocalServer, store: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "another-key-that-is-not-meant")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v1")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with Gemini(store, api_key=KEY, base_url=answering.url) as gemini:
        await ask(gemini)
    request = answering.requests[0]
    assert request.path.startswith("/v1beta/models/") and request.headers["x-goog-api-key"] == KEY


def test_connections_are_kept_alive() -> None:
    with _keepalive_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1))) as sock:
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


async def test_a_body_is_json_again_after_its_pictures(
    answering: LocalServer, store: Shelf, gemini: Gemini
) -> None:
    content = UserContent(texts=('"', "\\"), pictures=(reference(store, b"\0" * 100),))
    await ask(gemini, Call(model=MODEL, contents=(content,)))
    json.loads(answering.requests[0].body)


async def test_thresholds_are_sent_and_wishes_about_people_are_not(
    answering: LocalServer, gemini: Gemini
) -> None:
    """The Gemini API takes no personGeneration: google-genai would refuse to send the request."""
    thresholds = (("harassment", "low"), ("hate_speech", "medium"), ("sexually_explicit", "high"))
    call = replace(SIMPLE, safety=(*thresholds, ("dangerous_content", "off")), people="adults")
    body = await sent(answering, gemini, call)
    assert body["safetySettings"] == [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_LOW_AND_ABOVE"},
        {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_MEDIUM_AND_ABOVE"},
        {"category": "HARM_CATEGORY_SEXUALLY_EXPLICIT", "threshold": "BLOCK_ONLY_HIGH"},
        {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "threshold": "OFF"},
    ]
    assert body["generationConfig"] == {"responseModalities": ["TEXT", "IMAGE"]}
