"""What the provider sent, kept from the moment it is there: a job ends with its answers, whatever happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from bot.domain.answers import Answer
from bot.errors import StaleState
from storage.encoding import from_text, to_text
from storage.engine import Connection, Row, Value

INSERT = """
INSERT INTO answers (
    job_id, position, verdict, model, model_version, response_id, finish_reason, message, text, pictures,
    usage, safety, content, image_id
) VALUES (
    :job_id, :position, :verdict, :model, :model_version, :response_id, :finish_reason, :message, :text,
    :pictures, :usage, :safety, :content, :image_id
)
ON CONFLICT DO NOTHING
"""
LINK = """
UPDATE answers SET image_id = :image_id
WHERE job_id = :job_id AND position = :position AND image_id IS NULL
"""
LIST_OF_JOB = "SELECT * FROM answers WHERE job_id = :job_id ORDER BY position"
LIST_NOTES = "SELECT text FROM answers WHERE job_id = :job_id AND text <> '' ORDER BY position"


class AnswerRepository:
    """Answers within one transaction. A place of a job has one: the first that is kept."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def keep(self, job_id: str, position: int, answer: Answer) -> None:
        """Keep what the provider sent for a picture of a job that is at work.

        StaleState where an answer is kept already: the first one is what the job ends with.
        """
        await self._insert(job_id, position, answer, None)

    async def settle(self, job_id: str, position: int, answer: Answer, image_id: str | None) -> None:
        """Say which image came of an answer, and keep it where it is not kept yet.

        What is kept stays as it is: somebody's words may have been taken away meanwhile. StaleState where
        another image came of it already.
        """
        place: dict[str, Value] = {"job_id": job_id, "position": position, "image_id": image_id}
        if await self._connection.execute(LINK, place) == 0:
            await self._insert(job_id, position, answer, image_id)

    async def of_job(self, job_id: str) -> dict[int, Answer]:
        """What the provider sent for each picture of a job so far, by position."""
        rows = await self._connection.fetch_all(LIST_OF_JOB, {"job_id": job_id})
        return {row["position"]: _answer(row) for row in rows}

    async def notes_of(self, job_id: str) -> Sequence[str]:
        """What the provider wrote beside the pictures of a job, by position; empty texts left out."""
        rows = await self._connection.fetch_all(LIST_NOTES, {"job_id": job_id})
        return [row["text"] for row in rows]

    async def _insert(self, job_id: str, position: int, answer: Answer, image_id: str | None) -> None:
        params: dict[str, Value] = {
            "job_id": job_id,
            "position": position,
            "verdict": answer.verdict,
            "model": answer.model,
            "model_version": answer.model_version,
            "response_id": answer.response_id,
            "finish_reason": answer.finish_reason,
            "message": answer.message,
            "text": answer.text,
            "pictures": to_text([asdict(picture) for picture in answer.pictures]),
            "usage": to_text(
                {**asdict(answer.usage), "earlier": [asdict(usage) for usage in answer.earlier]}
                if answer.earlier
                else asdict(answer.usage)
            ),
            "safety": to_text(answer.safety),
            "content": None if answer.content is None else to_text(answer.content),
            "image_id": image_id,
        }
        if await self._connection.execute(INSERT, params) == 0:
            raise StaleState(f"answer {position} of job {job_id} is kept already")


def _answer(row: Row) -> Answer:
    usage = from_text(row["usage"])
    return Answer.from_json(
        {
            "verdict": row["verdict"],
            "model": row["model"],
            "pictures": from_text(row["pictures"]),
            "text": row["text"],
            "finish_reason": row["finish_reason"],
            "message": row["message"],
            "earlier": usage.pop("earlier", ()),
            "usage": usage,
            "response_id": row["response_id"],
            "model_version": row["model_version"],
            "content": None if row["content"] is None else from_text(row["content"]),
            "safety": from_text(row["safety"]),
        }
    )
