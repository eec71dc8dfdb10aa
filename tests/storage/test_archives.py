"""Archives that are not what they should be: nothing of them is believed."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import StorageError, StorageTooNew
from storage.archive import MANIFEST, SQLITE, Manifest
from storage.migrate import known_migrations
from storage.store import DATABASE, backup, open_store, restore
from tests.storage.backups import VERSION, Members, names, picture_of, repacked


@pytest.mark.parametrize(
    ("change", "honest", "sentence"),
    [
        (lambda m: m.update({"../outside": b"x"}), True, "no file of a backup"),
        (lambda m: m.update({"/etc/cron.d/x": b"x"}), True, "no file of a backup"),
        (lambda m: m.update({"blobs/ab/../../x": b"x"}), True, "no file of a backup"),
        (lambda m: m.update({"config.toml": b"x"}), True, "no file of a backup"),
        (lambda m: m.update({picture_of(m): b"another"}), True, "was changed"),
        (lambda m: m.update({"answers/job00002-0.json": b"{}"}), False, "1 files differ"),
        (lambda m: m.pop(picture_of(m)), False, "1 files differ"),
        (lambda m: m.pop(SQLITE), True, "no database"),
        (lambda m: m.update({SQLITE: b"no database at all" * 500}), True, "no Plantain database"),
        (lambda m: m.update({MANIFEST: b'{"format": "other"}'}), False, "format 'other'"),
        (lambda m: m.update({MANIFEST: b"[]"}), False, "cannot be read"),
    ],
)
def test_what_is_no_whole_backup_changes_nothing(
    good: Path, tmp_path: Path, change: Callable[[Members], None], honest: bool, sentence: str
) -> None:
    bad, folder = tmp_path / "bad.tar", tmp_path / "data"
    repacked(good, bad, change, honest=honest)
    with pytest.raises(StorageError, match=sentence):
        restore("", folder, bad)
    assert [path.name for path in folder.iterdir() if path.name != "plantain.lock"] == []
    assert names(tmp_path) == ["bad.tar", "data", "good.tar"]


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_an_archive_that_is_cut_off_changes_nothing(good: Path, tmp_path: Path, part: float) -> None:
    data = good.read_bytes()
    good.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(StorageError, match=r"cut off|no backup"):
        restore("", tmp_path / "data", good)
    assert not (tmp_path / "data" / DATABASE).exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar"
    with tarfile.open(bad, "w") as archive:
        entry = tarfile.TarInfo("answers/a-0.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(StorageError, match="no plain file"):
        restore("", tmp_path / "data", bad)


def test_a_manifest_of_a_newer_version_is_refused_whatever_the_database(good: Path, tmp_path: Path) -> None:
    """What is in a dump of PostgreSQL nobody can see before it is restored."""
    with tarfile.open(good) as archive:
        file = archive.extractfile(MANIFEST)
        assert file is not None
        manifest = json.loads(file.read())
    assert Manifest.from_json(manifest).migrations == len(known_migrations())
    del manifest["newest_migration"]
    assert Manifest.from_json(manifest).migrations == 0  # an older backup stays readable

    def newer(members: Members) -> None:
        members[MANIFEST] = json.dumps({**manifest, "newest_migration": "0099_future"}).encode()
        members["database.pgdump"] = members.pop(SQLITE)

    repacked(good, tmp_path / "newer.tar", newer)
    with pytest.raises(StorageTooNew, match="0099_future"):
        restore("postgresql://nobody@127.0.0.1:1/none", tmp_path / "data", tmp_path / "newer.tar")


async def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "backup.tar"
    async with open_store("", folder) as store, store.engine.transaction() as connection:
        await connection.execute("INSERT INTO schema_migrations VALUES (99, '0099_future', 'x', 0)")
    backup("", folder, target, version=VERSION)
    with pytest.raises(StorageTooNew, match="0099_future"):
        restore("", tmp_path / "elsewhere", target)


async def test_backups_of_the_other_database_are_refused(good: Path, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"another kind of database.*storage\.url"):
        restore("postgresql://nobody@127.0.0.1:1/none", tmp_path / "data", good)
