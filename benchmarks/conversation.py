"""A turn of a long conversation: building and sending its request, and what the database costs.

Beside it a straightforward chat with google-genai, which holds everything in memory. Each way is measured in
a process of its own, against a server in another one.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from google import genai
from google.genai import types

from benchmarks.own_memory import peak, resident
from benchmarks.provider_loop import longest_block, serve
from benchmarks.report import Figure, Section
from benchmarks.stored_turns import database_part, fill_path
from bot.catalogue import load_catalogue
from bot.clock import SystemClock
from bot.domain.calls import Call, said_by
from bot.providers.gemini import Gemini
from bot.studio.histories import TurnHistories
from storage import open_store

MODEL = "gemini-nano-banana-2.1"
MB = 10**6
TURNS = 20
PICTURE = 1_500_000  # bytes
SIGNATURE = base64.b64encode(os.urandom(15_000)).decode()
STORED = 100_000
REQUEST = TURNS * (PICTURE + 2) // 3 * 4 / MB  # as base64

Measured = dict[str, float]
Send = Callable[[], Awaitable[object]]


async def conversation(quick: bool) -> Section:
    """Send the 21st turn of a conversation, and take turns among many stored ones."""
    calls = 3 if quick else 9
    rows = await asyncio.to_thread(_rows, calls)
    with tempfile.TemporaryDirectory(prefix="bench-conversation-") as folder:
        stored = STORED // 10 if quick else STORED
        millis = await database_part(Path(folder), stored, rounds=20 if quick else 200)
    ours, theirs = rows["plantain"], rows["google-genai"]
    return Section(
        "conversation",
        f"a turn after {TURNS} turns with pictures of 1.5 MB (a request of {REQUEST:.0f} MB)",
        [
            Figure("longest block of the loop, worst call", "ms", ours["worst"], theirs["worst"], most=25),
            Figure("longest block of the loop, median call", "ms", ours["median"], theirs["median"]),
            Figure("memory for history and request", "MB", ours["grown"], theirs["grown"], most=REQUEST),
            Figure("memory held between turns", "MB", ours["held"], theirs["held"]),
            Figure(f"database part, {stored:,} stored turns", "ms", statistics.median(millis), most=10),
            Figure("database part, 99th percentile", "ms", statistics.quantiles(millis, n=100)[98]),
        ],
        [
            f"{calls} calls in a process of its own for each way; heartbeat of 1 ms",
            "beside it: google-genai's chat, which holds every picture in memory and no database",
            "database part: find the conversation, accept and claim the turn, read its path, write it",
        ],
    )


def _rows(calls: int) -> dict[str, Measured]:
    context = get_context("spawn")
    port: Queue[int] = context.Queue()
    server = context.Process(target=serve, args=(port,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port.get(timeout=60)}/1"
    rows = {}
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.conversation", way, url, str(calls)]
        rows[way] = json.loads(subprocess.check_output(command))
    server.terminate()
    return rows


# --- in a process of its own ------------------------------------------------------------------------------


async def with_plantain(url: str, measure: Callable[[Send], Awaitable[None]], folder: Path) -> None:
    """From the database to the last byte of the request."""
    catalogue, clock = load_catalogue(None), SystemClock()
    async with (
        open_store("", folder) as store,
        Gemini(store.blobs, api_key="key", base_url=url) as gemini,
    ):
        job = await fill_path(store, TURNS, PICTURE, SIGNATURE)
        histories = TurnHistories(store, catalogue, clock, most_bytes=90 * 2**20)

        async def send() -> object:
            contents = await histories.begin(job, said_by(job.request))
            call = Call(MODEL, contents)
            assert len(call.contents) == 2 * TURNS + 1
            return await gemini.generate(call, timeout=60, arriving=lambda: None)

        await measure(send)


async def with_sdk(url: str, measure: Callable[[Send], Awaitable[None]], folder: Path) -> None:
    """google-genai's chat as it is documented."""
    client = genai.Client(api_key="key", http_options=types.HttpOptions(base_url=url, api_version="v1beta"))
    history: list[types.Content | types.ContentDict] = []
    for number in range(TURNS):
        history.append(types.UserContent(f"turn {number}"))
        blob = types.Blob(data=os.urandom(PICTURE), mime_type="image/jpeg")
        part = types.Part(inline_data=blob, thought_signature=base64.b64decode(SIGNATURE))
        history.append(types.ModelContent([part]))

    async def send() -> object:
        chat = client.aio.chats.create(model=MODEL, history=list(history))
        return await chat.send_message("once more")

    await measure(send)
    await client.aio.aclose()
    client.close()


WAYS: dict[str, Callable[[str, Callable[[Send], Awaitable[None]], Path], Awaitable[None]]] = {
    "plantain": with_plantain,
    "google-genai": with_sdk,
}


async def measured(way: str, url: str, calls: int) -> Measured:
    """Measure one way: milliseconds and MB."""
    result: Measured = {}
    before = resident()

    async def measure(send: Send) -> None:
        held = resident() - before
        blocks = [await longest_block(send()) * 1000 for _ in range(calls + 1)][1:]  # the first one connects
        grown = peak() - before
        result.update(median=statistics.median(blocks), worst=max(blocks), grown=grown, held=max(0.0, held))

    with tempfile.TemporaryDirectory() as folder:
        await WAYS[way](url, measure, Path(folder))
    return result


def main() -> None:
    """Print the figures of one way as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=sorted(WAYS))
    parser.add_argument("url")
    parser.add_argument("calls", type=int)
    options: Any = parser.parse_args()
    print(json.dumps(asyncio.run(measured(options.way, options.url, options.calls))))


if __name__ == "__main__":
    main()
