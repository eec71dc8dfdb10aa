"""Pictures and their database are looked at as one: neither is taken for another's, or for nobody's."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StorageError
from storage.store import DATABASE
from tests.storage.conftest import Place
from tests.storage.samples import make_job, put


def kept_picture(folder: Path) -> Path:
    data = b"a picture of somebody"
    digest = hashlib.sha256(data).hexdigest()
    path = folder / "blobs" / digest[:2] / digest
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


async def test_pictures_without_their_database_are_not_taken_for_nobody_s(place: Place) -> None:
    """On PostgreSQL: an empty database beside a folder that is full."""
    picture = kept_picture(place.folder)
    for _ in range(2):  # the refusal made none
        with pytest.raises(StorageError, match=r"pictures are in .* not \(any more\).*restore --force"):
            async with place.open():
                pass
    assert picture.is_file()
    assert not (place.folder / DATABASE).exists()
    picture.unlink()
    async with place.open() as store:
        await put(store, make_job())


async def test_an_answer_without_its_database_is_kept_too(place: Place) -> None:
    (place.folder / "answers").mkdir(parents=True)
    (place.folder / "answers" / "job00001-0.json").write_text("{}")
    with pytest.raises(StorageError, match=r"not \(any more\)"):
        async with place.open():
            pass
    assert (place.folder / "answers" / "job00001-0.json").is_file()


@pytest.mark.parametrize("statements", [None, "", "CREATE TABLE mine (x)"])
async def test_a_database_that_was_emptied_is_not_a_new_one(
    sqlite_place: Place, statements: str | None
) -> None:
    async with sqlite_place.open():
        pass
    database = sqlite_place.folder / DATABASE
    database.unlink()
    if statements is None:
        database.touch()
    else:
        with closing(sqlite3.connect(database)) as raw:
            raw.execute("VACUUM")
            raw.executescript(statements)
    picture = kept_picture(sqlite_place.folder)
    with pytest.raises(StorageError, match=r"not \(any more\)"):
        async with sqlite_place.open():
            pass
    assert picture.is_file()


async def test_folders_without_files_are_a_new_installation(place: Place) -> None:
    for name in ("blobs/ab", "blobs/incoming", "answers"):
        (place.folder / name).mkdir(parents=True)
    (place.folder / "answers" / "unfinished.part").touch()
    async with place.open() as store:
        await put(store, make_job())
