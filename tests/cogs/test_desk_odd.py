"""Odd input at the desk: guessed ids, other servers, lost channels, long texts, people who left."""

from __future__ import annotations

import discord
import pytest
import simcord

from bot.domain.cases import Action, CaseState
from tests.cogs import forged
from tests.cogs.reporting import (
    HOUR,
    another,
    card_at,
    cases_of,
    open_desk,
    reported,
    reported_to_desk,
    settled,
    the_case,
    the_image,
    told,
)
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_delete import GONE
from tests.cogs.using import manager, said, use


async def elsewhere(stage: Stage) -> tuple[simcord.MemberActor, simcord.ChannelHandle]:
    """The owner of another server, who may do everything there."""
    other = stage.env.create_guild("Other")
    return other.add_member(other.owner), other.create_text_channel("there")


# --- guessing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", list(Action))
async def test_a_case_of_another_server_is_none(stage: Stage, action: Action) -> None:
    card = await stage.picture()
    await reported(stage, stage.ben, card)
    case = await the_case(stage)
    eve, there = await elsewhere(stage)
    own = await stage.finished(await eve.slash(there, "imagine", prompt="mine"))
    custom_id = f"plantain:case:{action}:{case.id}:{case.turn}"
    assert stage.said(await forged.press(stage, eve, own, custom_id, channel=there)) == GONE
    opening = f"plantain:opencase:{case.id}"
    assert stage.said(await forged.press(stage, eve, own, opening, channel=there)) == GONE
    assert await the_case(stage) == case
    assert card.media


async def test_numbers_commands_and_pickers_of_another_server(stage: Stage) -> None:
    await reported(stage, stage.ben, await stage.picture())
    eve, there = await elsewhere(stage)
    for command, options in {
        "mod case": {"case": "#1"},
        "mod resolve": {"case": "1", "action": "remove"},
    }.items():
        assert "no case" in stage.said(await eve.slash(there, command, **options))
    queue = stage.answer(await eve.slash(there, "mod queue"))
    assert queue is not None
    assert "Nothing waits here." in queue.text
    assert await eve.autocomplete(there, "mod case", "case", "") == []
    assert "Nothing is written" in stage.said(await eve.slash(there, "mod log"))


async def test_a_picture_of_another_server_is_not_reported(stage: Stage) -> None:
    await stage.picture()
    image = await the_image(stage)
    eve, there = await elsewhere(stage)
    own = await stage.finished(await eve.slash(there, "imagine", prompt="mine"))
    pressed = await forged.press(stage, eve, own, f"plantain:report:image:{image.id}", channel=there)
    assert stage.said(pressed) == GONE
    assert await cases_of(stage) == []


@pytest.mark.parametrize("action", list(Action))
async def test_a_member_presses_the_buttons_of_moderators(stage: Stage, action: Action) -> None:
    desk, _card, at_desk = await reported_to_desk(stage)
    case = await the_case(stage)
    custom_id = f"plantain:case:{action}:{case.id}:{case.turn}"
    pressed = await forged.press(stage, stage.ben, at_desk, custom_id, channel=desk)
    assert "Only moderators" in stage.said(pressed)
    assert await the_case(stage) == case


async def test_the_form_of_a_ban_is_checked_again_when_it_is_sent(stage: Stage) -> None:
    at_desk = (await reported_to_desk(stage)).at_desk
    form = await stage.mona.click(at_desk.message, label="Ban")
    role = stage.guild.roles["Moderators"]
    stage.env.backend.remove_member_role(stage.guild.id, stage.mona.id, role.id)
    sent = await stage.mona.submit_modal(form, {"length": "1d", "reason": "no"})
    assert "Only moderators" in stage.said(sent)
    assert (await the_case(stage)).state is CaseState.OPEN


async def test_roles_that_the_server_names_moderate(stage: Stage) -> None:
    desk, _card, at_desk = await reported_to_desk(stage)
    helper = another(stage, "helga", add_reactions=True)
    role = stage.guild.roles["Role of helga"]
    pressed = await forged.press(stage, helper, at_desk, at_desk.buttons["Claim"], channel=desk)
    assert "Only moderators" in stage.said(pressed)
    await said(stage, manager(stage, "tess"), "config moderation roles", role1=role)
    await forged.press(stage, helper, at_desk, at_desk.buttons["Claim"], channel=desk)
    assert (await the_case(stage)).claimed_by == helper.id


# --- the desk's channel -----------------------------------------------------------------------------------


async def test_a_desk_that_cannot_be_written_to_is_refused(stage: Stage) -> None:
    locked = stage.guild.create_text_channel(
        "locked",
        overwrites={
            simcord.UserHandle(stage.env, stage.env.backend.bot_user): discord.PermissionOverwrite(
                view_channel=False
            )
        },
    )
    answer = await said(stage, manager(stage), "config moderation channel", channel=locked)
    assert "View Channel" in answer


async def test_a_desk_that_is_gone_keeps_the_cases_and_tells_who_set_it(stage: Stage) -> None:
    boss = another(stage, "gina", manage_guild=True)
    desk = stage.guild.create_text_channel("desk")
    await said(stage, boss, "config moderation channel", channel=desk)
    stage.env.backend.delete_channel(desk.id)
    await reported(stage, stage.ben, await stage.picture())
    await reported(stage, stage.ben, await stage.picture(prompt="another"))
    await settled(stage)
    (message,) = told(stage, boss)
    assert "/mod queue" in message
    assert "/config moderation channel" in message
    listed = stage.answer(await use(stage, stage.mona, "mod queue"))
    assert listed is not None
    assert "2 cases" in listed.text
    assert "not there any more" in await said(stage, boss, "config moderation show")
    # A new desk gets the cards of what is open.
    again = stage.guild.create_text_channel("desk2")
    await said(stage, boss, "config moderation channel", channel=again)
    await card_at(stage, again, "Case #1")
    await card_at(stage, again, "Case #2")


async def test_a_card_that_somebody_deleted_is_posted_anew(stage: Stage) -> None:
    desk, _card, first = await reported_to_desk(stage)
    stage.env.backend.delete_message(desk.id, first.id)
    await said(stage, stage.mona, "mod resolve", case="1", action="claim")
    second = await card_at(stage, desk)
    assert second.id != first.id


async def reported_hours_ago(stage: Stage) -> tuple[Seen, Seen]:
    """A picture and its card at the desk, when the interaction's token is over."""
    _desk, card, at_desk = await reported_to_desk(stage)
    await stage.env.advance_time(HOUR)
    return card, at_desk


async def test_a_message_that_cannot_be_changed_is_named_on_the_card(stage: Stage) -> None:
    """The bot has lost its permission in the channel, and the interaction's token is over."""
    _card, at_desk = await reported_hours_ago(stage)
    route = f"/channels/{stage.channel.id}/messages/*"
    stage.env.inject_error("PATCH", route, status=403, code=50013)
    await stage.mona.click(at_desk.message, label="Remove")
    await settled(stage)
    await stage.until(lambda: "did not let me change every message" in at_desk.text, "the trouble")


async def test_what_discord_does_not_take_now_is_tried_again(stage: Stage) -> None:
    card, at_desk = await reported_hours_ago(stage)
    route = f"/channels/{stage.channel.id}/messages/*"
    stage.env.inject_error("PATCH", route, status=429, times=1)
    await stage.mona.click(at_desk.message, label="Remove")
    assert card.media
    await stage.env.advance_time(10.0)
    stage.app.client.surface.casework.worker.wake()
    await stage.until(lambda: not card.media, "the notice")


async def test_a_moderator_who_left(stage: Stage) -> None:
    """Their claim is taken over, and their name in the figures is their number."""
    nick = another(stage, "nick", moderate_members=True)
    await reported(stage, stage.ben, await stage.picture())
    await reported(stage, stage.ben, await stage.picture(prompt="another"))
    await said(stage, nick, "mod resolve", case="1", action="claim")
    await said(stage, nick, "mod resolve", case="2", action="dismiss")
    stage.env.backend.remove_member(stage.guild.id, nick.id)
    assert "Claimed" in await said(stage, stage.mona, "mod resolve", case="1", action="claim")
    result = await use(stage, stage.mona, "mod stats")
    await stage.until(lambda: "2 cases were opened and 1 decided" in stage.said(result), "the figures")


async def test_after_a_restart_the_buttons_work(stage: Stage) -> None:
    _desk, card, at_desk = await reported_to_desk(stage)
    await stage.restart()
    await stage.mona.click(at_desk.message, label="Remove")
    await stage.until(lambda: not card.media, "the notice")


async def test_reminders_come_once_for_what_waits_too_long(stage: Stage) -> None:
    desk = await open_desk(stage)
    await said(stage, manager(stage, "tess"), "config moderation reminders", hours=2)
    await reported(stage, stage.ben, await stage.picture())
    await card_at(stage, desk)
    await stage.env.advance_time(3 * HOUR)
    worker = stage.app.client.surface.casework.worker
    for _ in range(2):
        worker.wake()
        await stage.until(
            lambda: any("wait for a decision" in seen.text for seen in stage.messages(desk)), "a reminder"
        )
        await settled(stage)
    reminders = [seen for seen in stage.messages(desk) if "wait for a decision" in seen.text]
    assert len(reminders) == 1
    assert "#1" in reminders[0].text
