"""Downloads over real sockets: where they go, how much they take, how long they last."""

from __future__ import annotations

import asyncio
import gzip
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.errors import InputProblem, InputRefused, StorageError
from bot.fetching import Downloads, Limits, address_of
from tests.fakes.discord import FakeDiscord, Upload
from tests.fetching.odd_cdn import Line, OddCdn, Script, answer, cut_after

ADDRESS = "https://cdn.discordapp.com/attachments/11/22/image.png?ex=6920&is=691f&hm=ab12&"
PATIENCE = 20  # seconds; reached only where something is broken
QUICK = Limits(size=100_000, total=5.0, connecting=3.0, idle=3.0, pause=0.01)

Open = Callable[..., AbstractAsyncContextManager[Downloads]]


@pytest.fixture
async def cdn(tmp_path: Path) -> AsyncIterator[OddCdn]:
    async with OddCdn.start(tmp_path) as started:
        yield started


@pytest.fixture
def opened(cdn: OddCdn, tmp_path: Path) -> Open:
    """Downloads through the proxy of the odd servers."""

    def make(limits: Limits = QUICK) -> Downloads:
        return Downloads(tmp_path / "incoming", proxy=cdn.proxy_url, limits=limits, trust=cdn.trust)

    return make


def left(folder: Path) -> list[Path]:
    """What there is in the folder of downloads."""
    return list((folder / "incoming").iterdir())


async def refused(downloads: Downloads, url: str = ADDRESS) -> InputRefused:
    with pytest.raises(InputRefused) as caught:
        async with asyncio.timeout(PATIENCE), downloads.fetch(url):
            raise AssertionError("it was downloaded")
    return caught.value


async def fetched(downloads: Downloads, url: str = ADDRESS) -> bytes:
    async with asyncio.timeout(PATIENCE), downloads.fetch(url) as path:
        return await asyncio.to_thread(path.read_bytes)


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


# --- how much ---------------------------------------------------------------------------------------------


async def test_as_much_as_is_allowed_is_taken(cdn: OddCdn, opened: Open) -> None:
    data = os.urandom(QUICK.size)
    cdn.scripts = [answer(data), answer(data, Content_Length=None, Connection="close"), answer(data + b"x")]
    first = cdn.scripts[1]

    async def closing(line: Line) -> None:
        await first(line)
        line.close()

    cdn.scripts[1] = closing
    async with opened() as downloads:
        assert await fetched(downloads) == data
        assert await fetched(downloads) == data
        error = await refused(downloads)
    assert (error.problem, error.values) == (InputProblem.TOO_MANY_BYTES, {"limit": QUICK.size})


async def test_a_length_that_is_too_large_is_enough(cdn: OddCdn, opened: Open) -> None:
    """Not one byte of the body has to come."""
    cdn.scripts = [answer(b"", Content_Length=10**12)]
    async with opened() as downloads:
        assert (await refused(downloads)).problem is InputProblem.TOO_MANY_BYTES


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_endless_body_ends_at_the_limit(chunked: bool, cdn: OddCdn, opened: Open) -> None:
    async def endless(line: Line) -> None:
        way = b"Transfer-Encoding: chunked" if chunked else b"Connection: close"
        line.send(b"HTTP/1.1 200 OK\r\n" + way + b"\r\n\r\n")
        piece = b"x" * 0x1000
        await line.send_for_ever(b"1000\r\n" + piece + b"\r\n" if chunked else piece)

    cdn.scripts = [endless]
    async with opened() as downloads:
        assert (await refused(downloads)).problem is InputProblem.TOO_MANY_BYTES


async def test_of_a_length_that_is_too_small_no_more_is_taken(cdn: OddCdn, opened: Open) -> None:
    """Where the rest comes at once, the answer is none; later, nobody waits for it."""

    async def late(line: Line) -> None:
        await answer(b"a pi", Connection="close")(line)
        await asyncio.wait_for(line.gone.wait(), PATIENCE)
        line.send(b"cture")

    cdn.scripts = [answer(b"a picture", Content_Length=4)]
    async with opened() as downloads:
        assert (await refused(downloads)).problem is InputProblem.NOT_REACHABLE
        cdn.scripts = [late]
        assert await fetched(downloads) == b"a pi"


async def test_a_length_that_is_never_reached_is_tried_once_more(cdn: OddCdn, opened: Open) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na picture"
    cdn.scripts = [cut_after(whole[:-4]), cut_after(whole), cut_after(whole[:-4])]
    async with opened() as downloads:
        assert await fetched(downloads) == b"a picture"
        assert (await refused(downloads)).problem is InputProblem.NOT_REACHABLE
    assert len(cdn.heads) == 4


# --- how long ---------------------------------------------------------------------------------------------


async def test_a_slow_drip_ends_at_the_deadline(cdn: OddCdn, opened: Open, tmp_path: Path) -> None:
    """Each byte comes in time; all of them would not."""
    gone: list[asyncio.Event] = []

    async def drip(line: Line) -> None:
        gone.append(line.gone)
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
        await line.send_for_ever(b"x", every=0.01)

    cdn.scripts = [drip]
    async with opened(Limits(total=0.5, idle=10.0)) as downloads:
        assert (await refused(downloads)).problem is InputProblem.NOT_REACHABLE
        assert left(tmp_path) == []
        await asyncio.wait_for(gone[0].wait(), PATIENCE)
    assert len(gone) == 1


async def test_a_server_that_falls_silent_is_tried_once_more(cdn: OddCdn, opened: Open) -> None:
    async def silent(line: Line) -> None:
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na p")
        await line.gone.wait()

    cdn.scripts = [silent, answer(b"a picture"), silent]
    async with opened(Limits(total=15.0, idle=0.3, pause=0.01)) as downloads:
        assert await fetched(downloads) == b"a picture"
        assert (await refused(downloads)).problem is InputProblem.NOT_REACHABLE


async def test_a_proxy_that_is_not_there(tmp_path: Path, cdn: OddCdn) -> None:
    closed = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    await closed.wait_closed()
    proxy = f"http://127.0.0.1:{port}"
    async with Downloads(tmp_path / "incoming", proxy=proxy, limits=QUICK, trust=cdn.trust) as downloads:
        assert (await refused(downloads)).problem is InputProblem.NOT_REACHABLE


# --- trouble ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["500 Trouble", "502 Bad Gateway", "503 Busy", "524 A Timeout Occurred"])
async def test_trouble_of_the_server_is_tried_once_more(status: str, cdn: OddCdn, opened: Open) -> None:
    trouble = answer(b"<html>cloudflare</html>", status)
    cdn.scripts = [trouble, answer(b"picture"), trouble]
    async with opened() as downloads:
        assert await fetched(downloads) == b"picture"
        assert (await refused(downloads)).problem is InputProblem.NOT_REACHABLE
    assert len(cdn.heads) == 4


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        ("404 Not Found", InputProblem.EXPIRED),
        ("403 Forbidden", InputProblem.EXPIRED),
        ("410 Gone", InputProblem.EXPIRED),
        ("400 Bad Request", InputProblem.NOT_REACHABLE),
        ("401 Unauthorized", InputProblem.NOT_REACHABLE),
        ("429 Too Many Requests", InputProblem.NOT_REACHABLE),
        ("204 No Content", InputProblem.NOT_REACHABLE),
        ("206 Partial Content", InputProblem.NOT_REACHABLE),
    ],
)
async def test_an_answer_that_will_not_change_is_taken_at_once(
    status: str, problem: InputProblem, cdn: OddCdn, opened: Open
) -> None:
    body = b"" if status.startswith("204") else b"This content is no longer available."
    cdn.scripts = [answer(body, status)]
    async with opened() as downloads:
        assert (await refused(downloads)).problem is problem
    assert len(cdn.heads) == 1


@pytest.mark.parametrize(
    "script",
    [
        cut_after(b""),
        cut_after(b"HTTP/1.1 200"),
        cut_after(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        cut_after(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
        cut_after(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        cut_after(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 100_000 + b"\r\n\r\n"),
        cut_after(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n"),
    ],
)
async def test_what_is_no_answer_is_no_file(script: Script, cdn: OddCdn, opened: Open) -> None:
    cdn.scripts = [script]
    async with opened() as downloads:
        assert (await refused(downloads)).problem is InputProblem.NOT_REACHABLE


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
