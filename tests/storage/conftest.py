"""Each test that takes `place` or `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from storage import Store, open_store
from storage.store import backup
from tests.storage.backups import VERSION, fill, grown
from tests.storage.postgres_server import NoServer, private_server


@dataclass(frozen=True, slots=True)
class Place:
    """Where a test's data is: an empty URL is SQLite in the folder."""

    url: str
    folder: Path

    def open(self, **options: Any) -> AbstractAsyncContextManager[Store]:
        """Open the store as the program does."""
        return open_store(self.url, self.folder, **options)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL database: PLANTAIN_TEST_POSTGRES_URL, or a private server."""
    given = os.environ.get("PLANTAIN_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    try:
        with private_server() as url:
            yield url
    except NoServer as exc:
        pytest.skip(f"no PostgreSQL: {exc}")


@pytest.fixture
async def postgres_place(postgres_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    """A schema of its own in the PostgreSQL database."""
    asyncpg = pytest.importorskip("asyncpg")
    schema = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(f"CREATE SCHEMA {schema}")
        joint = "&" if "?" in postgres_url else "?"
        yield Place(f"{postgres_url}{joint}search_path={schema}", tmp_path / "data")
        await admin.execute(f"DROP SCHEMA {schema} CASCADE")
    finally:
        await admin.close()


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Place:
    return Place("", tmp_path / "data")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Place:
    """Where the data is, on both databases."""
    found: Place = request.getfixturevalue(f"{request.param}_place")
    return found


@pytest.fixture
async def store(place: Place) -> AsyncIterator[Store]:
    """An open, empty store, on both databases."""
    async with place.open() as opened:
        yield opened


@pytest.fixture
async def sqlite_store(sqlite_place: Place) -> AsyncIterator[Store]:
    """An open, empty store on SQLite, for what is only true there."""
    async with sqlite_place.open() as opened:
        yield opened


@pytest.fixture
async def backed_up(tmp_path: Path) -> tuple[Path, Path]:
    """A folder with three jobs, and a backup of it from when there were two."""
    folder, target = tmp_path / "data", tmp_path / "backup.tar"
    await grown(folder, target)
    return folder, target


@pytest.fixture
async def good(tmp_path: Path) -> Path:
    """A backup whose data is gone."""
    folder, target = tmp_path / "data", tmp_path / "good.tar"
    async with open_store("", folder) as store:
        await fill(store)
    backup("", folder, target, version=VERSION)
    shutil.rmtree(folder)
    return target


@pytest.fixture
async def databases(postgres_url: str) -> AsyncIterator[list[str]]:
    """The URLs of two databases of their own: a dump is one of a whole database."""
    if not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not installed")
    asyncpg = pytest.importorskip("asyncpg")
    names = [f"backup_{secrets.token_hex(4)}" for _ in range(2)]
    admin = await asyncpg.connect(postgres_url)
    try:
        for name in names:
            await admin.execute(f"CREATE DATABASE {name}")
        yield [urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}")) for name in names]
    finally:
        for name in names:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.close()
