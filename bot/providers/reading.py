"""Reads the raw JSON of an answer.

google-genai's parsed response would drop `finishMessage` and every field that it does not know; here the
fields that we use are read one by one, of the type that they should have or not at all.

Reasons: https://ai.google.dev/api/generate-content#FinishReason. New ones appear without notice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from bot.domain.answers import Answer, Picture, Usage, Verdict
from bot.errors import BadAnswer, SignatureRefused
from bot.providers.base import PICTURE_HOLDERS, Kept
from bot.providers.failures import cleaned, from_body, sentence, without

# The prompt or the picture was refused: the same request will be refused again.
_REFUSALS = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    }
)
# Our history came without a signature: asking again the same way is of no use.
_OUR_FAULT = "MISSING_THOUGHT_SIGNATURE"

_MIME = re.compile(r"[a-z]+/[a-z0-9.+-]{1,60}")
_UNKNOWN_MIME = "application/octet-stream"
_LONGEST_TEXT = 100_000
_LONGEST_WORD = 200


def read_answer(
    text: str, pictures: Mapping[str, Kept], *, model: str, want_image: bool, secret: str = ""
) -> Answer:
    """Read a body in which marks stand for `pictures`; `secret` is blotted out of what people see.

    Raises BadAnswer for what is no answer, SignatureRefused where the model says that our request lacks
    something, and what an error body under status 200 stands for.
    """
    body = _parsed(text)
    if "error" in body and "candidates" not in body:
        raise from_body(body, secret)
    candidate = _object(next(iter(_list(body.get("candidates"))), None))
    feedback = _object(body.get("promptFeedback"))
    parts = _Parts.of(candidate, pictures)
    finish_reason = _word(candidate.get("finishReason")) or _word(feedback.get("blockReason"))
    message = sentence(candidate.get("finishMessage"), secret)
    message = message or sentence(feedback.get("blockReasonMessage"), secret)
    if finish_reason == _OUR_FAULT and not parts.finals:
        raise SignatureRefused(f"finished with {_OUR_FAULT}", message=message)
    refused = bool(feedback.get("blockReason")) or finish_reason in _REFUSALS
    return Answer(
        verdict=_verdict(parts, refused=refused, want_image=want_image),
        model=model,
        pictures=tuple(parts.pictures),
        text=without(secret, parts.text),
        finish_reason=finish_reason,
        message=message,
        usage=_usage(_object(body.get("usageMetadata"))),
        response_id=_word(body.get("responseId")),
        model_version=_word(body.get("modelVersion")),
        content=parts.content,
        safety=(*_ratings(candidate), *_ratings(feedback)),
    )


def _verdict(parts: _Parts, *, refused: bool, want_image: bool) -> Verdict:
    if refused:
        return Verdict.BLOCKED
    if not want_image:
        return Verdict.TEXT if parts.text else Verdict.NO_IMAGE
    return Verdict.PICTURE if parts.finals else Verdict.NO_IMAGE


@dataclass(slots=True)
class _Parts:
    """What a candidate's content holds."""

    content: Mapping[str, Any] | None
    pictures: list[Picture]
    text: str

    @property
    def finals(self) -> bool:
        return any(not picture.thought for picture in self.pictures)

    @classmethod
    def of(cls, candidate: Mapping[str, Any], kept: Mapping[str, Kept]) -> _Parts:
        pictures: list[Picture] = []
        texts: list[str] = [""]
        for item in _list(_object(candidate.get("content")).get("parts")):
            part = _object(item)
            thought = part.get("thought") is True
            if picture := _picture(part, kept, thought=thought):
                pictures.append(picture)
                texts.append("")
            elif isinstance(part.get("text"), str) and not thought:
                texts[-1] += part["text"]
        text = "\n".join(stripped for text in texts if (stripped := text.strip()))
        content = _with_blobs(_object(candidate.get("content")), kept)
        return cls(content or None, pictures, cleaned(text, _LONGEST_TEXT))


def _picture(part: Mapping[str, Any], kept: Mapping[str, Kept], *, thought: bool) -> Picture | None:
    """Return the picture of a part; None for data of another kind and for none at all."""
    for holder in PICTURE_HOLDERS:
        inline = _object(part.get(holder))
        stored = kept.get(inline.get("data", "")) if isinstance(inline.get("data"), str) else None
        mime = inline.get("mimeType", inline.get("mime_type"))
        if not isinstance(mime, str) or not _MIME.fullmatch(mime.lower()):
            mime = _UNKNOWN_MIME
        if stored is not None and stored.size and mime.lower().startswith(("image/", _UNKNOWN_MIME)):
            return Picture(stored.sha256, mime.lower(), stored.size, thought)
    return None


def _with_blobs(value: Any, kept: Mapping[str, Kept]) -> Any:
    """Return a copy with ``{"blob": sha256}`` for every mark."""
    if isinstance(value, dict):
        return {key: _with_blob(key, item, kept) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_blobs(item, kept) for item in value]
    return value


def _with_blob(key: str, value: Any, kept: Mapping[str, Kept]) -> Any:
    """Return the value of a key; in a holder of data, with a blob for its mark.

    Nothing else is let through there: a provider that wrote a blob of its own choice would be sent that
    picture with the next turn of the conversation, whosever it is.
    """
    if key not in PICTURE_HOLDERS or not isinstance(value, dict):
        return _with_blobs(value, kept)
    data = value.get("data")
    if data is None or data == "":
        return value
    if not isinstance(data, str) or data not in kept:
        raise BadAnswer("the data of a picture is no string")
    return {**value, "data": {"blob": kept[data].sha256}}


def _usage(metadata: Mapping[str, Any]) -> Usage:
    details = [_object(detail) for detail in _list(metadata.get("candidatesTokensDetails"))]
    output = _count(metadata.get("candidatesTokenCount"))
    # The count has been seen above the sum of its details: what nothing explains is priced as image.
    texts = sum(_count(detail.get("tokenCount")) for detail in details if detail.get("modality") != "IMAGE")
    return Usage(
        prompt=_count(metadata.get("promptTokenCount")),
        output=output,
        output_images=max(0, output - texts) if details else None,
        thoughts=_count(metadata.get("thoughtsTokenCount")),
        total=_count(metadata.get("totalTokenCount")),
    )


def _ratings(holder: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [rating for rating in _list(holder.get("safetyRatings")) if isinstance(rating, dict)]


# --- values of the right type, or nothing -----------------------------------------------------------------


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as exc:
        # Not `from exc`: a JSONDecodeError carries the whole text along.
        raise BadAnswer(f"the answer is not JSON: {type(exc).__name__}") from None
    if not isinstance(body, dict):
        raise BadAnswer("the answer is no JSON object")
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _word(value: Any) -> str:
    return cleaned(value, _LONGEST_WORD) if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if type(value) is int and 0 <= value < 2**53 else 0
