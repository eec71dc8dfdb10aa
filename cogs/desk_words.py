"""What moderation says: reasons, decisions, a case, and what those concerned are told."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.cases import Action, Case, CaseState, Reason
from bot.domain.consequences import Ban
from bot.domain.images import Withheld
from bot.domain.records import CaseFile
from bot.studio.moderation_ports import OutcomeTold, SanctionTold
from cogs.card_words import asked
from cogs.language import N_, _, ngettext
from cogs.record_words import STATES, record_line
from cogs.text import code, escape_within, mention, moment, quote

PROMPT_LIMIT = 500
TEXT_SHOWN = 200  # characters of a report's text on a card
REPORTS_SHOWN = 4

REASONS = {
    Reason.SEXUAL: N_("Sexual content"),
    Reason.MINORS: N_("Minors in sexual or harmful content"),
    Reason.VIOLENCE: N_("Violence or gore"),
    Reason.HATE: N_("Hate"),
    Reason.HARASSMENT: N_("Harassment, or a real person"),
    Reason.SELF_HARM: N_("Self-harm or suicide"),
    Reason.ILLEGAL: N_("Something illegal"),
    Reason.COPYRIGHT: N_("Copyright or trademark"),
    Reason.SPAM: N_("Spam"),
    Reason.OTHER: N_("Something else"),
}
ACTIONS = {
    Action.CLAIM: N_("Claim"),
    Action.DISMISS: N_("Dismiss"),
    Action.REMOVE: N_("Remove"),
    Action.STRIKE: N_("Remove + strike"),
    Action.BAN: N_("Ban"),
    Action.BLOCK: N_("Block similar"),
    Action.RESTORE: N_("Restore"),
}
DONE = {
    Action.CLAIM: N_("Claimed"),
    Action.DISMISS: N_("Dismissed: the picture stays"),
    Action.REMOVE: N_("Removed"),
    Action.STRIKE: N_("Removed, with a strike"),
    Action.BAN: N_("Removed, and its maker is banned"),
    Action.BLOCK: N_("Removed, and pictures like it are refused"),
    Action.RESTORE: N_("Restored: the picture is shown again"),
}


# --- reporting --------------------------------------------------------------------------------------------


def filed(number: int, hidden: bool) -> str:
    """What somebody is told whose report was taken."""
    text = _(
        "Thank you. Your report is with the moderators as case {case}; nobody else sees it.",
        case=f"#{number}",
    )
    return f"{text} {_('The picture is hidden until they have looked at it.')}" if hidden else text


def outcome(told: OutcomeTold, server: str) -> str:
    """What a reporter is told who asked for it."""
    where = {"image": code(told.image_id), "server": escape_within(server, 100)}
    if told.removed:
        return _(
            "Thank you for your report in {server}: the moderators removed the picture {image}.", **where
        )
    return _(
        "Thank you for your report in {server}. The moderators looked at the picture {image} and found that "
        "it may stay.",
        **where,
    )


# --- what members are told --------------------------------------------------------------------------------


def sanction(told: SanctionTold, server: str) -> str:
    """What a member is told about a decision, in a direct message."""
    where = escape_within(server, 100)
    lines: list[str] = []
    if told.restored:
        lines.append(
            _(
                "The moderators of {server} restored your picture {image}.",
                server=where,
                image=code(told.image_id or ""),
            )
        )
    elif told.lifted:
        lines.append(_("Your ban in {server} is lifted. You can make pictures again.", server=where))
    elif told.declined:
        lines.append(_("The moderators of {server} looked at your ban again: it stays.", server=where))
    elif told.image_id:
        lines.append(
            _(
                "The moderators of {server} removed your picture {image}.",
                server=where,
                image=code(told.image_id),
            )
        )
    else:
        lines.append(_("This is about what you made in {server}.", server=where))
    if told.case_reason is not None:
        lines.append(_("It was reported as: {reason}", reason=_(REASONS[told.case_reason])))
    if told.reason:
        lines.append(_("They write: {reason}", reason=quote(told.reason, 420)))
    lines += _follows(told)
    return "\n".join(lines)


def _follows(told: SanctionTold) -> list[str]:
    lines = []
    if told.strikes and told.strike_until:
        lines.append(
            ngettext(
                "You have got a strike and now have {number}. This one counts until {moment}.",
                "You have got a strike and now have {number}. This one counts until {moment}.",
                told.strikes,
                moment=moment(told.strike_until),
            )
        )
    if told.banned:
        end = _("until {moment}", moment=moment(told.banned_until)) if told.banned_until else _("for good")
        lines.append(
            _(
                "You are banned from making and sharing pictures there {end}. `/appeal` there asks once for "
                "another look.",
                end=end,
            )
        )
    elif told.cooldown_until:
        lines.append(_("You can make pictures there again at {moment}.", moment=moment(told.cooldown_until)))
    if told.cap is not None and not told.banned:
        lines.append(
            ngettext(
                "As long as your strikes count you can make {number} image a day there. What you make "
                "elsewhere on that day counts, too.",
                "As long as your strikes count you can make {number} images a day there. What you make "
                "elsewhere on that day counts, too.",
                told.cap,
            )
        )
    return lines


# --- a case -----------------------------------------------------------------------------------------------


def case_line(case: Case) -> str:
    """A case on one line of the queue."""
    parts = [
        f"**#{case.number}** · {_(REASONS[case.reason])}",
        ngettext("{number} report", "{number} reports", case.reports),
        f"<t:{case.opened_at // 1000}:R>",
    ]
    if case.state is not CaseState.OPEN:
        parts.append(_(STATES[case.state]))
    elif case.claimed_by is not None:
        parts.append(_("claimed by {member}", member=mention(case.claimed_by)))
    return " · ".join(parts)


def appeal_line(ban: Ban) -> str:
    """An appeal that waits, on one line of the queue."""
    return _(
        "**Appeal** of {member}, {moment}: `/mod member` shows it, and answers it",
        member=mention(ban.member_id),
        moment=f"<t:{(ban.appealed_at or ban.at) // 1000}:R>",
    )


def case_head(file: CaseFile) -> str:
    """The first lines of a card: what it is, how it stands."""
    case, image = file.case, file.image
    lines = [
        f"**{_('Case {case}', case=f'#{case.number}')}** · {_(REASONS[case.reason])} · "
        f"{_(STATES[case.state])}"
    ]
    opened = _("opened {moment}", moment=f"<t:{case.opened_at // 1000}:R>")
    count = ngettext("{number} report", "{number} reports", case.reports)
    lines.append(f"-# {opened} · {count} · `{image.id}`")
    if case.claimed_by is not None and case.state is CaseState.OPEN:
        since = f"<t:{(case.claimed_at or 0) // 1000}:R>"
        lines.append(_("Claimed by {member}, {moment}.", member=mention(case.claimed_by), moment=since))
    if case.decision is not None and case.decided_at is not None:
        lines.append(
            _(
                "{decision} by {member}, {moment}.",
                decision=_(DONE[case.decision]),
                member=mention(case.decided_by),
                moment=f"<t:{case.decided_at // 1000}:R>",
            )
        )
    if image.deleted_at is not None:
        lines.append(_("The picture is gone: somebody deleted it, or its time as evidence is over."))
    elif image.withheld is Withheld.HIDDEN:
        lines.append(_("The picture is hidden until somebody decides."))
    lines += _same_picture(file)
    if file.troubles:
        lines.append(
            _("Discord did not let me change every message: {why}", why=code(file.troubles[0][:150]))
        )
    return "\n".join(lines)


def _same_picture(file: CaseFile) -> list[str]:
    """What is said of other images with the same bytes."""
    lines = []
    if file.twins:
        lines.append(
            ngettext(
                "The same picture is here in {number} other image: what you decide holds for it, too.",
                "The same picture is here in {number} other images: what you decide holds for them, too.",
                file.twins,
            )
        )
    if file.same_picture:
        named = ", ".join(f"#{case.number} ({_(STATES[case.state])})" for case in file.same_picture)
        lines.append(_("Cases about the same picture: {cases}. The strictest decision counts.", cases=named))
    return [f"-# {line}" for line in lines]


def case_body(file: CaseFile, *, names: bool) -> str:
    """The rest of a card; `names`: who reported it, for moderators' eyes alone."""
    job = file.job
    lines = [
        _("Prompt: {prompt}", prompt=asked(job.request, PROMPT_LIMIT)),
        _(
            "Made by {member} in {channel}, {moment}.",
            member=mention(file.image.owner_id),
            channel=f"<#{job.origin.channel_id}>",
            moment=f"<t:{file.image.created_at // 1000}:R>",
        ),
        f"-# {record_line(file.record)}",
        *_lineage(file),
        *_reports(file, names=names),
        *_provider(file),
    ]
    return "\n".join(lines)


def _lineage(file: CaseFile) -> list[str]:
    lines = []
    if file.thread_id is not None:
        lines.append(
            _(
                "Turn {turn} of the conversation in {thread}",
                turn=str(file.job.request.turn),
                thread=f"<#{file.thread_id}>",
            )
        )
    if file.parents:
        lines.append(_("Made from: {images}", images=" ← ".join(code(item) for item in file.parents)))
    if file.children:
        lines.append(_("Made into: {images}", images=", ".join(code(item) for item in file.children)))
    return [f"-# {line}" for line in lines]


def _reports(file: CaseFile, *, names: bool) -> list[str]:
    counts = ", ".join(f"{_(REASONS[reason])} ×{count}" for reason, count in file.reasons.items())
    lines = [_("Reported as: {reasons}", reasons=counts)]
    shown = [report for report in file.reports if report.text or names][-REPORTS_SHOWN:]
    for report in shown:
        who = f"{mention(report.reporter_id)} · " if names else ""
        what = quote(report.text, TEXT_SHOWN) if report.text else _(REASONS[report.reason])
        lines.append(f"-# {who}{what}")
    return lines


def _provider(file: CaseFile) -> list[str]:
    answer = file.answer
    if answer is None:
        return []
    parts = [answer.model_version or answer.model, answer.response_id, answer.finish_reason]
    lines = [" · ".join(escape_within(part, 80) for part in parts if part)]
    ratings = [
        f"{str(item.get('category', '')).removeprefix('HARM_CATEGORY_').lower()}: "
        f"{str(item.get('probability', '')).lower()}"
        for item in answer.safety
    ]
    lines.append(
        _("Safety ratings: {ratings}", ratings=escape_within(", ".join(ratings), 300))
        if ratings
        else _("The provider gave no safety ratings.")
    )
    return [f"-# {line}" for line in lines]


def listed_cases(cases: Sequence[Case], more: int) -> str:
    """Cases that wait too long, for a reminder."""
    lines = [case_line(case) for case in cases]
    if more:
        lines.append(ngettext("-# … and {number} more", "-# … and {number} more", more))
    return "\n".join([_("**These cases wait for a decision:**"), *lines])
