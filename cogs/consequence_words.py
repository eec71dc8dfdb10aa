"""What somebody is told whom moderation, or a role, keeps from something."""

from __future__ import annotations

from bot.domain.roles import Act
from bot.errors import Banned, CoolingDown, NotAllowed, Refusal, TooManyReports
from cogs.language import N_, _, ngettext
from cogs.text import images, moment, quote

_MODERATORS = N_("Only moderators of this server can do this.")
_NOT_ALLOWED = {
    Act.SEE_CASES: _MODERATORS,
    Act.DECIDE: _MODERATORS,
    Act.PUNISH: _MODERATORS,
    Act.BAN_EVERYWHERE: N_("Only the people who run this bot can do this."),
    "report_own": N_("This picture is your own. Press Delete to take it away for everybody."),
    "report_here": N_(
        "This picture was made elsewhere, so it cannot be reported here. Ask a moderator of this server: "
        "Delete under it takes it away from this channel."
    ),
    "report_again": N_("You have reported this picture before. The moderators have your report."),
    "report_reason": N_("Choose what is wrong with the picture, and send the report again."),
    "report_nothing": N_("There is no picture in this message that this bot made. Report it to a moderator."),
    "withheld": N_("A picture that this would be made from was removed, so it cannot be used."),
    "punish_staff": N_("You cannot do this to somebody who moderates or manages here, or runs this bot."),
    "punish_self": N_("You cannot do this to yourself. Ask another moderator."),
    "spare_self": N_("This is about yourself, so another moderator has to decide it."),
    "punish_bot": N_("That is a bot: it makes no pictures here."),
    "no_strike": N_("There is no such strike that still counts. `/mod member` shows them."),
    "no_ban": N_("Nothing to lift: this member is not banned here."),
    "block": N_("Pictures like this one cannot be refused here."),
    "appeal_none": N_("You are not banned here, so there is nothing to appeal against."),
    "appeal_again": N_(
        "You have asked for another look at this ban already. The moderators have your appeal."
    ),
    "desk_channel": N_(
        "I cannot write in that channel. Give me the permissions View Channel, Send Messages and Attach "
        "Files there, and try again."
    ),
    "everyone_moderates": N_("With that role everybody would be a moderator. Choose another one."),
}


def said(error: Refusal) -> str | None:
    """Return what the person is told; None where the refusal is about something else."""
    match error:
        case Banned():
            return _banned(error)
        case CoolingDown():
            return cooling_down(error.strikes, error.until)
        case TooManyReports():
            return _too_many_reports(error)
        case NotAllowed(action=action) if action in _NOT_ALLOWED:
            return _(_NOT_ALLOWED[action])
    return None


def _banned(error: Banned) -> str:
    """The one clear answer to somebody who is banned."""
    lines = [
        _("You are banned from making and sharing pictures with this bot, in every server.")
        if error.everywhere
        else _("You are banned from making and sharing pictures with this bot in this server."),
        _("Reason: {reason}", reason=quote(error.reason, 420)) if error.reason else _("No reason was given."),
        _("It ends at {moment}.", moment=moment(error.until)) if error.until else _("It has no end."),
        _("`/appeal` asks the moderators once to look at it again.")
        if error.may_appeal
        else _("You have asked for another look at it already."),
    ]
    return "\n".join(lines)


def cooling_down(strikes: int, until: int) -> str:
    """What somebody is told whose strikes make them wait until a moment, in UTC milliseconds."""
    return ngettext(
        "You have {number} strike in this server, so you can make pictures again at {moment}.",
        "You have {number} strikes in this server, so you can make pictures again at {moment}.",
        strikes,
        moment=moment(until),
    )


def lowered(strikes: int, limit: int, usual: int, until: int) -> str:
    """What somebody is told whose strikes lower their images a day until a moment, in UTC milliseconds."""
    return ngettext(
        "With your {number} strike here it is {limit} a day at most, with what you make elsewhere, "
        "until {until}. Usual is {usual}.",
        "With your {number} strikes here it is {limit} a day at most, with what you make elsewhere, "
        "until {until}. Usual is {usual}.",
        strikes,
        limit=images(limit),
        usual=images(usual),
        until=moment(until),
    )


def _too_many_reports(error: TooManyReports) -> str:
    """What somebody is told who has reported much."""
    return ngettext(
        "You have reported {number} picture within an hour, which is as much as is taken. "
        "You can report again at {moment}; in an emergency, write to a moderator.",
        "You have reported {number} pictures within an hour, which is as much as is taken. "
        "You can report again at {moment}; in an emergency, write to a moderator.",
        error.limit,
        moment=moment(error.next_at),
    )
