"""Odd input at the desk: guessed ids, other servers, lost channels, long texts, people who left."""

from __future__ import annotations

import io
import re

import discord
import pytest
import simcord
from PIL import Image

from bot.domain import audit
from bot.domain.cases import Action, CaseState
from bot.studio.pictures import Person
from cogs.language import _ as _text
from cogs.mod_record import SUBJECTS
from cogs.wording import NOTHING_BEHIND
from tests.cogs import forged
from tests.cogs.reporting import (
    another,
    card_at,
    cases_of,
    open_desk,
    report,
    reported,
    settled,
    the_case,
    the_image,
    told,
)
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_delete import GONE
from tests.cogs.using import manager, panel, said, use

WORST = "**@everyone** <@1> [x](https://evil.example) `code` ||spoiler|| " * 70
HOURS = 3600


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
    desk = await open_desk(stage)
    card = await stage.picture()
    await reported(stage, stage.ben, card)
    at_desk = await card_at(stage, desk)
    case = await the_case(stage)
    custom_id = f"plantain:case:{action}:{case.id}:{case.turn}"
    pressed = await forged.press(stage, stage.ben, at_desk, custom_id, channel=desk)
    assert "Only moderators" in stage.said(pressed)
    assert await the_case(stage) == case


async def test_the_form_of_a_ban_is_checked_again_when_it_is_sent(stage: Stage) -> None:
    desk = await open_desk(stage)
    await reported(stage, stage.ben, await stage.picture())
    at_desk = await card_at(stage, desk)
    form = await stage.mona.click(at_desk.message, label="Ban")
    role = stage.guild.roles["Moderators"]
    stage.env.backend.remove_member_role(stage.guild.id, stage.mona.id, role.id)
    sent = await stage.mona.submit_modal(form, {"length": "1d", "reason": "no"})
    assert "Only moderators" in stage.said(sent)
    assert (await the_case(stage)).state is CaseState.OPEN


async def test_roles_that_the_server_names_moderate(stage: Stage) -> None:
    desk = await open_desk(stage)
    await reported(stage, stage.ben, await stage.picture())
    at_desk = await card_at(stage, desk)
    helper = another(stage, "helga", add_reactions=True)
    role = stage.guild.roles["Role of helga"]
    pressed = await forged.press(stage, helper, at_desk, at_desk.buttons["Claim"], channel=desk)
    assert "Only moderators" in stage.said(pressed)
    await said(stage, manager(stage, "tess"), "config moderation roles", role1=role)
    await forged.press(stage, helper, at_desk, at_desk.buttons["Claim"], channel=desk)
    assert (await the_case(stage)).claimed_by == helper.id


# --- reports ----------------------------------------------------------------------------------------------


async def test_a_report_of_a_deleted_picture(stage: Stage) -> None:
    card = await stage.picture()
    form = await stage.ben.click(card.message, label="Report")
    owner = Person(stage.alice.id, stage.guild.id, stage.channel.id, moderator=False)
    await stage.app.studio.pictures.delete((await the_image(stage)).id, owner)
    assert stage.said(await stage.ben.submit_modal(form, {"reason": "spam"})) == GONE
    assert await cases_of(stage) == []


async def test_a_report_of_ones_own_picture(stage: Stage) -> None:
    card = await stage.picture()
    assert "your own" in stage.said(await stage.alice.click(card.message, label="Report"))


async def test_a_report_in_direct_messages(stage: Stage) -> None:
    dora = stage.env.create_user("dora")
    card = await stage.picture(dora)
    result = await dora.click(card.message, label="Report")
    assert "server" in stage.said(result)


async def test_a_second_report_by_the_same_person(stage: Stage) -> None:
    card = await stage.picture()
    await reported(stage, stage.ben, card)
    assert "reported this picture before" in await reported(stage, stage.ben, card, "hate")
    case = await the_case(stage)
    assert (case.reports, case.reason) == (1, "spam")


async def test_more_reports_than_may_be_in_an_hour(stage: Stage) -> None:
    await said(stage, manager(stage), "config moderation threshold", reports=5, an_hour=1)
    first, second = await stage.picture(), await stage.picture(prompt="another")
    await reported(stage, stage.ben, first)
    assert "You have reported 1 picture" in await reported(stage, stage.ben, second)
    await stage.env.advance_time(2 * HOURS)
    assert "case #2" in await reported(stage, stage.ben, second)


async def test_a_message_without_a_picture_of_ours(stage: Stage) -> None:
    message = await stage.alice.send(stage.channel, "hello")
    result = await stage.ben.context_menu(stage.channel, "Report image", message)
    assert "no picture in this message" in stage.said(result)


async def test_the_message_menu_reports(stage: Stage) -> None:
    card = await stage.picture()
    form = await stage.ben.context_menu(stage.channel, "Report image", card.message)
    assert "case #1" in stage.said(await stage.ben.submit_modal(form, {"reason": "copyright"}))


async def test_a_long_text_full_of_markdown_does_nothing(stage: Stage) -> None:
    desk = await open_desk(stage)
    card = await stage.picture(prompt=WORST[:4000])
    await report(stage, stage.ben, card, "other", text=WORST[:4000])
    await report(stage, stage.mona, card, "other", text=WORST[:4000])
    at_desk = await card_at(stage, desk)
    assert at_desk.pings == set()
    assert "](https" not in at_desk.text.replace("\\](", "")
    assert not re.search(r"(?<!\\)<@1>", at_desk.text)
    assert len(at_desk.text) <= 4000
    opened = stage.answer(await use(stage, stage.mona, "mod case", case="1"))
    assert opened is not None
    assert len(opened.text) <= 4000
    answer = await said(stage, stage.mona, "mod resolve", case="1", action="remove", reason=WORST[:400])
    assert "Removed" in answer
    await settled(stage)
    (message,) = told(stage, stage.alice)
    assert "@everyone" not in message.replace("\\@everyone", "")


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
    desk = await open_desk(stage)
    await reported(stage, stage.ben, await stage.picture())
    first = await card_at(stage, desk)
    stage.env.backend.delete_message(desk.id, first.id)
    await said(stage, stage.mona, "mod resolve", case="1", action="claim")
    second = await card_at(stage, desk)
    assert second.id != first.id


async def reported_hours_ago(stage: Stage) -> tuple[Seen, Seen]:
    """A picture and its card at the desk, when the interaction's token is over."""
    desk = await open_desk(stage)
    card = await stage.picture()
    await reported(stage, stage.ben, card)
    at_desk = await card_at(stage, desk)
    await stage.env.advance_time(HOURS)
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
    desk = await open_desk(stage)
    card = await stage.picture()
    await reported(stage, stage.ben, card)
    at_desk = await card_at(stage, desk)
    await stage.restart()
    await stage.mona.click(at_desk.message, label="Remove")
    await stage.until(lambda: not card.media, "the notice")


async def test_reminders_come_once_for_what_waits_too_long(stage: Stage) -> None:
    desk = await open_desk(stage)
    await said(stage, manager(stage, "tess"), "config moderation reminders", hours=2)
    await reported(stage, stage.ben, await stage.picture())
    await card_at(stage, desk)
    await stage.env.advance_time(3 * HOURS)
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


# --- the record -------------------------------------------------------------------------------------------


async def test_the_log_says_who_did_what_and_that_nothing_was_changed(stage: Stage) -> None:
    await reported(stage, stage.ben, await stage.picture(), "minors")
    await said(stage, stage.mona, "mod resolve", case="1", action="strike", reason="=1+1")
    await said(stage, stage.mona, "mod note", user=stage.alice, text="is new here")
    log = await said(stage, stage.mona, "mod log")
    for part in ("case.decided", "strike.given", "note.written", "picture.hidden", f"<@{stage.mona.id}>"):
        assert part in log, part
    only = await said(stage, stage.mona, "mod log", about="strike", member=stage.alice)
    assert "strike.given" in only
    assert "case.decided" not in only
    assert "Nothing is written" in await said(stage, stage.mona, "mod log", moderator=stage.ben)
    result = await use(stage, stage.mona, "mod log", export=True)
    answer = stage.answer(result)
    assert answer is not None
    assert "Every entry fits" in answer.text
    (file,) = answer.attachments
    table = (stage.env.backend.cdn.get(file["url"]) or b"").decode()
    assert "case.decided" in table
    assert '"reason"' in table.replace('""', '"')
    record = await said(stage, stage.mona, "mod member", user=stage.alice)
    for part in ("1 image here", "Strikes", "counts until", "is new here", "cases removed: 1"):
        assert part in record, (part, record)


async def test_the_figures_are_a_picture(stage: Stage) -> None:
    await reported(stage, stage.ben, await stage.picture(), "hate")
    await said(stage, stage.mona, "mod resolve", case="1", action="remove")
    result = await use(stage, stage.mona, "mod stats", days=7)
    await stage.until(lambda: "Open now" in stage.said(result), "the picture")
    answer = stage.answer(result)
    assert answer is not None
    (file,) = answer.attachments
    picture = Image.open(io.BytesIO(stage.env.backend.cdn.get(file["url"]) or b""))
    assert picture.size == (1210, 792)


@pytest.mark.parametrize("number", ["#9", "0", "-1", "x", "\uff11", "99999999999999999999", "#"])
async def test_a_case_that_there_is_not(stage: Stage, number: str) -> None:
    assert "no case" in await said(stage, stage.mona, "mod case", case=number)


@pytest.mark.parametrize("duration", ["soon", "-1d", "9999w", "1m", "12 parsecs"])
async def test_a_length_of_time_that_is_none(stage: Stage, duration: str) -> None:
    answer = await said(stage, stage.mona, "mod ban", user=stage.alice, duration=duration, reason="x")
    assert "no length of time" in answer


async def test_rules_that_are_none(stage: Stage) -> None:
    for rules in ("2", "2:fine:5", "0:cap:5", "2:cap", "1:ban:99999d"):
        answer = await said(stage, manager(stage, f"m{len(rules)}"), "config moderation strikes", rules=rules)
        assert "no rules for strikes" in answer


def test_the_log_can_be_filtered_by_whatever_is_written_there() -> None:
    written = {
        value.partition(".")[0]
        for name, value in vars(audit).items()
        if name.isupper() and isinstance(value, str)
    }
    assert written == set(SUBJECTS)


async def test_the_log_has_pages(stage: Stage) -> None:
    """All of them together have every entry once, under the same filter."""
    for number in range(30):
        await said(stage, stage.mona, "mod note", user=stage.alice, text=f"note {number}")
    await said(stage, stage.mona, "mod strike", user=stage.alice, reason="not wanted here")
    options = {"about": "note", "member": stage.alice, "moderator": stage.mona, "days": 3}
    page = panel(stage, await use(stage, stage.mona, "mod log", **options))
    seen = [page.text]
    while "Older ›" in page.buttons:
        assert all(len(custom_id) <= 100 for custom_id in page.buttons.values())
        await stage.mona.click(page.message, label="Older ›")
        seen.append(page.text)
    assert [text.count("note.written") for text in seen] == [12, 12, 6]
    assert "strike" not in "".join(seen)
    await stage.mona.click(page.message, label="Newest")
    assert page.text == seen[0]
    older = page.buttons["Older ›"]
    refused = await forged.press(stage, stage.ben, page, older)
    assert "Only moderators" in stage.said(refused)
    assert page.text == seen[0]


@pytest.mark.parametrize("before", ["0-", "zzzzzzzzzzzzz-a", "1", "-", "00000000000001-a"])
async def test_a_place_in_the_log_that_is_none(stage: Stage, before: str) -> None:
    card = await stage.picture()
    answer = stage.said(await forged.press(stage, stage.mona, card, f"plantain:log:0:::0:{before}"))
    assert answer == _text(NOTHING_BEHIND)
