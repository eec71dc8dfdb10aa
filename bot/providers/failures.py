"""Turns what goes wrong in google-genai, aiohttp and the answer into the bot's errors.

The text of an error of ours (`detail`) is made of codes, statuses and field names only: what Google writes
in words may quote the prompt, and google-genai puts the whole body into its exceptions. Google's sentence is
kept apart, in `message`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from google.auth.exceptions import GoogleAuthError
from google.genai.errors import APIError

from bot.errors import (
    BadAnswer,
    Busy,
    KeyRefused,
    ModelGone,
    PlantainError,
    ProviderError,
    RequestRefused,
    SignatureRefused,
    Throttled,
)
from bot.providers.exchange import Exchange

_OK = 200
_BAD_REQUEST = 400
_NOT_IMPLEMENTED = 501  # the one 5xx that stays
_NOT_FOUND, _GONE = 404, 410
_TOO_MANY = 429
_LONGEST_MESSAGE = 600
_SHORTEST_SECRET = 16

# Reasons of google.rpc.ErrorInfo in the domain googleapis.com that are about our key or project:
# https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto
_KEY_REASON = re.compile(
    r"API_KEY_\w+|SERVICE_DISABLED|BILLING_DISABLED|CONSUMER_\w+|ACCESS_TOKEN_\w+|ACCOUNT_STATE_INVALID"
    r"|CREDENTIALS_MISSING|USER_PROJECT_DENIED|LOCATION_POLICY_VIOLATED|IAM_PERMISSION_DENIED"
)
# Where Google names no reason. A country or a billing account is the operator's to change, as a key is.
_KEY_WORDS = re.compile(r"api key|not available in your country|location is not supported|billing", re.I)

# "Image part is missing a thought_signature …", "Thought signature is not valid.", and the like.
_SIGNATURE_WORDS = re.compile(r"thought[ _]?signature", re.I)

# "models/x is not found for API version v1beta …", "This model models/x is no longer available. …",
# "Publisher Model `…/models/x` was not found …".
_GONE_WORDS = re.compile(
    r"\bmodels?\b.*"
    r"\b(not found|no longer|not exist|discontinued|retired|deprecated|shut ?down|decommissioned)",
    re.I | re.S,
)

_PER_DAY, _PER_MINUTE = re.compile(r"per_?day", re.I), re.compile(r"per_?minute", re.I)

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")  # google.protobuf.Duration in JSON
_MACHINE_WORD = re.compile(r"[\w.\[\]()-]{1,80}")


def translate(exc: Exception, exchange: Exchange | None = None, *, secret: str = "") -> PlantainError:
    """Return the error of ours for anything that a call raised; `secret` is blotted out of messages.

    An exception that no outside cause explains is returned as a `RequestRefused` that names its class.
    """
    if ours := _cause_of_ours(exc):
        return ours
    if isinstance(exc, APIError):
        headers = exchange.headers if exchange is not None else {}
        return from_status(exc.code, exc.details, headers, secret)
    if exchange is not None and exchange.status is not None:
        return _after_head(exc, exchange)
    match exc:
        case aiohttp.InvalidURL():
            return RequestRefused("the provider's address is no URL")
        case aiohttp.ClientError() | ConnectionError():
            return Busy(f"out of reach: {type(exc).__name__}")
        case TimeoutError():
            return Busy("no answer in time")
        case GoogleAuthError():
            kind = Busy if exc.retryable else KeyRefused
            return kind(f"no credentials for Google Cloud: {type(exc).__name__}")
        case _:
            return RequestRefused(f"the request could not be made: {type(exc).__name__}")


def from_body(body: Mapping[str, Any], secret: str = "") -> ProviderError:
    """Return the error for an ``{"error": …}`` that came under status 200."""
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(code, int) or code == _OK:
        return BadAnswer("the answer is an error without a code")
    return from_status(code, body, {}, secret)


def from_status(code: int, body: Any, headers: Mapping[str, str], secret: str = "") -> ProviderError:
    """Return the error for an answer with another status than 200.

    `body` is the parsed JSON; for a page that is no JSON, anything without an "error" object.
    """
    error = _error_object(body)
    message = sentence(error.get("message"), secret)
    detail = without(secret, f"answered {code}{_machine_words(error)}")
    if _is_about_the_key(code, error, message):
        return KeyRefused(detail, message=message)
    if code == _TOO_MANY:
        daily, limit = _quota(error)
        retry_after = _retry_after(error, headers)
        return Throttled(detail, message=message, retry_after=retry_after, daily=daily, limit=limit)
    if code >= 500 and code != _NOT_IMPLEMENTED:
        return Busy(detail, message=message, retry_after=_retry_after(error, headers))
    if code < 300:
        return BadAnswer(detail, message=message)
    if error and _is_gone(code, message):
        return ModelGone(detail)  # its words are for programmers: "update your code"
    if code == _BAD_REQUEST and _SIGNATURE_WORDS.search(message):
        return SignatureRefused(detail, message=message)
    return RequestRefused(detail, message=message)


def _after_head(exc: Exception, exchange: Exchange) -> ProviderError:
    """Return the error for an answer whose head came and whose body is not there or cannot be read."""
    status = exchange.status or _OK
    if status != _OK:
        return from_status(status, None, exchange.headers)
    kind = type(exc).__name__
    if isinstance(exc, TimeoutError):
        return BadAnswer("the answer began and did not end in time")
    if isinstance(exc, aiohttp.ClientError | ConnectionError):
        return BadAnswer(f"the answer broke off: {kind}")
    return BadAnswer(f"the answer cannot be read: {kind}")


def _cause_of_ours(exc: BaseException | None) -> PlantainError | None:
    """Return the error of ours that is behind another: a file that cannot be read breaks the connection."""
    while exc is not None and not isinstance(exc, PlantainError):
        exc = exc.__cause__
    return exc


def _is_about_the_key(code: int, error: Mapping[str, Any], message: str) -> bool:
    if any(_KEY_REASON.fullmatch(str(item.get("reason"))) for item in _details(error, "ErrorInfo")):
        return True
    if _details(error, "BadRequest"):
        return False  # it names the fields that it does not like
    return code in {401, 402, 403} or (code == 400 and bool(_KEY_WORDS.search(message)))


def _is_gone(code: int, message: str) -> bool:
    """Whether the model is not there (any more); nothing else that a call names could be missing."""
    if code in (_NOT_FOUND, _GONE):
        return not message or "model" in message.lower()
    return code == _BAD_REQUEST and bool(_GONE_WORDS.search(message))


def _quota(error: Mapping[str, Any]) -> tuple[bool, int | None]:
    """Return whether it is the day's quota that is used up, and how many calls a day, or a minute, there are.

    Google names quotas like ``GenerateRequestsPerDayPerProjectPerModel`` (google.rpc.QuotaFailure; its fields
    beside `subject` and `description` are seen in answers and not documented). What counts tokens instead of
    calls says nothing about the number of calls.
    """
    limits: dict[bool, list[int]] = {}
    for item in _details(error, "QuotaFailure"):
        violations = item.get("violations")
        for violation in violations if isinstance(violations, list) else ():
            found = violation if isinstance(violation, dict) else {}
            name = f"{found.get('quotaId')} {found.get('quotaMetric')}"
            daily = bool(_PER_DAY.search(name))
            if not daily and not _PER_MINUTE.search(name):
                continue
            known = limits.setdefault(daily, [])
            value = str(found.get("quotaValue"))
            if re.fullmatch(r"[0-9]{1,7}", value) and (daily or value != "0") and "token" not in name.lower():
                known.append(int(value))
    daily = True in limits
    return daily, min(limits.get(daily, []), default=None)


def _retry_after(error: Mapping[str, Any], headers: Mapping[str, str]) -> float | None:
    for item in _details(error, "RetryInfo"):
        if found := _DURATION.fullmatch(str(item.get("retryDelay"))):
            return float(found.group(1))
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    return _seconds_until(value)


def _seconds_until(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _error_object(body: Any) -> Mapping[str, Any]:
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {}


def _details(error: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    """Return the details of one kind of google.rpc (ErrorInfo, RetryInfo, BadRequest)."""
    details = error.get("details")
    return [
        item
        for item in (details if isinstance(details, list) else ())
        if isinstance(item, dict) and str(item.get("@type")).endswith(f"google.rpc.{kind}")
    ]


def _machine_words(error: Mapping[str, Any]) -> str:
    """Return the status, the reason and the names of faulty fields, where they look like such."""
    words = [error.get("status"), *(item.get("reason") for item in _details(error, "ErrorInfo"))]
    for item in _details(error, "BadRequest"):
        violations = item.get("fieldViolations")
        if isinstance(violations, list):
            words += [violation.get("field") for violation in violations if isinstance(violation, dict)]
    named = [word for word in words if isinstance(word, str) and _MACHINE_WORD.fullmatch(word)]
    return "".join(f" {word}" for word in named[:5])


# --- what people see --------------------------------------------------------------------------------------


def sentence(value: Any, secret: str = "") -> str:
    """Return a provider's sentence fit to be kept and shown; nothing where it is no text."""
    return cleaned(without(secret, value), _LONGEST_MESSAGE).strip() if isinstance(value, str) else ""


def cleaned(text: str, longest: int) -> str:
    """Return text that every database takes: no NUL, no half surrogates, bounded."""
    return text[:longest].replace("\0", "").encode("utf-8", "replace").decode()


def without(secret: str, text: str) -> str:
    """Return text with `secret` blotted out. A short one (in a sandbox, say) is none and could be a word."""
    return text.replace(secret, "…") if len(secret) >= _SHORTEST_SECRET else text
