"""Report: the button and the message menu, what is refused, and when a picture is hidden."""

from __future__ import annotations

from tests.cogs.reporting import (
    HIDDEN,
    cases_of,
    report,
    reported,
    set_threshold,
    settled,
    the_case,
    the_image,
)
from tests.cogs.stage import Stage


async def test_a_report_is_private_and_becomes_a_case(stage: Stage) -> None:
    card = await stage.picture()
    before = card.text
    result = await report(stage, stage.ben, card, "spam", text="again and again")
    assert "case #1" in stage.said(result)
    case = await the_case(stage)
    image = await the_image(stage)
    assert (case.number, case.image_id, case.member_id, case.reports) == (1, image.id, stage.alice.id, 1)
    assert card.text == before
    assert card.media


async def test_the_gravest_reasons_hide_at_once(stage: Stage) -> None:
    card = await stage.picture()
    assert "hidden" in await reported(stage, stage.ben, card, "minors")
    await stage.until(lambda: HIDDEN in card.text, "the notice")
    assert (card.media, card.buttons) == ([], {})
    assert "lighthouse" not in card.text


async def test_so_many_reports_hide_a_picture(stage: Stage) -> None:
    await set_threshold(stage, 2)
    card = await stage.picture()
    await reported(stage, stage.ben, card)
    await settled(stage)
    assert card.media
    await reported(stage, stage.mona, card, "hate")
    await stage.until(lambda: HIDDEN in card.text, "the notice")
    case = await the_case(stage)
    assert (case.reports, case.reason) == (2, "hate")
    assert len(await cases_of(stage)) == 1
