"""The sandbox as a newcomer meets it: in a browser, from the first keystroke to the last button."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import expect

from tests.fakes.process import BotProcess
from tests.sandbox.process import browsing, sandbox_process, url_of

PROMPT = "a red lighthouse at dusk"


def assert_quiet(process: BotProcess) -> None:
    """Nothing in the log that a newcomer would wonder about."""
    assert [line for line in process.lines if re.search(r"WARNING|ERROR|CRITICAL|Traceback", line)] == []


async def test_from_the_first_keystroke_to_the_last_button(tmp_path: Path) -> None:
    async with sandbox_process(tmp_path, latency=5) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await expect(page.page.locator("#channel-topic")).to_contain_text("nothing leaves this machine")
        await page.shoot("1-empty")

        await page.imagine(PROMPT, ratio="4:3")
        await page.card("Generating…").wait_for()
        await page.shoot("2-generating")
        first = page.card("AI-made image")
        await page.picture(first)
        assert await page.stages() == ["Preparing…", "Generating…", "Finalizing…"]
        await expect(first).to_contain_text(f"“{PROMPT}”")
        await expect(first).to_contain_text(
            re.compile(r"Nano Banana 2\.1 · 4:3 · 1K · 1200×896 · \$0\.\d{3} · ")
        )
        await expect(page.cards).to_have_count(1)
        await page.shoot("3-picture")

        await page.press("Vary", first)
        second = page.card("Another take of")
        await page.picture(second)
        await expect(second).to_contain_text("Alice")
        await expect(page.cards).to_have_count(2)
        await page.shoot("4-another-take")

        await page.press("Delete", second)
        await expect(page.card("Delete the picture")).to_contain_text("Only you can see this")
        await page.shoot("5-question")
        await page.press("Yes, delete it")
        await expect(page.card("is deleted.")).to_be_visible()
        await expect(page.cards.filter(has_text="Another take of")).to_have_count(0)
        await page.shoot("6-deleted")

        assert await process.terminate(within=8) == 0
        assert_quiet(process)


async def test_as_somebody_else_and_what_goes_wrong(tmp_path: Path) -> None:
    async with sandbox_process(tmp_path) as process, browsing(tmp_path) as page:
        await page.open(await url_of(process))
        await page.imagine(PROMPT)
        await page.picture(page.card("AI-made image"))

        await page.view_as("Ben (member)")
        await page.picture(page.card("AI-made image"))
        await page.press("Delete", page.card("AI-made image"))
        await expect(page.card("Only the person who made this picture")).to_contain_text("Only you can see")
        await page.shoot("7-stranger")
        await page.view_as("Alice (member)")
        await expect(page.cards.filter(has_text="Only the person who made")).to_have_count(0)

        await page.imagine("a dragon !refuse")
        refused = page.card("No picture this time.")
        await expect(refused).to_contain_text("safety rules refused this")
        await expect(refused).to_contain_text("The service says: “Unable to show the generated image.")
        await page.shoot("8-refused")

        assert await process.terminate(within=8) == 0
        assert_quiet(process)


async def test_killed_while_a_picture_is_made_and_emptied_in_the_end(tmp_path: Path) -> None:
    async with browsing(tmp_path) as page:
        async with sandbox_process(tmp_path, latency=60) as process:
            await page.open(await url_of(process))
            await page.imagine(PROMPT)
            await page.card("Generating…").wait_for()
            await process.kill()

        async with sandbox_process(tmp_path) as process:
            await page.open(await url_of(process))
            card = page.card("AI-made image")
            await page.picture(card)
            await expect(card).to_contain_text("Alice")
            await page.shoot("9-after-kill")
            await page.press("Vary", card)
            await page.picture(page.card("Another take of"))
            assert await process.terminate(within=8) == 0

        async with sandbox_process(tmp_path) as process:
            await page.open(await url_of(process))
            await expect(page.cards.filter(has_text="AI-made image")).to_have_count(2)
            # In the order in which they were made.
            await expect(page.cards.last).to_contain_text("Another take of")
            assert await process.terminate(within=8) == 0

        async with sandbox_process(tmp_path, "--reset") as process:
            await page.open(await url_of(process))
            await expect(page.page.get_by_text("No messages in this channel.")).to_be_visible()
            assert await process.terminate(within=8) == 0


async def test_what_comes_of_a_command_is_in_view(tmp_path: Path) -> None:
    """Sent with Enter, as people do it; nothing here scrolls but the page, and one hand at the wheel."""
    async with browsing(tmp_path) as page:
        page.sends_with_enter = True
        async with sandbox_process(tmp_path) as process:
            await page.open(await url_of(process))
            for count in (1, 2):
                await page.imagine(f"{PROMPT} {count}")
                await page.picture(page.card(f"{PROMPT} {count}"))
            await page.shoot("10-second-in-view")
            await expect(page.button("Vary", page.card(f"{PROMPT} 2"))).to_be_in_viewport(ratio=1)
            await expect(page.card(f"{PROMPT} 1").locator("img.gallery-image")).not_to_be_in_viewport(ratio=1)

            await page.scroll(-5000)
            await expect(page.card(f"{PROMPT} 1")).to_be_in_viewport()
            await page.use("help")
            await expect(page.card("/blend")).to_be_in_viewport()
            await page.shoot("11-help-in-view")
            assert await process.terminate(within=8) == 0

        async with sandbox_process(tmp_path) as process:
            await page.page.set_viewport_size({"width": 390, "height": 844})
            await page.open(await url_of(process))
            last = page.card(f"{PROMPT} 2")
            await page.picture(last)
            await expect(page.button("Vary", last)).to_be_in_viewport(ratio=1)
            await page.shoot("12-opens-at-the-newest")
            # Who has scrolled up stays there, whatever comes.
            await page.scroll(-5000)
            first = page.button("Vary", page.cards.first)
            await expect(first).to_be_in_viewport(ratio=1)
            await first.click()
            await page.picture(page.card("Another take of"))
            await expect(first).to_be_in_viewport(ratio=1)
            await expect(page.card("Another take of")).not_to_be_in_viewport()
            assert await process.terminate(within=8) == 0
