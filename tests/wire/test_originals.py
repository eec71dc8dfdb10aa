"""Links to originals over real sockets: the very bytes, also after kill -9, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from tests.fakes.discord import FakeDiscord, buttons, media, text
from tests.fakes.gemini import Picture, ScriptedGemini, make_jpeg
from tests.wire.plantain import Plantain, only_button, result
from tests.wire.test_health import free_port

URL = "https://pictures.example.org/art"
LIMIT = 300_000


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    data: bytes
    headers: dict[str, str]


async def fetch(port: int, address: str, **headers: str) -> Page:
    """Ask the bot's web server as a reverse proxy does that takes `/art` away."""
    timeout = aiohttp.ClientTimeout(total=20)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"http://127.0.0.1:{port}{address}", headers=headers) as response,
    ):
        return Page(response.status, await response.read(), dict(response.headers))


def behind_the_proxy(url: str) -> str:
    assert url.startswith(f"{URL}/originals/")
    parts = urlsplit(url)
    return f"{parts.path.removeprefix('/art')}?{parts.query}"


async def test_a_link_is_the_original_until_it_is_deleted(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    port = free_port()
    plantain.sections["server"] = {"port": port, "public_url": URL}
    picture = make_jpeg(1200, 900, 900_000)
    gemini.enqueue(Picture(picture))
    await plantain.start()
    anna, bert = discord.add_member("anna"), discord.add_member("bert")
    pending = await discord.slash(
        anna, discord.channel, "imagine", prompt="a boat", attachment_size_limit=LIMIT
    )
    message = await result(pending)
    assert len(media(message)[0].data) <= LIMIT
    assert "The original is kept" in text(message)
    on_card = re.search(r"\]\((\S+)\)", text(message))
    assert on_card is not None
    answer = await (await discord.click(bert, message, "Original")).until(lambda state: state.ephemeral)
    (link,) = [button.url for button in buttons(answer) if button.url]
    await plantain.quiet()
    await plantain.restart()

    for url in (on_card[1], link):
        page = await fetch(port, behind_the_proxy(url))
        assert (page.status, page.data) == (200, picture)
        assert page.headers["Content-Type"] == "image/jpeg"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Content-Length"] == str(len(picture))
        image_id = plantain.job(pending).images[0]["id"]
        assert page.headers["Content-Disposition"] == f'inline; filename="plantain-{image_id}.jpg"'
    part = await fetch(port, behind_the_proxy(link), Range="bytes=100-199")
    assert (part.status, part.data) == (206, picture[100:200])

    # What is no link of ours, or was changed.
    address = behind_the_proxy(link)
    sha256 = plantain.job(pending).images[0]["sha256"]
    for wrong in (
        address[:-1] + ("0" if address[-1] != "0" else "1"),
        address.replace("until=", "until=9"),
        address.replace("for=", "for=1"),
        address.partition("?")[0],
        f"/originals/{sha256}?{address.partition('?')[2]}",
        f"/originals/..%2f..%2fdatabase.sqlite3?{address.partition('?')[2]}",
        "/originals/../link.key",
        "/originals/",
        "/originals/2222222?until=x&for=y&signature=z",
    ):
        page = await fetch(port, wrong)
        assert page.status == 404, wrong
        assert picture[:64] not in page.data

    question = await (await discord.click(anna, message, "Delete")).until(lambda state: state.ephemeral)
    done = await discord.press(anna, question, only_button(question))
    await done.until(lambda state: "is deleted" in text(state))
    for url in (on_card[1], link):
        assert (await fetch(port, behind_the_proxy(url))).status == 404


async def test_without_an_address_nothing_is_served_and_the_button_gives_what_fits(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    port = free_port()
    plantain.sections["server"] = {"port": port}
    picture = make_jpeg(1200, 900, 900_000)
    gemini.enqueue(Picture(picture))
    await plantain.start()
    anna = discord.add_member("anna")
    message = await result(
        await discord.slash(anna, discord.channel, "imagine", prompt="a boat", attachment_size_limit=LIMIT)
    )
    assert "](" not in text(message)
    small = await result(await discord.click(anna, message, "Original", attachment_size_limit=LIMIT))
    assert small.ephemeral and len(media(small)[0].data) <= LIMIT
    assert "It is kept as it came" in text(small)
    whole = await result(await discord.click(anna, message, "Original"))
    assert whole.ephemeral and media(whole)[0].data == picture
    assert (await fetch(port, "/originals/2222222?until=9&for=9&signature=0")).status == 404
