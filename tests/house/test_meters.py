"""The metrics: what a scrape does when something that it asks is broken or slow, and readiness."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import open_app
from bot.config import Settings, StorageSettings
from bot.domain.breaker import Breaker
from bot.domain.day_quota import DayQuota
from bot.domain.lanes import Lane
from bot.domain.vitals import Vitals
from bot.metrics import Meters, meters


async def test_a_source_that_fails_or_hangs_leaves_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meters, "SECONDS_FOR_SOURCES", 0.01)
    made = Meters(lambda: 0, version="1")

    async def broken() -> None:
        raise OSError("no")

    async def hanging() -> None:
        await asyncio.Event().wait()

    async def fine() -> None:
        made.servers.set(7)

    for name, source in (("broken", broken), ("hanging", hanging), ("fine", fine)):
        made.read_from(name, source)
    text = (await made.exposition()).decode()
    assert "plantain_servers 7.0" in text
    assert 'plantain_scrape_source_failures_total{source="broken"} 1.0' in text
    assert 'plantain_scrape_source_failures_total{source="hanging"} 1.0' in text
    assert 'source="fine"' not in text


async def test_two_bots_in_one_process_count_apart() -> None:
    first, second = (Meters(lambda: 0, version="1") for _ in range(2))
    first.refused("generate", "CapReached")
    assert b"CapReached" in await first.exposition()
    assert b"CapReached" not in await second.exposition()


async def test_a_database_that_does_not_answer_is_not_ready(tmp_path: Path) -> None:
    settings = Settings(storage=StorageSettings(path=tmp_path), gemini_api_key=SecretStr("a key"))
    async with open_app(settings) as app:
        assert await app.checks() == {"gateway": False, "database": True, "workers": False, "provider": True}
        await app.store.engine.aclose()
        assert (await app.checks())["database"] is False
        assert (
            b'plantain_scrape_source_failures_total{source="database"} 1.0' in await app.meters.exposition()
        )


async def test_models_and_cases_that_need_somebody() -> None:
    made = Meters(lambda: 20_000, version="1")
    broken = Lane("one", breaker=Breaker(failures=6, open_until=30_000, since=1))
    used_up = Lane("two", day=DayQuota(since=1, until=40_000, probe_at=40_000))
    made.lanes([broken, used_up])
    made.vitals(Vitals(0, 0, 0, None, 0, 0, open_cases=3, oldest_case_at=5_000))
    text = (await made.exposition()).decode()
    for line in (
        'plantain_model_trouble{kind="failing",model="one"} 1.0',
        'plantain_model_trouble{kind="slowed",model="one"} 0.0',
        'plantain_model_trouble{kind="day_used_up",model="two"} 1.0',
        "plantain_open_cases 3.0",
        "plantain_oldest_case_seconds 15.0",
    ):
        assert line in text, line
    made.lanes([Lane("one")])
    assert 'plantain_model_trouble{kind="failing",model="one"} 0.0' in (await made.exposition()).decode()
