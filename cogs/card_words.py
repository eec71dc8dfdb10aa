"""What the card of a job says: what was asked for, from what it was made, and what came of it."""

from __future__ import annotations

from bot.domain.catalogue import Catalogue
from bot.domain.images import Image, IntakeNote
from bot.domain.jobs import Failure, FailureCode, Job
from bot.domain.prompts import shorten
from bot.domain.requests import Kind, Request
from bot.domain.server_settings import ServerSettings, Unit
from bot.studio.notifier_ports import Attachment, Outcome
from bot.studio.quota_days import quota_day
from cogs.came import differs, nearest_ratio, nearest_size
from cogs.failure_words import failure
from cogs.intake_words import input_note
from cogs.language import N_, _, ngettext
from cogs.model_words import model_gone, quota_used_up
from cogs.numbers import mebibytes
from cogs.prices import price
from cogs.text import escape_within, quote

PROMPT_LIMIT = 600
NAME_LIMIT = 60

# How a picture came from another one: where the card says already for whom it is, and elsewhere.
_FROM_ANOTHER = (N_("-# Made from {image}"), N_("-# Made from {image} for {member}"))
_DESCENT = {
    Kind.VARY: (N_("-# Another take of {image}"), N_("-# Another take of {image} for {member}")),
    Kind.EDIT: (N_("-# An edit of {image}"), N_("-# An edit of {image} for {member}")),
    Kind.FINISH: (
        N_("-# The final version of {image}"),
        N_("-# The final version of {image} for {member}"),
    ),
}


def describes(job: Job) -> bool:
    return job.request.kind is Kind.DESCRIBE


def remarks(job: Job) -> list[str]:
    """Say what was done to the pictures that were sent along."""
    return [f"-# {input_note(IntakeNote(remark))}" for remark in job.request.remarks]


def prompt(job: Job) -> str:
    """Say what was asked for; the words of a description's request are our own."""
    if describes(job):
        return _("A picture is described.")
    return asked(job.request, PROMPT_LIMIT)


def asked(request: Request, limit: int) -> str:
    """Quote somebody's words, or say that they are taken back."""
    if not request.prompt:
        return _("The message with the words was deleted.")
    return quote(request.prompt, limit)


def lineage(job: Job, parent_at: str = "", *, named: bool = False) -> list[str]:
    """Say from which picture this is, and for whom: an answer to a button does not show who pressed it.

    `parent_at` is the address of the message with that picture; `named`: the card says already for whom.
    """
    parent, member = job.request.parent, f"<@{job.origin.member_id}>"
    if parent is None:
        return [_("-# For {member}", member=member)] if job.request.pressed and not named else []
    image = f"[`{parent}`]({parent_at})" if parent_at else f"`{parent}`"
    alone, with_member = _DESCENT.get(job.request.kind, _FROM_ANOTHER)
    return [_(alone, image=image) if named else _(with_member, image=image, member=member)]


def short_of(missing: int, count: int) -> str:
    """Say that some pictures of a request were not made."""
    made = count - missing
    text = ngettext(
        "{number} image of {count} could not be made",
        "{number} images of {count} could not be made",
        missing,
        count=count,
    )
    charged = ngettext("only {number} is charged.", "only {number} are charged.", made)
    return f"{text}; {charged}"


def surprises(outcome: Outcome) -> list[str]:
    """Say where a model did not make the ratio or size that it was asked for."""
    return [
        _(
            "The model made {image} with {width}×{height} pixels instead of {asked}.",
            image=f"`{image.id}`",
            width=image.width,
            height=image.height,
            asked=asked,
        )
        for image in (item.image for item in outcome.attachments)
        if (asked := differs(outcome.job.request.options, image))
    ]


def smaller_copies(items: list[Attachment]) -> str:
    """Say which pictures are copies, and that the originals are kept."""
    copies = [
        _(
            "{image} ({size}) as {width}×{height}",
            image=f"`{item.image.id}`",
            size=mebibytes(item.image.size),
            width=item.smaller.width,
            height=item.smaller.height,
        )
        for item in items
        if item.smaller is not None
    ]
    return ngettext(
        "-# Larger than Discord takes here, so this is a smaller copy: {copies}. The original is kept.",
        "-# Larger than Discord takes here, so these are smaller copies: {copies}. The originals are kept.",
        len(copies),
        copies=", ".join(copies),
    )


def stand_in(job: Job, catalogue: Catalogue) -> list[str]:
    """Say that another model made it than the one asked for."""
    if job.stand_in is None:
        return []
    names = [
        escape_within(model.label if (model := catalogue.get(name)) else name, NAME_LIMIT)
        for name in (job.stand_in, job.request.options.model)
    ]
    said = N_("-# Made by {other}, because {model} was out of reach.")
    if catalogue.get(job.request.options.model) is None:
        said = N_("-# Made by {other}, because {model} has been shut down.")
    return [_(said, other=names[0], model=names[1])]


def why(job: Job, reason: Failure, catalogue: Catalogue) -> str:
    """Say why a job failed, with what its model has to do with it."""
    names = {model.id: shorten(model.label, NAME_LIMIT) for model in catalogue.models}
    asked = job.request.options.model
    if reason.code is FailureCode.QUOTA:
        return quota_used_up(names.get(asked, asked), quota_day(job.finished_at or job.updated_at).end)
    if reason.code is not FailureCode.RETIRED:
        return failure(reason, job.request.kind)
    others = [label for name, label in names.items() if name != asked]
    return model_gone(names.get(asked, asked), names.get(catalogue.successor(asked) or "", ""), others)


def small_print(job: Job, catalogue: Catalogue, image: Image | None = None) -> str:
    """Return ``model · ratio · size`` as far as they are known, and what it cost."""
    options = job.request.options
    model = catalogue.get(job.model)
    ratio, size = options.ratio, options.size
    if model is not None:
        ratio = ratio or (nearest_ratio(model, image) if image else None)
        size = size or (nearest_size(model, image) if image else model.sizes[0].name)
    if model is not None and size not in model.size_names:  # a stand-in makes its own
        size = nearest_size(model, image) if image else model.sizes[0].name
    if describes(job):
        ratio = size = None
    parts = [model.label if model else job.model, ratio or "", size or "", job.request.style]
    parts = [escape_within(part, NAME_LIMIT) for part in parts if part]
    if image is not None:
        parts.append(f"{image.width}×{image.height}")
    if options.seed is not None:
        parts.append(_("seed {seed}", seed=options.seed))
    if job.cost_micros is not None and model is not None and model.prices is not None:
        shown_in = ServerSettings(unit=Unit(job.request.unit), credit_micros=job.request.credit_micros)
        parts.append(price(shown_in, job.cost_micros, job.request.images))
    return f"-# {' · '.join(parts)}"
