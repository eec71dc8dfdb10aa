"""Evidence: everything that is kept of one request, for the moderators of its server.

Whoever looks is written into the audit. What only its maker could see (a private result) is shown to
moderators when somebody has reported it, and else to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.domain.answers import Answer
from bot.domain.audit import EVIDENCE_SEEN
from bot.domain.cases import Case, Report
from bot.domain.images import FittedFile, Image
from bot.domain.jobs import Job
from bot.domain.roles import Act
from bot.errors import Gone
from bot.studio.authority import Authority, server_of
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.sanctions import Acts
from bot.studio.small_pictures import SmallPictures
from bot.studio.store_ports import Store, Transaction

PICTURE_BYTES = 2 * 2**20  # of each picture that goes along
MOST_PICTURES = 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is kept of a request, as plain JSON values, and its pictures' rows."""

    job: Job
    images: tuple[Image, ...]
    data: Mapping[str, Any]


class EvidenceRoom:
    """Where moderators look into requests of their server, reported or not, shown or removed."""

    def __init__(
        self,
        *,
        store: Store,
        small_pictures: SmallPictures,
        authority: Authority,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._small_pictures = small_pictures
        self._authority = authority
        self._clock = clock
        self._new_id = new_id

    async def of(self, person: Person, typed: str) -> Evidence:
        """Return what is kept of the request that an id names, its own or that of one of its pictures.

        Raises Gone where it is none of this server's, was private and not reported, or is forgotten.
        """
        guild_id = server_of(person)
        await self._authority.require(person, Act.SEE_CASES)
        wanted = typed.strip().casefold()
        async with self._store.transaction() as tx:
            image = await tx.images.get(wanted)
            found = await tx.jobs.get(image.job_id if image else wanted)
            if found is None or found.origin.guild_id != guild_id:
                raise Gone(wanted)
            job, answers = await as_made(tx, found)
            if not job.request.prompt:
                raise Gone(wanted)  # without its prompt, a request is forgotten
            images = tuple(await tx.images.of_job(job.id))
            cases = [case for item in images if (case := await tx.cases.of_image(item.id))]
            if job.request.private and not cases:
                raise Gone(wanted)
            data = await _everything(tx, job, images, cases, answers)
            data["message_deleted"] = job is not found
            acts = Acts(tx, guild_id, person.id, self._clock.now(), self._new_id)
            acts.record(EVIDENCE_SEEN, str(job.origin.member_id), request=job.id)
            await acts.write()
        return Evidence(job, images, data)

    async def pictures(self, evidence: Evidence) -> list[tuple[Image, FittedFile]]:
        """Return the first pictures, small enough for a message, as far as their files are there."""
        found: list[tuple[Image, FittedFile]] = []
        for image in evidence.images[:MOST_PICTURES]:
            fitted = await self._small_pictures.of(image, PICTURE_BYTES)
            if fitted is not None:
                found.append((image, fitted))
        return found


async def as_made(tx: Transaction, job: Job) -> tuple[Job, Mapping[int, Answer]]:
    """Return a job with all that was said, for moderators: also what left it when its message was deleted."""
    answers = await tx.answers.of_job(job.id)
    kept = await tx.retractions.kept_of(job.id)
    if kept is None:
        return job, answers
    texts = kept.texts
    said = {at: replace(answer, text=texts.get(at, answer.text)) for at, answer in answers.items()}
    return job.evolve(request=kept.request), said


async def _everything(
    tx: Transaction,
    job: Job,
    images: Sequence[Image],
    cases: Sequence[Case],
    answers: Mapping[int, Answer],
) -> dict[str, Any]:
    request, delivery = job.request, await tx.deliveries.get(job.id)
    return {
        "request": job.id,
        "kind": request.kind,
        "state": job.state,
        "failure": None if job.failure is None else asdict(job.failure),
        "member": str(job.origin.member_id),
        "server": str(job.origin.guild_id),
        "channel": str(job.origin.channel_id),
        "message": None if delivery is None or delivery.message_id is None else str(delivery.message_id),
        "asked_at": _time(job.created_at),
        "started_at": _time(job.started_at),
        "finished_at": _time(job.finished_at),
        "prompt": request.prompt,
        "before_the_prompt": list(request.frame),
        "settings": {**asdict(request.options), "safety": dict(request.safety), "people": request.people},
        "model_used": job.model,
        "made_from": request.parent,
        "conversation": request.conversation,
        "references": [asdict(reference) for reference in request.references],
        "answers": [_answer(position, answer) for position, answer in sorted(answers.items())],
        "pictures": [_picture(image) for image in images],
        "cases": [_case(case, await tx.cases.reports_of(case.id)) for case in cases],
    }


def _answer(position: int, answer: Answer) -> dict[str, Any]:
    return {
        "picture": position + 1,
        "model": answer.model_version or answer.model,
        "response_id": answer.response_id,
        "finish_reason": answer.finish_reason,
        "message": answer.message,
        "text": answer.text,
        "outputs": [asdict(picture) for picture in answer.pictures],
        "safety_ratings": [dict(rating) for rating in answer.safety],
    }


def _picture(image: Image) -> dict[str, Any]:
    return {
        "id": image.id,
        "sha256": image.sha256,
        "mime": image.mime,
        "width": image.width,
        "height": image.height,
        "bytes": image.size,
        "made_at": _time(image.created_at),
        "deleted_at": _time(image.deleted_at),
        "withheld": image.withheld,
    }


def _case(case: Case, reports: Sequence[Report]) -> dict[str, Any]:
    told = [
        {"by": str(item.reporter_id), "at": _time(item.at), "reason": item.reason, "text": item.text}
        for item in reports
    ]
    return {"case": f"#{case.number}", "picture": case.image_id, "state": case.state, "reports": told}


def _time(millis: int | None) -> str | None:
    return None if millis is None else datetime.fromtimestamp(millis / 1000, tz=UTC).isoformat()
