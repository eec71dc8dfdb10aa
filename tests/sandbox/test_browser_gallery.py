"""The gallery as somebody meets it in the sandbox's page: looked through, opened, shown, deleted."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Locator, expect

from tests.sandbox.process import SandboxPage, browsing, sandbox_process, url_of

PROMPTS = ("a red lighthouse at dusk", "a cat in a garden")


async def use_gallery(page: SandboxPage) -> Locator:
    """Type the command as a person does, without its options; return the page that answers."""
    await page.box.click()
    await page.box.press_sequentially("/gal")
    await expect(page.page.get_by_text("Look through the pictures that you made").first).to_be_visible()
    await page.page.keyboard.press("Enter")
    await expect(page.page.get_by_text("+4 options")).to_be_visible()
    await page.page.get_by_role("button", name="Send").last.click()
    return page.card("Your pictures")


async def test_what_was_made_is_found_shown_and_deleted(tmp_path: Path) -> None:
    async with sandbox_process(tmp_path, latency=0.1) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        for number, prompt in enumerate(PROMPTS, 1):
            await page.imagine(prompt)
            await page.picture(page.card(prompt))
            await expect(page.cards.filter(has_text="AI-made image")).to_have_count(number)

        sheet = await use_gallery(page)
        await expect(sheet).to_contain_text("page 1 of 1 · 2 pictures")
        await expect(sheet).to_contain_text("Only you can see this")
        await page.picture(sheet)
        await sheet.scroll_into_view_if_needed()
        await page.shoot("gallery-1-page")

        newest = (await sheet.get_by_role("button").all())[1]  # behind the picture itself
        image_id = await newest.inner_text()
        await newest.click()
        opened = page.cards.filter(has=page.page.get_by_role("button", name="Show here")).last
        await page.picture(opened)
        await expect(opened).to_contain_text(f"“{PROMPTS[1]}”")
        await opened.scroll_into_view_if_needed()
        await page.shoot("gallery-2-opened")

        await page.press("Details", opened)
        details = page.card(f"Settings of {image_id}")
        await expect(details).to_contain_text("Kind from words · Model Nano Banana 2.1 · Ratio 1:1")
        await page.press("Show here", opened)
        shown = page.cards.filter(has_text="AI-made image")
        await expect(shown).to_have_count(4)
        await page.picture(shown.last)
        await page.shoot("gallery-3-shown")

        await page.press("Delete", shown.last)
        await page.press("Yes, delete it")
        await expect(page.card("is deleted.")).to_be_visible()
        # What is left: the other picture, and what only Alice sees.
        await expect(shown).to_have_count(2)
        assert await process.terminate(within=8) == 0
