"""What the desk keeps and shows of itself: the log, its pages and filters, the figures."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.domain import audit
from cogs.language import _ as _text
from cogs.mod_record import SUBJECTS
from cogs.wording import NOTHING_BEHIND
from tests.cogs import forged
from tests.cogs.reporting import reported
from tests.cogs.stage import Stage
from tests.cogs.using import manager, panel, said, use


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
