"""How long a call blocks the event loop and how much memory it takes: the provider against bare google-genai.

    python -m benchmarks.provider_loop

Each row is measured in a process of its own against a server in another one: the longest block of the event
loop (median and worst of several calls), and how much the most resident memory grew by the calls.
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

from aiohttp import web
from google import genai
from google.genai import types

from benchmarks.own_memory import peak
from bot.domain.calls import Call, UserContent
from bot.domain.requests import Reference
from bot.providers.gemini import Gemini
from storage.blobs import Blobs

MODEL = "gemini-nano-banana-2.1"
CASES = ((0, 1), (0, 8), (0, 20), (1, 1), (7, 1), (14, 1))  # MB sent in pictures of 7 MB, MB received
MB = 10**6
TICK = 0.001
CALLS = 7


async def longest_block(work: Awaitable[object]) -> float:
    """Run `work` and return the longest time (seconds) that nothing else got a turn."""
    loop, worst = asyncio.get_running_loop(), 0.0

    async def watch() -> None:
        nonlocal worst
        while True:
            before = loop.time()
            await asyncio.sleep(TICK)
            worst = max(worst, loop.time() - before - TICK)

    watching = asyncio.create_task(watch())
    await asyncio.sleep(TICK * 5)
    try:
        await work
        await asyncio.sleep(TICK * 5)
    finally:
        watching.cancel()
    return worst


def pictures(megabytes: int) -> list[bytes]:
    """Return random bytes, at most 7 MB in each."""
    sizes = [7 * MB] * (megabytes // 7) + ([megabytes % 7 * MB] if megabytes % 7 else [])
    return [os.urandom(size) for size in sizes]


async def with_plantain(url: str, sent: int, folder: Path, measure: Measure) -> None:
    """Measure the provider, with the real blob store."""
    async with Blobs.open(folder) as blobs, Gemini(blobs, api_key="key", base_url=url) as gemini:
        references = []
        for data in pictures(sent):
            async with blobs.spool() as spool:
                await spool.write(data)
                references.append(Reference((await spool.commit())[0], "image/jpeg", len(data)))
        content = UserContent(texts=("a red lighthouse",), pictures=tuple(references))
        call = Call(model=MODEL, contents=(content,))
        await measure(lambda: gemini.generate(call, timeout=60, arriving=lambda: None))


async def with_sdk(url: str, sent: int, folder: Path, measure: Measure) -> None:
    """Measure google-genai as it is documented; the picture is written to a file in a thread."""
    options = types.HttpOptions(base_url=url, api_version="v1beta")
    client = genai.Client(api_key="key", http_options=options)
    contents: list[types.PartUnionDict] = [
        *(types.Part.from_bytes(data=data, mime_type="image/jpeg") for data in pictures(sent)),
        "a red lighthouse",
    ]

    async def call() -> None:
        answer = await client.aio.models.generate_content(model=MODEL, contents=contents)
        data = next(part.inline_data.data for part in answer.parts or () if part.inline_data)
        await asyncio.to_thread((folder / "picture").write_bytes, data or b"")

    await measure(call)
    await client.aio.aclose()
    client.close()


Measure = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]
WAYS = {"plantain": with_plantain, "google-genai": with_sdk}


async def measured(way: str, url: str, sent: int) -> dict[str, float]:
    """Measure one row; milliseconds and MB."""
    result: dict[str, float] = {}

    async def measure(call: Callable[[], Awaitable[object]]) -> None:
        before = peak()
        await longest_block(call())  # the first call also imports and connects
        blocks = [await longest_block(call()) * 1000 for _ in range(CALLS)]
        result.update(median=statistics.median(blocks), worst=max(blocks), grown=peak() - before)

    with tempfile.TemporaryDirectory() as folder:
        await WAYS[way](url, sent, Path(folder), measure)
    return result


# --- the server, in a process of its own ------------------------------------------------------------------


def serve(port: Queue[int]) -> None:
    """Answer POST /{megabytes}/… with a picture of that size."""
    bodies = {size: _answer(os.urandom(size * MB)) for size in {received for _, received in CASES}}

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=bodies[int(request.match_info["size"])], content_type="application/json")

    async def run() -> None:
        app = web.Application(client_max_size=64 * MB)
        app.router.add_post("/{size}/{rest:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port.put(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def _answer(data: bytes) -> bytes:
    inline = {"mimeType": "image/jpeg", "data": base64.b64encode(data).decode()}
    part = {"inlineData": inline, "thoughtSignature": "c2ln" * 250_000}
    content = {"role": "model", "parts": [part]}
    return json.dumps({"candidates": [{"content": content, "finishReason": "STOP"}]}).encode()


def main() -> None:
    """Print one row for each case and way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--measure", nargs=3, metavar=("WAY", "URL", "SENT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        way, url, sent = options.measure
        print(json.dumps(asyncio.run(measured(way, url, int(sent)))))
        return
    context = get_context("spawn")
    port: Queue[int] = context.Queue()
    server = context.Process(target=serve, args=(port,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{port.get(timeout=60)}"
    print(f"{'sent':>6} {'received':>9}  {'way':<13} {'block: median':>14} {'worst':>10} {'memory':>9}")
    for sent, received in CASES:
        for way in WAYS:
            command = [sys.executable, "-m", "benchmarks.provider_loop", "--measure", way]
            output = subprocess.check_output([*command, f"{url}/{received}", str(sent)])
            row = json.loads(output)
            print(
                f"{sent:>3} MB {received:>6} MB  {way:<13} {row['median']:>11.1f} ms"
                f" {row['worst']:>7.1f} ms +{row['grown']:>5.1f} MB"
            )
    server.terminate()


if __name__ == "__main__":
    main()
