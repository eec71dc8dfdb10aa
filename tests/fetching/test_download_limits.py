"""How much a download takes, how long it lasts, and what is tried once more."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from bot.errors import InputProblem
from bot.fetching import Downloads, Limits
from tests.fetching.downloading import PATIENCE, QUICK, Open, fetched, left, refused
from tests.fetching.odd_cdn import Line, OddCdn, Script, answer, cut_after

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
