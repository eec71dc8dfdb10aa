"""/usage: one's own for everybody, a server's for its managers, and nothing of others."""

from __future__ import annotations

import csv
import io
import shutil
import sys

import pytest
from PIL import Image

from bot.domain.server_limits import LimitsState, ServerLimits
from bot.domain.server_settings import ServerSettings, ServerState
from bot.domain.spending_notes import NoteKind, SpendingNote
from bot.domain.tiers import EVERYONE, Tier
from bot.errors import QueueFull, TooFast
from cogs.announce import notice_text
from cogs.wording import refusal
from tests.cogs.matrix import helper
from tests.cogs.stage import Stage
from tests.cogs.using import force, manager, panel, said, use

REFUSED = "Only people with the permission Manage Server can do this."


async def test_help_shows_what_can_be_done_and_by_whom(stage: Stage) -> None:
    shown = await said(stage, stage.alice, "help")
    assert "`/imagine` makes a picture from words" in shown
    assert "0 of 20 used today, 20 images left" in shown
    assert "/mod queue" not in shown and "/config show" not in shown
    assert "`/config show` has its settings" in await said(stage, manager(stage), "help")


async def test_help_knows_moderators_by_role(stage: Stage) -> None:
    shown = await said(stage, await helper(stage), "help")
    assert "/mod queue" in shown and "/config show" not in shown


async def test_a_member_sees_their_own_with_what_is_left(stage: Stage) -> None:
    await stage.picture()
    await stage.picture(stage.ben)
    await stage.done(2)
    shown = await said(stage, stage.alice, "usage me")
    assert "Today: 1 image · $0.0" in shown
    assert "This month: 1 image" in shown
    assert "1 of 20 used today, 19 images left" in shown
    assert "▰▱▱▱▱▱▱▱▱▱▱▱" in shown
    assert "It starts again at <t:" in shown


async def test_a_member_sees_what_is_left_of_a_cap_of_dollars(stage: Stage) -> None:
    async with stage.app.store.transaction() as tx:
        tier = Tier(EVERYONE, daily_micros=2_500_000)
        await tx.limits.save_server(LimitsState(stage.guild.id, ServerLimits(tiers=(tier,)), 1, 1, 1))
    assert "Of $2.50 a day, $2.500 left" in await said(stage, stage.alice, "usage me")
    await stage.picture()
    await stage.done(1)
    assert "Of $2.50 a day, $2.4" in await said(stage, stage.alice, "usage me")


async def test_a_budget_that_is_spent_already_is_told_at_once(stage: Stage) -> None:
    await stage.picture()
    await stage.done(1)
    gina = manager(stage)
    log = stage.guild.create_text_channel("log")
    await use(stage, gina, "config log", channel=log)
    await use(stage, gina, "config budget", dollars=0.01)
    await stage.until(lambda: stage.messages(log), "the note")
    assert "**The month's budget is used up.**" in stage.messages(log)[0].text


async def test_a_manager_sees_the_server_with_charts(stage: Stage) -> None:
    gina = manager(stage)
    await stage.picture()
    await stage.done(1)
    seen = panel(stage, await use(stage, gina, "usage server", days=7))
    await stage.until(lambda: seen.text, "the charts")
    assert "Usage of the last 7 days" in seen.text
    assert "Succeeded: 100.0 % · refused for safety: 0.0 % · requests: 1" in seen.text
    assert "Nano Banana 2.1: 1 image" in seen.text
    assert f"1. <@{stage.alice.id}>: 1 image" in seen.text
    (chart,) = seen.media
    assert chart.description is not None
    assert chart.description.startswith("Charts of the last 7 days")
    with Image.open(io.BytesIO(chart.data)) as picture:
        assert picture.format == "PNG"
        assert picture.width > 1000
    assert not seen.pings


async def test_where_no_chart_can_be_drawn_the_words_are_there(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.may_break = True
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    seen = panel(stage, await use(stage, manager(stage), "usage server"))
    await stage.until(lambda: seen.text, "the words")
    assert "Usage of the last 30 days" in seen.text
    assert "The charts could not be drawn this time." in seen.text
    assert seen.media == []


async def test_an_export_has_every_request_and_no_prompt(stage: Stage) -> None:
    await stage.picture(prompt="=cmd()")
    await stage.picture(stage.ben, prompt="a harbour")
    await stage.done(2)
    seen = panel(stage, await use(stage, manager(stage), "usage export"))
    assert "2 requests, without prompts and names." in seen.text
    (file,) = seen.attachments
    data = stage.env.backend.cdn.get(file["url"])
    assert data is not None
    header, *rows = csv.reader(io.StringIO(data.decode(), newline=""))
    members = {dict(zip(header, row, strict=True))["member_id"] for row in rows}
    assert (len(rows), members) == (2, {f"id:{stage.alice.id}", f"id:{stage.ben.id}"})
    assert b"cmd" not in data
    assert b"harbour" not in data


@pytest.mark.parametrize("command", ["usage server", "usage export"])
async def test_nobody_else_sees_a_servers_usage(stage: Stage, command: str) -> None:
    for who in (stage.alice, stage.mona):
        assert stage.said(await force(stage, who, command, {})) == REFUSED


async def test_a_note_about_the_budget_comes_to_the_log_channel_once(stage: Stage) -> None:
    async with stage.app.store.transaction() as tx:
        settings = ServerSettings(log_channel=stage.channel.id, budget_micros=1)
        await tx.settings.save_server(ServerState(stage.guild.id, settings, 1, 1, 1))
    await stage.picture()
    await stage.posted(lambda seen: "The month's budget is used up" in seen.text)
    await stage.picture()
    await stage.done(2)
    assert len([seen for seen in stage.messages() if "budget" in seen.text]) == 1


@pytest.mark.parametrize("stage", [{"actions_per_minute": 10, "cooldown_seconds": 45.0}], indirect=True)
async def test_whoever_hammers_is_told_how_long_to_wait(stage: Stage) -> None:
    answers = [await said(stage, stage.alice, "usage me") for _ in range(11)]
    assert answers[-1].startswith("That was too much at once. Wait 45 seconds, then go on")
    assert "Your usage" in answers[-2]
    assert "Your usage" in await said(stage, stage.ben, "usage me")


# --- words ------------------------------------------------------------------------------------------------


def test_notes_say_what_they_mean() -> None:
    budget = {"mark": 80, "spent": 8_000_000, "budget": 10_000_000, "resets_at": 0}
    note = SpendingNote(1, NoteKind.BUDGET, "2026-11:80", 0, budget)
    assert notice_text(note).startswith("**80 % of the month's budget are used.** $8.000 of $10.000")
    unusual = SpendingNote(
        1, NoteKind.UNUSUAL, "5", 0, {"member_id": 5, "spent": 6_000_000, "usual": 1_000_000}
    )
    assert "<@5> spent $6.000 within 24 hours; a day costs $1.000 usually." in notice_text(unusual)
    assert "501 requests are waiting" in refusal(QueueFull(waiting=501, limit=500))
    assert "Wait 2 minutes" in refusal(TooFast(seconds=120))
