"""Downloads over real sockets: where they go, how much they take, how long they last."""

from __future__ import annotations

import asyncio
import gzip
import os
import ssl
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.errors import InputProblem, InputRefused, StorageError
from bot.fetching import Downloads, Limits, address_of
from tests.fakes.discord import FakeDiscord, Upload
from tests.fetching.downloading import ADDRESS, PATIENCE, QUICK, Open, fetched, left, refused
from tests.fetching.odd_cdn import Line, OddCdn, answer

# --- what Discord serves ----------------------------------------------------------------------------------


async def test_an_attachment_is_there_while_it_is_used(tmp_path: Path) -> None:
    data = os.urandom(700_000)
    async with FakeDiscord() as discord:
        anna = discord.add_member("anna")
        upload = Upload("photo.jpg", data, "image/jpeg")
        message = await discord.send_message(anna, discord.channel, "look", attachments=[upload])
        (attachment,) = message.attachments
        trust = ssl.create_default_context(cafile=str(discord.ca_file))
        async with Downloads(tmp_path / "incoming", proxy=discord.proxy_url, trust=trust) as downloads:
            for url in (attachment.url, attachment.proxy_url):
                async with downloads.fetch(url) as path:
                    assert path.read_bytes() == data
                    assert path.parent == tmp_path / "incoming"
                    if os.name != "nt":
                        assert path.stat().st_mode & 0o777 == 0o600
                        assert path.parent.stat().st_mode & 0o777 == 0o700
                assert left(tmp_path) == []
            expired = attachment.url.replace("?ex=", "?ex=1&was=")
            assert (await refused(downloads, expired)).problem is InputProblem.EXPIRED
            discord.fail("GET", "/attachments/*", 500)
            assert await fetched(downloads, attachment.url) == data
        assert discord.leaks == []
        assert left(tmp_path) == []


async def test_what_is_asked_for(cdn: OddCdn, opened: Open) -> None:
    """The address letter by letter, for its signature; nothing about the bot that is not needed."""
    cdn.scripts = [answer(b"picture", Set_Cookie="a=b; Path=/")]
    url = "https://media.discordapp.net/attachments/1/2/a%20b%2Fc+d.png?ex=6&is=5&hm=ff&=&width=1&"
    async with opened() as downloads:
        assert await fetched(downloads, url) == b"picture"
        assert await fetched(downloads, url) == b"picture"
    for head in cdn.heads:
        request, *fields = head.rstrip().split("\r\n")
        assert request == f"GET {url.removeprefix('https://media.discordapp.net')} HTTP/1.1"
        names = dict(field.lower().split(": ", 1) for field in fields)
        assert names["host"] == "media.discordapp.net"
        assert names["accept-encoding"] == "identity"
        assert {"cookie", "authorization", "referer"}.isdisjoint(names)


async def test_the_environments_proxy_is_not_used(
    cdn: OddCdn, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    cdn.scripts = [answer(b"picture")]
    async with opened() as downloads:
        assert await fetched(downloads) == b"picture"


async def test_packed_bytes_stay_packed(cdn: OddCdn, opened: Open) -> None:
    """A server that packs all the same cannot make more of them here than it sent."""
    packed = gzip.compress(bytes(50_000_000))
    cdn.scripts = [answer(packed, Content_Encoding="gzip")]
    async with opened() as downloads:
        assert await fetched(downloads) == packed


async def test_an_empty_file_is_a_file(cdn: OddCdn, opened: Open) -> None:
    cdn.scripts = [answer(b"")]
    async with opened() as downloads:
        assert await fetched(downloads) == b""


# --- where it goes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "cdn.discordapp.com/attachments/1/2/a.png",
        "http://cdn.discordapp.com/attachments/1/2/a.png",
        "HTTPS://cdn.discordapp.com/attachments/1/2/a.png",
        "ftp://cdn.discordapp.com/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "https://cdn.discordapp.com",
        "https://cdn.discordapp.com/",
        "https://example.com/a.png",
        "https://discord.com/api/v10/users/@me",
        "https://cdn.discordapp.com.evil.example/a.png",
        "https://evil.example/cdn.discordapp.com/a.png",
        "https://evilcdn.discordapp.com/a.png",
        "https://a.cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com./a.png",
        "https://cdn.discordapp.com:443/a.png",
        "https://cdn.discordapp.com:8443/a.png",
        "https://cdn.discordapp.com:/a.png",
        "https://cdn.discordapp.com@evil.example/a.png",
        "https://cdn.discordapp.com:x@evil.example/a.png",
        "https://user:password@cdn.discordapp.com/a.png",
        "https://evil.example#@cdn.discordapp.com/a.png",
        "https://evil.example\\@cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com\\@evil.example/a.png",
        "https://cdn.discordapp.com\\.evil.example/a.png",
        "https://cdn.discordapp.com#.evil.example/a.png",
        "https://cdn.discordapp.com?.evil.example/a.png",
        "https://cdn.discordapp.com%2eevil.example/a.png",
        "https://cdn.discordapp.com%00.evil.example/a.png",
        "https://cdn。discordapp。com/a.png",
        "https://сdn.discordapp.com/a.png",  # noqa: RUF001 - a Cyrillic letter
        "https://cdn.discordapp.com/ä.png",
        "https://cdn.discordapp.com/a b.png",
        "https://cdn.discordapp.com/a.png\r\nHost: evil.example",
        "https://cdn.discordapp.com/a.png\n",
        "\nhttps://cdn.discordapp.com/a.png",
        " https://cdn.discordapp.com/a.png",
        "https://cdn.discordapp.com/a.png\0",
        "https:/cdn.discordapp.com/a.png",
        "https:///cdn.discordapp.com/a.png",
        "//cdn.discordapp.com/a.png",
        "https://127.0.0.1/a.png",
        "https://[::1]/a.png",
        "https://2130706433/a.png",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/a.png",
        "https://media.discordapp.com/a.png",
        "https://cdn.discordapp.net/a.png",
        "https://cdn.discordapp.com/" + "a" * 5_000,
    ],
)
async def test_nothing_is_fetched_from_anywhere_else(url: str, cdn: OddCdn, opened: Open) -> None:
    cdn.scripts = [answer(b"picture")]
    async with opened() as downloads:
        assert (await refused(downloads, url)).problem is InputProblem.WRONG_HOST
    assert (cdn.heads, cdn.leaks) == ([], [])


@given(st.text(st.characters(max_codepoint=0x2FFF)) | st.from_regex(r"https://.*discordapp.*/.*"))
def test_whatever_passes_goes_to_discord(text: str) -> None:
    for url in (text, f"https://cdn.discordapp.com{text}", f"https://{text}@media.discordapp.net/a"):
        try:
            address = address_of(url)
        except InputRefused:
            continue
        assert (address.scheme, address.port, address.user) == ("https", 443, None)
        assert address.raw_host in {"cdn.discordapp.com", "media.discordapp.net"}
        assert str(address) == url
        assert URL(url).host == address.host  # as others read it


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Away", "308 Gone For Good"]
)
@pytest.mark.parametrize(
    "target",
    ["https://evil.example/a.png", "https://cdn.discordapp.com/other.png", "http://127.0.0.1:1/", None],
)
async def test_a_redirect_is_not_followed(status: str, target: str | None, cdn: OddCdn, opened: Open) -> None:
    cdn.scripts = [answer(b"", status, Location=target)]
    async with opened() as downloads:
        assert (await refused(downloads)).problem is InputProblem.WRONG_HOST
    assert (len(cdn.heads), cdn.leaks) == (1, [])


async def test_a_server_without_discords_certificate_is_not_believed(cdn: OddCdn, tmp_path: Path) -> None:
    cdn.scripts = [answer(b"picture")]
    async with Downloads(tmp_path / "incoming", proxy=cdn.proxy_url, limits=QUICK) as downloads:
        assert (await refused(downloads)).problem is InputProblem.NOT_REACHABLE
    assert cdn.heads == []


# --- files ------------------------------------------------------------------------------------------------


async def test_nothing_stays_whatever_happens_to_the_one_who_looks(
    cdn: OddCdn, opened: Open, tmp_path: Path
) -> None:
    cdn.scripts = [answer(b"picture")]
    async with opened() as downloads:
        with pytest.raises(ZeroDivisionError):
            async with downloads.fetch(ADDRESS):
                raise ZeroDivisionError
        assert left(tmp_path) == []


async def test_a_cancelled_download_leaves_nothing(cdn: OddCdn, opened: Open, tmp_path: Path) -> None:
    held = asyncio.Event()

    async def half(line: Line) -> None:
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n" + b"x" * 50_000)
        held.set()
        await line.gone.wait()

    cdn.scripts = [half]
    async with opened() as downloads:
        task = asyncio.create_task(fetched(downloads))
        await asyncio.wait_for(held.wait(), PATIENCE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENCE)
        assert left(tmp_path) == []
        cdn.scripts = [answer(b"picture")]
        assert await fetched(downloads) == b"picture"


async def test_so_many_at_once_and_no_more(cdn: OddCdn, opened: Open) -> None:
    release, most = asyncio.Event(), 0

    async def waiting(line: Line) -> None:
        nonlocal most
        most = max(most, cdn.open)
        if len(cdn.heads) >= 3:
            release.set()
        await release.wait()
        await answer(b"picture", Connection="close")(line)

    cdn.scripts = [waiting]
    async with opened(Limits(at_once=3)) as downloads:
        found = await asyncio.gather(*(fetched(downloads) for _ in range(12)))
    assert found == [b"picture"] * 12
    assert most <= 3


async def test_what_a_crash_left_is_removed(cdn: OddCdn, opened: Open, tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    old, fresh, other = folder / "old.part", folder / "fresh.part", folder / "notes.txt"
    for path in (old, fresh, other):
        path.write_bytes(b"x")
    hour_ago = time.time() - 3_600
    os.utime(old, (hour_ago, hour_ago))
    os.utime(other, (hour_ago, hour_ago))
    async with opened():
        assert sorted(left(tmp_path)) == [fresh, other]


async def test_a_folder_that_is_gone_is_a_fault_of_the_storage(
    cdn: OddCdn, opened: Open, tmp_path: Path
) -> None:
    cdn.scripts = [answer(b"picture")]
    async with opened() as downloads:
        (tmp_path / "incoming").rmdir()
        with pytest.raises(StorageError, match="incoming"):
            async with downloads.fetch(ADDRESS):
                raise AssertionError("it was downloaded")
