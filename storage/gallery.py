"""Finding kept pictures again: a member's own by page, and what was made of a picture."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.caps import Period
from bot.domain.gallery import EVER, Filter, Found, fold
from bot.domain.images import Image
from bot.domain.requests import Request
from storage.encoding import from_text
from storage.engine import Connection, Params, Row, Value
from storage.images import AVAILABLE, image_from

# A picture of `owner_id` that is there, of a kind ('' is any), with words, made in a period and in a channel
# (0 is any). PostgreSQL takes a parameter's type from its first use: the column comes before the constant.
# The pictures of one request have the same time: their places in it go on.
_MATCHING = f"""
FROM images JOIN jobs ON jobs.id = images.job_id
WHERE images.owner_id = :owner_id AND {AVAILABLE}
    AND images.created_at >= :since AND images.created_at < :until
    AND (jobs.kind = :kind OR :kind = '')
    AND (jobs.channel_id = :channel_id OR :channel_id = 0)
    AND jobs.words LIKE :words ESCAPE '!'
"""

LIST_OLDER = f"""
SELECT images.*, jobs.request {_MATCHING}
    AND (images.created_at, images.job_id, images.position) < (:at, :job_id, :position)
ORDER BY images.created_at DESC, images.job_id DESC, images.position DESC
LIMIT :limit
"""

LIST_NEWER = f"""
SELECT images.*, jobs.request {_MATCHING}
    AND (images.created_at, images.job_id, images.position) > (:at, :job_id, :position)
ORDER BY images.created_at, images.job_id, images.position
LIMIT :limit
"""

LIST_FROM_PLACE = f"""
SELECT images.*, jobs.request {_MATCHING}
ORDER BY images.created_at DESC, images.job_id DESC, images.position DESC
LIMIT :limit OFFSET :skip
"""

COUNT_NEWER = f"""
SELECT COUNT(*) AS images {_MATCHING}
    AND (images.created_at, images.job_id, images.position) > (:at, :job_id, :position)
"""

COUNT_MATCHING = f"SELECT COUNT(*) AS images {_MATCHING}"

LIST_LIKE = f"""
SELECT images.*, jobs.request
FROM images JOIN jobs ON jobs.id = images.job_id
WHERE images.owner_id = :owner_id AND {AVAILABLE}
    AND (images.id LIKE :id ESCAPE '!' OR jobs.words LIKE :words ESCAPE '!')
ORDER BY images.created_at DESC, images.job_id DESC, images.position DESC
LIMIT :limit
"""

LIST_CHILDREN = f"""
SELECT images.*, jobs.request
FROM images JOIN jobs ON jobs.id = images.job_id
WHERE images.parent = :id AND {AVAILABLE}
ORDER BY images.created_at, images.id
LIMIT :limit
"""


class GalleryRepository:
    """Searches within one transaction. What was deleted or is withheld is never found."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def older(
        self, owner_id: int, wanted: Filter, period: Period, before: Image, limit: int
    ) -> Sequence[Found]:
        """A member's pictures that were made before one of them, the newest first."""
        params = {**_matching(owner_id, wanted, period), **_place(before), "limit": limit}
        return await self._list(LIST_OLDER, params)

    async def newer(
        self, owner_id: int, wanted: Filter, period: Period, after: Image, limit: int
    ) -> Sequence[Found]:
        """A member's pictures that were made right after one of them, the newest first."""
        params = {**_matching(owner_id, wanted, period), **_place(after), "limit": limit}
        return (await self._list(LIST_NEWER, params))[::-1]

    async def from_place(
        self, owner_id: int, wanted: Filter, period: Period, skip: int, limit: int
    ) -> Sequence[Found]:
        """A member's pictures without the first `skip`, the newest first."""
        params = {**_matching(owner_id, wanted, period), "skip": skip, "limit": limit}
        return await self._list(LIST_FROM_PLACE, params)

    async def count(
        self, owner_id: int, wanted: Filter, period: Period = EVER, newer_than: Image | None = None
    ) -> int:
        """How many of a member's pictures match, in all or after one of them."""
        params = _matching(owner_id, wanted, period)
        if newer_than is None:
            row = await self._connection.fetch_one(COUNT_MATCHING, params)
        else:
            row = await self._connection.fetch_one(COUNT_NEWER, {**params, **_place(newer_than)})
        return 0 if row is None else int(row["images"])

    async def like(self, owner_id: int, typed: str, limit: int) -> Sequence[Found]:
        """A member's pictures whose id begins with what was typed, or whose prompt holds it, newest first."""
        words = _escaped(fold(typed))
        params: Params = {"owner_id": owner_id, "id": f"{words}%", "words": f"%{words}%", "limit": limit}
        return await self._list(LIST_LIKE, params)

    async def children(self, image_id: str, limit: int) -> Sequence[Found]:
        """What was made from a picture, by anybody, the oldest first."""
        return await self._list(LIST_CHILDREN, {"id": image_id, "limit": limit})

    async def _list(self, sql: str, params: Params) -> Sequence[Found]:
        return [_found(row) for row in await self._connection.fetch_all(sql, params)]


def _matching(owner_id: int, wanted: Filter, period: Period) -> dict[str, Value]:
    return {
        "owner_id": owner_id,
        "since": period.start,
        "until": period.end,
        "kind": wanted.kind or "",
        "channel_id": wanted.channel_id or 0,
        "words": f"%{_escaped(fold(wanted.text))}%",
    }


def _place(image: Image) -> dict[str, Value]:
    return {"at": image.created_at, "job_id": image.job_id, "position": image.position}


def _escaped(text: str) -> str:
    """Return text that LIKE takes literally, with the escape character ``!``."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _found(row: Row) -> Found:
    return Found(image_from(row), Request.from_json(from_text(row["request"])))
