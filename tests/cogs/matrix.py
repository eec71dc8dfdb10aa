"""Everybody at every door: what somebody does to come in, done by somebody else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord
import pytest
import simcord
from simcord.enums import InteractionType

from bot.config import ModerationSettings
from tests.cogs import forged
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage, held_back
from tests.cogs.test_entrances import Entrance
from tests.cogs.using import manager, use

# Why somebody may not come in; other refusals are about what they brought along.
KEPT_OUT = frozenset(
    {
        *("manage", "moderate", "server_only", "see_cases", "decide", "punish", "ban_everywhere"),
        *("delete", "cancel", "report_own", "reload"),
    }
)
PICTURE_ID = re.compile(r"[0-9a-z]{7}|")
REFUSED = re.compile(r"interaction \d+ refused: (.*)")


class Who(StrEnum):
    """Whoever may stand before a door. The picture behind it is the owner's."""

    OWNER = "owner"
    MEMBER = "member"  # another one of the same server
    BANNED = "banned"
    DIRECT = "direct"  # somebody else in direct messages with the bot
    STRANGER = "stranger"  # manages and moderates another server
    MODERATOR = "moderator"
    HELPER = "helper"  # a moderator by a role that the server has named
    MANAGER = "manager"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Place:
    """Somebody, and where they are."""

    person: simcord.MemberActor | simcord.UserHandle
    channel: simcord.ChannelHandle
    guild_id: int | None


async def people(stage: Stage, who: Who) -> Place:
    """Bring somebody to where they stand. The operator is known before the bot starts."""
    here = stage.guild.id
    match who:
        case Who.OWNER | Who.MEMBER | Who.MODERATOR:
            person = {Who.OWNER: stage.alice, Who.MEMBER: stage.ben, Who.MODERATOR: stage.mona}[who]
            return Place(person, stage.channel, here)
        case Who.HELPER:
            return Place(await helper(stage), stage.channel, here)
        case Who.MANAGER:
            return Place(manager(stage, "greta"), stage.channel, here)
        case Who.BANNED:
            bob = stage.guild.add_member(stage.env.create_user("bob"))
            await use(stage, stage.mona, "mod ban", user=bob, duration="7d", reason="spam")
            return Place(bob, stage.channel, here)
        case Who.DIRECT:
            dora = stage.env.create_user("dora")
            return Place(dora, dora.dm_channel, None)
        case Who.STRANGER:
            guild = stage.env.create_guild("Elsewhere")
            role = guild.create_role(
                "Lords", permissions=discord.Permissions(manage_guild=True, moderate_members=True)
            )
            sven = guild.add_member(stage.env.create_user("sven"), roles=[role])
            return Place(sven, guild.create_text_channel("there"), guild.id)
        case Who.OPERATOR:
            oscar = stage.guild.add_member(stage.env.create_user("oscar"))
            operators = ModerationSettings(operators=(oscar.id,))
            stage.settings = stage.settings.model_copy(update={"moderation": operators})
            await stage.restart()
            return Place(oscar, stage.channel, here)


async def helper(stage: Stage) -> simcord.MemberActor:
    """Bring a member with a role that the server has named for its moderators."""
    role = stage.guild.create_role("Helpers")
    await use(stage, manager(stage, "greta"), "config moderation roles", role1=role)
    return stage.guild.add_member(stage.env.create_user("hugo"), roles=[role])


class Need(StrEnum):
    """What somebody has to be to come in by a door."""

    NOTHING = "nothing"
    NO_BAN = "no ban"
    PICTURE = "picture"  # to see the picture that it is about
    PICTURE_NO_BAN = "picture, no ban"
    OTHERS_PICTURE = "somebody else's picture, no ban"
    DELETE = "delete"  # it is one's own, or one moderates its server
    MODERATE = "moderate"
    MANAGE = "manage"
    OPERATE = "operate"
    BAN = "ban"  # to be banned


STAFF = frozenset({Who.MODERATOR, Who.HELPER, Who.MANAGER, Who.OPERATOR})
HERE = frozenset(Who) - {Who.DIRECT, Who.STRANGER}
ALLOWED: Mapping[Need, frozenset[Who]] = {
    Need.NOTHING: frozenset(Who),
    Need.NO_BAN: frozenset(Who) - {Who.BANNED},
    Need.PICTURE: HERE,
    Need.PICTURE_NO_BAN: HERE - {Who.BANNED},
    Need.OTHERS_PICTURE: HERE - {Who.BANNED, Who.OWNER},
    Need.DELETE: STAFF | {Who.OWNER},
    # Whoever moderates or manages another server does so there: what is behind the door is theirs.
    Need.MODERATE: STAFF | {Who.STRANGER},
    Need.MANAGE: frozenset({Who.MANAGER, Who.OPERATOR, Who.STRANGER}),
    Need.OPERATE: frozenset({Who.OPERATOR}),
    Need.BAN: frozenset({Who.BANNED}),
}
ABOUT_PICTURES = frozenset({Need.PICTURE, Need.PICTURE_NO_BAN, Need.OTHERS_PICTURE, Need.DELETE})


def came_in(outcome: str, need: Need) -> bool:
    """Whether an outcome of `done_by` is that somebody may."""
    reason = outcome.removeprefix("refused ")
    if reason == outcome:
        return True
    if reason in KEPT_OUT or reason.startswith("banned"):
        return False
    if need is Need.BAN:
        return reason != "appeal_none"
    return not (need in ABOUT_PICTURES and PICTURE_ID.fullmatch(reason))


async def done_by(
    stage: Stage, place: Place, entrance: Entrance, card: Seen, caplog: pytest.LogCaptureFixture
) -> str:
    """Let somebody else do what comes in by an entrance; return why they were refused, or nothing."""
    (payload,) = await payloads(stage, entrance, card)
    extra = {"message": payload["message"]} if "message" in payload else {}
    caplog.clear()
    result = await forged.send(
        stage,
        place.person,
        InteractionType(payload["type"]),
        payload["data"],
        channel=place.channel,
        guild_id=place.guild_id,
        **extra,
    )
    await stage.env.settle()
    if result.autocomplete_choices is not None:
        return (
            f"offers {len(result.autocomplete_choices)}" if result.autocomplete_choices else "offers nothing"
        )
    found = [match[1] for record in caplog.records if (match := REFUSED.fullmatch(record.getMessage()))]
    return f"refused {found[-1]}" if found else "in"


async def payloads(stage: Stage, entrance: Entrance, card: Seen) -> list[Any]:
    """What Discord would send; the bot does not get it."""
    with held_back(stage) as waiting:
        await entrance(stage, card)
    return [payload for event, payload in waiting if event == "INTERACTION_CREATE"]
