"""A member's record in words: images, strikes, bans, notes, cases."""

from __future__ import annotations

from bot.domain.cases import CaseState
from bot.domain.consequences import BY_RULE, Ban, Strike
from bot.domain.records import MemberRecord
from cogs.language import N_, _, ngettext
from cogs.panels import fitted
from cogs.text import code, mention, quote

RECORD_SHOWN = 5  # strikes, bans and notes, each
BANS_LIMIT = 1_300  # characters: so that strikes and notes fit into the message, too
RECORD_SHOWN_WITH_APPEAL = 2  # an appeal needs its room: a message holds 4,000 characters
APPEAL_SHOWN = 1_100  # characters

STATES = {
    CaseState.OPEN: N_("open"),
    CaseState.DISMISSED: N_("dismissed"),
    CaseState.REMOVED: N_("removed"),
}


def record_line(record: MemberRecord) -> str:
    """A member's record on one line."""
    parts = [
        ngettext("{number} image here", "{number} images here", record.images),
        _("{number} in 24 hours", number=record.images_day),
        ngettext("{number} strike", "{number} strikes", len(record.strikes)),
    ]
    for state, count in sorted(record.cases.items()):
        parts.append(_("cases {state}: {number}", state=_(STATES[state]), number=count))
    if record.bans:
        parts.append(ngettext("{number} ban", "{number} bans", len(record.bans)))
    return " · ".join(parts)


def record_parts(record: MemberRecord, now: int) -> list[str]:
    """A member's record in full, as far as it fits."""
    made = ngettext("{number} report made", "{number} reports made", record.reports_made)
    parts = [
        f"**{_('Record of {member}', member=mention(record.member_id))}**\n{record_line(record)} · {made}"
    ]
    appeals = [appeal_part(ban) for ban in record.bans if ban.appeal_waits(now)]
    shown = RECORD_SHOWN if not appeals else RECORD_SHOWN_WITH_APPEAL
    if record.strikes:
        lines = [strike_line(strike, now) for strike in record.strikes[:shown]]
        parts.append("\n".join([f"**{_('Strikes')}**", *lines]))
    if record.bans:
        lines = [line for ban in record.bans[:shown] for line in ban_lines(ban, now)]
        parts.append(fitted([f"**{_('Bans')}**", *lines], BANS_LIMIT))
    if record.notes:
        notes = [
            f"{_day(note.at)} {mention(note.by)}: {quote(note.text, 200)}" for note in record.notes[:shown]
        ]
        parts.append("\n".join([f"**{_('Notes')}**", *notes]))
    return parts + appeals


def strike_line(strike: Strike, now: int) -> str:
    """A strike on one line."""
    if strike.pardoned_at is not None:
        how = _("pardoned by {member}", member=mention(strike.pardoned_by))
    elif strike.counts(now):
        how = _("counts until {moment}", moment=_day(strike.expires_at))
    else:
        how = _("expired")
    return f"{code(strike.id)} {_day(strike.at)} {mention(strike.by)}: {quote(strike.reason, 150)} · {how}"


def ban_lines(ban: Ban, now: int) -> list[str]:
    """A ban, and what came of its appeal."""
    lines = [ban_line(ban, now)]
    if ban.appealed_at is None or ban.appeal_waits(now):
        return lines  # one that waits is shown in full: see `appeal_part`
    asked = _("Appeal {day}: {text}", day=_day(ban.appealed_at), text=quote(ban.appeal or "-", 100))
    if ban.answered_at is None or ban.answered_by is None:
        came = _("not answered")
    elif ban.appeal_granted:
        came = _("granted by {member} {day}", member=mention(ban.answered_by), day=_day(ban.answered_at))
    else:
        came = _("declined by {member} {day}", member=mention(ban.answered_by), day=_day(ban.answered_at))
    return [*lines, f"-# {asked} · {came}"]


def _day(millis: int) -> str:
    return f"<t:{millis // 1000}:d>"


def ban_line(ban: Ban, now: int) -> str:
    """A ban on one line."""
    by = _("a rule of this server") if ban.by == BY_RULE else mention(ban.by)
    if ban.lifted_at is not None and ban.lifted_by is not None:
        how = _("lifted by {member} {day}", member=mention(ban.lifted_by), day=_day(ban.lifted_at))
    elif not ban.holds(now):
        how = _("over")
    elif ban.until is None:
        how = _("for good")
    else:
        how = _("until {moment}", moment=f"<t:{ban.until // 1000}:f>")
    where = f"{_('everywhere')} · " if ban.everywhere else ""
    return f"{_day(ban.at)} {by}: {quote(ban.reason or '-', 150)} · {where}{how}"


def appeal_part(ban: Ban) -> str:
    """An appeal that waits for an answer."""
    return _(
        "**Appeal** of {moment}: {text}",
        moment=f"<t:{(ban.appealed_at or ban.at) // 1000}:d>",
        text=quote(ban.appeal or "", APPEAL_SHOWN),
    )
