"""The sandbox as a process of its own, and a browser that is pointed at it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from tests.fakes.process import BotProcess

WITHIN = 30.0  # seconds; only what is broken takes so long
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT = {"width": 1200, "height": 900}
# Notes every stage that any card shows, in the order in which people see them.
WATCH = """() => {
    window.stages = [];
    const look = () => {
        for (const word of ["Preparing…", "Generating…", "Finalizing…"])
            if (document.querySelector("#channel-message-list")?.innerText.includes(word)
                && window.stages.at(-1) !== word) window.stages.push(word);
    };
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def sandbox_process(folder: Path, *arguments: str, latency: float = 0.5) -> BotProcess:
    """`python -m bot sandbox` with its data in `folder`; `latency` in seconds."""
    settings = folder / "config.toml"
    settings.write_text("", encoding="utf-8")
    command = ["-m", "bot", "sandbox", "--no-browser", "--config", str(settings), *arguments]
    environment = {
        "PLANTAIN_STORAGE__PATH": str(folder / "data"),
        "PLANTAIN_SANDBOX__LATENCY_SECONDS": str(latency),
        "PLANTAIN_SANDBOX__PORT": "0",
    }
    return BotProcess(command, environment)


async def url_of(process: BotProcess, name: str = "Open") -> str:
    """Wait until the sandbox has said where a page is."""
    line = await process.wait_for_line(rf"{name} +http://127\.0\.0\.1:\d+/#\S+", within=WITHIN)
    found = re.search(r"http://\S+", line)
    assert found is not None
    return found[0]


async def desk_url_of(process: BotProcess) -> str:
    """Wait until the sandbox has said where the moderators' channel is."""
    return await url_of(process, "Desk")


class Choice(str):
    """A value that is picked from what the page offers, once so much of it is typed."""


class SandboxPage:
    """The simulated Discord in a browser, in words of what a person sees and does."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.sends_with_enter = False
        self._folder = folder

    async def open(self, url: str) -> None:
        await self.page.goto(url)
        await self.page.evaluate(WATCH)
        await expect(self.box).to_be_visible()

    @property
    def box(self) -> Locator:
        return self.page.get_by_placeholder("Message #art")

    @property
    def cards(self) -> Locator:
        """The messages in the channel, the newest last."""
        return self.page.locator("article.channel-message")

    def card(self, text: str) -> Locator:
        """The newest message in which a text stands."""
        return self.cards.filter(has_text=text).last

    @property
    def composer(self) -> Locator:
        """The box for messages, of whatever channel or thread is shown."""
        return self.page.get_by_placeholder(re.compile("^Message #"))

    @property
    def form(self) -> Locator:
        """The form that is open."""
        return self.page.locator("form.modal-dialog")

    async def imagine(self, prompt: str, **options: str) -> None:
        """Use `/imagine`; an option's value is picked from what is offered."""
        await self.use("imagine", prompt=prompt, **{name: Choice(value) for name, value in options.items()})

    async def use(self, command: str, /, **options: str | Path | Choice) -> None:
        """Type a command as a person does: picked from the list, its options filled in."""
        await self.composer.click()
        await self.page.keyboard.type(f"/{command}")
        named = self.page.locator("strong", has_text=re.compile(f"^/{command}$"))
        await self.page.locator(".command-popup .command-entry").filter(has=named).first.click()
        for name, value in options.items():
            if not await self.page.locator(f".command-pill[data-option={name}]").count():
                await self.add(name)
            if isinstance(value, Path):
                await self.attach(name, value)
                continue
            await self.page.locator(f"input.command-option-input[data-option={name}]").click()
            await self.page.keyboard.type(value)
            if isinstance(value, Choice):
                offers = self.page.locator(".command-popup .command-suggestion")
                await offers.filter(has_text=re.compile(f"^{re.escape(value)}", re.IGNORECASE)).first.click()
        await self.send()

    async def write(self, words: str, *files: Path) -> None:
        """Write a message, perhaps with files."""
        if files:
            await self.page.locator("#message-files").set_input_files(files)
        await self.composer.click()
        await self.page.keyboard.type(words)
        await self.send()

    async def menu(self, card: Locator, label: str) -> None:
        """Use a command from the menu of a message."""
        await card.click(button="right", position={"x": 200, "y": 12})
        await self.page.get_by_role("menu", name="Apps").get_by_role("menuitem", name=label).click()

    async def submit(self) -> None:
        """Send the form that is open."""
        await self.form.get_by_role("button", name="Submit").click()
        await expect(self.form).to_have_count(0)

    def button(self, label: str, card: Locator | None = None) -> Locator:
        within = self.page if card is None else card
        return within.get_by_role("button", name=label, exact=True).last

    async def press(self, label: str, card: Locator | None = None) -> None:
        await self.button(label, card).click()

    async def scroll(self, pixels: int) -> None:
        """Turn the wheel over the messages; up is less than nothing."""
        await self.page.locator("#channel-timeline").hover()
        await self.page.mouse.wheel(0, pixels)

    async def view_as(self, name: str) -> None:
        (viewer,) = await self.page.get_by_label("Viewing as").select_option(label=name)
        switched = "viewer => window.simcordPreview.viewerId === viewer && window.simcordPreview.ready"
        await self.page.wait_for_function(switched, arg=viewer)

    async def loaded_pictures(self, card: Locator) -> int:
        """How many pictures of a card the browser has decoded."""
        widths = "images => images.filter(image => image.complete && image.naturalWidth > 0).length"
        return int(await card.locator("img.gallery-image").evaluate_all(widths))

    async def picture(self, card: Locator, *, count: int = 1) -> None:
        """Wait until a card shows so many pictures, decoded."""
        await expect(card.locator("img.gallery-image")).to_have_count(count)
        await self.page.wait_for_function(
            """([card, count]) => [...card.querySelectorAll("img.gallery-image")]
                .filter(image => image.complete && image.naturalWidth > 0).length === count""",
            arg=[await card.element_handle(), count],
        )

    async def stages(self) -> list[str]:
        """What cards have shown so far, in order."""
        seen: list[str] = await self.page.evaluate("() => window.stages")
        return seen

    async def pick(self, typed: str, description: str) -> None:
        """Type the beginning of a command and take it from the list."""
        await self.box.click()
        await self.box.press_sequentially(typed)
        await expect(self.page.get_by_text(description).first).to_be_visible()
        await self.page.keyboard.press("Enter")

    async def add(self, option: str) -> None:
        """Add an option to the command that is being typed."""
        await self.page.get_by_text(re.compile(r"^\+\d+ (more|options?)$")).click()
        await self.page.get_by_role("option", name=re.compile(f"^{option}")).first.click()

    async def attach(self, option: str, file: Path) -> None:
        """Give a file to an option of the command that is being typed."""
        await self.page.locator(f"input.command-file-input[data-option={option}]").set_input_files(file)

    async def send(self) -> None:
        """Send the command that was typed."""
        if self.sends_with_enter:
            await self.page.keyboard.press("Enter")
        else:
            await self.page.locator("#send-message").click()

    async def shoot(self, name: str, part: Locator | None = None) -> None:
        """Take a screenshot of the page or a part of it into the test's folder, and into $SCREENSHOTS where
        that names one."""
        file = self._folder / f"{name}.png"
        if part is None:
            await self.page.screenshot(path=file)
        else:
            await part.screenshot(path=file)
        if folder := os.environ.get("SCREENSHOTS"):
            await asyncio.to_thread(_copy, file, Path(folder))


def _copy(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, folder / file.name)


@asynccontextmanager
async def browsing(folder: Path) -> AsyncIterator[SandboxPage]:
    """A page in headless Chromium; skips where there is none. Faults in the page's scripts fail the test."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("there is no Chromium here (Debian: apt install chromium)")
    faults: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        page = await browser.new_page(viewport={"width": VIEWPORT["width"], "height": VIEWPORT["height"]})
        page.set_default_timeout(WITHIN * 1000)
        expect.set_options(timeout=WITHIN * 1000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield SandboxPage(page, folder)
        await browser.close()
    assert faults == []
