"""What follows from strikes and bans. A server's rules say how many strikes lead to what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
EVERYWHERE = 0  # the server of what holds in all of them
MOST_DAYS = 3650
MOST_RULES = 10
MOST_STRIKES = 50
BY_RULE = 0  # who banned somebody where a server's rule did


@dataclass(frozen=True, slots=True)
class Strike:
    """A moderator's mark on a member. Times are UTC milliseconds."""

    id: str
    guild_id: int
    member_id: int
    at: int
    by: int
    reason: str
    expires_at: int
    case_id: str | None = None
    pardoned_at: int | None = None
    pardoned_by: int | None = None

    def counts(self, now: int) -> bool:
        """Whether it still counts: neither expired nor pardoned."""
        return self.pardoned_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Ban:
    """A member may make and share nothing, in one server or everywhere (`EVERYWHERE`), until an end or for
    good. Who is banned may ask once for another look."""

    id: str
    guild_id: int
    member_id: int
    at: int
    by: int
    reason: str
    until: int | None
    case_id: str | None = None
    lifted_at: int | None = None
    lifted_by: int | None = None
    appeal: str | None = None
    appealed_at: int | None = None
    answered_at: int | None = None
    answered_by: int | None = None

    def holds(self, now: int) -> bool:
        """Whether it holds now."""
        return self.lifted_at is None and (self.until is None or now < self.until)

    def appeal_waits(self, now: int) -> bool:
        """Whether somebody asked for another look at it and has no answer."""
        return self.holds(now) and self.appealed_at is not None and self.answered_at is None

    @property
    def everywhere(self) -> bool:
        return self.guild_id == EVERYWHERE

    @property
    def appeal_granted(self) -> bool:
        """Whether whoever answered its appeal lifted it: both are written at the same moment."""
        return self.answered_at is not None and self.answered_at == self.lifted_at


@dataclass(frozen=True, slots=True)
class Note:
    """What moderators write down about a member, for each other."""

    id: str
    guild_id: int
    member_id: int
    at: int
    by: int
    text: str


class Consequence(StrEnum):
    """What a number of strikes leads to."""

    CAP = "cap"  # at most `value` images a day while the strikes count
    COOLDOWN = "cooldown"  # nothing for `value` hours after the last strike
    BAN = "ban"  # for `value` days, 0: for good


@dataclass(frozen=True, slots=True)
class StrikeRule:
    """From how many strikes on something follows."""

    strikes: int
    consequence: Consequence
    value: int

    def __str__(self) -> str:
        """As people write it, and `read_rules` reads it."""
        unit = {Consequence.CAP: "", Consequence.COOLDOWN: "h", Consequence.BAN: "d"}[self.consequence]
        return f"{self.strikes}:{self.consequence}:{self.value}{unit}"

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StrikeRule:
        """Read what `dataclasses.asdict` wrote."""
        return cls(int(data["strikes"]), Consequence(data["consequence"]), int(data["value"]))


DEFAULT_RULES = (
    StrikeRule(2, Consequence.CAP, 5),
    StrikeRule(3, Consequence.COOLDOWN, 24),
    StrikeRule(5, Consequence.BAN, 30),
)
_RULE = re.compile(r"(\d{1,2})\s*[:=]\s*(cap|cooldown|ban)\s*[:=]?\s*(\d{1,4})?\s*[hd]?", re.IGNORECASE)


def read_rules(text: str) -> tuple[StrikeRule, ...] | None:
    """Read rules like ``2:cap:5, 3:cooldown:24h, 5:ban:30d``; None where one of them is none.

    An empty text, and ``none``, mean that nothing follows from strikes.
    """
    if text.strip().casefold() in ("", "none", "-"):
        return ()
    rules = []
    for part in text.split(","):
        match = _RULE.fullmatch(part.strip())
        if match is None or (match[3] is None and match[2].casefold() != Consequence.BAN):
            return None
        rules.append(StrikeRule(int(match[1]), Consequence(match[2].casefold()), int(match[3] or 0)))
    return tuple(rules) if rules_hold(rules) else None


def rules_hold(rules: Sequence[StrikeRule]) -> bool:
    """Whether rules make sense: from one strike on, within bounds."""
    return len(rules) <= MOST_RULES and all(
        1 <= rule.strikes <= MOST_STRIKES and 0 <= rule.value <= MOST_DAYS for rule in rules
    )


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a member's strikes lead to now."""

    strikes: int = 0  # that count
    cap: int | None = None  # images a day at most, whatever a tier or a grant says
    cap_until: int | None = (
        None  # UTC milliseconds: when enough strikes have expired for a larger one, or none
    )
    cooldown_until: int | None = None  # UTC milliseconds; in the future


def restriction(strikes: Iterable[Strike], rules: Sequence[StrikeRule], now: int) -> Restriction:
    """Return what these strikes lead to under these rules; the strictest of each kind counts."""
    counting = [strike for strike in strikes if strike.counts(now)]
    if not counting:
        return Restriction()
    due = [rule for rule in rules if len(counting) >= rule.strikes]
    cap, cap_until = _cap(counting, due)
    latest = max(strike.at for strike in counting)
    ends = [latest + rule.value * HOUR_MS for rule in due if rule.consequence is Consequence.COOLDOWN]
    until = max(ends, default=0)
    return Restriction(len(counting), cap, cap_until, until if until > now else None)


def _cap(counting: Sequence[Strike], due: Iterable[StrikeRule]) -> tuple[int | None, int | None]:
    """Return the smallest cap that is due, and until when it is."""
    caps = [(rule.value, rule.strikes) for rule in due if rule.consequence is Consequence.CAP]
    if not caps:
        return None, None
    cap, needed = min(caps)
    return cap, sorted(strike.expires_at for strike in counting)[len(counting) - needed]


def ban_due(count: int, rules: Sequence[StrikeRule]) -> StrikeRule | None:
    """Return the rule that bans somebody who has just got strike number `count`; the longest of several."""
    due = [rule for rule in rules if rule.consequence is Consequence.BAN and count >= rule.strikes]
    return max(due, key=lambda rule: (rule.value == 0, rule.value), default=None)


_DURATION = re.compile(r"(\d{1,4})\s*(h|hours?|d|days?|w|weeks?)?", re.IGNORECASE)
_FOR_GOOD = ("", "0", "permanent", "forever", "for good", "perm")


def read_duration(text: str) -> int | bool | None:
    """Read how long a ban lasts, in milliseconds: ``12h``, ``7d``, ``2 weeks``, ``7`` (days).

    None means for good, False that it cannot be read.
    """
    wanted = text.strip().casefold()
    if wanted in _FOR_GOOD:
        return None
    match = _DURATION.fullmatch(wanted)
    if match is None:
        return False
    unit = {"h": HOUR_MS, "w": 7 * DAY_MS}.get((match[2] or "d")[0], DAY_MS)
    length = int(match[1]) * unit
    return length if 0 < length <= MOST_DAYS * DAY_MS else False
