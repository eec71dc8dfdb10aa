"""The desk: cards, buttons, decisions, and what follows from them everywhere."""

from __future__ import annotations

import asyncio

from bot.domain.cases import CaseState, Reason
from bot.studio.pictures import Person
from tests.cogs import forged
from tests.cogs.reporting import (
    HIDDEN,
    REMOVED,
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
from tests.cogs.using import said, use

MANY = 50


async def test_a_card_says_everything_and_shows_a_spoiler(stage: Stage) -> None:
    seen = (await reported_to_desk(stage, "hate", text="look at the flag")).at_desk
    image = await the_image(stage)
    for part in ("Hate", "open", "1 report", image.id, "lighthouse", f"<@{stage.alice.id}>", "1 image here"):
        assert part in seen.text, part
    assert "look at the flag" in seen.text
    assert str(stage.ben.id) not in seen.text  # whoever reads the channel does not learn who reported
    assert [item.filename.startswith("SPOILER_") for item in seen.media] == [True]
    assert list(seen.buttons) == ["Claim", "Dismiss", "Remove", "Remove + strike", "Ban", "Block similar"]
    assert seen.pings == set()


async def test_removing_takes_every_copy_away_and_tells_those_concerned(stage: Stage) -> None:
    desk = await open_desk(stage)
    card = await stage.picture()
    image = await the_image(stage)
    shown = await stage.alice.slash(stage.channel, "show", id=image.id)
    copy = await stage.until(lambda: (seen := stage.answer(shown)) and seen.media and seen, "a copy")
    await reported(stage, stage.ben, card, "hate", outcome=True)
    at_desk = await card_at(stage, desk)
    await stage.mona.click(at_desk.message, label="Remove")
    await stage.until(lambda: REMOVED in card.text, "the notice")
    await settled(stage)
    assert isinstance(copy, Seen)
    assert REMOVED in copy.text
    assert not copy.media
    assert (card.media, card.buttons) == ([], {})
    assert "removed" in at_desk.text
    assert list(at_desk.buttons) == ["Remove + strike", "Ban", "Block similar", "Restore"]
    assert any("removed the picture" in text for text in told(stage, stage.ben))
    assert any("removed your picture" in text for text in told(stage, stage.alice))


async def test_dismissing_shows_a_hidden_picture_again(stage: Stage) -> None:
    desk = await open_desk(stage)
    card = await stage.picture()
    (before,) = card.media
    await reported(stage, stage.ben, card, "minors", outcome=True)
    await stage.until(lambda: HIDDEN in card.text, "the notice")
    await stage.mona.click((await card_at(stage, desk)).message, label="Dismiss")
    await stage.until(lambda: bool(card.media), "the picture")
    assert card.media[0].data == before.data
    assert "Report" in card.buttons
    await settled(stage)
    assert any("may stay" in text for text in told(stage, stage.ben))


async def test_restoring_brings_a_removed_picture_back(stage: Stage) -> None:
    _desk, card, at_desk = await reported_to_desk(stage)
    await stage.mona.click(at_desk.message, label="Remove")
    await stage.until(lambda: "Restore" in at_desk.buttons, "the button")
    await stage.mona.click(at_desk.message, label="Restore")
    await stage.until(lambda: bool(card.media), "the picture")
    assert (await the_case(stage, CaseState.DISMISSED)).decision == "restore"


async def test_a_claim_is_shown_to_all(stage: Stage) -> None:
    at_desk = (await reported_to_desk(stage)).at_desk
    await stage.mona.click(at_desk.message, label="Claim")
    await stage.until(lambda: f"Claimed by <@{stage.mona.id}>" in at_desk.text, "the claim")


async def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(stage: Stage) -> None:
    """Both press a button of the same card; neither has seen the other's decision."""
    desk, card, at_desk = await reported_to_desk(stage)
    nick = another(stage, "nick", moderate_members=True)
    buttons = at_desk.buttons
    first = await forged.press(stage, stage.mona, at_desk, buttons["Dismiss"], channel=desk)
    second = await forged.press(stage, nick, at_desk, buttons["Remove"], channel=desk)
    assert first.followups == []
    assert "decided about this case" in stage.said(second)
    assert (await the_case(stage, CaseState.DISMISSED)).decided_by == stage.mona.id
    await settled(stage)
    assert card.media


async def test_fifty_people_report_the_same_picture_at_once(stage: Stage) -> None:
    """The forms are open; all of them are sent before the bot has read the first."""
    desk = await open_desk(stage)
    card = await stage.picture()
    image = await the_image(stage)
    reports = stage.app.client.surface.casework.reports
    people = [Person(9000 + n, stage.guild.id, stage.channel.id, moderator=False) for n in range(MANY)]
    filing = [reports.file(image.id, person, Reason.HATE, "", wants_outcome=False) for person in people]
    filed = await asyncio.gather(*filing)
    await settled(stage)
    case = await the_case(stage)
    assert {item.number for item in filed} == {1}
    assert (case.number, case.reports) == (1, MANY)
    assert HIDDEN in card.text
    assert len([seen for seen in stage.messages(desk) if "Case #" in seen.text]) == 1


async def test_the_queue_opens_cases_and_resolves_them(stage: Stage) -> None:
    await reported(stage, stage.ben, await stage.picture(), "spam")
    await reported(stage, stage.ben, await stage.picture(prompt="another"), "hate")
    result = await use(stage, stage.mona, "mod queue")
    listed = stage.answer(result)
    assert listed is not None and listed.flags.ephemeral
    assert listed.text.index("#2") < listed.text.index("#1")
    opened = await stage.mona.click(listed.message, label="#1")
    shown = stage.answer(opened)
    assert shown is not None and shown.flags.ephemeral
    assert f"<@{stage.ben.id}>" in shown.text  # who reported, for one moderator's eyes
    await stage.mona.click(shown.message, label="Remove")
    assert "Removed" in shown.text
    answer = await said(stage, stage.mona, "mod resolve", case="#2", action="dismiss", reason="fine")
    assert "Case #2" in answer
    assert await cases_of(stage) == []


async def test_banning_from_the_card(stage: Stage) -> None:
    _desk, card, at_desk = await reported_to_desk(stage)
    form = await stage.mona.click(at_desk.message, label="Ban")
    await stage.mona.submit_modal(form, {"length": "3d", "reason": "never again"})
    await settled(stage)
    assert REMOVED in card.text
    answer = stage.said(await stage.imagine())
    for part in ("banned", "never again", "/appeal", "<t:"):
        assert part in answer, part


async def test_blocking_what_looks_like_it(stage: Stage) -> None:
    """The list of blocked pictures knows it from then on, and the card offers it no more."""
    _desk, card, at_desk = await reported_to_desk(stage, "hate")
    await stage.mona.click(at_desk.message, label="Block similar")
    await settled(stage)
    assert REMOVED in card.text
    assert "Block similar" not in at_desk.buttons
    listed = await said(stage, stage.mona, "mod pictures list")
    assert "#1" in listed


async def test_who_was_told_that_it_stays_hears_that_it_was_removed_after_all(stage: Stage) -> None:
    at_desk = (await reported_to_desk(stage, "hate", outcome=True)).at_desk
    await stage.mona.click(at_desk.message, label="Dismiss")
    await stage.until(lambda: "Remove + strike" in at_desk.buttons and "Claim" not in at_desk.buttons, "")
    await stage.mona.click(at_desk.message, label="Remove")
    await settled(stage)
    first, second = told(stage, stage.ben)
    assert "may stay" in first and "removed the picture" in second


async def test_what_is_restored_is_not_refused_any_more(stage: Stage) -> None:
    """Blocking what looks like a picture was a decision about its case, and is taken back with it."""
    _desk, card, at_desk = await reported_to_desk(stage, "hate")
    await stage.mona.click(at_desk.message, label="Block similar")
    await settled(stage)
    await stage.mona.click(at_desk.message, label="Restore")
    await settled(stage)
    assert card.media
    assert "None are blocked" in await said(stage, stage.mona, "mod pictures list")
    assert (await stage.finished(await stage.alice.click(card.message, label="Vary"))).media
    await stage.mona.click(at_desk.message, label="Block similar")  # and can be blocked once more
    await settled(stage)
    assert "#1" in await said(stage, stage.mona, "mod pictures list")


async def test_the_figures_and_the_card_after_a_moderator_was_erased(stage: Stage) -> None:
    desk = await open_desk(stage)
    await reported(stage, stage.ben, await stage.picture())
    await said(stage, stage.mona, "mod resolve", case="1", action="dismiss")
    erasures = stage.app.client.surface.privacy.erasures
    await stage.env.advance_time(1)
    await erasures.ask(stage.mona.id)
    await erasures.work()
    nick = another(stage, "nick", moderate_members=True)
    answer = await said(stage, nick, "mod case", case="1")
    assert "somebody who is forgotten" in answer and "<@-" not in answer
    result = await use(stage, nick, "mod stats")
    await stage.until(lambda: "1 case was opened and 1 decided" in stage.said(result), "the figures")
    assert desk
