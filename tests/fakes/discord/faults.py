"""Trouble on request: answers that fail, and requests held where a test wants the bot to stand still."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

from .signals import Gate

if TYPE_CHECKING:
    from .rest import Recorded

Point = Literal["before", "after"]
Scope = Literal["user", "shared", "global"]
USUAL_WAIT = 0.3  # seconds


def any_request(record: Recorded) -> bool:
    """What matches without a further condition."""
    return True


class Dropped(Exception):
    """The connection is to be cut without an answer."""


@dataclass(eq=False)
class Fault:
    """Answers the next `times` matching requests with an error, after letting `after` of them pass."""

    method: str
    pattern: str
    status: int
    body: bytes
    headers: Mapping[str, str]
    times: int
    after: int
    where: Callable[[Recorded], object] = any_request
    hits: int = 0


@dataclass(eq=False)
class Hold(Gate):
    """Keeps matching requests waiting.

    `point` "before": Discord has received the request and not yet acted. "after": Discord has acted (the
    message is posted) and the bot does not know yet. A held request goes on even when its client has died
    meanwhile, as it does at Discord; `drop` cuts the connection instead of answering.
    """

    method: str
    pattern: str
    point: Point
    times: int
    where: Callable[[Recorded], object] = any_request

    def __post_init__(self) -> None:
        super().__init__(f"hold {self.method} {self.pattern}")

    @property
    def closed(self) -> bool:
        """Nobody is held any more."""
        return super().closed or self.count >= self.times


class Faults:
    """The troubles that are arranged at present."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._holds: list[Hold] = []

    def fail(
        self,
        method: str,
        pattern: str,
        status: int,
        body: Mapping[str, Any] | bytes | str | None = None,
        *,
        times: int = 1,
        after: int = 0,
        headers: Mapping[str, str] | None = None,
        where: Callable[[Recorded], object] = any_request,
    ) -> Fault:
        """Arrange an error. A mapping is sent as JSON, text as an HTML page, as a proxy in between would."""
        content_type = "application/json"
        if body is None:
            body = _usual_body(status)
        if isinstance(body, bytes):
            raw = body
        elif isinstance(body, str):
            raw, content_type = body.encode(), "text/html; charset=UTF-8"
        else:
            raw = json.dumps(body).encode()
        sent = {"Content-Type": content_type, **(headers or {})}
        fault = Fault(method, pattern, status, raw, sent, times, after, where)
        self._faults.append(fault)
        return fault

    def rate_limit(
        self,
        method: str,
        pattern: str,
        seconds: float = USUAL_WAIT,
        *,
        scope: Scope = "user",
        times: int = 1,
        where: Callable[[Recorded], object] = any_request,
    ) -> Fault:
        """Arrange a 429 that says when to come again, and which limit it was: its own, or that of several."""
        headers = {"X-RateLimit-Scope": scope, "Retry-After": str(seconds)}
        if scope == "global":
            headers["X-RateLimit-Global"] = "true"
        body = _too_often(seconds, everywhere=scope == "global")
        return self.fail(method, pattern, 429, body, times=times, headers=headers, where=where)

    def hold(
        self,
        method: str,
        pattern: str,
        *,
        point: Point = "before",
        times: int = 1,
        where: Callable[[Recorded], object] = any_request,
    ) -> Hold:
        """Arrange a hold for the next `times` matching requests."""
        hold = Hold(method, pattern, point, times, where)
        self._holds.append(hold)
        return hold

    def match_fault(self, record: Recorded) -> Fault | None:
        """The error to answer this request with, counted."""
        for fault in self._faults:
            if not _matches(fault, record):
                continue
            if fault.after > 0:
                fault.after -= 1
            elif fault.hits < fault.times:
                fault.hits += 1
                return fault
        return None

    async def wait_at(self, point: Point, record: Recorded) -> None:
        """Stand still where a hold says so. Raises `Dropped`."""
        for hold in self._holds:
            if hold.point == point and not hold.closed and _matches(hold, record) and not await hold.stand():
                raise Dropped

    def release_all(self) -> None:
        """Let everybody go, at the end of a test."""
        for hold in self._holds:
            hold.release()


def _matches(rule: Fault | Hold, record: Recorded) -> bool:
    named = rule.method in ("*", record.method) and fnmatchcase(record.path, rule.pattern)
    return named and bool(rule.where(record))


def _too_often(seconds: float, *, everywhere: bool = False) -> Mapping[str, Any]:
    return {"message": "You are being rate limited.", "retry_after": seconds, "global": everywhere}


def _usual_body(status: int) -> Mapping[str, Any] | str:
    if status == 429:
        return _too_often(USUAL_WAIT)
    if status >= 500:
        return f"<html><head><title>{status}</title></head><body>cloudflare</body></html>"
    return {"message": f"{status}: fault arranged by the test", "code": 0}
