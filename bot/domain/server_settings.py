"""What a server's managers and a member have set, with what holds when nobody has set anything.

Both are kept as JSON (see `bot.domain.kept`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.domain.catalogue import MAX_COUNT
from bot.domain.consequences import DEFAULT_RULES, StrikeRule, rules_hold
from bot.domain.conversations import Participants
from bot.domain.kept import MAX_ID, Check, Kept, flag, ids, number, one_of, refused, text
from bot.domain.rules.ruleset import Standing, Strictness
from bot.domain.safety import Harm, People, Threshold
from bot.errors import InvalidRequest, NotAllowed, Problem

BRAND_LIMIT = 300  # characters
_LOCALE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
MAX_MICROS = 1_000_000_000  # a thousand dollars
MAX_BUDGET = 1_000_000_000_000  # a million dollars
CENT = 10_000  # micro-dollars
MOST_PAUSE_MINUTES = 7 * 24 * 60


class Spoiler(StrEnum):
    """Where pictures are hidden until somebody clicks on them."""

    NEVER = "never"
    AGE_RESTRICTED = "age_restricted"  # in age-restricted channels
    ALWAYS = "always"


class AgeRestricted(StrEnum):
    """What happens in age-restricted channels."""

    ALLOWED = "allowed"
    SPOILER = "spoiler"  # pictures are hidden until somebody clicks on them
    REFUSED = "refused"  # no pictures are made there


class Unit(StrEnum):
    """In what a server shows prices."""

    IMAGES = "images"
    CREDITS = "credits"
    DOLLARS = "dollars"


@dataclass(frozen=True, slots=True)
class ServerSettings(Kept):
    """What the managers of a server have set."""

    consent_required: bool = False  # a picture that a member uploads needs a word about the people in it
    spoiler: Spoiler = Spoiler.NEVER
    age_restricted: AgeRestricted = AgeRestricted.ALLOWED
    brand_prefix: str = ""  # leads every prompt for a new picture
    no_text_default: bool = True  # "no words in the picture" unless the prompt asks for some
    unit: Unit = Unit.DOLLARS
    credit_micros: int = CENT  # what one credit stands for, in micro-dollars
    confirm_above_micros: int | None = None  # a dearer request is confirmed first; None: never
    locale: str | None = None  # language of what everybody sees; None: the one set in Discord
    desk_channel: int | None = None  # where cases get their cards; None: commands only
    report_threshold: int = 3  # so many reports hide a picture
    reports_an_hour: int = 10  # of one member
    reminder_hours: int = 24  # after which the desk is reminded of a case; 0: never
    moderator_roles: tuple[int, ...] = ()  # whose members moderate, beside those with Moderate Members
    strike_days: int = 90  # after which a strike counts no more
    strike_rules: tuple[StrikeRule, ...] = DEFAULT_RULES
    participants: Participants = Participants.EVERYBODY  # of a conversation, where nobody says who
    strictness: Strictness | None = None  # of the rules about words; None: what the operator says
    relax_age_restricted: bool = False  # what may be relaxed is not refused in age-restricted channels
    longest_prompt: int | None = None  # characters; None: what the operator allows
    pause_after: int = 5  # attempts within an hour that rules refused; 0: nobody pauses
    pause_minutes: int = 30
    harassment: Threshold | None = None  # from what on the provider refuses; None: what the operator says
    hate_speech: Threshold | None = None
    sexually_explicit: Threshold | None = None
    dangerous_content: Threshold | None = None
    people: People | None = None  # who may be seen in pictures, where the provider takes such a wish
    log_channel: int | None = None  # where managers are told about spending
    budget_micros: int | None = None  # of a month; None: nobody counts
    fallback_model: str | None = None  # takes the place of a model that is out of reach; None: none does

    @classmethod
    def _checks(cls) -> Mapping[str, Check]:
        return _SERVER

    def standing(self, default: Strictness, *, age_restricted: bool) -> Standing:
        """Return how strictly words are judged in such a channel."""
        return Standing(self.strictness or default, age_restricted and self.relax_age_restricted)

    def threshold(self, harm: Harm) -> Threshold | None:
        """Return what the managers set for a kind of harm."""
        found: Threshold | None = getattr(self, harm.value)
        return found

    def hides(self, *, age_restricted: bool, wanted: bool = False) -> bool:
        """Whether a picture is posted as a spoiler in such a channel; `wanted`: its owner asks for it."""
        if wanted or self.spoiler is Spoiler.ALWAYS:
            return True
        return age_restricted and (
            self.spoiler is Spoiler.AGE_RESTRICTED or self.age_restricted is AgeRestricted.SPOILER
        )

    def check_channel(self, *, age_restricted: bool) -> None:
        """Raise NotAllowed where no pictures are made in such a channel."""
        if age_restricted and self.age_restricted is AgeRestricted.REFUSED:
            raise NotAllowed("age_restricted")

    def check_consent(self, *, brought_along: bool, given: bool) -> None:
        """Raise InvalidRequest where pictures that were brought along need a consent that was not given."""
        if self.consent_required and brought_along and not given:
            raise InvalidRequest(Problem.CONSENT_MISSING)

    def needs_confirmation(self, micros: int) -> bool:
        """Whether a request that costs about this much is confirmed before it is accepted."""
        return self.confirm_above_micros is not None and micros > self.confirm_above_micros


@dataclass(frozen=True, slots=True)
class ServerState:
    """A server's settings as they are kept. Version 0: nobody has changed anything yet."""

    guild_id: int
    settings: ServerSettings
    version: int = 0
    updated_at: int = 0  # UTC milliseconds
    updated_by: int = 0


@dataclass(frozen=True, slots=True)
class MemberSettings(Kept):
    """What a member gets without saying so each time. None: what the server or the model does by itself."""

    model: str | None = None  # an id or a tier; one that is not on offer any more counts as None
    ratio: str | None = None
    size: str | None = None
    count: int = 1
    private: bool = False
    spoiler: bool = False
    locale: str | None = None

    @classmethod
    def _checks(cls) -> Mapping[str, Check]:
        return _MEMBER


@dataclass(frozen=True, slots=True)
class InForce:
    """What somebody and the server where they ask have set: looked up once for all that is decided then."""

    member: MemberSettings = MemberSettings()
    server: ServerSettings = ServerSettings()
    words_version: int = 0  # of the server's own list of words; 0: it has none


# --- what each value must be ------------------------------------------------------------------------------


def _locale(value: object) -> str | None:
    """Which languages there are is not known here: one that is gone counts as English where it is used."""
    if value is None:
        return None
    if not isinstance(value, str) or not _LOCALE.fullmatch(value):
        raise refused("locale", value, ("en",))
    return value


def _rules(value: object) -> tuple[StrikeRule, ...]:
    items: Sequence[Any] = value if isinstance(value, list | tuple) else [value]
    rules: tuple[StrikeRule, ...] | None
    try:
        rules = tuple(item if isinstance(item, StrikeRule) else StrikeRule.from_json(item) for item in items)
    except (KeyError, TypeError, ValueError):
        rules = None
    if rules is None or not rules_hold(rules):
        raise refused("strike_rules", value, ("2:cap:5, 3:cooldown:24h, 5:ban:30d",))
    return rules


_SERVER: Mapping[str, Check] = {
    "consent_required": flag("consent_required"),
    "spoiler": one_of("spoiler", list(Spoiler)),
    "age_restricted": one_of("age_restricted", list(AgeRestricted)),
    "brand_prefix": text("brand_prefix", BRAND_LIMIT),
    "no_text_default": flag("no_text_default"),
    "unit": one_of("unit", list(Unit)),
    "credit_micros": number("credit_micros", 1, MAX_MICROS),
    "confirm_above_micros": number("confirm_above_micros", 0, MAX_MICROS, none=True),
    "locale": _locale,
    "desk_channel": number("desk_channel", 1, MAX_ID - 1, none=True),
    "report_threshold": number("report_threshold", 1, 100),
    "reports_an_hour": number("reports_an_hour", 1, 1000),
    "reminder_hours": number("reminder_hours", 0, 720),
    "moderator_roles": ids("moderator_roles", 25),
    "strike_days": number("strike_days", 1, 3650),
    "strike_rules": _rules,
    "participants": one_of("participants", list(Participants)),
    "strictness": one_of("strictness", list(Strictness), none=True),
    "relax_age_restricted": flag("relax_age_restricted"),
    "longest_prompt": number("longest_prompt", 1, 100_000, none=True),
    "pause_after": number("pause_after", 0, 50),
    "pause_minutes": number("pause_minutes", 1, MOST_PAUSE_MINUTES),
    **{harm.value: one_of(harm.value, list(Threshold), none=True) for harm in Harm},
    "people": one_of("people", list(People), none=True),
    "log_channel": number("log_channel", 1, 2**63 - 1, none=True),
    "budget_micros": number("budget_micros", 1, MAX_BUDGET, none=True),
    "fallback_model": text("fallback_model", 100, none=True),
}
# Whether a model makes a ratio or size is the catalogue's to say, when the settings are used.
_MEMBER: Mapping[str, Check] = {
    "model": text("model", 100, none=True),
    "ratio": text("ratio", 12, none=True),
    "size": text("size", 12, none=True),
    "count": number("count", 1, MAX_COUNT),
    "private": flag("private"),
    "spoiler": flag("spoiler"),
    "locale": _locale,
}
