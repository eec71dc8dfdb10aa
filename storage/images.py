"""Kept pictures."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.images import Image, Sender, Withheld
from bot.errors import IdTaken, StaleState
from storage.engine import Connection, Row, Value

INSERT_IMAGE = """
INSERT INTO images (
    id, job_id, position, owner_id, guild_id, private, sha256, mime, width, height, size, created_at, parent,
    withheld
) VALUES (
    :id, :job_id, :position, :owner_id, :guild_id, :private, :sha256, :mime, :width, :height, :size,
    :created_at, :parent, (
        SELECT MAX(twins.judged) FROM images AS twins
        WHERE twins.sha256 = :sha256 AND twins.guild_id = :guild_id
    )
)
ON CONFLICT DO NOTHING
"""


GET_IMAGE = "SELECT * FROM images WHERE id = :id"
LIST_IMAGES_OF_JOB = "SELECT * FROM images WHERE job_id = :job_id ORDER BY position"
# What is delivered, in one statement: every image has its answer, and not every answer an image.
LIST_RESULT_OF_JOB = """
SELECT answers.text, images.* FROM answers LEFT JOIN images ON images.id = answers.image_id
WHERE answers.job_id = :job_id
ORDER BY answers.position
"""

IMAGE_AT_MESSAGE = """
SELECT images.id FROM deliveries JOIN images ON images.job_id = deliveries.job_id
WHERE deliveries.message_id = :message_id
UNION ALL
SELECT image_id FROM postings WHERE message_id = :message_id
LIMIT 1
"""

# What a picture's row says once it is forgotten; the row stays, because the ledger counts it. The digest of
# what moderators removed stays without its file: it does not come back under another name.
NO_FILE = "0" * 64

# Whether an image may be seen and used: `Image.available`, for searches.
AVAILABLE = "images.deleted_at IS NULL AND images.withheld IS NULL"

JUDGE = "UPDATE images SET judged = :judged WHERE id = :id"
# The other images of its server with the bytes of one.
LIST_TWINS = f"""
SELECT twins.* FROM images
JOIN images AS twins ON twins.sha256 = images.sha256 AND twins.guild_id = images.guild_id
WHERE images.id = :id AND twins.id <> images.id AND images.sha256 <> '{NO_FILE}'
ORDER BY twins.created_at, twins.id
"""
WITHHOLD = "UPDATE images SET withheld = :withheld WHERE id = :id"
FORGET_DIGEST = f"""
UPDATE images SET sha256 = '{NO_FILE}' WHERE id = :id AND forgotten_at IS NOT NULL AND withheld IS NULL
"""
LIST_WITHHELD = "SELECT guild_id, owner_id FROM images WHERE sha256 = :sha256 AND withheld IS NOT NULL"
# Whether an image was made from a withheld one with these bytes, however many steps ago.
DESCENDS_FROM_WITHHELD = """
WITH RECURSIVE path (id, parent, steps) AS (
    SELECT id, parent, 0 FROM images WHERE id = :id
    UNION ALL
    SELECT images.id, images.parent, path.steps + 1 FROM images JOIN path ON images.id = path.parent
    WHERE path.steps < :most
)
SELECT images.id FROM path JOIN images ON images.id = path.id
WHERE images.sha256 = :sha256 AND images.withheld IS NOT NULL
LIMIT 1
"""
MOST_GENERATIONS = 1_000  # so that no damage of the data makes this endless

MARK_DELETED = """
UPDATE images SET deleted_at = :now, deleted_by = :by WHERE id = :id AND deleted_at IS NULL
"""


class ImageRepository:
    """Images within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def insert(self, image: Image) -> None:
        """Write a new image; IdTaken where its id is another's, StaleState where its place is taken."""
        params: dict[str, Value] = {
            "id": image.id,
            "job_id": image.job_id,
            "position": image.position,
            "owner_id": image.owner_id,
            "guild_id": image.guild_id,
            "private": image.private,
            "sha256": image.sha256,
            "mime": image.mime,
            "width": image.width,
            "height": image.height,
            "size": image.size,
            "created_at": image.created_at,
            "parent": image.parent,
        }
        if await self._connection.execute(INSERT_IMAGE, params) == 0:
            if await self.get(image.id) is not None:
                raise IdTaken(f"there is an image {image.id} already")
            raise StaleState(f"place {image.position} of job {image.job_id} is taken")

    async def get(self, image_id: str) -> Image | None:
        row = await self._connection.fetch_one(GET_IMAGE, {"id": image_id})
        return None if row is None else image_from(row)

    async def of_job(self, job_id: str) -> Sequence[Image]:
        """All images of a job by position, deleted ones too."""
        rows = await self._connection.fetch_all(LIST_IMAGES_OF_JOB, {"job_id": job_id})
        return [image_from(row) for row in rows]

    async def at_message(self, message_id: int) -> str | None:
        """Return the id of the first image that a message of ours shows."""
        row = await self._connection.fetch_one(IMAGE_AT_MESSAGE, {"message_id": message_id})
        return None if row is None else str(row["id"])

    async def result_of(self, job_id: str) -> tuple[Sequence[Image], Sequence[str]]:
        """Return what a settled job shows: its images and the provider's notes (`answers.notes_of`)."""
        rows = await self._connection.fetch_all(LIST_RESULT_OF_JOB, {"job_id": job_id})
        images = [image_from(row) for row in rows if row["id"] is not None]
        return images, [row["text"] for row in rows if row["text"]]

    async def mark_deleted(self, image_id: str, *, now: int, by: int) -> bool:
        """Delete an image for everybody; False where it was deleted before or never existed."""
        return await self._connection.execute(MARK_DELETED, {"id": image_id, "now": now, "by": by}) == 1

    async def withhold(self, image_id: str, judged: Withheld | None) -> Sequence[str]:
        """Judge a picture: show it to nobody from now on, or (None) to everybody again who may see it.

        The same holds for all images of its server with the same bytes; of several judgements the strictest
        counts. Return the ids of those that are shown, or not shown, otherwise than before.
        """
        await self._connection.execute(JUDGE, {"id": image_id, "judged": judged})
        image = await self.get(image_id)
        together = [] if image is None else [image, *await self.twins(image_id)]
        withheld = max((item.judged for item in together if item.judged is not None), default=None)
        changed = [item.id for item in together if item.withheld is not withheld]
        for changed_id in changed:
            await self._connection.execute(WITHHOLD, {"id": changed_id, "withheld": withheld})
            await self._connection.execute(FORGET_DIGEST, {"id": changed_id})
        return changed

    async def twins(self, image_id: str) -> Sequence[Image]:
        """Return the other images of its server with the bytes of one."""
        rows = await self._connection.fetch_all(LIST_TWINS, {"id": image_id})
        return [image_from(row) for row in rows]

    async def is_withheld_anywhere(self, sha256: str) -> bool:
        """Whether these bytes are withheld from anybody at all."""
        return bool(await self._connection.fetch_all(LIST_WITHHELD, {"sha256": sha256}))

    async def is_withheld(self, sha256: str, sender: Sender) -> bool:
        """Whether these bytes are withheld from somebody: they do not have them sent to a model again."""
        rows = await self._connection.fetch_all(LIST_WITHHELD, {"sha256": sha256})
        if not rows:  # as it is for almost all
            return False
        here = sender.guild_id
        for row in rows:
            if row["owner_id"] == sender.member_id or (here is not None and row["guild_id"] == here):
                return True
        if sender.parent is None:
            return False
        params: dict[str, Value] = {"id": sender.parent, "sha256": sha256, "most": MOST_GENERATIONS}
        return await self._connection.fetch_one(DESCENDS_FROM_WITHHELD, params) is not None


def image_from(row: Row) -> Image:
    """Return the image that a row of `images` holds."""
    return Image(
        id=row["id"],
        job_id=row["job_id"],
        position=row["position"],
        owner_id=row["owner_id"],
        guild_id=row["guild_id"],
        private=bool(row["private"]),
        sha256=row["sha256"],
        mime=row["mime"],
        width=row["width"],
        height=row["height"],
        size=row["size"],
        created_at=row["created_at"],
        parent=row["parent"],
        deleted_at=row["deleted_at"],
        withheld=None if row["withheld"] is None else Withheld(row["withheld"]),
        judged=None if row["judged"] is None else Withheld(row["judged"]),
    )
