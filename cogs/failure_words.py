"""Why a job failed, and what to do now."""

from __future__ import annotations

from bot.domain.jobs import Failure, FailureCode
from bot.domain.requests import Kind
from cogs import rule_words
from cogs.language import N_, _
from cogs.text import quote

PROVIDER_MESSAGE_LIMIT = 500

_FAILURES = {
    FailureCode.SAFETY: N_(
        "The model's safety rules refused this. Nothing was charged. "
        "Say it in another way, or leave out what may have set it off."
    ),
    FailureCode.NO_IMAGE: N_(
        "The model answered, but without a picture. Nothing was charged. "
        "Describe what should be seen in the picture, and try again."
    ),
    FailureCode.BUSY: N_(
        "The image service is overloaded or out of reach. Nothing was charged. Try again in a few minutes."
    ),
    FailureCode.QUOTA: N_(
        "The image service's daily quota for this model is used up. Nothing was charged. Try again tomorrow, "
        "or with another model."
    ),
    FailureCode.RETIRED: N_(
        "The model that this was asked of has been shut down. Nothing was charged. Choose another one and "
        "ask again."
    ),
    FailureCode.REFUSED: N_(
        "The image service did not accept this request. Nothing was charged. "
        "Change the prompt or the options and try again."
    ),
    FailureCode.MISCONFIGURED: N_(
        "The image service does not accept this bot's key, its account or its country. Nothing was charged. "
        "Please tell the people who run this bot."
    ),
    FailureCode.STORAGE: N_(
        "There is no room to keep the picture. Nothing was charged. "
        "Please tell the people who run this bot, and try again later."
    ),
    FailureCode.INTERRUPTED: N_(
        "The bot stopped several times while this was being made. Nothing was charged. Please try again."
    ),
    FailureCode.REMOVED: N_(
        "A picture that this should have been made from was removed meanwhile. Nothing was charged."
    ),
    FailureCode.WITHHELD: rule_words.WITHHELD,
    FailureCode.CANCELLED: N_("This was cancelled. Nothing was charged."),
    FailureCode.EXPIRED: N_(
        "The image service was out of reach or too busy for so long that this was given up. Nothing was "
        "charged. Try again later."
    ),
    FailureCode.UNKNOWN: N_(
        "Something went wrong that should not have. Nothing was charged. Try again; if it happens again, "
        "tell the people who run this bot."
    ),
}

# Where a description was asked for, what makes sense of a picture's failure does not.
_FAILURES_TO_DESCRIBE = {
    FailureCode.SAFETY: N_(
        "The model's safety rules keep it from describing this picture. Nothing was charged. "
        "Try it with another picture."
    ),
    FailureCode.NO_IMAGE: N_(
        "The model said nothing about this picture. Nothing was charged. Try again, or take another model."
    ),
    FailureCode.REFUSED: N_(
        "The image service did not accept this request. Nothing was charged. "
        "Try it with another picture or model."
    ),
}


def failure(reason: Failure, kind: Kind = Kind.GENERATE) -> str:
    """Return why a job failed and what to do now, with the provider's own sentence where it has one."""
    text = _FAILURES[reason.code]
    if kind is Kind.DESCRIBE:
        text = _FAILURES_TO_DESCRIBE.get(reason.code, text)
    lines = [_(text)]
    if reason.message:
        lines.append(_("The service says: {text}", text=quote(reason.message, PROVIDER_MESSAGE_LIMIT)))
    if reason.reference:
        lines.append(_("Reference: {reference}", reference=f"`{reason.reference}`"))
    return "\n".join(lines)
