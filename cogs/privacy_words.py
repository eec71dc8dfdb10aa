"""The sentences of /privacy."""

from __future__ import annotations

from bot.domain.privacy import Erasure, Holdings, Retention, Staying
from bot.studio.export import Export
from bot.studio.privacy import Receiver
from cogs.language import N_, _, ngettext
from cogs.text import moment

TITLE = N_("**What this bot keeps of you**")
NOTHING_KEPT = N_("Nothing, as far as it goes by your Discord account.")
ERASE = N_("Yes, erase everything")

_KINDS = {
    "images": lambda n: ngettext("{number} picture", "{number} pictures", n),
    "requests": lambda n: ngettext(
        "{number} request with its prompt", "{number} requests with their prompts", n
    ),
    "conversations": lambda n: ngettext(
        "{number} turn in conversations", "{number} turns in conversations", n
    ),
    "characters": lambda n: ngettext(
        "{number} reference picture of your characters", "{number} reference pictures of your characters", n
    ),
    "presets": lambda n: ngettext(
        "{number} style that you made for a server", "{number} styles that you made for servers", n
    ),
    "settings": lambda n: _("your settings"),
    "ledger": lambda n: ngettext(
        "{number} entry in the ledger that counts your pictures",
        "{number} entries in the ledger that counts your pictures",
        n,
    ),
    "reports": lambda n: ngettext("{number} report that you made", "{number} reports that you made", n),
    "sanctions": lambda n: ngettext(
        "{number} strike or ban that you were given", "{number} strikes and bans that you were given", n
    ),
    "grants": lambda n: ngettext(
        "{number} entry about images that you were granted",
        "{number} entries about images that you were granted",
        n,
    ),
    "tiers": lambda n: ngettext(
        "{number} tier that you were put into for a time",
        "{number} tiers that you were put into for a time",
        n,
    ),
    "cases": lambda n: ngettext(
        "{number} case about a picture of yours that was reported",
        "{number} cases about pictures of yours that were reported",
        n,
    ),
    "attempts": lambda n: ngettext(
        "{number} request that a rule refused", "{number} requests that rules refused", n
    ),
    "audit": lambda n: ngettext(
        "{number} entry about what you changed for a server",
        "{number} entries about what you changed for servers",
        n,
    ),
}
_RECEIVERS = {
    Receiver.GEMINI: N_(
        "Your prompts and the pictures that you send along go to Google (Gemini API), which makes the "
        "pictures under its own terms. Pictures are posted in Discord. Nobody else gets anything."
    ),
    Receiver.VERTEX: N_(
        "Your prompts and the pictures that you send along go to Google Cloud (Vertex AI), which makes the "
        "pictures under its own terms. Pictures are posted in Discord. Nobody else gets anything."
    ),
    Receiver.OTHER: N_(
        "Your prompts and the pictures that you send along go to a service that the people who run this bot "
        "have chosen. Pictures are posted in Discord. Nobody else gets anything."
    ),
}
_STAYING = {
    Staying.CASES: lambda n: ngettext(
        "{number} picture that was reported and not decided about yet: it is evidence until it is",
        "{number} pictures that were reported and not decided about yet: they are evidence until they are",
        n,
    ),
    Staying.REPORTS: lambda n: ngettext(
        "{number} report of yours that moderators have not decided about yet",
        "{number} reports of yours that moderators have not decided about yet",
        n,
    ),
    Staying.SANCTIONS: lambda n: ngettext(
        "{number} ban or strike that still counts",
        "{number} bans and strikes that still count",
        n,
    ),
    Staying.CAPS: lambda n: ngettext(
        "{number} entry in the ledger, for about a month, because it counts against your caps",
        "{number} entries in the ledger, for about a month, because they count against your caps",
        n,
    ),
}


def counts(holdings: Holdings) -> list[str]:
    """Return what there is, one line for each kind that there is something of."""
    return ["• " + _named(kind, number) for kind, number in holdings.counts.items() if number]


def _named(kind: str, number: int) -> str:
    found = _KINDS.get(kind)
    return found(number) if found else f"{kind}: {number}"


def staying(holdings: Holdings) -> list[str]:
    """Return what an erasure would leave for now, and why."""
    return ["• " + _STAYING[why](number) for why, number in holdings.staying.items() if number]


def overview(
    holdings: Holdings, erasure: Erasure | None, retention: Retention, receiver: Receiver
) -> list[str]:
    """Return what /privacy show says."""
    parts = [
        _(TITLE),
        "\n".join(counts(holdings)) or _(NOTHING_KEPT),
        terms(retention),
        _(_RECEIVERS[receiver]),
    ]
    parts.append(
        _(
            "What you make in a server can be seen by its members, and what is reported there by its "
            "moderators. `/privacy export` sends you everything, `/privacy erase` removes it."
        )
    )
    parts.append(_notes(retention.audit_days))
    if erasure is not None:
        parts.append(_being_erased(erasure))
    return parts


def _notes(days: int) -> str:
    """Return what there is to know about notes that moderators write; 0 days are without an end."""
    if not days:
        return _(
            "Moderators of a server can write notes about its members. Only they see them, and they are not "
            "in an export, because they may tell of others: ask them. Notes stay until you erase everything "
            "and no ban or strike holds."
        )
    return _(
        "Moderators of a server can write notes about its members. Only they see them, and they are not "
        "in an export, because they may tell of others: ask them. Notes go after {days}, and when you "
        "erase everything and no ban or strike holds.",
        days=_days(days),
    )


def terms(retention: Retention) -> str:
    """Return for how long what is kept."""
    lines = [
        _("**For how long**"),
        _(
            "• pictures and prompts: until you delete them, at most {days}",
            days=_days(retention.pictures),
        )
        if retention.pictures
        else _("• pictures and prompts: until you delete them"),
        _(
            "• what you deleted, the words of messages that you deleted, and requests that failed or were "
            "refused, as evidence for the moderators of that server: {days}",
            days=_days(retention.evidence_days),
        ),
        _(
            "• what was reported, also when moderators removed it: until they have decided, and {days} after "
            "that",
            days=_days(retention.cases),
        ),
        _("• your name in the ledger: {days}", days=_days(retention.ledger_days)),
        _("• your name in a server's record of changes: {days}", days=_days(retention.audit_days)),
        _(
            "• what belongs to a server that removes this bot: {days} more",
            days=_days(retention.server_days),
        )
        if retention.server_days
        else _("• what belongs to a server that removes this bot: it stays, without an end"),
    ]
    return "\n".join(lines)


def _days(days: int) -> str:
    return ngettext("{number} day", "{number} days", days) if days else _("without an end")


def _being_erased(erasure: Erasure) -> str:
    if erasure.erased_at is None:
        return _(
            "**You asked for everything to be erased** {when}. It is under way.",
            when=moment(erasure.asked_at),
        )
    return _(
        "**You had everything erased** {when}. What had to stay goes as soon as it may.",
        when=moment(erasure.asked_at),
    )


def question(holdings: Holdings) -> list[str]:
    """Return what is asked before everything goes."""
    what = counts(holdings)
    parts = [_("**Erase everything that this bot keeps of you?**")]
    if not what:
        return [*parts, _("There is nothing to erase.")]
    parts.append(_("This goes, and cannot be brought back:") + "\n" + "\n".join(what))
    parts.append(
        _(
            "Answers that this bot posted for you are taken out of Discord where Discord lets it; what only "
            "you can see there, you dismiss yourself. Threads that were named after your prompts get another "
            "name. What waits or is being made is cancelled. In the "
            "ledger and in records of changes your name is replaced by a number that leads back to nobody. "
            "Take what you want to keep first: `/privacy export`."
        )
    )
    if kept := staying(holdings):
        parts.append(_("This stays for now, and goes by itself as soon as it may:") + "\n" + "\n".join(kept))
    return parts


ERASING = N_(
    "**It is being erased.** That takes a few minutes; `/privacy show` says what is left. It goes on "
    "also when this bot is restarted meanwhile."
)


def sent(export: Export, *, directly: bool) -> str:
    """Return what is said once everything has been sent."""
    files = ngettext("{number} file", "{number} files", len(export.parts))
    said = (
        _("**Done.** It is in your direct messages, in {files}.", files=files)
        if directly
        else _("**Done.** You take no direct messages from this bot, so here it is, in {files}.", files=files)
    )
    if export.left_out:
        said += " " + ngettext(
            "{number} picture is too large for a message, missing, or withheld by moderators: "
            "`not-included` names it.",
            "{number} pictures are too large for a message, missing, or withheld by moderators: "
            "`not-included` names them.",
            export.left_out,
        )
    return said


WRITING = N_("**Your data is being put together.** It comes as a direct message.")
FILE_OF_ALL = N_("What this bot keeps of you: file {number} of {files}.")
NOT_SENT = N_("Discord did not take your data. Try again in an hour.")
README = N_(
    "This is what Plantain, the bot that made your pictures, keeps of you.\n"
    "\n"
    "images/         your pictures, byte for byte as the image model sent them\n"
    "references/     the pictures of your characters, and those that you sent along\n"
    "*.json          everything else, as it is kept: requests, ledger, settings and more\n"
    "*.csv           the same for a spreadsheet\n"
    "not-included.*  files that were too large for a message, are missing, or were removed by moderators\n"
    "\n"
    "Times are milliseconds since 1 January 1970 (UTC), money is millionths of a dollar, and ids of people, "
    "servers and channels are Discord's. Pictures that you deleted, and the words of messages that you "
    "deleted, are not here: only moderators can still look at them, and they are gone for good when their "
    "time as evidence is over. /privacy show says for how long things are kept, "
    "and /privacy erase removes them now. Not here either, because it tells of others: who reported a "
    "picture or decided about it, and notes that moderators of a server wrote about its members. Ask those "
    "moderators."
)
