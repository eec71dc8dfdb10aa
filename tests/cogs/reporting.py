"""What the tests of reports, the desk and bans share."""

from __future__ import annotations

from typing import Any, NamedTuple

import discord
import simcord

from bot.domain.cases import Case, CaseState
from bot.domain.images import Image
from bot.domain.records import QueueFilter
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.using import manager, said

HIDDEN = "This picture is hidden while moderators look at it."
REMOVED = "Moderators removed this picture."
HOUR = 3600.0  # seconds


async def report(
    stage: Stage, who: simcord.MemberActor, card: Seen, reason: str = "spam", **values: Any
) -> simcord.InteractionResult:
    """Press Report under a picture and send the form."""
    form = await who.click(card.message, label="Report")
    return await who.submit_modal(form, {"reason": reason, **values})


async def reported(
    stage: Stage, who: simcord.MemberActor, card: Seen, reason: str = "spam", **values: Any
) -> str:
    """Report a picture and return what is said, which has to be private."""
    return stage.said(await report(stage, who, card, reason, **values))


async def open_desk(stage: Stage) -> simcord.ChannelHandle:
    """Make a channel for the moderators and name it."""
    channel = stage.guild.create_text_channel("desk")
    answer = await said(stage, manager(stage), "config moderation channel", channel=channel)
    assert channel.mention in answer
    return channel


async def set_threshold(stage: Stage, reports: int, name: str = "tess") -> None:
    await said(stage, manager(stage, name), "config moderation threshold", reports=reports)


async def cases_of(stage: Stage, state: CaseState = CaseState.OPEN) -> list[Case]:
    async with stage.app.store.reading() as tx:
        return list(await tx.cases.listed(stage.guild.id, QueueFilter(state), 0, 100))


async def the_case(stage: Stage, state: CaseState = CaseState.OPEN) -> Case:
    (case,) = await cases_of(stage, state)
    return case


async def the_image(stage: Stage, job: int = 0, number: int = 0) -> Image:
    jobs = await stage.done(job + 1)
    return (await stage.images(jobs[job]))[number]


async def card_at(stage: Stage, desk: simcord.ChannelHandle, text: str = "Case #1") -> Seen:
    """Wait for a card at the desk."""
    return await stage.until(
        lambda: next((seen for seen in stage.messages(desk) if text in seen.text), None), "a card"
    )


class AtDesk(NamedTuple):
    """A reported picture: the moderators' channel, the card with the picture, and the case's card."""

    desk: simcord.ChannelHandle
    card: Seen
    at_desk: Seen


async def reported_to_desk(stage: Stage, reason: str = "spam", **values: Any) -> AtDesk:
    """Open a desk, and let Ben report a picture that Alice has made."""
    desk = await open_desk(stage)
    card = await stage.picture()
    await reported(stage, stage.ben, card, reason, **values)
    return AtDesk(desk, card, await card_at(stage, desk))


async def settled(stage: Stage) -> None:
    """Wait until nothing has to happen in Discord any more."""

    async def due() -> int | None:
        async with stage.app.store.reading() as tx:
            return await tx.notices.next_due()

    while await due() is not None:
        await stage.env.settle()


def another(stage: Stage, name: str, **permissions: bool) -> simcord.MemberActor:
    """Somebody new, with a role for these permissions."""
    roles = []
    if permissions:
        allowed = discord.Permissions(send_messages=True, view_channel=True, **permissions)
        roles = [stage.guild.create_role(f"Role of {name}", permissions=allowed)]
    return stage.guild.add_member(stage.env.create_user(name), roles=roles)


def told(stage: Stage, who: simcord.MemberActor) -> list[str]:
    """What the bot has written to somebody directly."""
    return [seen.text for seen in stage.messages(who.user.dm_channel)]
