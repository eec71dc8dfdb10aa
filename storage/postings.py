"""Copies of pictures in Discord."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.postings import Posting
from storage.engine import Connection, Params

INSERT_POSTING = """
INSERT INTO postings (message_id, channel_id, image_id, at, spoiler)
VALUES (:message_id, :channel_id, :image_id, :at, :spoiler)
ON CONFLICT (message_id) DO NOTHING
"""

LIST_POSTINGS_OF_JOB = """
SELECT postings.* FROM images JOIN postings ON postings.image_id = images.id
WHERE images.job_id = :job_id
ORDER BY postings.at, postings.message_id
"""

DELETE_POSTING = "DELETE FROM postings WHERE message_id = :message_id"


class PostingRepository:
    """Postings within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, posting: Posting) -> None:
        """Remember where a copy was posted. The same message twice is one."""
        params: Params = {
            "message_id": posting.message_id,
            "channel_id": posting.channel_id,
            "image_id": posting.image_id,
            "at": posting.at,
            "spoiler": posting.spoiler,
        }
        await self._connection.execute(INSERT_POSTING, params)

    async def of_job(self, job_id: str) -> Sequence[Posting]:
        """Copies of a job's pictures, the oldest first."""
        rows = await self._connection.fetch_all(LIST_POSTINGS_OF_JOB, {"job_id": job_id})
        return [
            Posting(row["image_id"], row["channel_id"], row["message_id"], row["at"], bool(row["spoiler"]))
            for row in rows
        ]

    async def remove(self, message_id: int) -> None:
        """Forget a copy that is not there any more."""
        await self._connection.execute(DELETE_POSTING, {"message_id": message_id})
