"""Failed calls over a socket: the right error, one request, no secret."""

from __future__ import annotations

import json
import logging
import socket
import traceback
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import aiohttp
import pytest
from google.auth.exceptions import DefaultCredentialsError, TransportError

from bot.errors import (
    BadAnswer,
    Busy,
    KeyRefused,
    ModelGone,
    ProviderError,
    RequestRefused,
    StorageError,
    StorageFull,
    Throttled,
)
from bot.providers.failures import from_status, translate
from bot.providers.gemini import Gemini
from tests.providers.calls import KEY, PROMPT, Arrivals, ask
from tests.providers.local_server import (
    LocalServer,
    Script,
    answer,
    broken_off,
    hang_up,
    parts,
    picture,
    raw,
    silence,
)
from tests.providers.shelf import Shelf

RPC = "type.googleapis.com/google.rpc."
HTML = b"<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>" + PROMPT.encode() * 100


def error(
    code: int, message: str, status: str = "", reason: str = "", *details: dict[str, Any]
) -> dict[str, Any]:
    info = [{"@type": f"{RPC}ErrorInfo", "reason": reason, "domain": "googleapis.com"}] if reason else []
    return {"error": {"code": code, "message": message, "status": status, "details": [*info, *details]}}


def retry_in(delay: Any) -> dict[str, Any]:
    return {"@type": f"{RPC}RetryInfo", "retryDelay": delay}


VIOLATION = {
    "@type": f"{RPC}BadRequest",
    "fieldViolations": [
        {"field": "contents[0].parts[1]", "description": f"bad: {PROMPT}"},
        {"field": PROMPT},
    ],
}

STATUSES: list[tuple[dict[str, Any], type[ProviderError], str]] = [
    (error(400, f"Bad {PROMPT}", "INVALID_ARGUMENT", "", VIOLATION), RequestRefused, "contents[0].parts[1]"),
    (
        error(400, "API key not valid. …", "INVALID_ARGUMENT", "API_KEY_INVALID"),
        KeyRefused,
        "API_KEY_INVALID",
    ),
    (error(400, "API key expired. Please renew the API key.", "INVALID_ARGUMENT"), KeyRefused, "400"),
    (
        error(400, "Image generation is not available in your country.", "FAILED_PRECONDITION"),
        KeyRefused,
        "FAILED_PRECONDITION",
    ),
    (error(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"), KeyRefused, "400"),
    (error(400, "Something else first.", "FAILED_PRECONDITION"), RequestRefused, "FAILED_PRECONDITION"),
    (error(401, "Who?", "UNAUTHENTICATED"), KeyRefused, "401 UNAUTHENTICATED"),
    (error(403, "No.", "PERMISSION_DENIED", "SERVICE_DISABLED"), KeyRefused, "SERVICE_DISABLED"),
    (error(403, "Unregistered callers."), KeyRefused, "403"),
    (error(403, "Not this.", "PERMISSION_DENIED", "", VIOLATION), RequestRefused, "contents[0].parts[1]"),
    (error(404, "File x does not exist.", "NOT_FOUND"), RequestRefused, "404 NOT_FOUND"),
    (error(400, "Model x takes no ratio 8:1.", "INVALID_ARGUMENT"), RequestRefused, "400 INVALID_ARGUMENT"),
    (error(413, "Too large"), RequestRefused, "413"),
    (error(429, "Quota", "RESOURCE_EXHAUSTED"), Throttled, "429 RESOURCE_EXHAUSTED"),
    (error(500, "Internal", "INTERNAL"), Busy, "500"),
    (error(501, "Not here", "UNIMPLEMENTED"), RequestRefused, "501"),
    (error(502, "Gateway"), Busy, "502"),
    (error(503, "The model is overloaded.", "UNAVAILABLE"), Busy, "503 UNAVAILABLE"),
    (
        error(503, "No capacity", "UNAVAILABLE", "MODEL_CAPACITY_EXHAUSTED"),
        Busy,
        "UNAVAILABLE MODEL_CAPACITY_EXHAUSTED",
    ),
    (error(504, "Deadline", "DEADLINE_EXCEEDED"), Busy, "504"),
]


GONE = [
    error(404, "models/x is not found for API version v1beta, or is not supported.", "NOT_FOUND"),
    error(404, "This model models/x is no longer available. Please update your code.", "NOT_FOUND"),
    error(404, "Publisher Model `publishers/google/models/x` was not found.", "NOT_FOUND"),
    error(404, "", "NOT_FOUND"),
    error(400, "The model x has been deprecated.", "FAILED_PRECONDITION"),
    error(400, "Model models/x was shut down on 2026-10-02.", "INVALID_ARGUMENT"),
    error(410, "The model is gone."),
]


async def failing(gemini: Gemini, *, within: float = 20.0) -> tuple[ProviderError, int]:
    """Make a call that has to fail; return the error and how often the answer was said to arrive."""
    arrivals = Arrivals()
    with pytest.raises(ProviderError) as caught:
        await ask(gemini, within=within, arriving=arrivals)
    printed = "".join(traceback.format_exception(caught.value))
    assert KEY not in printed and PROMPT not in printed
    assert KEY not in caught.value.message and len(caught.value.message) <= 600
    return caught.value, arrivals.count


@pytest.mark.parametrize(("body", "kind", "detail"), STATUSES)
async def test_statuses(
    server: LocalServer, gemini: Gemini, body: dict[str, Any], kind: type[ProviderError], detail: str
) -> None:
    server.scripts = [answer(body, status=body["error"]["code"])]
    caught, arrivals = await failing(gemini)
    assert type(caught) is kind
    assert caught.detail.startswith(f"answered {body['error']['code']}") and detail in caught.detail
    assert caught.message == body["error"]["message"]
    assert arrivals == 0
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", GONE, ids=lambda body: body["error"]["message"][:30])
async def test_a_model_that_is_gone_has_an_error_of_its_own(
    server: LocalServer, gemini: Gemini, body: dict[str, Any]
) -> None:
    server.scripts = [answer(body, status=body["error"]["code"])]
    caught, _ = await failing(gemini)
    assert type(caught) is ModelGone
    assert caught.message == ""  # it is written for programmers
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (raw(HTML, status=502, headers="Content-Type: text/html"), Busy),
        (raw(HTML, status=502), Busy),  # says that it is JSON
        (raw(b"", status=503), Busy),
        (raw(b"null", status=503), Busy),
        (raw(b'[{"error":{"code":429,"message":"m"}}]', status=429), Throttled),
        (raw(b'{"error":"text"}', status=500), Busy),
        (raw(b'{"error":' * 5000, status=500), Busy),
        (raw(b"x" * 50_000, status=503), Busy),
        (raw(HTML, status=403, headers="Content-Type: text/html"), KeyRefused),
        (raw(HTML, status=404, headers="Content-Type: text/html"), RequestRefused),
        (raw(b"", status=204), BadAnswer),
        (raw(b"", status=307, headers="Location: /elsewhere"), RequestRefused),
        (answer(error(503, "Overloaded", "UNAVAILABLE")), Busy),  # under status 200
        (answer({"error": {"code": "odd"}}), BadAnswer),
    ],
)
async def test_error_pages(
    server: LocalServer, gemini: Gemini, script: Script, kind: type[ProviderError]
) -> None:
    server.scripts = [script]
    caught, _ = await failing(gemini)
    assert type(caught) is kind
    assert b"html" not in caught.message.encode()
    assert len(server.requests) == 1


BEGUN = json.dumps(parts(picture(b"x" * 5000))).encode()[:3000]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "kind", "arrivals"),
    [
        (hang_up(reset=False), Busy, 0),
        (hang_up(reset=True), Busy, 0),
        (broken_off(b"", 500), BadAnswer, 0),  # an answer had begun: it may have been paid for
        (broken_off(BEGUN, 99_999), BadAnswer, 1),
        (broken_off(BEGUN, 99_999, reset=True), BadAnswer, 1),
        (raw(b"", headers="Content-Length: nonsense"), Busy, 0),
    ],
)
async def test_connections_that_break(
    server: LocalServer,
    store: Shelf,
    gemini: Gemini,
    script: Script,
    kind: type[ProviderError],
    arrivals: int,
) -> None:
    server.scripts = [script]
    caught, arrived = await failing(gemini)
    assert type(caught) is kind
    assert arrived == arrivals
    assert store.names == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (silence(), Busy),
        (silence(HEAD + BEGUN), BadAnswer),
        (silence(b"HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\n"), Busy),
    ],
)
async def test_timeouts(
    server: LocalServer, store: Shelf, gemini: Gemini, script: Script, kind: type[ProviderError]
) -> None:
    server.scripts = [script]
    caught, _ = await failing(gemini, within=1.0)
    assert type(caught) is kind
    assert store.names == []
    assert len(server.requests) == 1


async def test_nobody_listens(server: LocalServer, store: Shelf) -> None:
    async with LocalServer() as other:
        url = other.url
    async with Gemini(store, api_key=KEY, base_url=url) as gemini:
        caught, _ = await failing(gemini)
    assert type(caught) is Busy


async def test_a_connection_that_is_never_made(store: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.providers.transport.CONNECT_TIMEOUT", 0.3)
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):  # fills the queue of those who wait to be accepted
            other = waiting.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with Gemini(store, api_key=KEY, base_url=url) as gemini:
            caught, _ = await failing(gemini)
    assert type(caught) is Busy and "ConnectionTimeoutError" in caught.detail


async def test_the_key_is_blotted_out(server: LocalServer, gemini: Gemini) -> None:
    server.scripts = [
        answer(error(400, f"Your key {KEY} is odd"), status=400),
        answer(parts({"text": f"key: {KEY}"}, finishMessage=f"key: {KEY}")),
    ]
    caught, _ = await failing(gemini)
    assert caught.message == "Your key … is odd"
    got = await ask(gemini)
    assert (got.text, got.message) == ("key: …", "key: …")


async def test_a_full_disk_is_no_fault_of_the_provider(
    server: LocalServer, gemini: Gemini, store: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise StorageFull("no space left")

    monkeypatch.setattr("storage.spool.Spool.write", full)
    server.scripts = [answer(parts(picture(b"x" * 5000)))]
    with pytest.raises(StorageFull):
        await ask(gemini)
    assert store.names == []


async def test_nothing_secret_is_logged(
    server: LocalServer, gemini: Gemini, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.scripts = [answer(parts(picture(b"x"))), answer(STATUSES[0][0], status=400)]
    await ask(gemini)
    await failing(gemini)
    assert KEY not in caplog.text and PROMPT not in caplog.text


# --- how long to wait -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delay", "header", "seconds"),
    [
        ("53s", "", 53.0),
        ("1.5s", "7", 1.5),
        ("0.000000001s", "", 1e-9),
        (None, "7", 7.0),
        (None, " 7 ", 7.0),
        ("soon", "7", 7.0),
        ("-5s", "", None),
        ("1e999s", "", None),
        (["53s"], "", None),
        (None, "", None),
        (None, "soon", None),
        (None, "-7", None),
        (None, "9" * 40, None),
        (None, "\u0667", None),
        (None, "Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)
def test_retry_after(delay: Any, header: str, seconds: float | None) -> None:
    body = error(429, "Quota", "RESOURCE_EXHAUSTED", "", retry_in(delay))
    caught = from_status(429, body, {"Retry-After": header})
    assert isinstance(caught, Busy) and caught.retry_after == seconds


def test_retry_after_as_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    caught = from_status(503, None, {"Retry-After": date})
    assert caught.retry_after is not None and 60 < caught.retry_after <= 90


async def test_retry_after_over_a_socket(server: LocalServer, gemini: Gemini) -> None:
    body = error(429, "Quota", "RESOURCE_EXHAUSTED", "", retry_in("53s"))
    server.scripts = [
        answer(body, status=429),
        raw(HTML, status=503, headers="Content-Type: text/html\r\nRetry-After: 11"),
        raw(HTML, status=503, headers="Content-Type: application/json\r\nRetry-After: 12"),
    ]
    assert [(await failing(gemini))[0].retry_after for _ in range(3)] == [53.0, 11.0, 12.0]


# --- what no socket gives ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (DefaultCredentialsError("none found"), KeyRefused),
        (TransportError("unreachable", retryable=True), Busy),
        (TimeoutError(), Busy),
        (aiohttp.ClientPayloadError(), Busy),
        (ConnectionResetError(), Busy),
        (aiohttp.InvalidURL("x"), RequestRefused),
        (ValueError(PROMPT), RequestRefused),
        (StorageError("disk"), StorageError),
    ],
)
def test_before_an_answer(exc: Exception, kind: type[Exception]) -> None:
    got = translate(exc)
    assert type(got) is kind and PROMPT not in str(got)


def test_a_file_of_ours_that_broke_the_connection() -> None:
    exc = aiohttp.ClientConnectionError("Failed to send bytes")
    exc.__cause__ = StorageError("a picture to send has become shorter")
    assert translate(exc) is exc.__cause__


def quota(*violations: dict[str, Any]) -> dict[str, Any]:
    failure = {"@type": f"{RPC}QuotaFailure", "violations": list(violations)}
    return error(429, "You exceeded your current quota.", "RESOURCE_EXHAUSTED", "", failure)


def violation(quota_id: str, value: Any = None, metric: str = "generate_content_requests") -> dict[str, Any]:
    return {
        "quotaId": quota_id,
        "quotaValue": value,
        "quotaMetric": f"generativelanguage.googleapis.com/{metric}",
    }


@pytest.mark.parametrize(
    ("violations", "daily", "limit"),
    [
        ([violation("GenerateRequestsPerDayPerProjectPerModel", "250")], True, 250),
        ([violation("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "0")], True, 0),
        ([violation("GenerateRequestsPerDayPerProjectPerModel")], True, None),
        ([violation("", "70", "generate_requests_per_model_per_day")], True, 70),
        ([violation("GenerateRequestsPerMinutePerProjectPerModel", "10")], False, 10),
        ([violation("GenerateRequestsPerMinutePerProjectPerModel", "0")], False, None),
        ([violation("GenerateContentInputTokensPerModelPerMinute", "32000")], False, None),
        ([violation("GenerateContentInputTokensPerModelPerDay", "32000")], True, None),
        (
            [violation("RequestsPerMinute", "10"), violation("RequestsPerDay", "99")],
            True,
            99,
        ),
        ([violation("SomethingElse", "5"), {}, {"quotaId": 5}], False, None),
        ([violation("RequestsPerDay", "-5"), violation("RequestsPerDay", "1e9")], True, None),
    ],
)
def test_which_quota_is_used_up(violations: list[dict[str, Any]], daily: bool, limit: int | None) -> None:
    caught = from_status(429, quota(*violations), {})
    assert isinstance(caught, Throttled)
    assert (caught.daily, caught.limit) == (daily, limit)
