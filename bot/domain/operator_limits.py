"""What an operator bounds, in the settings: it holds in every server, whatever its managers set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from enum import StrEnum

from bot.domain.tiers import Tier


class Served(StrEnum):
    """Who may use the bot outside of the servers that it is in."""

    NOBODY = "nobody"
    MEMBERS = "members"  # of a server that the bot is in
    LISTED = "listed"  # those, and people that the operator names
    EVERYBODY = "everybody"  # strangers within a cap that they share


@dataclass(frozen=True, slots=True)
class Outsiders:
    """How people are served where the bot is not, and strangers in direct messages.

    A stranger shares no server with the bot and is not in `allowed`. The caps are of all strangers together.
    """

    served: Served = Served.EVERYBODY
    allowed: frozenset[int] = frozenset()
    daily_images: int | None = 20
    daily_micros: int | None = 5_000_000


@dataclass(frozen=True, slots=True)
class OperatorLimits:
    """The operator's caps. None: no bound."""

    daily_images: int = 20  # of each member, where no tier says anything else
    daily_descriptions: int = 50  # of each member
    zone: tzinfo = UTC  # in which days and months begin
    tiers: tuple[Tier, ...] = ()
    server_monthly_images: int | None = None  # a server's managers can only set less
    server_monthly_micros: int | None = None
    bot_daily_images: int | None = None
    bot_daily_micros: int | None = None
    outsiders: Outsiders = Outsiders()
