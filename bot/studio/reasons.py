"""Why a job failed, in the one word that decides what its owner is told."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence

from bot.domain.answers import Answer, Picture, Verdict
from bot.domain.jobs import Failure, FailureCode, Job
from bot.errors import (
    Blocked,
    Busy,
    Cancelled,
    InvalidRequest,
    KeyRefused,
    ModelGone,
    NoImage,
    PlantainError,
    ProviderError,
    RequestRefused,
    StorageError,
    Throttled,
)

log = logging.getLogger(__name__)

# Which code a failure has when calls failed for different reasons: the one that tells the person most.
_CODES: tuple[tuple[type[PlantainError], FailureCode], ...] = (
    (Cancelled, FailureCode.CANCELLED),
    (Blocked, FailureCode.SAFETY),
    (KeyRefused, FailureCode.MISCONFIGURED),
    (ModelGone, FailureCode.RETIRED),
    (RequestRefused, FailureCode.REFUSED),
    (InvalidRequest, FailureCode.REFUSED),  # the catalogue changed while the job waited
    (NoImage, FailureCode.NO_IMAGE),
    (Busy, FailureCode.BUSY),
    (StorageError, FailureCode.STORAGE),
)
# What ends only when somebody changes a key or the catalogue, or frees a disk.
_FOR_THE_OPERATOR = (FailureCode.MISCONFIGURED, FailureCode.RETIRED, FailureCode.STORAGE)


def picture_of(answer: Answer) -> Picture | None:
    """Return the picture that an answer gives; what came with a refusal is not shown to anybody."""
    return answer.result if answer.verdict is Verdict.PICTURE else None


def as_error(answer: Answer) -> ProviderError | None:
    """Return what an answer without a picture amounts to."""
    if answer.verdict is Verdict.BLOCKED:
        return Blocked(answer.finish_reason, message=answer.message)
    if not answer.useful:
        return NoImage(answer.finish_reason, message=answer.message)
    return None


def failure_of(job: Job, reasons: Sequence[Exception]) -> Failure:
    """Return how a job failed; what has no word of its own gets a reference that the log has too."""
    for kind, code in _CODES:
        for reason in reasons:
            if isinstance(reason, kind):
                level = logging.ERROR if code in _FOR_THE_OPERATOR else logging.INFO
                log.log(level, "job %s failed: %s: %s", job.id, type(reason).__name__, reason)
                if isinstance(reason, Throttled) and reason.daily:
                    return Failure(FailureCode.QUOTA)  # its own words are for whoever pays for the key
                return Failure(code, reason.message if isinstance(reason, ProviderError) else "")
    reference = new_reference()
    # The text of an error that is not ours may quote a prompt; its traceback was logged where it came up.
    named = [
        f"{type(reason).__name__}: {reason}" if isinstance(reason, PlantainError) else type(reason).__name__
        for reason in reasons
    ]
    log.error(
        "job %s failed, reference %s: %s", job.id, reference, "; ".join(named), extra={"reference": reference}
    )
    return Failure(FailureCode.UNKNOWN, reference=reference)


def new_reference() -> str:
    """Return a short reference that a person can quote and the log has too."""
    return secrets.token_hex(4)
