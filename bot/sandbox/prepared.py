"""Pictures that SimCord's page has prepared, kept for whoever looks next.

SimCord prepares every picture anew for each viewer, in a process of its own and one after the other: with
fifteen pictures "Viewing as" took more than ten seconds. What is used beside its public interface is that of
simcord 3.2.1; the browser tests see to it.
"""

from __future__ import annotations

from collections import OrderedDict

from simcord.preview._media import MediaInfo, MediaWorker

MOST_BYTES = 128 * 1024 * 1024


class PreparedMedia(MediaWorker):
    """Prepares pictures as SimCord does; what came out is kept by content, the latest `most_bytes` of it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        super().__init__()
        self._most_bytes = most_bytes
        self._prepared: OrderedDict[tuple[str, float | None], MediaInfo] = OrderedDict()

    async def _decode(self, key: str, blob: bytes, media_time: float | None) -> MediaInfo:
        """Prepare a picture, unless that was done before; `key` is the SHA-256 of its bytes."""
        known = (key, media_time)
        info = self._prepared.get(known) or await super()._decode(key, blob, media_time)
        self._prepared[known] = info
        self._prepared.move_to_end(known)
        while sum(map(_size, self._prepared.values())) > self._most_bytes:
            self._prepared.popitem(last=False)
        return info


def _size(info: MediaInfo) -> int:
    return sum(len(data) for data in (info.normalized, info.capture, info.poster) if data)
