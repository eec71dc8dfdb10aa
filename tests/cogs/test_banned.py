"""Bans, strikes and appeals: what somebody is told, from every entrance."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import pytest
import simcord

from bot.config import ModerationSettings
from tests.cogs import forged
from tests.cogs.reporting import another, open_desk, reported, settled, the_image, told
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.using import force, manager, said, use
from tests.fakes.gemini import make_jpeg

Entrance = Callable[[Stage, Seen, Seen], Awaitable[simcord.InteractionResult]]
DAYS = 86_400


async def ban(stage: Stage, who: simcord.MemberActor, **options: object) -> str:
    given = {"duration": "7d", "reason": "was warned", **options}
    return await said(stage, stage.mona, "mod ban", user=who, **given)


async def imagine(stage: Stage, own: Seen, other: Seen) -> simcord.InteractionResult:
    return await stage.imagine()


async def edit(stage: Stage, own: Seen, other: Seen) -> simcord.InteractionResult:
    picture = ("a.jpg", make_jpeg(64, 64))
    return await stage.alice.slash(stage.channel, "edit", image=picture, instruction="a hat")


async def vary(stage: Stage, own: Seen, other: Seen) -> simcord.InteractionResult:
    return await stage.alice.click(own.message, label="Vary")


async def edit_form(stage: Stage, own: Seen, other: Seen) -> simcord.InteractionResult:
    form = await stage.alice.click(own.message, label="Edit")
    return await stage.alice.submit_modal(form, {"instruction": "a hat"})


async def show(stage: Stage, own: Seen, other: Seen) -> simcord.InteractionResult:
    return await use(stage, stage.alice, "show", id=(await the_image(stage)).id)


async def reporting(stage: Stage, own: Seen, other: Seen) -> simcord.InteractionResult:
    return await stage.alice.click(other.message, label="Report")


async def character(stage: Stage, own: Seen, other: Seen) -> simcord.InteractionResult:
    image = await the_image(stage)
    return await use(stage, stage.alice, "character save", name="Mia", image_id=image.id)


MAKING = {
    "imagine": imagine,
    "edit": edit,
    "Vary": vary,
    "Edit": edit_form,
    "show": show,
    "Report": reporting,
    "character save": character,
}


@pytest.mark.parametrize("name", MAKING)
async def test_from_every_entrance_there_is_one_clear_answer(stage: Stage, name: str) -> None:
    own, other = await stage.picture(), await stage.picture(stage.ben)
    await ban(stage, stage.alice)
    calls = len(stage.gemini.history)
    answer = stage.said(await MAKING[name](stage, own, other))
    for part in ("You are banned", "“was warned”", "It ends at <t:", "`/appeal`"):
        assert part in answer, answer
    assert len(stage.gemini.history) == calls


async def test_a_ban_ends_by_itself(stage: Stage) -> None:
    await ban(stage, stage.alice, duration="12h")
    await stage.env.advance_time(13 * 3600)
    assert (await stage.picture()).media


async def test_a_ban_is_lifted(stage: Stage) -> None:
    await ban(stage, stage.alice, duration="permanent")
    assert "no end" in stage.said(await stage.imagine())
    await said(stage, stage.mona, "mod unban", user=stage.alice)
    assert (await stage.picture()).media
    record = await said(stage, stage.mona, "mod member", user=stage.alice)
    assert f"lifted by <@{stage.mona.id}> <t:" in record and "Appeal" not in record
    await settled(stage)
    assert ["banned" in text for text in told(stage, stage.alice)] == [True, False]


async def test_an_appeal_goes_to_the_desk_once(stage: Stage) -> None:
    desk = await open_desk(stage)
    assert "not banned" in await said(stage, stage.alice, "appeal")
    await ban(stage, stage.alice)
    form = await use(stage, stage.alice, "appeal")
    await stage.alice.submit_modal(form, {"why": "It was @everyone's **joke**"})
    card = await stage.until(
        lambda: next((seen for seen in stage.messages(desk) if "Appeal of" in seen.text), None), "the appeal"
    )
    assert "\\@everyone's \\*\\*joke\\*\\*" in card.text
    assert card.pings == set()
    assert "asked for another look at this ban already" in await said(stage, stage.alice, "appeal")
    assert "You have asked" in stage.said(await stage.imagine())
    forbidden = await forged.press(stage, stage.ben, card, card.buttons["Lift the ban"], channel=desk)
    assert "Only moderators" in stage.said(forbidden)
    await stage.mona.click(card.message, label="Lift the ban")
    assert card.buttons == {}
    assert (await stage.picture()).media
    record = await said(stage, stage.mona, "mod member", user=stage.alice)
    mona = re.escape(f"<@{stage.mona.id}>")
    assert re.search(rf"was warned” · lifted by {mona} <t:\d+:d>\n", record)
    assert re.search(rf"Appeal <t:\d+:d>: “It was .* · granted by {mona} <t:\d+:d>", record)


async def test_an_appeal_that_is_declined(stage: Stage) -> None:
    desk = await open_desk(stage)
    await ban(stage, stage.alice)
    await stage.alice.submit_modal(await use(stage, stage.alice, "appeal"), {"why": "please"})
    card = await stage.until(lambda: next(iter(stage.messages(desk)), None), "the appeal")
    await stage.mona.click(card.message, label="Keep it")
    await settled(stage)
    record = await said(stage, stage.mona, "mod member", user=stage.alice)
    assert f"“please” · declined by <@{stage.mona.id}> <t:" in record
    assert "lifted" not in record and " · until <t:" in record
    assert any("it stays" in text for text in told(stage, stage.alice))
    assert "banned" in stage.said(await stage.imagine())


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("moderator", "moderates or manages"),
        ("manager", "moderates or manages"),
        ("bot", "a bot"),
        ("self", "yourself"),
    ],
)
async def test_whom_nobody_bans(stage: Stage, who: str, sentence: str) -> None:
    target = {
        "moderator": lambda: another(stage, "nick", moderate_members=True),
        "manager": lambda: manager(stage),
        "bot": lambda: stage.guild.add_member(stage.env.create_user("robot", bot=True)),
        "self": lambda: stage.mona,
    }[who]()
    assert sentence in await ban(stage, target)
    assert sentence in await said(stage, stage.mona, "mod strike", user=target, reason="no")


async def test_a_manager_bans_a_moderator(stage: Stage) -> None:
    both = another(stage, "gina", manage_guild=True, moderate_members=True)
    answer = await said(stage, both, "mod ban", user=stage.mona, duration="1d", reason="rest")
    assert "is banned" in answer


async def test_strikes_lead_to_caps_a_pause_and_a_ban(stage: Stage) -> None:
    rules = "1:cap:1, 2:cooldown:24h, 3:ban:2d"
    await said(stage, manager(stage), "config moderation strikes", rules=rules)
    answer = await said(stage, stage.mona, "mod strike", user=stage.alice, reason="first")
    assert "1 strike" in answer
    await stage.picture()
    refused = stage.said(await stage.imagine())
    assert (
        "With your strikes in this server it is 1 image a day at most, with what you make elsewhere"
        in refused
    )
    assert "You have used 1, 0 images left. It starts again at <t:" in refused
    await said(stage, stage.mona, "mod strike", user=stage.alice, reason="second")
    assert "You have 2 strikes" in stage.said(await stage.imagine())
    answer = await said(stage, stage.mona, "mod strike", user=stage.alice, reason="third")
    assert "that is a ban" in answer
    assert "banned" in stage.said(await stage.imagine())
    await said(stage, stage.mona, "mod unban", user=stage.alice)
    for _ in range(3):
        await said(stage, stage.mona, "mod pardon", user=stage.alice)
    assert "no such strike" in await said(stage, stage.mona, "mod pardon", user=stage.alice)
    assert (await stage.picture()).media


async def test_a_cap_of_strikes_says_that_pictures_made_elsewhere_count(stage: Stage) -> None:
    await said(stage, manager(stage), "config moderation strikes", rules="1:cap:2")
    await stage.picture(stage.alice.user)  # in direct messages
    answer = await said(stage, stage.mona, "mod strike", user=stage.alice, reason="once")
    assert "At most 2 images a day, with what is made elsewhere." in answer
    await settled(stage)
    direct = "\n".join(told(stage, stage.alice))
    assert "you can make 2 images a day there. What you make elsewhere on that day counts, too." in direct
    shown = await said(stage, stage.alice, "usage me")
    assert "1 of 2 used today, 1 image left" in shown
    assert "at most, with what you make elsewhere, until <t:" in shown
    await stage.picture()
    refused = stage.said(await stage.imagine())
    assert "it is 2 images a day at most, with what you make elsewhere, until <t:" in refused
    assert "You have used 2, 0 images left." in refused


@pytest.mark.parametrize("command", ["usage me", "help"])
async def test_what_strikes_lower_is_shown_with_its_end(stage: Stage, command: str) -> None:
    await said(stage, manager(stage), "config moderation strikes", rules="1:cap:3, 2:cooldown:24h", days=30)
    await said(stage, stage.mona, "mod strike", user=stage.alice, reason="once")
    await said(stage, manager(stage), "config grant", member=stage.alice, images=7)
    await stage.picture()
    await stage.done(1)
    shown = await said(stage, stage.alice, command)
    assert "1 of 3 used today, 2 images left" in shown
    assert (
        "With your 1 strike here it is 3 images a day at most, with what you make elsewhere, until <t:"
        in shown
    )
    assert "Usual is 20 images." in shown
    assert "granted" not in shown and "make pictures again" not in shown
    assert "0 of 20 used today, 20 images left" in await said(stage, stage.ben, command)

    await said(stage, stage.mona, "mod strike", user=stage.alice, reason="twice")
    again = await said(stage, stage.alice, command)
    assert "You have 2 strikes in this server, so you can make pictures again at <t:" in again

    await stage.env.advance_time(31 * DAYS)
    later = await said(stage, stage.alice, command)
    assert "0 of 20 used today, 20 images left" in later
    assert "strike" not in later and "images granted" not in later


async def test_strikes_expire(stage: Stage) -> None:
    await said(stage, manager(stage), "config moderation strikes", rules="1:cooldown:240h", days=3)
    await said(stage, stage.mona, "mod strike", user=stage.alice, reason="once")
    assert "You have 1 strike" in stage.said(await stage.imagine())
    await stage.env.advance_time(4 * DAYS)
    assert (await stage.picture()).media


async def test_an_operator_bans_everywhere(stage: Stage) -> None:
    assert "run this bot" in await ban(stage, stage.alice, everywhere=True)
    oscar = another(stage, "oscar", moderate_members=True)
    operators = ModerationSettings(operators=(oscar.id,))
    stage.settings = stage.settings.model_copy(update={"moderation": operators})
    await stage.restart()
    options = {"duration": "7d", "reason": "all", "everywhere": True}
    answer = await said(stage, oscar, "mod ban", user=stage.alice, **options)
    assert "in every server" in answer
    other = stage.env.create_guild("Other")
    there = other.create_text_channel("there")
    alice = other.add_member(stage.alice.user)
    result = await alice.slash(there, "imagine", prompt="hello")
    assert "in every server" in stage.said(result)
    assert "in every server" in stage.said(await stage.imagine(stage.alice.user))


MODERATORS_ONLY = {
    "mod queue": {},
    "mod case": {"case": "#1"},
    "mod resolve": {"case": "#1", "action": "dismiss"},
    "mod log": {},
    "mod stats": {},
}


@pytest.mark.parametrize("command", MODERATORS_ONLY)
async def test_commands_are_checked_where_discord_shows_them_to_all(stage: Stage, command: str) -> None:
    """A server may show /mod to everybody; what they send is refused."""
    answer = stage.said(await force(stage, stage.ben, command, MODERATORS_ONLY[command]))
    assert "Only moderators" in answer


async def test_a_report_by_somebody_banned_after_the_form_was_opened(stage: Stage) -> None:
    card = await stage.picture()
    form = await stage.ben.click(card.message, label="Report")
    await ban(stage, stage.ben)
    answer = stage.said(await stage.ben.submit_modal(form, {"reason": "spam"}))
    assert "You are banned" in answer


@pytest.mark.parametrize("stage", [{"max_concurrent": 1}], indirect=True)
@pytest.mark.parametrize("by", ["command", "card"])
async def test_what_somebody_banned_has_waiting_is_not_made(stage: Stage, by: str) -> None:
    """Who floods a channel and is banned has filled the queue before."""
    shown = await stage.picture(prompt="shown")
    await reported(stage, stage.ben, shown)
    hold = stage.gemini.hold()
    first = stage.answer(await stage.imagine(stage.ben, prompt="first"))
    await hold.arrived()
    waiting = [stage.answer(await stage.imagine(prompt=f"flood {number}")) for number in range(3)]
    if by == "command":
        await ban(stage, stage.alice)
    else:
        options = {"case": "1", "action": "ban", "reason": "floods"}
        await said(stage, stage.mona, "mod resolve", **options)
    cards = [card for card in waiting if card is not None]
    await stage.until(lambda: all("This was cancelled" in card.text for card in cards), "the end of three")
    hold.release()
    assert first is not None
    await stage.until(lambda: first.final, "the end")
    assert first.media
    assert (len(stage.gemini.history), len(cards)) == (2, 3)
    assert (await stage.ledger())["reserved"] == {}
