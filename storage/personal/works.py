"""Pictures with the answers that they came in, and their copies in Discord."""

from __future__ import annotations

from storage.engine import Connection
from storage.personal.holds import BEING_DELIVERED, IN_KEPT_CASE, IN_OPEN_CASE
from storage.personal.kinds import Kind, Params
from storage.personal.requests import FORGET_JOB_OF_IMAGES, forget_jobs

# What a picture's row says once it is forgotten; the row stays, because the ledger counts it.
NO_FILE = "0" * 64

LISTING = """
SELECT images.id AS cursor, images.id, images.job_id, images.position, images.guild_id, images.private,
    images.mime, images.width, images.height, images.size, images.created_at, images.parent,
    images.deleted_at, images.sha256, answers.model, answers.model_version, answers.response_id,
    answers.text, answers.usage, answers.safety
FROM images LEFT JOIN answers ON answers.job_id = images.job_id AND answers.position = images.position
WHERE images.owner_id = :member_id AND images.forgotten_at IS NULL AND images.deleted_at IS NULL
    AND images.id > :after
ORDER BY images.id LIMIT :limit
"""

# What was being made when the wish came is younger than the wish: the job says whether it is meant.
OF_MEMBER = f"""
SELECT images.id FROM images JOIN jobs ON jobs.id = images.job_id
WHERE images.owner_id = :member_id AND jobs.created_at <= :until AND jobs.state IN ('succeeded', 'failed')
    AND NOT ({IN_OPEN_CASE}) AND NOT ({BEING_DELIVERED})
ORDER BY images.created_at LIMIT :limit
"""
DELETED_LONG_AGO = f"""
SELECT id FROM images
WHERE forgotten_at IS NULL AND deleted_at IS NOT NULL AND deleted_at < :evidence AND NOT ({IN_KEPT_CASE})
ORDER BY deleted_at LIMIT :limit
"""
# What moderators removed is there as evidence of its case alone.
REMOVED_LONG_AGO = f"""
SELECT id FROM images
WHERE forgotten_at IS NULL AND withheld = 'removed' AND NOT ({IN_KEPT_CASE})
ORDER BY created_at LIMIT :limit
"""
# What was deleted lately is evidence for its own time.
MADE_LONG_AGO = f"""
SELECT id FROM images
WHERE forgotten_at IS NULL AND created_at < :images AND (deleted_at IS NULL OR deleted_at < :evidence)
    AND NOT ({IN_KEPT_CASE})
ORDER BY created_at LIMIT :limit
"""
FORGET_WHO_DELETED = """
UPDATE images SET deleted_by = :pseudonym WHERE id IN (
    SELECT id FROM images
    WHERE deleted_by = :member_id AND deleted_at <= :until AND owner_id <> :member_id LIMIT :limit
)
"""
# With the ledger's names go those of what is forgotten: both have the job.
NAMES_LONG_AGO = """
UPDATE images SET owner_id = 0, deleted_by = 0 WHERE id IN (
    SELECT id FROM images
    WHERE forgotten_at IS NOT NULL AND owner_id > 0 AND created_at < :ledger ORDER BY created_at LIMIT :limit
)
"""
OF_SERVER = "SELECT id FROM images WHERE guild_id = :guild_id AND forgotten_at IS NULL LIMIT :limit"

FREE_FILES = """
INSERT INTO freed_files (sha256, at) SELECT sha256, CAST(:now AS BIGINT) FROM images WHERE id = :id
ON CONFLICT (sha256) DO NOTHING
"""
FORGET_POSTINGS = "DELETE FROM postings WHERE image_id = :id"
# The digest of what moderators removed stays without its file: it does not come back under another name.
FORGET_IMAGE = f"""
UPDATE images SET
    sha256 = CASE WHEN withheld = 'removed' THEN sha256 ELSE '{NO_FILE}' END,
    parent = NULL, forgotten_at = :now, deleted_at = COALESCE(deleted_at, :now),
    deleted_by = CASE WHEN deleted_by = :member_id THEN :pseudonym ELSE COALESCE(deleted_by, 0) END,
    owner_id = CASE WHEN owner_id = :member_id THEN :pseudonym ELSE owner_id END
WHERE id = :id
"""


class Works(Kind):
    """Images. With the last one of a job, the job's request is forgotten as well."""

    __slots__ = ()

    async def erase(self, connection: Connection, params: Params) -> int:
        """Forget a member's pictures, and who deleted those of others."""
        done = await self._forget(connection, OF_MEMBER, params)
        return done + await connection.execute(FORGET_WHO_DELETED, params)

    async def purge(self, connection: Connection, params: Params) -> int:
        """Forget what was deleted, removed, or made, long ago, and later whose it was."""
        nobody: Params = {"member_id": 0, "pseudonym": 0, **params}
        done = 0
        for which in (DELETED_LONG_AGO, REMOVED_LONG_AGO, MADE_LONG_AGO):
            done += await self._forget(connection, which, nobody)
        return done + await connection.execute(NAMES_LONG_AGO, nobody)

    async def leave(self, connection: Connection, params: Params) -> int:
        """Forget the pictures of a server."""
        return await self._forget(connection, OF_SERVER, {"member_id": 0, "pseudonym": 0, **params})

    async def _forget(self, connection: Connection, which: str, params: Params) -> int:
        found = [str(row["id"]) for row in await connection.fetch_all(which, params)]
        for image_id in found:
            one: Params = {**params, "id": image_id}
            for sql in (FREE_FILES, FORGET_POSTINGS, FORGET_IMAGE):
                await connection.execute(sql, one)
            await forget_jobs(connection, FORGET_JOB_OF_IMAGES, {**params, "id": image_id})
        return len(found)


WORKS = Works("images", LISTING)
