"""Appeals where there is no desk, or none that works, and bans that must not become shorter."""

from __future__ import annotations

import simcord

from bot.config import ModerationSettings
from tests.cogs.reporting import another, card_at, open_desk, settled, told
from tests.cogs.stage import Stage
from tests.cogs.using import manager, panel, said, use


async def banned(stage: Stage, **options: object) -> None:
    given = {"duration": "7d", "reason": "was warned", **options}
    assert "is banned" in await said(stage, stage.mona, "mod ban", user=stage.alice, **given)


async def appealed(stage: Stage, why: str = "It was **art**") -> None:
    form = await use(stage, stage.alice, "appeal")
    await stage.alice.submit_modal(form, {"why": why})
    await settled(stage)


async def made_operator(stage: Stage, *people: simcord.MemberActor) -> None:
    operators = ModerationSettings(operators=tuple(who.id for who in people))
    stage.settings = stage.settings.model_copy(update={"moderation": operators})
    await stage.restart()


async def test_without_a_desk_an_appeal_is_found_and_answered_by_commands(stage: Stage) -> None:
    await banned(stage)
    await appealed(stage)
    queue = await said(stage, stage.mona, "mod queue")
    assert "**Appeal** of" in queue and f"<@{stage.alice.id}>" in queue
    record = panel(stage, await use(stage, stage.mona, "mod member", user=stage.alice))
    assert "It was \\*\\*art\\*\\*" in record.text
    await stage.mona.click(record.message, label="Lift the ban")
    assert (await stage.picture()).media
    assert "Appeal" not in await said(stage, stage.mona, "mod queue")
    again = panel(stage, await use(stage, stage.mona, "mod member", user=stage.alice))
    assert "Lift the ban" not in again.buttons


async def test_an_appeal_of_another_server_is_in_no_queue_here(stage: Stage) -> None:
    await banned(stage)
    await appealed(stage)
    other = stage.env.create_guild("Other")
    eve, there = other.add_member(other.owner), other.create_text_channel("there")
    assert "Appeal" not in stage.said(await eve.slash(there, "mod queue"))
    record = stage.answer(await eve.slash(there, "mod member", user=stage.alice.user))
    assert record is not None and "art" not in record.text and record.buttons == {}


async def test_an_appeal_at_a_desk_that_is_gone_is_kept_said_and_posted_at_the_next(stage: Stage) -> None:
    desk = await open_desk(stage)
    await banned(stage)
    stage.env.backend.delete_channel(desk.id)
    await appealed(stage)
    assert any("I cannot write to" in text for text in told(stage, stage.guild.add_member(stage.guild.owner)))
    again = stage.guild.create_text_channel("desk2")
    await said(stage, manager(stage, "tess"), "config moderation channel", channel=again)
    card = await card_at(stage, again, "Appeal of")
    await stage.mona.click(card.message, label="Lift the ban")
    assert (await stage.picture()).media


async def test_who_set_the_desk_has_left_and_the_owner_is_told(stage: Stage) -> None:
    boss = another(stage, "gina", manage_guild=True)
    desk = stage.guild.create_text_channel("desk")
    await said(stage, boss, "config moderation channel", channel=desk)
    stage.env.backend.remove_member(stage.guild.id, boss.id)
    stage.env.backend.delete_channel(desk.id)
    form = await stage.ben.click((await stage.picture()).message, label="Report")
    await stage.ben.submit_modal(form, {"reason": "spam"})
    await settled(stage)
    assert told(stage, boss) == []
    (message,) = told(stage, stage.guild.add_member(stage.guild.owner))
    assert "/config moderation channel" in message


async def test_an_appeal_against_a_ban_everywhere_reaches_the_operators_who_can_be_reached(
    stage: Stage,
) -> None:
    oscar, olga = (another(stage, name, moderate_members=True) for name in ("oscar", "olga"))
    await made_operator(stage, oscar, olga)
    options = {"duration": "7d", "reason": "all", "everywhere": True}
    await said(stage, oscar, "mod ban", user=stage.alice, **options)
    await settled(stage)
    first = stage.env.backend.get_dm_channel(min(oscar.id, olga.id))
    stage.env.inject_error("POST", f"/channels/{first.id}/messages", status=403, code=50007)
    await appealed(stage)
    reached = [any("Appeal of" in text for text in told(stage, who)) for who in (oscar, olga)]
    assert sorted(reached) == [False, True]


async def test_a_strike_makes_no_ban_shorter(stage: Stage) -> None:
    rules = "1:ban:2d"
    await said(stage, manager(stage), "config moderation strikes", rules=rules)
    await banned(stage, duration="permanent")
    await said(stage, stage.mona, "mod strike", user=stage.alice, reason="again")
    assert "It has no end." in stage.said(await stage.imagine())
    await settled(stage)
    assert "for good" in told(stage, stage.alice)[-1]


async def test_an_operator_who_is_not_here_is_not_banned_by_a_card(stage: Stage) -> None:
    """Their picture is reported after they left the server."""
    card = await stage.picture()
    form = await stage.ben.click(card.message, label="Report")
    await stage.ben.submit_modal(form, {"reason": "spam"})
    await made_operator(stage, stage.alice)
    stage.env.backend.remove_member(stage.guild.id, stage.alice.id)
    for action in ("ban", "strike"):
        answer = await said(stage, stage.mona, "mod resolve", case="1", action=action, reason="no")
        assert "runs this bot" in answer


async def test_a_long_record_with_an_appeal_fits_into_a_message(stage: Stage) -> None:
    oscar = another(stage, "oscar", moderate_members=True)
    await made_operator(stage, oscar)
    await said(stage, manager(stage), "config moderation strikes", rules="none")
    worst = "**_`~|[<@1>:#" * 100
    for _ in range(6):
        await said(stage, stage.mona, "mod strike", user=stage.alice, reason=worst[:400])
        await said(stage, stage.mona, "mod note", user=stage.alice, text=worst[:1000])
        await banned(stage, reason=worst[:400])
    options = {"duration": "7d", "reason": worst[:400], "everywhere": True}
    await said(stage, oscar, "mod ban", user=stage.alice, **options)
    await appealed(stage, worst[:1000])
    await appealed(stage, worst[:1000])
    record = panel(stage, await use(stage, oscar, "mod member", user=stage.alice))
    assert len(record.text) <= 4000
    assert list(record.buttons).count("Lift the ban") == 1  # by label; both have their own id


async def test_what_an_operator_does_everywhere_is_in_the_record_of_where_they_did_it(stage: Stage) -> None:
    oscar = another(stage, "oscar", moderate_members=True)
    await made_operator(stage, oscar)
    options = {"duration": "7d", "reason": "all", "everywhere": True}
    await said(stage, oscar, "mod ban", user=stage.alice, **options)
    answer = await said(stage, stage.mona, "mod unban", user=stage.alice, everywhere=True)
    assert "run this bot" in answer
    await said(stage, oscar, "mod unban", user=stage.alice, everywhere=True)
    assert (await stage.picture()).media
    log = await said(stage, stage.mona, "mod log", about="ban")
    assert "ban.given" in log and "ban.lifted" in log
