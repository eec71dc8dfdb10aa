"""Data to back up, and archives to put back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.archive import MANIFEST
from storage.store import Store, backup, open_store
from tests.storage.samples import keep, make_answer, make_image, make_job, put, select

VERSION = "9.9"
NOBODY = 65534
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")

Members = dict[str, bytes]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def fill(store: Store) -> str:
    """Two jobs, one image with its picture, one answer that is not stored yet; returns the picture's name."""
    digest = await keep(store, b"a picture")
    await put(store, make_job(1), make_job(2))
    async with store.transaction() as tx:
        await tx.images.insert(make_image("job00001", sha256=digest))
    await store.blobs.keep_answer("job00002", 0, make_answer())
    return digest


async def grown(folder: Path, target: Path, url: str = "") -> None:
    """Make data with two jobs and a backup of it, and then a third job."""
    async with open_store(url, folder) as store:
        await fill(store)
    backup(url, folder, target, version=VERSION)
    async with open_store(url, folder) as store:
        await put(store, make_job(3))


async def jobs_in(folder: Path, url: str = "") -> int:
    async with open_store(url, folder) as store:
        ((count,),) = await select(store, "SELECT COUNT(*) AS jobs FROM jobs", "jobs")
        return int(count)


def repacked(source: Path, target: Path, change: Callable[[Members], None], *, honest: bool = True) -> None:
    """Write an archive again with other members; `honest` gives it a manifest that fits them."""
    with tarfile.open(source) as archive:
        members = {entry.name: file.read() for entry in archive if (file := archive.extractfile(entry))}
    change(members)
    manifest = json.loads(members.pop(MANIFEST))
    if honest:
        manifest["files"] = {
            name: [len(data), hashlib.sha256(data).hexdigest()] for name, data in members.items()
        }
    with tarfile.open(target, "w") as archive:
        for name, data in {**members, MANIFEST: json.dumps(manifest).encode()}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def picture_of(members: Members) -> str:
    return next(name for name in members if name.startswith("blobs/"))
