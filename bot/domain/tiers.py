"""Tiers: named sets of caps and permissions, and what holds for somebody who has several of them.

A tier says nothing about what it leaves out. Of what the tiers of a member say, the best counts, each cap and
permission by itself: one more tier never takes anything away. The tier `everyone` is everybody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from bot.domain.catalogue import Model, size_pixels
from bot.domain.kept import Check, Kept, flag, ids, number, refused, text, texts
from bot.domain.requests import Options
from bot.errors import InvalidRequest, Problem

T = TypeVar("T", bound=int)

EVERYONE = "everyone"
MAX_IMAGES = 1_000_000
MAX_MICROS = 100_000_000_000  # a hundred thousand dollars
MAX_RUNNING = 10_000
MAX_PRIORITY = 10
MAX_TURNS = 10_000
MAX_TIERS = 20  # a panel shows all of them in one menu
MAX_ROLES = 25  # a menu of Discord holds no more

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,23}")
_SIZE = re.compile(r"[A-Za-z0-9]{1,12}")


def tier_name(value: object) -> str:
    """Return a tier's name as it is kept, or raise InvalidRequest."""
    name = value.strip().lower() if isinstance(value, str) else ""
    if not _NAME.fullmatch(name):
        raise InvalidRequest(Problem.NAME_NOT_TAKEN, what="tier", name=str(value), limit=24)
    return name


@dataclass(frozen=True, slots=True)
class Tier(Kept):
    """A named set of caps and permissions, and whom it belongs to. None: it says nothing about that."""

    name: str
    daily_images: int | None = None
    daily_micros: int | None = None
    carry_over: int | None = None  # images of a day that were not used, and how many of them may pile up
    largest_size: str | None = None
    models: tuple[str, ...] = ()  # ids; empty: says nothing
    concurrency: int | None = None  # jobs at once
    priority: int | None = None  # higher goes first
    thread_turns: int | None = None  # the longest conversation
    boosters: bool = False
    roles: tuple[int, ...] = ()
    members: tuple[int, ...] = ()
    fallback: str | None = None  # id of the model that takes the place of one that is out of reach

    @classmethod
    def _checks(cls) -> Mapping[str, Check]:
        return _TIER

    def belongs_to(self, member_id: int, roles: frozenset[int], *, booster: bool) -> bool:
        """Whether somebody has this tier by who they are."""
        return (
            self.name == EVERYONE
            or member_id in self.members
            or (booster and self.boosters)
            or not roles.isdisjoint(self.roles)
        )


@dataclass(frozen=True, slots=True)
class Allowance:
    """What holds for somebody: the best of all tiers. None: nothing is bounded."""

    daily_images: int
    daily_micros: int | None = None
    carry_over: int = 0
    largest_size: str | None = None
    models: tuple[str, ...] | None = None
    concurrency: int | None = None
    priority: int = 0
    thread_turns: int | None = None
    fallbacks: tuple[str, ...] = ()  # models that may take another's place; empty: what the server says
    tiers: tuple[str, ...] = (EVERYONE,)  # names, in the order in which they are kept

    def within(self, models: Sequence[str]) -> Allowance:
        """Return the same where only these models are offered; no model named: all are."""
        if not models:
            return self
        allowed = models if self.models is None else [name for name in self.models if name in models]
        return replace(self, models=tuple(allowed))

    def check(self, model: Model, options: Options, turns: int) -> None:
        """Raise InvalidRequest where these permissions do not cover a request."""
        if self.models is not None and model.id not in self.models:
            raise InvalidRequest(Problem.MODEL_NOT_OPEN, model=model.label, allowed=list(self.models))
        size = model.size_named(options.size).name
        if self.largest_size is not None and not _fits(size, self.largest_size):
            raise InvalidRequest(Problem.SIZE_NOT_OPEN, size=size, largest=self.largest_size)
        if self.thread_turns is not None and turns > self.thread_turns:
            raise InvalidRequest(Problem.THREAD_TOO_LONG, turns=turns, limit=self.thread_turns)


def allowance_of(tiers: Sequence[Tier], daily_images: int) -> Allowance:
    """Return what several tiers amount to; `daily_images` is the cap where none of them names one."""
    sizes = [tier.largest_size for tier in tiers if tier.largest_size is not None]
    models = [model for tier in tiers for model in tier.models]
    images = _most(tier.daily_images for tier in tiers)
    return Allowance(
        daily_images=daily_images if images is None else images,
        daily_micros=_most(tier.daily_micros for tier in tiers),
        carry_over=_most(tier.carry_over for tier in tiers) or 0,
        largest_size=max(sizes, key=size_pixels, default=None),
        models=tuple(dict.fromkeys(models)) if models else None,
        concurrency=_most(tier.concurrency for tier in tiers),
        priority=_most(tier.priority for tier in tiers) or 0,
        thread_turns=_most(tier.thread_turns for tier in tiers),
        fallbacks=tuple(dict.fromkeys(tier.fallback for tier in tiers if tier.fallback is not None)),
        tiers=tuple(tier.name for tier in tiers),
    )


def named(tiers: Iterable[Tier], name: str) -> Tier | None:
    """Return the tier of that name."""
    return next((tier for tier in tiers if tier.name == name), None)


def together(operators: Sequence[Tier], servers: Sequence[Tier]) -> tuple[Tier, ...]:
    """Return the tiers of a server: the operator's, in the place of each the server's own of that name.

    `everyone` is always among them, first.
    """
    found = {EVERYONE: Tier(EVERYONE)}
    found |= {tier.name: tier for tier in (*operators, *servers)}
    return tuple(found.values())


def _most(values: Iterable[T | None]) -> T | None:
    return max((value for value in values if value is not None), default=None)


def _fits(size: str, largest: str) -> bool:
    """Whether a size is at most another one; of a name that says no pixels only itself is known to be."""
    pixels, most = size_pixels(size), size_pixels(largest)
    return size == largest or (0 < pixels <= most)


def _size(value: object) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _SIZE.fullmatch(value):
        raise refused("largest_size", value, ("1K", "2K", "4K"))
    return value


_TIER: Mapping[str, Callable[[object], object]] = {
    "name": tier_name,
    "daily_images": number("daily_images", 0, MAX_IMAGES, none=True),
    "daily_micros": number("daily_micros", 0, MAX_MICROS, none=True),
    "carry_over": number("carry_over", 0, MAX_IMAGES, none=True),
    "largest_size": _size,
    "models": texts("models", 25, 100),
    "fallback": text("fallback", 100, none=True),
    "concurrency": number("concurrency", 1, MAX_RUNNING, none=True),
    "priority": number("priority", 0, MAX_PRIORITY, none=True),
    "thread_turns": number("thread_turns", 1, MAX_TURNS, none=True),
    "boosters": flag("boosters"),
    "roles": ids("roles", MAX_ROLES),
    "members": ids("members", 1_000),
}
