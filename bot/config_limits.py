"""The sections of the settings about how much may be made, by whom and at once."""

from __future__ import annotations

import difflib
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BeforeValidator, Field, Strict, field_validator

from bot.config_base import DiscordId, Section

UNLIMITED = "unlimited"


def _unlimited(value: object) -> object:
    return None if value == UNLIMITED else value


_UNLIMITED = BeforeValidator(_unlimited)
_DOLLARS = f'dollars from 0 to 100000, or "{UNLIMITED}"'
_IMAGES = f'a whole number from 0 to 100000000, or "{UNLIMITED}"'
Dollars = Annotated[float | None, Field(ge=0, le=100_000), _UNLIMITED]
Images = Annotated[int | None, Field(ge=0, le=100_000_000), _UNLIMITED]


class LimitsSettings(Section):
    """How much may be made, and at once."""

    daily_images: int = Field(
        20, ge=0, le=1_000_000, description="a whole number from 0 (nobody may) to 1000000"
    )
    daily_descriptions: int = Field(
        50, ge=0, le=1_000_000, description="a whole number from 0 (nobody may) to 1000000"
    )
    timezone: str = Field("UTC", description="a time zone such as Europe/Berlin")
    server_monthly_images: Images = Field(None, description=_IMAGES)
    server_monthly_dollars: Dollars = Field(None, description=_DOLLARS)
    bot_daily_images: Images = Field(None, description=_IMAGES)
    bot_daily_dollars: Dollars = Field(None, description=_DOLLARS)
    unpriced: Literal["dearest", "refuse"] = Field("dearest", description='"dearest" or "refuse"')
    max_concurrent: int = Field(64, ge=1, le=10_000, description="a whole number from 1 to 10000")
    max_per_member: int = Field(64, ge=1, le=10_000, description="a whole number from 1 to 10000")
    max_waiting: int = Field(500, ge=1, le=100_000, description="a whole number from 1 to 100000")
    wait_minutes: float = Field(60.0, ge=1, le=1440, description="minutes from 1 to 1440")
    actions_per_minute: int = Field(300, ge=10, le=100_000, description="a whole number from 10 to 100000")
    cooldown_seconds: float = Field(30.0, ge=1, le=3600, description="seconds from 1 to 3600")
    max_prompt: int = Field(4000, ge=1, le=100_000, description="a number of characters from 1 to 100000")
    shutdown_seconds: float = Field(25.0, ge=0, le=600, description="seconds from 0 to 600")

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            near = difflib.get_close_matches(value, sorted(available_timezones()), n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise ValueError(f"is no time zone that is known here{hint}") from None
        return value


class ConversationSettings(Section):
    """How far one conversation may go."""

    max_turns: int = Field(100, ge=0, le=10_000, description="a whole number from 0 (no limit) to 10000")
    max_days: int = Field(30, ge=0, le=3650, description="days from 0 (no limit) to 3650")
    max_dollars: float = Field(0.0, ge=0, le=1_000_000, description="dollars, or 0 for no limit")
    max_request_mb: int = Field(90, ge=1, le=500, description="megabytes from 1 to 500")


class OutsideSettings(Section):
    """Who is served outside of the servers that the bot is in, and how much."""

    served: Literal["nobody", "members", "listed", "everybody"] = Field(
        "everybody", description='"nobody", "members", "listed" or "everybody"'
    )
    allowed: Annotated[tuple[DiscordId, ...], Strict(False)] = Field(
        (), description="a list of people's ids without quotes, such as [123456789012345678]"
    )
    strangers_daily_images: Images = Field(20, description=_IMAGES)
    strangers_daily_dollars: Dollars = Field(5.0, description=_DOLLARS)


class TierSettings(Section):
    """One tier of the operator's: a table [tiers.NAME]. What it leaves out it says nothing about."""

    daily_images: int | None = Field(None, ge=0, le=1_000_000, description="a whole number from 0 to 1000000")
    daily_dollars: float | None = Field(None, ge=0, le=100_000, description="dollars from 0 to 100000")
    carry_over: int | None = Field(None, ge=0, le=1_000_000, description="a whole number from 0 to 1000000")
    largest_size: str | None = Field(
        None, pattern="^[A-Za-z0-9]{1,12}$", description='the name of a size, such as "2K"'
    )
    models: Annotated[tuple[str, ...], Strict(False)] = Field(
        (), description='a list of models of the catalogue, such as ["gemini-3-pro-image"]'
    )
    fallback: str | None = Field(
        None, min_length=1, description='a model of the catalogue, such as "gemini-3.1-flash-lite-image"'
    )
    concurrency: int | None = Field(None, ge=1, le=10_000, description="a whole number from 1 to 10000")
    priority: int | None = Field(None, ge=0, le=10, description="a whole number from 0 to 10")
    thread_turns: int | None = Field(None, ge=1, le=10_000, description="a whole number from 1 to 10000")
    boosters: bool = Field(False, description="true or false")
    roles: Annotated[tuple[DiscordId, ...], Strict(False)] = Field(
        (), description="a list of ids of roles without quotes, such as [123456789012345678]"
    )
    members: Annotated[tuple[DiscordId, ...], Strict(False)] = Field(
        (), description="a list of people's ids without quotes, such as [123456789012345678]"
    )
