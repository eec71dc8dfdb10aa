"""A tour: what the other browser tests leave out, as a newcomer would try it in the sandbox's page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.sandbox.photographs import Photographs, kept_pictures, nothing_secret
from tests.sandbox.process import Choice, SandboxPage, browsing, sandbox_process, url_of
from tests.sandbox.test_browser import PROMPT, assert_quiet

PRIVATE = "Only you can see this"


async def told(page: SandboxPage, text: str) -> Locator:
    """Wait for an answer that only this person sees, and return it."""
    card = page.card(text)
    await expect(card).to_contain_text(PRIVATE)
    await card.scroll_into_view_if_needed()
    return card


async def test_somebodys_photograph_and_the_menu_of_its_message(
    tmp_path: Path, photographs: Photographs
) -> None:
    async with sandbox_process(tmp_path, latency=0.2) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.write("my holiday", photographs.jpeg)
        await expect(page.card("my holiday").locator("img.attachment-image")).to_be_visible()
        await page.view_as("Ben (member)")
        posted = page.card("my holiday")
        await posted.click(button="right", position={"x": 200, "y": 12})
        items = page.page.get_by_role("menu", name="Apps").get_by_role("menuitem")
        await expect(items).to_have_text(["Edit image", "Report image", "Start thread"])
        await page.shoot("menu", page.page.locator("#channel-layout"))
        await items.first.click()
        await page.form.locator("textarea").fill("a golden sunset")
        await page.submit()
        edited = page.card("a golden sunset")
        await page.picture(edited)
        await page.menu(posted, "Report image")
        await told(page, "There is no picture in this message that this bot made")

        # In German what one person sees is German; what everybody sees is in the server's language.
        await page.view_as("Greta (German)")
        await page.menu(edited, "Bild melden")
        await expect(page.form).to_contain_text("Bild melden")
        await page.form.get_by_text("Spam", exact=True).click()
        await page.submit()
        await told(page, "als Fall #1")
        await page.menu(page.card("my holiday"), "Thread beginnen")
        await page.form.locator("textarea").fill("ein Regenbogen")
        await page.submit()
        await expect(page.card("Every message here is the next change")).to_be_visible()
        await page.write("//art")
        rainbow = page.card("“ein Regenbogen”")
        await page.picture(rainbow)
        await page.press("Finish", rainbow)
        await told(page, "noch einmal erstellen")
        await page.use("help")
        await page.shoot("help-german", await told(page, "Was hier geht"))

        kept = kept_pictures(tmp_path)
        assert len(kept) == 3  # two that were made, and once the photograph
        assert nothing_secret(kept)
        assert await process.terminate(within=8) == 0
        assert_quiet(process)


async def test_every_option_and_every_kind_of_photograph(tmp_path: Path, photographs: Photographs) -> None:
    async with sandbox_process(tmp_path, latency=0.2) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.use(
            "imagine",
            prompt="two friends at a harbour",
            model=Choice("Nano Banana Pro"),
            ratio=Choice("16:9"),
            size=Choice("2K"),
            count="2",
            style=Choice("Cinematic"),
            seed="7",
            image1=photographs.jpeg,
            image2=photographs.heic,
            image3=photographs.animation,
            private=Choice("True"),
            preview=Choice("True"),
        )
        preview = await told(page, "This is what the model is told")
        await expect(preview).to_contain_text("3 pictures before the words · Nano Banana Pro · 16:9 · 2K")
        await page.shoot("preview", preview)
        await page.press("Make it for $0.283", preview)
        made = page.card("“two friends at a harbour”")
        await page.picture(made, count=2)
        await told(page, "“two friends at a harbour”")
        await expect(made).to_contain_text("Only the first frame of the animation was used.")

        await page.use("edit", instruction="in autumn", image=photographs.turned)
        edited = page.card("“in autumn”")
        await page.picture(edited)
        await expect(edited).to_contain_text("· 4:3 · 1K ·")  # it lies as its metadata says
        await page.press("Vary", edited)
        varied = page.card("Another take of")
        await page.picture(varied)
        await page.press("Edit", varied)
        await page.form.locator("textarea").fill("with a second boat")
        await page.submit()
        await page.picture(page.card("An edit of"))

        await page.use("imagine", prompt='a poster that says "Summer Fair"')
        poster = page.card("Summer Fair")
        await page.picture(poster)
        await expect(poster).to_contain_text("Words in a picture come out best with Nano Banana Pro")
        await page.use("imagine", prompt="a mural !big")
        mural = page.card("“a mural !big”")
        await page.picture(mural)
        await expect(mural).to_contain_text("Larger than Discord takes here, so this is a smaller copy")
        await page.press("Original", mural)
        await told(page, "is kept")
        assert nothing_secret(kept_pictures(tmp_path))
        assert await process.terminate(within=8) == 0
        assert_quiet(process)


async def test_finding_again_and_what_is_ones_own(tmp_path: Path, photographs: Photographs) -> None:
    async with sandbox_process(tmp_path, latency=0.1) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.imagine(PROMPT)
        first = page.card(PROMPT)
        await page.picture(first)
        image_id = await first.locator("code").last.inner_text()
        await page.use("edit", instruction="a sailing boat", image=photographs.cat)
        await page.picture(page.card("a sailing boat"))
        for options, said in (
            ({"text": "boat"}, "page 1 of 1 · 1 picture"),
            ({"kind": Choice("edits")}, "edits"),
            ({"day": "yesterday"}, "None of your pictures match."),
            ({"day": "someday"}, "is no day"),
            ({}, "page 1 of 1 · 2 pictures"),
        ):
            await page.use("gallery", **options)
            await told(page, said)
        await page.press("Jump to…", page.card("2 pictures"))
        await page.form.get_by_role("textbox").fill(image_id)
        await page.submit()
        await page.picture(await told(page, f"@Alice (member) “{PROMPT}”"))

        await page.use("show", id=image_id)
        shown = page.cards.filter(has_text="AI-made image").last
        await expect(shown).to_contain_text(f"@Alice (member) “{PROMPT}”")
        await page.use("show", id="zzzzzzz")
        await told(page, "There is no picture of this id")
        await page.use("show", id=image_id, details=Choice("True"))
        details = await told(page, f"Settings of {image_id}")
        await page.press("Reuse settings", details)
        await expect(page.form.locator("textarea")).to_have_value(PROMPT)
        await page.form.locator("textarea").fill("a green lighthouse")
        await page.submit()
        await page.picture(page.card("“a green lighthouse”"))

        await page.use("settings")
        await page.press("Back to the defaults", await told(page, "Your settings"))
        await page.use("usage me")
        await page.shoot("usage", await told(page, "3 of 20 used today"))
        await page.use("help")
        await page.shoot("help", await told(page, "What can be done here"))
        await page.use("privacy show")
        await page.shoot("privacy", await told(page, "3 pictures"))
        await page.use("privacy export")
        await told(page, "It is in your direct messages")
        await page.use("privacy erase")
        await page.press("Yes, erase everything", await told(page, "Erase everything"))
        # What only Alice sees is hers to dismiss: Discord lets nobody else take it away.
        await expect(page.cards.filter(has_text="AI-made image", has_not_text=PRIVATE)).to_have_count(0)
        assert await process.terminate(within=8) == 0
        assert_quiet(process)


async def test_what_a_manager_sets_is_what_members_meet(tmp_path: Path, photographs: Photographs) -> None:
    async with sandbox_process(tmp_path, latency=0.1) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.view_as("Olivia (owner)")
        await page.use("style create", name="Comic noir")
        written = page.form.locator("[data-custom-id=instructions] textarea")
        await written.fill("Style: heavy black ink, one {accent=red} accent")
        await page.submit()
        await told(page, "The style Comic noir is saved")
        await page.use("style preview", style=Choice("Comic noir"), prompt="a detective")
        await page.shoot("style-preview", await told(page, "one red accent"))
        await page.use("style edit", name=Choice("Comic noir"))
        await expect(written).to_have_value(re.compile("heavy black ink"))
        await page.form.get_by_role("button", name="Cancel").click()
        await page.use("character save", name="Rex", image1=photographs.cat)
        await told(page, "is saved with 1 picture")
        await page.use("character share", name=Choice("Rex"))
        await told(page, "is shared")
        for command, option, value, said in (
            ("config consent", "required", Choice("on"), "members confirm that people"),
            ("config unit", "unit", Choice("credits"), "prices are shown in credits"),
            ("config confirm", "above", "0.05", "is confirmed first"),
            ("config spoiler", "where", Choice("everywhere"), "every picture is a spoiler"),
        ):
            await page.use(command, **{option: value})
            await told(page, f"Saved. Now {said}" if said[0] != "i" else said)
        for panel, said in (
            ("config show", "Last changed by @Olivia (owner)"),
            ("config caps", "Each member may make 20 images a day."),
            ("config channels", "The bot may be used in every channel."),
            ("config models", "All models are on offer."),
            ("config tiers", "Tiers of this server"),
            ("config roles", "Roles and tiers"),
        ):
            await page.use(panel)
            await told(page, said)

        await page.view_as("Ben (member)")
        await page.use("edit", instruction="a sunny day", image=photographs.jpeg)
        await told(page, "asks you to confirm that everybody")
        await page.use("edit", instruction="a sunny day", image=photographs.jpeg, consent=Choice("True"))
        await expect(page.card("“a sunny day”")).to_contain_text(re.compile(r"· \d\.\d credits ·"))
        hidden = page.card("“a sunny day”").get_by_role("button", name="spoiler")
        await expect(hidden).to_be_visible()
        await page.use("imagine", prompt="a palace", model=Choice("Nano Banana Pro"))
        asked = await told(page, "This costs about")
        await asked.get_by_role("button", name=re.compile(r"^Make it for \d+\.\d credits$")).click()
        await expect(page.card("“a palace”").get_by_role("button", name="Vary")).to_be_visible()
        # Rex was saved before anybody was asked about who is shown.
        await page.use("imagine", prompt="@rex in a box", style=Choice("Comic noir"), consent=Choice("True"))
        await expect(page.card("“@rex in a box”")).to_contain_text("Comic noir")
        await page.use("style create", name="Mine")
        await told(page, "Only people with the permission Manage Server")
        assert await process.terminate(within=8) == 0
        assert_quiet(process)
