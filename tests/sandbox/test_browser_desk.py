"""A report and its decision in a browser: the members' channel on one page, the desk on another."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import expect

from tests.sandbox.process import SandboxPage, browsing, desk_url_of, sandbox_process, url_of
from tests.sandbox.test_browser import PROMPT, assert_quiet


async def test_a_report_and_its_decision(tmp_path: Path) -> None:
    async with sandbox_process(tmp_path) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.imagine(PROMPT)
        picture = page.card("AI-made image")
        await page.picture(picture)

        await page.view_as("Ben (member)")
        await page.press("Report", page.card("AI-made image"))
        form = page.page.get_by_role("dialog")
        await expect(form).to_contain_text("What is wrong with it?")
        await form.get_by_text("Hate", exact=True).click()
        await form.get_by_placeholder("What should the moderators know?").fill("The flag on the tower")
        await page.shoot("report-form")
        await form.get_by_role("button", name=re.compile("Submit", re.IGNORECASE)).click()
        await expect(page.card("as case #1")).to_contain_text("Only you can see this")

        browser = page.page.context.browser
        assert browser is not None
        desk = SandboxPage(await browser.new_page(viewport=page.page.viewport_size), tmp_path)
        await desk.page.goto(await desk_url_of(process))
        card = desk.card("Case #1")
        await expect(card).to_contain_text("The flag on the tower")
        await expect(card).to_contain_text("1 image here")
        await desk.shoot("desk-card")
        await desk.press("Remove", card)
        await expect(desk.card("Case #1")).to_contain_text("Removed by")
        await expect(page.card("Moderators removed this picture.")).to_be_visible()
        await expect(page.cards.filter(has_text="AI-made image")).to_have_count(0)

        assert await process.terminate(within=8) == 0
        assert_quiet(process)
