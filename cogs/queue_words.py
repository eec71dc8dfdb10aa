"""What a card says while its job waits: how long it will take, and what is in the way."""

from __future__ import annotations

from bot.domain.catalogue import Catalogue
from bot.domain.lanes import Trouble, TroubleKind
from bot.domain.outlook import Outlook
from bot.studio.cancel import Cancelling, CancelResult
from cogs.language import _, ngettext
from cogs.text import escape_within
from cogs.too_much import duration

NAME_LIMIT = 60


def waiting(outlook: Outlook, catalogue: Catalogue) -> list[str]:
    """Return the lines about a job that waits: nothing that is not known."""
    lines = []
    if not _is_failing(outlook) and (time := takes(outlook)):
        lines.append(f"-# {time}")
    if outlook.instead and outlook.trouble is not None:
        model, other = (_label(name, catalogue) for name in (outlook.trouble.model, outlook.instead))
        lines.append("-# " + _("{model} is out of reach, so {other} makes it.", model=model, other=other))
    elif outlook.trouble is not None:
        lines.append(f"-# {trouble(outlook.trouble, catalogue)}")
    return lines


def takes(outlook: Outlook) -> str:
    """Return how long it will take, empty where nothing is known."""
    soonest, latest = outlook.soonest, outlook.latest
    if soonest is None or latest is None:
        return ""
    if soonest >= latest:
        return _("Done in about {time}", time=duration(latest))
    return _("Done in about {soonest} to {latest}", soonest=duration(soonest), latest=duration(latest))


def trouble(found: Trouble, catalogue: Catalogue) -> str:
    """Return what keeps a model's calls waiting, and until when."""
    name = _label(found.model, catalogue)
    until, since = f"<t:{found.until // 1000}:R>", f"<t:{found.since // 1000}:R>"
    if found.kind is TroubleKind.FAILING:
        return _(
            "{model} has been out of reach since {since}. It is tried again {until}; your request stays in "
            "the queue.",
            **{"model": name, "since": since, "until": until},
        )
    if found.kind is TroubleKind.DAY_USED_UP:
        return _(
            "The day's quota for {model} is used up; it starts again {until}. Your request stays in the "
            "queue.",
            model=name,
            until=until,
        )
    return _("{model} takes no more calls at the moment; it goes on {until}.", model=name, until=until)


def cancelled(result: CancelResult) -> str:
    """Return what is said, to whoever pressed, about a job that was at work."""
    if result.what is Cancelling.TOO_LATE:
        return _(
            "It is being made already, and stopping it now would cost the same. So it is finished; you can "
            "delete it then."
        )
    if result.what is Cancelling.AGAIN:
        return _("It was cancelled before. What was under way is finished, because it costs the same.")
    if result.left_out:
        return ngettext(
            "Cancelled: {number} picture is left out and costs nothing. What is under way is finished, "
            "because stopping it would cost the same.",
            "Cancelled: {number} pictures are left out and cost nothing. What is under way is finished, "
            "because stopping it would cost the same.",
            result.left_out,
        )
    return _("Cancelled: what has not begun is left out. What is under way is finished: it costs the same.")


def _label(model_id: str, catalogue: Catalogue) -> str:
    model = catalogue.get(model_id)
    return escape_within(model.label if model else model_id, NAME_LIMIT)


def _is_failing(outlook: Outlook) -> bool:
    """Whether it depends on somebody else's trouble how long it takes."""
    return outlook.trouble is not None and outlook.trouble.kind is not TroubleKind.SLOWED
