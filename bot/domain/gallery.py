"""Finding pictures again: what somebody looks for, where they stand in a long list, what is on a page."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path

from bot.domain.calls import MAX_SEED
from bot.domain.caps import Period, day_of
from bot.domain.images import Image
from bot.domain.jobs import Job
from bot.domain.requests import Kind, Request
from bot.errors import InvalidRequest, Problem

COLUMNS = 3  # pictures in a row of a contact sheet
PAGE_SIZE = 3 * COLUMNS  # pictures on it
# A button of a page carries all of a filter, and Discord gives it 100 characters (see `Filter.token`).
MAX_TEXT = 32
EVER = Period(0, 2**62)

# Room on both sides, so that no time zone leads out of the calendar.
_FIRST_DAY, _LAST_DAY = date(1971, 1, 1), date(9998, 12, 31)
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_KINDS = {kind.value[0]: kind for kind in Kind}
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
_TOKEN = re.compile(
    r"(?P<kind>[a-z]?):(?P<first>\d{8})?(?P<last>\d{8})?:(?P<channel>[0-9a-z]{0,13}):(?P<text>.*)"
)


def fold(text: str) -> str:
    """Return text as it is compared: in one case, one spelling of each character, single spaces."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


# --- days -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Days:
    """A span of days, both ends included."""

    first: date
    last: date

    def period(self, zone: tzinfo) -> Period:
        """Return the moments that these days hold in a time zone."""
        return Period(_whole_day(self.first, zone).start, _whole_day(self.last, zone).end)

    def __str__(self) -> str:
        first, last = self.first.isoformat(), self.last.isoformat()
        return first if first == last else f"{first}..{last}"


def _whole_day(day: date, zone: tzinfo) -> Period:
    noon = datetime.combine(day, time(12), tzinfo=zone)
    return day_of(int(noon.timestamp() * 1000), zone)


def read_days(text: str, today: date) -> Days:
    """Read what a person wrote: ``2026-11-21``, ``2026-11``, ``2026-11-01..2026-11-21``, today, yesterday.

    Raises InvalidRequest for anything else, and for a span that ends before it begins.
    """
    word = text.strip().casefold()
    if word == "today":
        return Days(today, today)
    if word == "yesterday":
        return Days(today - timedelta(days=1), today - timedelta(days=1))
    first, _, last = word.partition("..")
    try:
        days = Days(_read_day(first).first, _read_day(last or first).last)
    except ValueError as error:
        raise InvalidRequest(Problem.DAY_UNREADABLE, text=text) from error
    if days.last < days.first:
        raise InvalidRequest(Problem.DAY_UNREADABLE, text=text)
    return days


def _read_day(text: str) -> Days:
    found = _DAY.fullmatch(text.strip())
    if found is None:
        raise ValueError("neither a day nor a month")
    year, month, day = (int(part) if part else None for part in found.groups())
    if not (year and month and _FIRST_DAY.year <= year <= _LAST_DAY.year):
        raise ValueError("out of range")
    if day is not None:
        return Days(date(year, month, day), date(year, month, day))
    first = date(year, month, 1)
    return Days(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


# --- what somebody looks for ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """Which of their pictures somebody wants to see. The empty one is: all."""

    text: str = ""  # stands in the prompt
    kind: Kind | None = None
    days: Days | None = None
    channel_id: int | None = None  # made in this channel or thread

    @classmethod
    def of(
        cls, text: str = "", kind: Kind | None = None, days: Days | None = None, channel_id: int | None = None
    ) -> Filter:
        """Return a filter whose token is within its limits: a longer text is cut, which only finds more."""
        line = " ".join(text.split())
        line = "".join(char for char in line if unicodedata.category(char) not in ("Cs", "Cc"))
        line = " ".join(line.split())  # what was taken out may have stood between two spaces
        while len(line.encode("utf-16-le")) > 2 * MAX_TEXT:
            line = line[:-1]
        return cls(line.strip(), kind, days, channel_id)

    @property
    def token(self) -> str:
        """All of it in at most 65 characters, for a button; `from_token` reads it back."""
        days = ""
        if self.days is not None:
            days = "".join(day.isoformat() for day in (self.days.first, self.days.last)).replace("-", "")
        channel = "" if self.channel_id is None else _to_base36(self.channel_id)
        return f"{self.kind.value[0] if self.kind else ''}:{days}:{channel}:{self.text}"

    @classmethod
    def from_token(cls, token: str) -> Filter:
        """Read a token; raise ValueError for what is none."""
        found = _TOKEN.fullmatch(token)
        if found is None or (found["kind"] and found["kind"] not in _KINDS):
            raise ValueError("no filter")
        days = None
        if found["first"]:
            first, last = (date.fromisoformat(found[end] or found["first"]) for end in ("first", "last"))
            if not _FIRST_DAY <= first <= last <= _LAST_DAY:
                raise ValueError("no days")
            days = Days(first, last)
        channel = int(found["channel"], 36) if found["channel"] else None
        if channel is not None and channel >= 2**63:
            raise ValueError("no id of Discord's")
        return cls.of(found["text"], _KINDS.get(found["kind"]), days, channel)


def _to_base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits or "0"


# --- pages ------------------------------------------------------------------------------------------------


class Turn(StrEnum):
    """Which page is wanted, seen from a picture (the anchor)."""

    FIRST = "first"
    OLDER = "older"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list, newest first: the pictures on one side of the anchor."""

    turn: Turn = Turn.FIRST
    anchor: str | None = None  # id of a picture; None for the first page


@dataclass(frozen=True, slots=True)
class Found:
    """A picture with the request that it came from."""

    image: Image
    request: Request


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown at once, newest first, and where it stands in the whole."""

    wanted: Filter
    found: tuple[Found, ...]
    newer: int  # how many matching pictures come before this page
    total: int  # how many match in all

    @property
    def number(self) -> int:
        """The page's number from 1. Where pictures came or went meanwhile, the nearest."""
        return -(-self.newer // PAGE_SIZE) + 1

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return self.number - 1 + max(1, -(-(self.total - self.newer) // PAGE_SIZE))

    @property
    def has_newer(self) -> bool:
        return self.newer > 0

    @property
    def has_older(self) -> bool:
        return self.newer + len(self.found) < self.total


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of a contact sheet: where its bytes are, the label under it, a word beside the label."""

    path: Path
    label: str
    remark: str = ""


# --- one picture ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a picture came from and what was made of it, as far as somebody may see it."""

    parents: tuple[Found, ...] = ()  # the nearest first
    children: tuple[Found, ...] = ()  # the oldest first


def own_seed(request: Request, image: Image) -> int | None:
    """Return the seed that one picture of a request was made with (see `bot.domain.calls.build_call`)."""
    seed = request.options.seed
    return None if seed is None else (seed + image.position) % (MAX_SEED + 1)


def job_of_one(job: Job, image: Image, made: int) -> Job:
    """Return a job as it would be had it been about one of its `made` pictures: its seed, its share of the
    cost. It is for showing that picture alone, never for storing."""
    options = replace(job.request.options, count=1, seed=own_seed(job.request, image))
    cost = None if job.cost_micros is None else round(job.cost_micros / max(1, made))
    return job.evolve(request=job.request.evolve(options=options), cost_micros=cost)
