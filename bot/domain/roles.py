"""Who may do what. Every question about permissions ends here.

A role holds what those below it may do. Discord's permissions and the server's named roles say which one
somebody has (`role_of`); operators are named in the settings file.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum, StrEnum


class Role(IntEnum):
    """What somebody is in a server, or here at all."""

    MEMBER = 0
    MODERATOR = 1  # Moderate Members, or a role that the server names
    MANAGER = 2  # Manage Server
    OPERATOR = 3  # named in the TOML file


class Act(StrEnum):
    """What needs a role."""

    REPORT = "report"
    APPEAL = "appeal"
    DELETE_OTHERS = "delete_others"  # somebody else's picture
    SEE_CASES = "see_cases"  # cases, records, the audit
    DECIDE = "decide"  # cases and appeals
    PUNISH = "punish"  # strikes, bans and notes in this server
    BAN_EVERYWHERE = "ban_everywhere"
    CONFIGURE = "configure"
    RELOAD = "reload"  # the operator's settings file


_NEEDS = {
    Act.REPORT: Role.MEMBER,
    Act.APPEAL: Role.MEMBER,
    Act.DELETE_OTHERS: Role.MODERATOR,
    Act.SEE_CASES: Role.MODERATOR,
    Act.DECIDE: Role.MODERATOR,
    Act.PUNISH: Role.MODERATOR,
    Act.BAN_EVERYWHERE: Role.OPERATOR,
    Act.CONFIGURE: Role.MANAGER,
    Act.RELOAD: Role.OPERATOR,
}


def role_of(
    *, moderates: bool, manages: bool, operates: bool, roles: Collection[int], named: Collection[int]
) -> Role:
    """Return the highest role that somebody has; `named` are the server's roles for its moderators."""
    if operates:
        return Role.OPERATOR
    if manages:
        return Role.MANAGER
    return Role.MODERATOR if moderates or set(roles) & set(named) else Role.MEMBER


def may(role: Role, act: Act) -> bool:
    """Whether a role may do something."""
    return role >= _NEEDS[act]


def may_spare_themselves(actor: Role) -> bool:
    """Whether somebody may decide in their own favour about their own picture. Managers and operators may,
    because there may be nobody else; it stands in the log, as everything does."""
    return actor >= Role.MANAGER


def may_punish(actor: Role, target: Role) -> bool:
    """Whether somebody may strike or ban somebody else: only who stands below them."""
    return target < actor
