"""A conversation in the sandbox's page: ten turns from a photograph, branches, undo, a restart, the tree."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Locator, expect

from tests.sandbox.photographs import Photographs, kept_pictures, nothing_secret
from tests.sandbox.process import SandboxPage, browsing, sandbox_process, url_of
from tests.sandbox.test_browser import assert_quiet

FIRST = "a calm evening"


async def say(page: SandboxPage, words: str, *files: Path, reply_to: Locator | None = None) -> Locator:
    """Write a message and wait for the picture that answers it."""
    if reply_to is not None:
        await reply_to.hover()
        await reply_to.get_by_role("button", name="Reply").first.click()
    await page.write(words, *files)
    card = page.card(f"“{words}”")
    await page.picture(card)
    return card


async def test_a_conversation_of_ten_turns(tmp_path: Path, photographs: Photographs) -> None:
    async with browsing(tmp_path) as page:
        async with sandbox_process(tmp_path, latency=0.3) as process:
            await page.page.set_viewport_size({"width": 1200, "height": 1200})
            await page.open(await url_of(process))
            await page.use("thread", prompt=FIRST, image=photographs.jpeg)
            await expect(page.card("Every message here is the next change")).to_be_visible()
            await expect(page.page.get_by_placeholder(f"Message #{FIRST}")).to_be_visible()

            night = await say(page, "make it night")
            await page.shoot("thread", page.page.locator("#channel-layout"))
            await say(page, "put the cat on the shore", photographs.cat)
            await say(page, "now in snow")
            await say(page, "a full moon", reply_to=night)  # the first branch
            await say(page, "and many stars")
            await page.use("undo")
            await expect(page.card("It goes on from turn 5")).to_be_visible()
            rain = await say(page, "in heavy rain")  # the second one
            await expect(rain).to_contain_text("Turn 7 · for")
            await page.press("Use this", night)
            await expect(page.card("It goes on from turn 2")).to_be_visible()
            await page.press("Use this", rain)
            await expect(page.card("It goes on from turn 7")).to_be_visible()
            # What people say to each other is left alone, and leads the page back.
            await page.write("//art")
            await expect(page.box).to_be_visible()
            await page.picture(page.card(f"“{FIRST}”"))
            assert await process.terminate(within=8) == 0
            assert_quiet(process)

        async with sandbox_process(tmp_path, latency=0.3) as process:
            await page.open(await url_of(process))
            await page.picture(page.card(f"“{FIRST}”"))
            await page.write("//a calm")
            await page.picture(page.card("“in heavy rain”"))  # where it goes on
            for words in ("a green light", "more waves", "seen from above"):
                await say(page, words)
            await page.use("tree")
            tree = page.card("The tree of this conversation, 10 turns")
            await page.picture(tree)
            await tree.scroll_into_view_if_needed()
            await page.shoot("tree", tree)
            kept = kept_pictures(tmp_path)
            assert len(kept) == 12  # ten that were made, the photograph, and the cat
            assert nothing_secret(kept)
            assert await process.terminate(within=8) == 0
            assert_quiet(process)
