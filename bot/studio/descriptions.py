"""What a model said about a picture: kept with its job, found again to make a picture from it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.jobs import Job, JobState
from bot.domain.prompts import shorten
from bot.domain.requests import Kind
from bot.errors import Gone
from bot.studio.pictures import Person
from bot.studio.store_ports import Store


@dataclass(frozen=True, slots=True)
class Described:
    """A description, and the job that it is the answer of. `text` fits into a prompt."""

    job: Job
    text: str


class Descriptions:
    """Finds descriptions for a person. Writes nothing."""

    def __init__(self, store: Store, max_prompt: int) -> None:
        self._store = store
        self._max_prompt = max_prompt

    async def of_job(self, job_id: str, person: Person) -> Described:
        """Return what a job described; raise Gone where there is nothing, or nothing for this person."""
        async with self._store.reading() as tx:
            job = await tx.jobs.get(job_id)
            notes = await tx.answers.notes_of(job_id)
            delivery = await tx.deliveries.get(job_id)
        posted_in = delivery.channel_id if delivery else None
        if (
            job is None
            or job.request.kind is not Kind.DESCRIBE
            or job.state is not JobState.SUCCEEDED
            or not notes
            or not _may_read(person, job, posted_in)
        ):
            raise Gone(job_id)
        text = "\n".join(notes)
        return Described(job, text if len(text) <= self._max_prompt else shorten(text, self._max_prompt))


def _may_read(person: Person, job: Job, posted_in: int | None) -> bool:
    """Whether a person may use a description, by the rules of pictures (`bot.studio.pictures.may_see`)."""
    if job.origin.member_id == person.id:
        return True
    if job.request.private:
        return False
    if job.origin.guild_id is not None:
        return job.origin.guild_id == person.guild_id
    return posted_in is not None and posted_in == person.channel_id
