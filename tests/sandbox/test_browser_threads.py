"""A conversation in the sandbox's page: ten turns from a photograph, branches, undo, a restart, the tree."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Locator, expect

from tests.fakes.process import BotProcess
from tests.sandbox.process import SandboxPage, browsing, sandbox_process, url_of

PROMPT = "a red lighthouse at dusk"


async def command(page: SandboxPage, name: str, **options: str) -> None:
    """Use a command as a person does: picked from the list, its first option filled in."""
    await page.page.get_by_placeholder(re.compile("^Message #")).click()
    await page.page.keyboard.type(f"/{name}")
    await page.page.locator(".command-popup").get_by_role("option").first.wait_for()
    await page.page.keyboard.press("Enter")
    for option, value in options.items():
        await expect(page.page.get_by_role("textbox", name=option).first).to_be_focused()
        await page.page.keyboard.type(value)
    await page.page.locator("#send-message").click()


async def write(page: SandboxPage, words: str) -> None:
    """Write a message."""
    await page.page.get_by_placeholder(re.compile("^Message #")).click()
    await page.page.keyboard.type(words)
    await page.page.locator("#send-message").click()


async def say(page: SandboxPage, words: str, *, reply_to: Locator | None = None) -> Locator:
    """Write a message and wait for the picture that answers it."""
    if reply_to is not None:
        await reply_to.hover()
        await reply_to.get_by_role("button", name="Reply").first.click()
    await write(page, words)
    card = page.card(f"“{words}”")
    await page.picture(card)
    return card


def assert_quiet(process: BotProcess) -> None:
    """Nothing in the log that a newcomer would wonder about."""
    assert [line for line in process.lines if re.search(r"WARNING|ERROR|CRITICAL|Traceback", line)] == []


async def test_a_conversation_of_ten_turns(tmp_path: Path) -> None:
    async with browsing(tmp_path) as page:
        async with sandbox_process(tmp_path, latency=0.3) as process:
            await page.open(await url_of(process))
            await command(page, "thread", prompt=PROMPT)
            await expect(page.card("Every message here is the next change")).to_be_visible()
            await expect(page.page.get_by_placeholder(f"Message #{PROMPT}")).to_be_visible()

            night = await say(page, "make it night")
            await page.shoot("thread")
            await say(page, "add a sailing boat")
            await say(page, "now in snow")
            await say(page, "a full moon", reply_to=night)
            await say(page, "and many stars")
            await command(page, "undo")
            await expect(page.card("It goes on from turn 5")).to_be_visible()
            rain = await say(page, "in heavy rain")
            await expect(rain).to_contain_text("Turn 7 · for")
            await page.press("Use this", night)
            await expect(page.card("It goes on from turn 2")).to_be_visible()
            # What people say to each other is left alone, and leads the page back.
            await write(page, "//art")
            await expect(page.box).to_be_visible()
            await page.picture(page.card(f"“{PROMPT}”"))
            assert await process.terminate(within=8) == 0
            assert_quiet(process)

        async with sandbox_process(tmp_path, latency=0.3) as process:
            await page.open(await url_of(process))
            await page.picture(page.card(f"“{PROMPT}”"))
            await write(page, "//a red")
            await page.picture(page.card("“make it night”"))
            for words in ("a green light", "more waves", "seen from above"):
                await say(page, words)
            await command(page, "tree")
            tree = page.card("The tree of this conversation, 10 turns")
            await page.picture(tree)
            await tree.scroll_into_view_if_needed()
            await page.shoot("tree")
            assert await process.terminate(within=8) == 0
            assert_quiet(process)
