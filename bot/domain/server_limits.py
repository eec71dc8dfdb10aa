"""What the managers of a server allow in it: tiers, the server's own caps, models and channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.kept import Check, Kept, flag, ids, number, one_of, refused, texts
from bot.domain.tiers import MAX_IMAGES, MAX_MICROS, MAX_TIERS, Tier, named
from bot.errors import InvalidRequest, NotAllowed, Problem

MAX_CHANNELS = 25  # a menu of Discord holds no more


class ChannelRule(StrEnum):
    """In which channels of a server the bot may be used."""

    EVERYWHERE = "everywhere"
    ONLY = "only"  # in those that are named
    EXCEPT = "except"  # in all but those


@dataclass(frozen=True, slots=True)
class ServerLimits(Kept):
    """What the managers of a server have set. None and empty: no bound of the server's own."""

    tiers: tuple[Tier, ...] = ()
    monthly_images: int | None = None
    monthly_micros: int | None = None
    models: tuple[str, ...] = ()  # ids of those on offer; empty: all
    channel_rule: ChannelRule = ChannelRule.EVERYWHERE
    channels: tuple[int, ...] = ()
    direct: bool = True  # members may use the bot in direct messages

    @classmethod
    def _checks(cls) -> Mapping[str, Check]:
        return _LIMITS

    def with_tier(self, tier: Tier) -> ServerLimits:
        """Return the same with a tier added or changed."""
        if named(self.tiers, tier.name) is None:
            return self.change(tiers=(*self.tiers, tier))
        return replace(self, tiers=tuple(tier if old.name == tier.name else old for old in self.tiers))

    def without_tier(self, name: str) -> ServerLimits:
        """Return the same without a tier."""
        return replace(self, tiers=tuple(tier for tier in self.tiers if tier.name != name))

    def check_channel(self, channels: tuple[int, ...]) -> None:
        """Raise NotAllowed where the bot may not be used in a channel.

        `channels` are its id and those of what it stands in: a category that is named holds for all of it.
        """
        if self.channel_rule is ChannelRule.EVERYWHERE or not self.channels:
            return
        inside = not set(channels).isdisjoint(self.channels)
        if inside is not (self.channel_rule is ChannelRule.ONLY):
            raise NotAllowed("channel")


@dataclass(frozen=True, slots=True)
class LimitsState:
    """A server's limits as they are kept. Version 0: nobody has changed anything yet."""

    guild_id: int
    limits: ServerLimits
    version: int = 0
    updated_at: int = 0  # UTC milliseconds
    updated_by: int = 0


@dataclass(frozen=True, slots=True)
class Membership:
    """A tier that a member has for a time."""

    guild_id: int
    member_id: int
    tier: str
    given_at: int
    until: int
    given_by: int


def _tiers(value: object) -> tuple[Tier, ...]:
    """Tiers, as values or as JSON; of what an older or newer version wrote, those that make sense."""
    if not isinstance(value, list | tuple):
        raise refused("tiers", value, ("tiers",))
    found: dict[str, Tier] = {}
    for item in value:
        if isinstance(item, Tier):
            found[item.name] = item
        elif isinstance(item, Mapping) and isinstance(item.get("name"), str):
            tier = Tier.from_json(item)
            found[tier.name] = tier
    if len(found) > MAX_TIERS:
        raise InvalidRequest(Problem.TOO_MANY_KEPT, what="tiers", limit=MAX_TIERS)
    return tuple(found.values())


_LIMITS: Mapping[str, Callable[[object], object]] = {
    "tiers": _tiers,
    "monthly_images": number("monthly_images", 0, MAX_IMAGES * 100, none=True),
    "monthly_micros": number("monthly_micros", 0, MAX_MICROS, none=True),
    "models": texts("models", 25, 100),
    "channel_rule": one_of("channel_rule", list(ChannelRule)),
    "channels": ids("channels", MAX_CHANNELS),
    "direct": flag("direct"),
}
