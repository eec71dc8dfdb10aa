"""The sandbox's page prepares a picture once, however many look at it."""

from __future__ import annotations

import pytest
from simcord.preview._media import MediaInfo, MediaWorker

from bot.sandbox.prepared import PreparedMedia


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What SimCord has prepared itself, by key."""
    keys = []

    async def decode(_worker: MediaWorker, key: str, blob: bytes, _media_time: float | None) -> MediaInfo:
        keys.append(key)
        return MediaInfo("PNG", 1, 1, 1, 4, blob, "image/png")

    monkeypatch.setattr(MediaWorker, "_decode", decode)
    return keys


async def test_what_was_prepared_is_kept_for_the_next_viewer(made: list[str]) -> None:
    worker = PreparedMedia()
    first = await worker.validate("a", b"picture")
    worker.release("a")  # what SimCord does when the viewer changes
    assert await worker.validate("a", b"picture") is first
    await worker.validate("b", b"another")
    assert made == ["a", "b"]


async def test_what_was_looked_at_longest_ago_gives_way(made: list[str]) -> None:
    worker = PreparedMedia(most_bytes=250)
    for key in ("a", "b", "a", "c", "a", "b"):
        await worker.validate(key, bytes(100))
    assert made == ["a", "b", "c", "b"]
