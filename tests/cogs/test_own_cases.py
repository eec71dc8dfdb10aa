"""Moderators as members: their own pictures are reported, they are banned, they have strikes."""

from __future__ import annotations

import pytest
import simcord

from bot.domain.cases import CaseState
from tests.cogs.reporting import another, card_at, open_desk, reported, settled, the_case
from tests.cogs.stage import Stage
from tests.cogs.using import said, use

ANOTHER = "another moderator has to decide it"


def boss(stage: Stage) -> simcord.MemberActor:
    """A manager who sees the moderators' commands."""
    return another(stage, "gina", manage_guild=True, moderate_members=True)


async def test_a_moderator_does_not_spare_a_picture_of_their_own(stage: Stage) -> None:
    desk = await open_desk(stage)
    await reported(stage, stage.ben, await stage.picture(stage.mona))
    card = await card_at(stage, desk)
    assert ANOTHER in stage.said(await stage.mona.click(card.message, label="Dismiss"))
    assert ANOTHER in await said(stage, stage.mona, "mod resolve", case="1", action="dismiss")
    assert (await the_case(stage)).turn == 0
    await said(stage, stage.mona, "mod resolve", case="1", action="remove")
    assert ANOTHER in await said(stage, stage.mona, "mod resolve", case="1", action="restore")
    await said(stage, another(stage, "max", moderate_members=True), "mod resolve", case="1", action="restore")
    assert (await the_case(stage, CaseState.DISMISSED)).member_id == stage.mona.id


async def test_a_manager_may_be_alone(stage: Stage) -> None:
    gina = boss(stage)
    await reported(stage, stage.ben, await stage.picture(gina))
    await said(stage, gina, "mod resolve", case="1", action="dismiss")
    assert (await the_case(stage, CaseState.DISMISSED)).decided_by == gina.id


@pytest.mark.parametrize("command", ["mod unban", "mod pardon"])
async def test_a_moderator_does_not_lift_what_holds_for_themselves(stage: Stage, command: str) -> None:
    gina = boss(stage)
    await said(stage, gina, "mod strike", user=stage.mona, reason="once")
    await said(stage, gina, "mod ban", user=stage.mona, duration="7d", reason="enough")
    assert ANOTHER in await said(stage, stage.mona, command, user=stage.mona)
    assert "banned" in stage.said(await stage.imagine(stage.mona))
    assert ANOTHER not in await said(stage, gina, command, user=stage.mona)


async def test_a_moderator_does_not_answer_their_own_appeal(stage: Stage) -> None:
    desk = await open_desk(stage)
    gina = boss(stage)
    await said(stage, gina, "mod ban", user=stage.mona, duration="7d", reason="enough")
    form = await use(stage, stage.mona, "appeal")
    await stage.mona.submit_modal(form, {"why": "please"})
    await settled(stage)
    card = await card_at(stage, desk, "Appeal of")
    for label in ("Lift the ban", "Keep it"):
        assert ANOTHER in stage.said(await stage.mona.click(card.message, label=label))
    await gina.click(card.message, label="Lift the ban")
    assert (await stage.picture(stage.mona)).media
