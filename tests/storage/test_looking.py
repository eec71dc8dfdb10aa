"""Looking at the data while a bot works on it."""

from __future__ import annotations

import asyncio
import csv
import io
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.domain.usage_csv import COLUMNS
from bot.errors import StorageError
from storage.looking import open_to_look
from tests.storage.conftest import Place
from tests.storage.samples import make_job, put
from tests.storage.test_usage import ALL, HERE, finished


async def test_what_a_running_bot_wrote_is_seen_and_nothing_can_be_written(place: Place) -> None:
    async with place.open() as store:
        await finished(store, 1)
        async with open_to_look(place.url, place.folder) as tx:
            assert len(await tx.usage.lines_of_server(HERE, ALL, (0, ""), 10)) == 1
            with pytest.raises(StorageError):
                await tx.jobs.insert(make_job(9))
        await put(store, make_job(2))  # it holds nobody up


def test_without_data_nothing_is_made(tmp_path: Path) -> None:
    async def look() -> None:
        async with open_to_look("", tmp_path):
            pass

    with pytest.raises(StorageError, match="no database"):
        asyncio.run(look())
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
async def filled(sqlite_place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Place:
    async with sqlite_place.open() as store:
        for number in range(1, 4):
            await finished(store, number, micros=1_500_000)
    monkeypatch.setenv("PLANTAIN_STORAGE__PATH", str(sqlite_place.folder))
    monkeypatch.chdir(tmp_path)
    return sqlite_place


def test_the_command_prints_sums(filled: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["usage"]) == 0
    said = capsys.readouterr().out
    assert "Total            3       $4.500" in said
    assert "succeeded 3" in said


def test_the_command_prints_csv(filled: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["usage", "--csv", "--server", str(HERE)]) == 0
    header, *rows = csv.reader(io.StringIO(capsys.readouterr().out, newline=""))
    assert tuple(header) == COLUMNS
    assert [row[0] for row in rows] == ["job00001", "job00002", "job00003"]
    assert main(["usage", "--csv", "--to", "2020-01-01"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_a_day_that_is_none_is_a_fault(filled: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["usage", "--from", "yesterday"]) == 2
    assert "--from" in capsys.readouterr().err
    assert sys.stdout is not None
