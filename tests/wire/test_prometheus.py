"""Prometheus itself, with the settings and alerts of deploy/, beside the bot as a process.

It scrapes the bot as it would in a deployment. Every query of the Grafana dashboard and every alert is asked
through its HTTP API, while things happen that give them something to say.
"""

from __future__ import annotations

import asyncio
import math
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from tests.fakes.discord import FakeDiscord
from tests.fakes.gemini import ScriptedGemini, error, overloaded
from tests.house.queries import ALERTS, DEPLOY, Query, alerts, dashboard
from tests.wire.plantain import Plantain, failure, refusal, result, until_asked
from tests.wire.test_health import free_port

WITHIN = 60.0  # seconds; only what is broken takes so long
# What has no series in a bot that is well: a counter of faults, by what is at fault.
SILENT = {"panel Gauges that could not be read"}

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="Prometheus is not installed (Debian's package prometheus)"
)


class Prometheus:
    """A Prometheus that runs, asked over HTTP."""

    def __init__(self, port: int, session: aiohttp.ClientSession) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1"
        self._session = session

    async def get(self, path: str, **parameters: str) -> Any:
        """The data of an answer; AssertionError with what Prometheus says where it refuses."""
        async with self._session.get(f"{self._url}/{path}", params=parameters) as response:
            answer = await response.json()
        assert answer["status"] == "success", (parameters, answer)
        return answer["data"]

    async def series(self, query: str) -> list[tuple[dict[str, str], float]]:
        """What a query says now: labels and value of each series."""
        data = await self.get("query", query=query)
        assert data["resultType"] == "vector"
        return [(each["metric"], float(each["value"][1])) for each in data["result"]]

    async def until(self, query: str) -> None:
        """Wait until a query says anything."""
        await until_asked(lambda: self.series(query), within=WITHIN)

    async def scraped(self) -> None:
        """Wait until all that has happened was scraped: the second scrape from now on began after it."""
        query = 'count_over_time(up{job="plantain"}[1h])'
        (before,) = await self.series(query)
        await self.until(f"{query} >= {before[1] + 2}")


@asynccontextmanager
async def prometheus(folder: Path, target: int) -> AsyncIterator[Prometheus]:
    """Prometheus with the settings of deploy/, made faster, and the bot at the port `target`."""
    settings = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    settings["rule_files"] = [str(ALERTS)]
    (job,) = settings["scrape_configs"]
    job["static_configs"] = [{"targets": [f"127.0.0.1:{target}"]}]
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    port = free_port()
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "prometheus",
            f"--config.file={file}",
            f"--storage.tsdb.path={folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{port}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
                await _answers(process, f"http://127.0.0.1:{port}/-/ready", session)
                yield Prometheus(port, session)
        except BaseException:
            print((folder / "prometheus.log").read_text(errors="replace")[-5000:])
            raise
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _answers(process: asyncio.subprocess.Process, url: str, session: aiohttp.ClientSession) -> None:
    async def ready() -> bool:
        assert process.returncode is None, "Prometheus ended"
        try:
            async with session.get(url) as response:
                return response.status == 200
        except aiohttp.ClientConnectionError:
            return False

    await until_asked(ready, within=WITHIN)


async def happenings(plantain: Plantain, number: int) -> None:
    """A picture, a call made again, a request refused, one that fails, and a rate limit of Discord."""
    discord, gemini = plantain.discord, plantain.gemini
    member = discord.add_member(f"member-{number}")
    discord.faults.rate_limit("PATCH", "/webhooks/*", 0.01, scope="shared")
    gemini.enqueue(overloaded())
    await result(await discord.slash(member, discord.channel, "imagine", prompt=f"a boat {number}"))
    gemini.enqueue(error(403, "PERMISSION_DENIED", "No."))
    await failure(await discord.slash(member, discord.channel, "imagine", prompt=f"another boat {number}"))
    await result(await discord.slash(member, discord.channel, "imagine", prompt=f"a last boat {number}"))
    await refusal(await discord.slash(member, discord.channel, "imagine", prompt=f"a boat too many {number}"))
    await plantain.quiet()


async def test_every_query_of_the_dashboard_and_the_alerts(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini, tmp_path: Path
) -> None:
    port = free_port()
    plantain.sections["server"]["port"] = port
    plantain.sections["limits"]["daily_images"] = 2
    bot = await plantain.start()
    await bot.wait_for_line("ready as")
    async with prometheus(tmp_path, port) as asked:
        await asked.until('up{job="plantain"} == 1')
        await asked.scraped()
        # Twice, with scrapes between them: a rate is about what comes after a series was first seen.
        for number in (1, 2):
            await happenings(plantain, number)
            await asked.scraped()
        faults = [fault for query in dashboard() for fault in await panel_faults(asked, query)]
        for query in alerts():
            await asked.series(query.text)  # Prometheus takes it; most are empty, as they should be
        assert not faults, "\n".join(faults)

        # The first ones count: sums of models begin at 0, before anything was made.
        ((_, images),) = await asked.series("sum(increase(plantain_images_total[24h]))")
        assert 3 < images < 6  # four; Prometheus draws the line out to the edges of what it has

        groups = (await asked.get("rules"))["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert {rule["health"] for rule in rules} == {"ok"}, rules
        assert {f"alert {rule['name']}" for rule in rules} == {query.where for query in alerts()}
        states = {rule["name"]: rule["state"] for rule in rules}
        assert states["PlantainKeyRefused"] == "firing"
        assert states["PlantainDown"] == states["PlantainOffline"] == "inactive"

        assert await bot.terminate(within=30) == 0
        await asked.until('ALERTS{alertname="PlantainDown", alertstate="pending"}')


async def panel_faults(asked: Prometheus, query: Query) -> list[str]:
    """What is wrong with what the dashboard would show for a query.

    A quantile of what nothing happened to lately is NaN: as one of several series, that is how it should be.
    """
    found = await asked.series(query.text)
    if query.where in SILENT:
        return [f"{query.where} is about faults: {found}"] if found else []
    faults = []
    if not any(math.isfinite(value) for _, value in found):
        faults.append(f"{query.where}: nothing to show in {found}: {query.text}")
    named = set(re.findall(r"\{\{(\w+)\}\}", query.legend))
    faults += [
        f"{query.where}: {labels} lacks one of {named}" for labels, _ in found if named - labels.keys()
    ]
    return faults
