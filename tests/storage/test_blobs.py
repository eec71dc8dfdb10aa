"""Pictures and kept answers on disk."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import StorageError, StorageFull, StorageReadOnly
from storage import Blobs
from storage import blobs as module
from tests.storage.samples import make_answer

PICTURE = bytes(range(256)) * 4_000  # about a megabyte: more than one chunk
SHA256 = hashlib.sha256(PICTURE).hexdigest()


@pytest.fixture(params=[module.THREADS, 0], ids=["in threads", "at once"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    async with Blobs.open(tmp_path, threads=request.param) as opened:
        yield opened


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def keep(blobs: Blobs, data: bytes, piece: int = 65_536) -> tuple[str, int]:
    async with blobs.spool() as spool:
        for start in range(0, len(data), piece):
            await spool.write(data[start : start + piece])
        return await spool.commit()


@pytest.mark.parametrize("piece", [1_000, 65_536, 10_000_000])
async def test_a_picture_is_kept_byte_for_byte(blobs: Blobs, tmp_path: Path, piece: int) -> None:
    assert await keep(blobs, PICTURE, piece) == (SHA256, len(PICTURE))
    assert blobs.path(SHA256).read_bytes() == PICTURE
    assert files(tmp_path) == [str(Path("blobs", SHA256[:2], SHA256))]


async def test_an_empty_picture_is_one_too(blobs: Blobs) -> None:
    sha256, size = await keep(blobs, b"")
    assert (size, blobs.path(sha256).read_bytes()) == (0, b"")


def check_rights(folder: Path) -> None:
    for path in folder.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
async def test_only_this_user_can_read_them(blobs: Blobs, tmp_path: Path) -> None:
    await keep(blobs, PICTURE)
    await blobs.keep_answer("job1", 0, make_answer())
    check_rights(tmp_path)


async def test_the_same_bytes_twice_are_one_file(blobs: Blobs, tmp_path: Path) -> None:
    await keep(blobs, PICTURE)
    before = blobs.path(SHA256).stat()
    assert await asyncio.gather(*(keep(blobs, PICTURE) for _ in range(8))) == [(SHA256, len(PICTURE))] * 8
    after = blobs.path(SHA256).stat()
    assert before.st_ino == after.st_ino
    assert after.st_mtime_ns >= before.st_mtime_ns  # it is wanted again: nobody takes it for an orphan
    assert len(files(tmp_path)) == 1


async def test_the_same_new_bytes_at_once_are_one_file(blobs: Blobs, tmp_path: Path) -> None:
    assert await asyncio.gather(*(keep(blobs, PICTURE) for _ in range(8))) == [(SHA256, len(PICTURE))] * 8
    assert files(tmp_path) == [str(Path("blobs", SHA256[:2], SHA256))]
    assert blobs.path(SHA256).read_bytes() == PICTURE


async def test_a_damaged_file_is_replaced_when_the_picture_comes_again(blobs: Blobs) -> None:
    await keep(blobs, PICTURE)
    blobs.path(SHA256).write_bytes(b"cut")
    await keep(blobs, PICTURE)
    assert blobs.path(SHA256).read_bytes() == PICTURE


async def test_what_is_not_committed_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    async with blobs.spool() as spool:
        await spool.write(PICTURE)
    with pytest.raises(ZeroDivisionError):
        async with blobs.spool() as spool:
            await spool.write(PICTURE)
            raise ZeroDivisionError
    spool = blobs.spool()
    await spool.write(PICTURE)
    await spool.abort()
    await spool.abort()
    assert files(tmp_path) == []


async def test_a_spool_is_used_once(blobs: Blobs) -> None:
    async with blobs.spool() as spool:
        await spool.write(PICTURE)
        await spool.commit()
        with pytest.raises(StorageError):
            await spool.write(b"more")
        with pytest.raises(StorageError):
            await spool.commit()
    assert blobs.path(SHA256).read_bytes() == PICTURE


async def test_a_cancelled_task_leaves_nothing_half_done(blobs: Blobs, tmp_path: Path) -> None:
    for moment in range(20):
        task = asyncio.create_task(keep(blobs, PICTURE))
        await asyncio.sleep(moment / 5_000)
        task.cancel()
        await asyncio.wait([task])
        assert files(tmp_path) in ([], [str(Path("blobs", SHA256[:2], SHA256))])
    assert await keep(blobs, PICTURE) == (SHA256, len(PICTURE))
    assert blobs.path(SHA256).read_bytes() == PICTURE


@pytest.mark.parametrize(
    "sha256",
    [
        "",
        "ab",
        "../../etc/passwd",
        "A" * 64,
        "g" * 64,
        "ab" * 32 + "\n",
        "/" + "a" * 63,
        "a" * 63 + "\0",
        "٣" * 64,
    ],
)
async def test_a_path_is_given_for_a_hash_alone(blobs: Blobs, sha256: str) -> None:
    with pytest.raises(ValueError, match="no SHA-256"):
        blobs.path(sha256)


async def test_what_a_crash_left_is_removed(tmp_path: Path) -> None:
    async with Blobs.open(tmp_path) as blobs:
        await keep(blobs, PICTURE)
        await blobs.keep_answer("job1", 0, make_answer())
    kept = files(tmp_path)
    (tmp_path / "blobs" / "incoming" / "left.part").write_bytes(b"half")
    (tmp_path / "answers" / "left.part").write_bytes(b"half")
    async with Blobs.open(tmp_path):
        assert files(tmp_path) == kept


async def test_in_a_shared_folder_only_what_is_forgotten_is_removed(tmp_path: Path) -> None:
    async with Blobs.open(tmp_path):
        pass
    fresh, old = (tmp_path / "blobs" / "incoming" / name for name in ("fresh.part", "old.part"))
    fresh.write_bytes(b"another process writes this")
    old.write_bytes(b"nobody writes this")
    os.utime(old, (1, 1))
    async with Blobs.open(tmp_path, shared=True):
        assert fresh.exists() and not old.exists()


async def test_a_folder_that_is_gone(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "blobs" / "incoming").rmdir()
    with pytest.raises(StorageError, match="incoming"):
        await keep(blobs, PICTURE)


async def test_room_is_asked_for_before_an_answer_is_paid(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MUCH_ROOM", 2**80)
    await blobs.ensure_room()
    monkeypatch.setattr(module, "LEAST_ROOM", 2**80)
    with pytest.raises(StorageFull, match="MiB are free"):
        await blobs.ensure_room()


# --- answers ----------------------------------------------------------------------------------------------


async def test_answers_are_kept_until_they_are_dropped(tmp_path: Path) -> None:
    async with Blobs.open(tmp_path) as blobs:
        for position in (3, 0, 12):
            await blobs.keep_answer("job1", position, make_answer(text=str(position)))
        await blobs.keep_answer("job1-3", 0, make_answer(text="of another job"))
    async with Blobs.open(tmp_path) as blobs:
        kept = await blobs.kept_answers("job1")
        assert {position: answer.text for position, answer in kept.items()} == {0: "0", 3: "3", 12: "12"}
        await blobs.drop_answers("job1", 13)
        await blobs.drop_answers("job1", 13)
        assert await blobs.kept_answers("job1") == {}
        assert len(await blobs.kept_answers("job1-3")) == 1


async def test_an_answer_that_is_kept_again_is_the_new_one(blobs: Blobs) -> None:
    await blobs.keep_answer("job1", 0, make_answer(text="first"))
    await blobs.keep_answer("job1", 0, make_answer(text="second"))
    assert (await blobs.kept_answers("job1"))[0].text == "second"


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"verdict": "picture"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"verdict": "new"}',
    ],
)
async def test_an_answer_that_cannot_be_read_counts_as_absent(
    blobs: Blobs, tmp_path: Path, damaged: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    await blobs.keep_answer("job1", 0, make_answer())
    (tmp_path / "answers" / "job1-1.json").write_bytes(damaged)
    with caplog.at_level(logging.ERROR):
        assert list(await blobs.kept_answers("job1")) == [0]
    assert "job1-1.json" in caplog.text
    await blobs.drop_answers("job1", 2)
    assert files(tmp_path) == []


@pytest.mark.parametrize("change", [{"unknown": 1}, {"usage": {"prompt": 1, "more": 2}}, {"pictures": [1]}])
async def test_an_answer_of_another_shape_counts_as_absent(
    blobs: Blobs, tmp_path: Path, change: dict[str, object]
) -> None:
    text = json.dumps(make_answer().to_json() | change)
    (tmp_path / "answers" / "job1-0.json").write_text(text)
    assert await blobs.kept_answers("job1") == {}


@pytest.mark.parametrize("job_id", ["", "..", "a/b", "a\0", "*", "a" * 65, "é", "a.b"])
async def test_answers_belong_to_an_id_and_not_to_a_path(blobs: Blobs, job_id: str) -> None:
    with pytest.raises(ValueError, match="no job's id"):
        await blobs.keep_answer(job_id, 0, make_answer())
    with pytest.raises(ValueError, match="no job's id"):
        await blobs.kept_answers(job_id)
    with pytest.raises(ValueError, match="no job's id"):
        await blobs.drop_answers(job_id, 1)


async def test_an_answer_nested_without_end_is_a_fault_of_storage(blobs: Blobs, tmp_path: Path) -> None:
    content: dict[str, object] = {}
    for _ in range(100_000):
        content = {"a": content}
    with pytest.raises(StorageError, match="nested"):
        await blobs.keep_answer("job1", 0, make_answer(content=content))
    assert files(tmp_path) == []


async def test_other_faults_of_the_system_are_told_apart(blobs: Blobs, tmp_path: Path) -> None:
    (tmp_path / "answers" / "job1-0.json").mkdir()
    with pytest.raises(StorageError) as caught:
        await blobs.keep_answer("job1", 0, make_answer())
    assert not isinstance(caught.value, (StorageFull, StorageReadOnly))
    assert files(tmp_path) == []
