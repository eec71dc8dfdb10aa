"""Odd reports: of what is gone, of one's own, twice, too many, and long texts."""

from __future__ import annotations

import re

from bot.studio.pictures import Person
from tests.cogs.reporting import (
    HOUR,
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
from tests.cogs.stage import Stage
from tests.cogs.test_delete import GONE
from tests.cogs.using import manager, said, use

WORST = "**@everyone** <@1> [x](https://evil.example) `code` ||spoiler|| " * 70


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
    await stage.env.advance_time(2 * HOUR)
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
