"""What caps, ledger and grants should amount to, written down as plainly as possible.

The machine of `test_caps_model` does the same things to this model and to the real services, and compares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
SERVER_CAP = 40  # images a month
BOT_CAP = 14  # images a day


def day_at(now: int) -> date:
    return datetime.fromtimestamp(now / 1000, ZONE).date()


def day_end(now: int) -> int:
    following = day_at(now) + timedelta(days=1)
    return int(datetime(following.year, following.month, following.day, tzinfo=ZONE).timestamp() * 1000)


@dataclass
class Work:
    """A job that was accepted: what it holds or has settled, and which part of it came from grants."""

    member: int
    at: int
    reserved: int
    draws: dict[str, int]
    counted: int = 0
    open: bool = True

    def __post_init__(self) -> None:
        self.counted = self.reserved

    @property
    def drawn(self) -> int:
        return sum(self.draws.values())


@dataclass
class Given:
    """A grant, or what a day began with."""

    member: int
    left: int
    expires: float
    carried_on: date | None = None
    revoked: bool = False


@dataclass
class Model:
    """Everything that counts."""

    cap: int = 3
    vip_cap: int = 5
    carry_over: int = 0
    work: dict[str, Work] = field(default_factory=dict)
    grants: dict[str, Given] = field(default_factory=dict)
    resets: dict[int, int] = field(default_factory=dict)

    def cap_of(self, *, vip: bool) -> int:
        return max(self.cap, self.vip_cap) if vip else self.cap

    def used(self, member: int, now: int) -> int:
        """What counts against the daily cap of a member."""
        reset = self.resets.get(member, 0)
        return sum(
            work.counted - work.drawn
            for work in self.work.values()
            if work.member == member and day_at(work.at) == day_at(now) and work.at >= reset
        )

    def of_the_day(self, now: int) -> int:
        return sum(work.counted for work in self.work.values() if day_at(work.at) == day_at(now))

    def of_the_month(self, now: int) -> int:
        this = day_at(now)
        days = [(day_at(work.at), work.counted) for work in self.work.values()]
        return sum(counted for day, counted in days if (day.year, day.month) == (this.year, this.month))

    def open_grants(self, member: int, now: int) -> list[tuple[str, Given]]:
        """What can be drawn on, in the order in which it is."""
        found = [
            (name, grant)
            for name, grant in self.grants.items()
            if grant.member == member and grant.left > 0 and grant.expires > now and not grant.revoked
        ]
        return sorted(found, key=lambda item: (item[1].expires, item[0]))

    def carry(self, member: int, now: int, cap: int) -> Given | None:
        """What today begins with beside the cap, where that is not written yet."""
        if not self.carry_over:
            return None
        today = day_at(now)
        before = [g for g in self.grants.values() if g.member == member and g.carried_on is not None]
        last = max(before, key=lambda grant: grant.carried_on or date.min, default=None)
        if last is not None and last.carried_on == today:
            return None
        images = 0
        if last is not None:
            assert last.carried_on is not None
            spent = sum(
                work.counted - work.drawn
                for work in self.work.values()
                if work.member == member and day_at(work.at) == last.carried_on
            )
            between = (today - last.carried_on).days - 1
            images = min(self.carry_over, max(0, cap - spent) + last.left + between * cap)
        return Given(member, images, day_end(now), carried_on=today)

    def accepts(self, member: int, images: int, now: int, *, vip: bool) -> bool:
        """Whether a request has to be accepted."""
        cap = self.cap_of(vip=vip)
        new = self.carry(member, now, cap)
        extra = sum(grant.left for _, grant in self.open_grants(member, now)) + (new.left if new else 0)
        return (
            images <= max(0, cap - self.used(member, now)) + extra
            and self.of_the_month(now) + images <= SERVER_CAP
            and self.of_the_day(now) + images <= BOT_CAP
        )

    def accept(self, job: str, member: int, images: int, now: int, *, vip: bool) -> None:
        """Write a request that is accepted."""
        cap = self.cap_of(vip=vip)
        if (new := self.carry(member, now, cap)) is not None:
            self.grants[f"carry {member} {day_at(now)}"] = new
        beyond = max(0, images - max(0, cap - self.used(member, now)))
        draws: dict[str, int] = {}
        for name, grant in self.open_grants(member, now):
            taken = min(grant.left, beyond)
            if taken:
                draws[name] = taken
                grant.left -= taken
                beyond -= taken
        assert not beyond
        self.work[job] = Work(member, now, images, draws)

    def end(self, job: str, settled: int) -> None:
        """Write that a job has ended and made so many."""
        work = self.work[job]
        spare = work.drawn - max(0, settled - (work.reserved - work.drawn))
        latest_first = sorted(work.draws, key=lambda name: (self.grants[name].expires, name), reverse=True)
        for name in latest_first:
            back = min(work.draws[name], spare)
            work.draws[name] -= back
            self.grants[name].left += back
            spare -= back
        work.counted, work.open = settled, False

    def give(self, name: str, member: int, images: int, expires: int | None) -> None:
        self.grants[name] = Given(member, images, math.inf if expires is None else expires)

    def revoke(self, member: int, now: int) -> None:
        for _, grant in self.open_grants(member, now):
            if grant.carried_on is None:
                grant.left, grant.revoked = 0, True
