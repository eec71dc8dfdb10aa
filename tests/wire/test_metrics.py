"""/metrics of the bot as a process: what happened is counted, and nothing in it names anybody."""

from __future__ import annotations

import json

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes.discord import FakeDiscord
from tests.fakes.gemini import ScriptedGemini, overloaded
from tests.wire.plantain import Plantain, refusal, result
from tests.wire.test_health import free_port

MODEL = "gemini-nano-banana-2.1"


async def scrape(port: int) -> dict[tuple[str, tuple[str, ...]], float]:
    """Every sample by its name and the values of its labels, in the order of their names."""
    timeout = aiohttp.ClientTimeout(total=10)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"http://127.0.0.1:{port}/metrics") as response,
    ):
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = await response.text()
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_happened_is_counted(
    plantain: Plantain, discord: FakeDiscord, gemini: ScriptedGemini
) -> None:
    port = free_port()
    plantain.sections["server"]["port"] = port
    plantain.sections["limits"]["daily_images"] = 1
    plantain.sections["log"] = {"format": "json"}
    bot = await plantain.start()
    await bot.wait_for_line("ready as")
    before = await scrape(port)
    assert before["plantain_gateway_up", ()] == 1
    assert before["plantain_servers", ()] == 1
    assert before["plantain_disk_bytes", ("free",)] > 0
    assert before["plantain_disk_bytes", ("database",)] > 0

    gemini.enqueue(overloaded())
    anna = discord.add_member("anna")
    pending = await discord.slash(anna, discord.channel, "imagine", prompt="a very particular boat")
    await result(pending)
    await refusal(await discord.slash(anna, discord.channel, "imagine", prompt="a boat too many"))
    await plantain.quiet()

    after = await scrape(port)
    for sample, value in {
        ("plantain_requests_total", ("generate", "accepted")): 1,
        ("plantain_requests_total", ("generate", "CapReached")): 1,
        ("plantain_jobs_ended_total", ("generate", MODEL, "succeeded")): 1,
        ("plantain_images_total", (MODEL,)): 1,
        ("plantain_provider_calls_total", (MODEL, "Busy")): 1,
        ("plantain_provider_calls_total", (MODEL, "picture")): 1,
        ("plantain_provider_retries_total", (MODEL, "Busy")): 1,
        ("plantain_provider_call_seconds_count", (MODEL,)): 2,
        ("plantain_deliveries_total", ("token",)): 1,
        ("plantain_job_stage_seconds_count", (MODEL, "waiting")): 1,
        ("plantain_job_stage_seconds_count", (MODEL, "working")): 1,
        ("plantain_job_stage_seconds_count", (MODEL, "delivering")): 1,
        ("plantain_jobs", ("running",)): 0,
        ("plantain_undelivered_answers", ("pending",)): 0,
    }.items():
        assert after.get(sample) == value, sample
    assert after["plantain_cost_dollars_total", (MODEL,)] > 0
    assert after["plantain_discord_requests_total", ("PATCH", "200")] >= 1
    assert after["plantain_event_loop_lag_seconds_count", ()] > 0
    names = {str(anna.id), str(discord.guild.id), str(discord.channel.id), plantain.job(pending).id}
    assert not [sample for sample in after if names & {*sample[1]}]

    # The same happenings in the log: each line says what it is about, none says what was asked for.
    entries = [json.loads(line) for line in bot.stderr if line.startswith("{")]
    retried = next(entry for entry in entries if entry["logger"] == "bot.studio.ask")
    assert (retried["job"], retried["interaction"], retried["guild"]) == (
        plantain.job(pending).id,
        pending.id,
        discord.guild.id,
    )
    refused = next(entry for entry in entries if "refused" in entry["message"])
    assert refused["guild"] == discord.guild.id
    assert refused["interaction"] != pending.id
    assert "boat" not in bot.log


async def test_a_rate_limit_of_discord_is_counted(plantain: Plantain, discord: FakeDiscord) -> None:
    port = free_port()
    plantain.sections["server"]["port"] = port
    bot = await plantain.start()
    await bot.wait_for_line("ready as")
    discord.faults.rate_limit("PATCH", "/webhooks/*", 0.01, scope="shared")
    anna = discord.add_member("anna")
    await result(await discord.slash(anna, discord.channel, "imagine", prompt="a boat"))
    after = await scrape(port)
    assert after["plantain_discord_rate_limits_total", ("shared",)] == 1
    assert after["plantain_discord_requests_total", ("PATCH", "429")] == 1
