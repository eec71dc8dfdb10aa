"""What a check found: a mark, what was seen, and what to do."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.log import redact

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Mark(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"  # it works, but somebody should look
    FAIL = "fail"  # people are not served, or data is in danger


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. The texts hold no secret and no control character."""

    area: str  # settings, discord, gemini, database, …
    mark: Mark
    seen: str
    remedy: str = ""  # empty where nothing is to be done

    def __str__(self) -> str:
        return f"{self.area}: {self.seen}" + (f" → {self.remedy}" if self.remedy else "")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at. `look` raises nothing but what is a fault of ours."""

    area: str
    look: Callable[[], Awaitable[Sequence[Finding]]]


def ok(area: str, seen: str) -> Finding:
    return Finding(area, Mark.OK, printable(seen))


def warn(area: str, seen: str, remedy: str) -> Finding:
    return Finding(area, Mark.WARN, printable(seen), _still(remedy))


def fail(area: str, seen: str, remedy: str) -> Finding:
    return Finding(area, Mark.FAIL, printable(seen), _still(remedy))


def printable(text: str) -> str:
    """Return a text fit for a terminal: no secret, and nothing that moves the cursor."""
    return _still(redact(text))


def _still(text: str) -> str:
    """Return a text without what moves the cursor. A remedy is our own sentence, with no secret in it:
    what looks like one is an example, such as postgresql://user:password@host/database."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def exit_code(findings: Iterable[Finding]) -> int:
    """0 fine, 1 something to look at, 2 something that does not work."""
    marks = {finding.mark for finding in findings}
    return 2 if Mark.FAIL in marks else 1 if Mark.WARN in marks else 0


def as_text(findings: Sequence[Finding]) -> str:
    """Return the report for people."""
    lines = []
    for finding in findings:
        lines.append(f"[{finding.mark.upper():<4}] {finding.area}: {finding.seen}")
        if finding.remedy:
            lines.append(f"       → {finding.remedy}")
    counts = {mark: sum(finding.mark is mark for finding in findings) for mark in Mark}
    return "\n".join([*lines, "", ", ".join(f"{count} {mark}" for mark, count in counts.items())])


def as_json(findings: Sequence[Finding]) -> str:
    """Return the report for programs."""
    items = [
        {"area": finding.area, "mark": finding.mark, "seen": finding.seen, "remedy": finding.remedy}
        for finding in findings
    ]
    return json.dumps({"exit_code": exit_code(findings), "findings": items}, indent=2)


def log_findings(log: logging.Logger, findings: Iterable[Finding]) -> None:
    """Say in the log what somebody should look at."""
    for finding in findings:
        if finding.mark is not Mark.OK:
            log.warning("doctor: %s", finding)
