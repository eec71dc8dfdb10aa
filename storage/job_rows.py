"""How a job stands in a row: its columns as values, and a row as a job again."""

from __future__ import annotations

from bot.domain.gallery import fold
from bot.domain.jobs import Failure, FailureCode, Job, JobState
from bot.domain.requests import Origin, Request
from storage.encoding import from_text, to_text
from storage.engine import Row, Value


def whole_job(job: Job) -> dict[str, Value]:
    """Return every column of a new job."""
    return {**_of_origin(job.origin), **_of_request(job.request), **changing(job)}


def changing(job: Job) -> dict[str, Value]:
    """Return the columns that change in a job's life, and its id."""
    failure = job.failure
    return {
        "id": job.id,
        "state": job.state,
        "created_at": job.created_at,
        "updated_at": job.updated_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "attempts": job.attempts,
        "lease_owner": job.lease_owner,
        "lease_until": job.lease_until,
        "failure_code": None if failure is None else failure.code,
        "failure_message": None if failure is None else failure.message,
        "failure_reference": None if failure is None else failure.reference,
        "cost_micros": job.cost_micros,
        "priority": job.priority,
        "max_running": job.max_running,
        "model": job.model,
        "cancelled_at": job.cancelled_at,
    }


def job_from(row: Row) -> Job:
    """Return the job that a row holds."""
    request = Request.from_json(from_text(row["request"]))
    return Job(
        id=row["id"],
        state=JobState(row["state"]),
        request=request,
        origin=_origin(row),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        attempts=row["attempts"],
        lease_owner=row["lease_owner"],
        lease_until=row["lease_until"],
        failure=_failure(row),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        cost_micros=row["cost_micros"],
        priority=row["priority"],
        max_running=row["max_running"],
        stand_in=row["model"] if row["model"] != request.options.model else None,
        cancelled_at=row["cancelled_at"],
    )


def _of_origin(origin: Origin) -> dict[str, Value]:
    return {
        "origin_key": origin.key,
        "application_id": origin.application_id,
        "member_id": origin.member_id,
        "guild_id": origin.guild_id,
        "channel_id": origin.channel_id,
        "token": origin.token,
        "token_at": origin.token_at,
        "upload_limit": origin.upload_limit,
        "direct": origin.direct,
        "locale": origin.locale,
        "message_id": origin.message_id,
        "place_locale": origin.place_locale,
    }


def _of_request(request: Request) -> dict[str, Value]:
    return {
        "kind": request.kind,
        "words": fold(request.prompt),
        "request": to_text(request.to_json()),
        "size": request.options.size or "",
        "images": request.options.count,
        "fallback": request.fallback,
        "conversation": request.conversation,
        "turn": request.turn,
    }


def _origin(row: Row) -> Origin:
    return Origin(
        key=row["origin_key"],
        application_id=row["application_id"],
        member_id=row["member_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        token=row["token"],
        token_at=row["token_at"],
        upload_limit=row["upload_limit"],
        direct=bool(row["direct"]),
        locale=row["locale"],
        message_id=row["message_id"],
        place_locale=row["place_locale"],
    )


def _failure(row: Row) -> Failure | None:
    if row["failure_code"] is None:
        return None
    return Failure(FailureCode(row["failure_code"]), row["failure_message"], row["failure_reference"])
