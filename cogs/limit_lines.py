"""Sentences about what is set: caps, tiers, channels and grants, as managers read them."""

from __future__ import annotations

from bot.domain.grants import NEVER
from bot.domain.server_limits import ChannelRule, ServerLimits
from bot.domain.tiers import EVERYONE, Tier
from bot.studio.limits import Overview
from cogs.language import _, ngettext
from cogs.numbers import cents, number
from cogs.text import code, escape, images, listed, mention, moment, quote

ROLES_SHOWN = 10


def caps_lines(overview: Overview, default_images: int) -> list[str]:
    """Return the caps of a server and of everybody in it, and what of the month is used."""
    limits, operator = overview.state.limits, overview.operator
    everyone = overview.tier(EVERYONE)
    daily = default_images if everyone.daily_images is None else everyone.daily_images
    said = _("Each member may make {images} a day", images=images(daily))
    if everyone.daily_micros is not None:
        said += ", " + _("for at most {amount}", amount=cents(everyone.daily_micros))
    lines = [f"{said}."]
    if everyone.carry_over:
        lines.append(
            _("What a day leaves counts for the next, up to {images}.", images=images(everyone.carry_over))
        )
    made = _least(limits.monthly_images, operator.server_monthly_images)
    spent = _least(limits.monthly_micros, operator.server_monthly_micros)
    if made is not None:
        lines.append(_("The server may make {images} a month.", images=images(made)))
    if spent is not None:
        lines.append(_("The server may use {amount} a month.", amount=cents(spent)))
    if made is None and spent is None:
        lines.append(_("The server has no limit of its own."))
    lines.append(
        _(
            "This month: {images} for {amount}. A new month begins at {when}.",
            images=images(overview.used.images),
            amount=cents(overview.used.micros),
            when=moment(overview.month.end),
        )
    )
    if (spent is not None and overview.used.micros >= spent) or (
        made is not None and overview.used.images >= made
    ):
        lines.append(_("**That is all of it: nothing more is made here until then.**"))
    return lines


def tier_lines(tier: Tier, *, own: bool, default_images: int) -> list[str]:
    """Return what a tier says, and whom it belongs to."""
    daily, turns = tier.daily_images, tier.thread_turns
    if daily is None and tier.name == EVERYONE:
        daily = default_images
    said = [
        None if daily is None else _("{images} a day", images=images(daily)),
        None if tier.daily_micros is None else _("{amount} a day", amount=cents(tier.daily_micros)),
        None if tier.carry_over is None else _("up to {images} carried over", images=images(tier.carry_over)),
        None if tier.largest_size is None else _("sizes up to {size}", size=code(tier.largest_size)),
        _("models: {models}", models=listed(tier.models)) if tier.models else None,
        None
        if tier.fallback is None
        else _("{model} in the place of a model that is out of reach", model=code(tier.fallback)),
        None if tier.concurrency is None else _("{number} at once", number=number(tier.concurrency)),
        None if tier.priority is None else _("priority {number}", number=number(tier.priority)),
        None
        if turns is None
        else ngettext("conversations of {number} turn", "conversations of {number} turns", turns),
    ]
    whose = _("as this server set it") if own else _("as the operator of this bot set it")
    if tier.name == EVERYONE and not own:
        whose = _("nobody has changed it here")
    return [
        f"**{escape(tier.name)}** · {whose}",
        ", ".join(part for part in said if part is not None) or _("It says nothing yet."),
        whose_tier(tier),
    ]


def whose_tier(tier: Tier) -> str:
    """Return whom a tier belongs to."""
    if tier.name == EVERYONE:
        return _("It is everybody's.")
    whom = [f"<@&{role}>" for role in tier.roles[:ROLES_SHOWN]]
    if len(tier.roles) > ROLES_SHOWN:
        whom.append("…")
    if tier.boosters:
        whom.append(_("who boosts this server"))
    if tier.members:
        whom.append(_("people whom the operator of this bot named"))
    if not whom:
        return _("It belongs to nobody yet: map roles to it with `/config roles`.")
    return _("It belongs to: {whom}.", whom=", ".join(whom))


def membership_lines(overview: Overview) -> list[str]:
    """Return who has a tier for a time."""
    return [
        f"{mention(item.member_id)}: **{escape(item.tier)}** · "
        + _("until {when}, given by {giver}", when=moment(item.until), giver=mention(item.given_by))
        for item in overview.memberships
    ]


def channel_line(limits: ServerLimits) -> str:
    """Return where the bot may be used."""
    named = ", ".join(f"<#{channel}>" for channel in limits.channels) or _("no channel is named")
    if limits.channel_rule is ChannelRule.ONLY and limits.channels:
        return _("The bot may be used in these channels only: {channels}.", channels=named)
    if limits.channel_rule is ChannelRule.EXCEPT and limits.channels:
        return _("The bot may be used everywhere but in these channels: {channels}.", channels=named)
    return _("The bot may be used in every channel.")


def granted(member_id: int, amount: int, expires_at: int, reason: str) -> str:
    """Return what a manager reads who has granted something."""
    until = "" if expires_at == NEVER else " " + _("They are good until {when}.", when=moment(expires_at))
    because = f" {_('Reason: {reason}', reason=quote(reason, 220))}" if reason else ""
    said = _(
        "**Granted.** {member} may make {images} more here, beside the daily limit.",
        member=mention(member_id),
        images=images(amount),
    )
    return f"{said}{until}{because}"


def _least(*bounds: int | None) -> int | None:
    return min((bound for bound in bounds if bound is not None), default=None)
