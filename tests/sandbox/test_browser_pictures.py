"""Everything that a member does with pictures, as somebody meets it in the sandbox's page."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Locator, expect

from tests.sandbox.photographs import Photographs, kept_pictures, nothing_secret
from tests.sandbox.process import SandboxPage, browsing, sandbox_process, url_of
from tests.sandbox.test_browser import PROMPT, assert_quiet
from tests.sandbox.test_browser_gallery import use_gallery


async def choose(page: SandboxPage, field: str, label: str) -> None:
    """Choose from a menu of the form that is open."""
    menu = page.form.locator(f".modal-field[data-custom-id={field}]")
    await menu.get_by_role("combobox").click()
    await page.page.get_by_role("option", name=label).last.click()


async def settled(page: SandboxPage, card: Locator) -> None:
    await page.picture(card)
    await card.scroll_into_view_if_needed()


async def test_a_picture_is_made_edited_varied_and_finished(tmp_path: Path, photographs: Photographs) -> None:
    async with sandbox_process(tmp_path, latency=0.2) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.imagine(PROMPT, ratio="4:3")
        first = page.cards.filter(has_text="AI-made image").first
        await settled(page, first)
        await page.shoot("imagine", first)

        await page.press("Edit", first)
        await page.form.locator("textarea").fill("make it night, and put the boat in front")
        await page.form.locator("input[type=file]").set_input_files(photographs.jpeg)
        await choose(page, "model", "Nano Banana Pro · pro · $0.134")
        await page.shoot("edit-form", page.form)
        await page.form.get_by_role("button", name="Submit").click()
        edited = page.card("An edit of")
        await settled(page, edited)
        await expect(edited).to_contain_text("Nano Banana Pro")
        await expect(edited.get_by_role("link").first).to_be_visible()
        await page.shoot("edited", edited)

        await page.press("Vary", edited)
        varied = page.card("Another take of")
        await settled(page, varied)
        await page.shoot("vary", varied)

        await page.press("Finish", first)
        offers = page.card("again, better")
        await expect(offers).to_contain_text("Only you can see this")
        await expect(offers.get_by_role("button").filter(has_text="standard · 4K · $0.1")).to_be_visible()
        await offers.scroll_into_view_if_needed()
        await page.shoot("finish", offers)
        await offers.get_by_role("button").filter(has_text="standard · 2K · $0.05").click()
        finished = page.card("The final version of")
        await settled(page, finished)
        await expect(finished).to_contain_text("2400×1792")

        sheet = await use_gallery(page)
        await expect(sheet).to_contain_text("page 1 of 1 · 4 pictures")
        await settled(page, sheet)
        await page.shoot("gallery", sheet)
        kept = kept_pictures(tmp_path)
        assert len(kept) == 5  # four that were made, and the photograph as the model saw it
        assert nothing_secret(kept)
        assert await process.terminate(within=8) == 0
        assert_quiet(process)


async def test_a_picture_is_described_and_made_from_its_description(
    tmp_path: Path, photographs: Photographs
) -> None:
    async with sandbox_process(tmp_path, latency=0.2) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.pick("/desc", "Say what a picture shows")
        await page.attach("image", photographs.jpeg)
        await page.send()
        described = page.card("AI-made description")
        await expect(described).to_contain_text("scene whose dominant colours are")
        await page.shoot("describe", described)
        await page.press("Imagine this", described)
        made = page.card("AI-made image")
        await settled(page, made)
        await expect(made).to_contain_text("For @Alice")

        await page.pick("/edit", "Change a picture by saying")
        await page.add("image")
        await page.attach("image", photographs.jpeg)
        await page.page.get_by_role("textbox", name="instruction").first.fill("a sunny day")
        await page.send()
        edited = page.card("a sunny day")
        await settled(page, edited)
        await page.shoot("edit", edited)
        assert await process.terminate(within=8) == 0
        assert_quiet(process)


async def test_settings_styles_and_what_is_sent(tmp_path: Path) -> None:
    async with sandbox_process(tmp_path, latency=0.2) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.pick("/sett", "Your own defaults")
        await page.send()
        panel = page.card("Your settings")
        await expect(panel).to_contain_text("Only you can see this")
        await panel.scroll_into_view_if_needed()
        await page.shoot("settings", panel)

        await page.pick("/style l", "Show the styles")
        await page.send()
        styles = page.card("Choose one in /imagine")
        await expect(styles).to_contain_text("watercolour")
        await page.shoot("styles", styles)

        await page.pick("/ima", "Make a picture from a description")
        await page.page.keyboard.type("a harbour")
        await page.add("style")
        await page.page.keyboard.type("p")
        await expect(page.page.get_by_role("option", name="Portrait")).to_be_visible()
        await page.shoot("style-picker")
        await page.page.keyboard.press("Backspace")
        await page.page.keyboard.type("Watercolour")
        await page.page.get_by_role("option", name="Watercolour").first.click()
        await page.send()
        made = page.card("a harbour")
        await settled(page, made)
        await expect(made).to_contain_text("watercolour")
        await page.page.set_viewport_size({"width": 1200, "height": 1250})  # so that it is seen as a whole
        await made.scroll_into_view_if_needed()
        await page.shoot("style", made)
        sheet = await use_gallery(page)
        await settled(page, sheet)
        await (await sheet.get_by_role("button").all())[1].click()
        opened = page.cards.filter(has=page.page.get_by_role("button", name="Show here")).last
        await settled(page, opened)
        await page.press("Details", opened)
        details = page.card("Settings of")
        await page.press("What was sent", details)
        sent = page.card("This is what the model is told")
        await expect(sent).to_contain_text("Subject: what the last text describes")
        await sent.scroll_into_view_if_needed()
        await page.shoot("sent", sent)
        await details.scroll_into_view_if_needed()
        await page.shoot("details", details)
        assert await process.terminate(within=8) == 0
        assert_quiet(process)


async def test_characters_and_blends(tmp_path: Path, photographs: Photographs) -> None:
    async with sandbox_process(tmp_path, latency=0.2) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.pick("/character s", "Keep a character from pictures")
        await page.page.keyboard.type("Mia")
        await page.add("image1")
        await page.attach("image1", photographs.jpeg)
        await page.send()
        await expect(page.card("is saved with 1 picture")).to_contain_text("Only you can see this")
        await page.imagine("@mia on a train")
        made = page.card("@mia on a train")
        await settled(page, made)

        await page.pick("/blend", "Make one picture out of several")
        await page.attach("image1", photographs.jpeg)
        await page.attach("image2", photographs.jpeg)
        await page.page.get_by_role("textbox", name="instruction").first.fill("side by side")
        await page.send()
        await settled(page, page.card("side by side"))

        # What is wrong is said to who did it, and to nobody else.
        text = tmp_path / "cat.png"
        text.write_text("I am a cat, believe me.")
        await page.pick("/desc", "Say what a picture shows")
        await page.attach("image", text)
        await page.send()
        await expect(page.card("is not a picture")).to_contain_text("Only you can see this")

        await page.view_as("Ben (member)")
        await page.imagine("@mia on a ship")
        refused = page.card("no character of that name")
        await expect(refused).to_contain_text("Only you can see this")
        await page.shoot("refused", refused)
        assert await process.terminate(within=8) == 0
        assert_quiet(process)
