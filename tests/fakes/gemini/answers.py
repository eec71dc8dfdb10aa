"""What the scripted Gemini can be told to answer, as values; and the shapes that people reported.

The shapes are those of Google's answers as third parties reported them up to 2026-11-21.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .jpeg import STAMP, with_stamp

MODEL = "gemini-nano-banana-2.1"
RESPONSE_ID = "scripted-response"
SIGNATURE = base64.b64encode(b"a thought signature of the scripted fake").decode()
_JSON = "application/json; charset=UTF-8"
_TOKENS = 1120  # output tokens of a 1K picture
_PLACE = "@@picture@@"


@dataclass(frozen=True, slots=True)
class Picture:
    """One image part; as an answer of its own, the only one. `data` need not be an image."""

    data: bytes
    mime: str = "image/jpeg"
    signature: str | None = SIGNATURE
    thought: bool = False


@dataclass(frozen=True, slots=True)
class Pictures:
    """Several parts in order: images, and strings as text parts."""

    parts: Sequence[Picture | str]
    finish: str = "STOP"


@dataclass(frozen=True, slots=True)
class UniquePictures:
    """A picture that is another file in every answer (a serial number in a comment), at no cost."""

    jpeg: bytes


@dataclass(frozen=True, slots=True)
class JsonAnswer:
    """Any JSON body."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raw:
    """Any bytes with any content type."""

    status: int
    body: bytes
    content_type: str = _JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PreparedAnswer:
    """A serialised answer, to be sent any number of times; `stamped`: a serial follows the first piece."""

    status: int
    headers: Mapping[str, str]
    pieces: tuple[bytes, ...]
    stamped: bool = False

    def body(self, serial: int) -> tuple[bytes, ...]:
        """The pieces of the body, with the serial number where one belongs."""
        if not self.stamped:
            return self.pieces
        stamp = base64.b64encode(f"{serial:0{STAMP}d}".encode())
        return self.pieces[0], stamp, *self.pieces[1:]


Content: TypeAlias = Picture | Pictures | UniquePictures | JsonAnswer | Raw | PreparedAnswer


@dataclass(frozen=True, slots=True)
class Reset:
    """Ends the connection after `after` bytes of the body of `answer`; without one, before any byte.

    In good order, as a server that stops; with `rst` by a TCP reset.
    """

    after: int = 0
    answer: Content | None = None
    rst: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """Never answers."""


@dataclass(frozen=True, slots=True)
class Truncated:
    """Only the first `at` bytes of the body.

    `announced`: the headers promise the whole body, and the connection closes early. Otherwise the short
    body is all that was promised: a well-formed HTTP answer with broken JSON in it.
    """

    answer: Content
    at: int
    announced: bool = True


@dataclass(frozen=True, slots=True)
class SlowDrip:
    """The body in chunks of `size` bytes with `pause` seconds between them, the first at once."""

    answer: Content
    size: int
    pause: float


Answer: TypeAlias = Content | Reset | Hang | Truncated | SlowDrip


def prepare(answer: Content) -> PreparedAnswer:
    """Serialise once what may be sent many times."""
    match answer:
        case PreparedAnswer():
            return answer
        case Picture():
            return prepare(Pictures([answer]))
        case Pictures():
            return _prepared(200, _success(answer), {})
        case UniquePictures():
            return _unique(answer.jpeg)
        case JsonAnswer():
            return _prepared(answer.status, answer.body, answer.headers)
        case Raw():
            headers = {"Content-Type": answer.content_type, **answer.headers}
            return PreparedAnswer(answer.status, headers, (answer.body,))


def chunks(body: Sequence[bytes], size: int) -> Iterator[memoryview]:
    """The pieces of a body cut into chunks of at most `size` bytes, without copying."""
    for piece in body:
        view = memoryview(piece)
        for start in range(0, len(view), size):
            yield view[start : start + size]


def _prepared(status: int, body: Any, headers: Mapping[str, str]) -> PreparedAnswer:
    return PreparedAnswer(status, {"Content-Type": _JSON, **headers}, (json.dumps(body, indent=2).encode(),))


def _unique(jpeg: bytes) -> PreparedAnswer:
    before, after = (base64.b64encode(piece) for piece in with_stamp(jpeg))
    frame = json.dumps(_success(Pictures([Picture(b"")])), indent=2)
    head, tail = frame.replace('"data": ""', f'"data": "{_PLACE}"').encode().split(_PLACE.encode())
    return PreparedAnswer(200, {"Content-Type": _JSON}, (head + before, after + tail), stamped=True)


def _success(answer: Pictures) -> dict[str, Any]:
    made = sum(isinstance(part, Picture) and not part.thought for part in answer.parts)
    content = {"parts": [_part(part) for part in answer.parts], "role": "model"}
    return {
        "candidates": [{"content": content, "finishReason": answer.finish, "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 12,
            "candidatesTokenCount": _TOKENS * made,
            "thoughtsTokenCount": 200,
            "totalTokenCount": 12 + _TOKENS * made + 200,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 12}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": _TOKENS * made}],
        },
        "modelVersion": MODEL,
        "responseId": RESPONSE_ID,
    }


def _part(part: Picture | str) -> dict[str, Any]:
    if isinstance(part, str):
        return {"text": part}
    data = base64.b64encode(part.data).decode()
    whole: dict[str, Any] = {"inlineData": {"mimeType": part.mime, "data": data}}
    if part.thought:
        whole["thought"] = True
    if part.signature is not None and not part.thought:
        whole["thoughtSignature"] = part.signature
    return whole


def words(text: str) -> Pictures:
    """Words and no picture."""
    return Pictures([text])


def refused(
    reason: str = "IMAGE_SAFETY", message: str = "Unable to show the generated image. Try rephrasing it."
) -> JsonAnswer:
    """A candidate without a picture, with the sentence that explains it."""
    candidate = {"content": {"parts": None}, "finishReason": reason, "finishMessage": message, "index": 0}
    return JsonAnswer({"candidates": [candidate], "usageMetadata": _READ, "responseId": RESPONSE_ID})


def no_image() -> JsonAnswer:
    """The model made no picture and says nothing about it."""
    return JsonAnswer({"candidates": [{"finishReason": "NO_IMAGE", "index": 0}]})


def blocked(reason: str = "PROHIBITED_CONTENT") -> JsonAnswer:
    """The prompt itself was blocked."""
    return JsonAnswer({"promptFeedback": {"blockReason": reason}, "usageMetadata": _READ})


def empty() -> JsonAnswer:
    """`{}`."""
    return JsonAnswer({})


def error(
    code: int, status: str, message: str, details: Sequence[Mapping[str, Any]] = (), **headers: str
) -> JsonAnswer:
    """An error in Google's shape."""
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        body["details"] = list(details)
    return JsonAnswer({"error": body}, code, headers)


def overloaded() -> JsonAnswer:
    """503."""
    return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


def quota(retry_delay: str | None = "3s", *, a_day: int | None = None) -> JsonAnswer:
    """429 with QuotaFailure and, unless None, RetryInfo; the delay as Google writes it (`"53s"`).

    `a_day`: it is the day's quota that is used up, of so many calls.
    """
    google = "type.googleapis.com/google.rpc."
    violation = {"quotaMetric": "generate_content_requests", "quotaId": "GenerateRequestsPerMinute"}
    if a_day is not None:
        violation["quotaId"] = "GenerateRequestsPerDayPerProjectPerModel"
        violation["quotaValue"] = str(a_day)
    details: list[Mapping[str, Any]] = [{"@type": f"{google}QuotaFailure", "violations": [violation]}]
    if retry_delay is not None:
        details.append({"@type": f"{google}RetryInfo", "retryDelay": retry_delay})
    return error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", details)


def retired(model: str) -> JsonAnswer:
    """404 for a model that was shut down."""
    return error(
        404,
        "NOT_FOUND",
        f"This model models/{model} is no longer available. Please update your code to use a newer model.",
    )


def html_502() -> Raw:
    """The page of a proxy in between."""
    return Raw(502, b"<!DOCTYPE html><title>502 Bad Gateway</title><h1>502</h1>", "text/html; charset=UTF-8")


_READ = {"promptTokenCount": 12, "totalTokenCount": 12}
