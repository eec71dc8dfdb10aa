"""Cases, sanctions and notices to store."""

from __future__ import annotations

from typing import Any

from bot.domain.cases import Action, Case, Reason, Report
from bot.domain.consequences import Ban, Note, Strike
from bot.domain.notices import Notice, NoticeKind
from storage import Transaction
from tests.storage.samples import MEMBER, NOON
from tests.storage.server_samples import GUILD

MODERATOR = 301
REPORTER = 401
DAY = 86_400_000


def make_case(image_id: str = "job00001p0", number: int = 1, **changes: Any) -> Case:
    values: dict[str, Any] = {
        "id": f"case{number:b>3}",
        "guild_id": GUILD,
        "number": number,
        "image_id": image_id,
        "member_id": MEMBER,
        "reason": Reason.SPAM,
        "opened_at": NOON + number,
        "updated_at": NOON + number,
    }
    return Case(**(values | changes))


def make_report(case: Case, reporter: int = REPORTER, **changes: Any) -> Report:
    values: dict[str, Any] = {
        "case_id": case.id,
        "reporter_id": reporter,
        "reason": Reason.SPAM,
        "text": "Schon wieder 🍌",
        "wants_outcome": True,
        "at": NOON,
    }
    return Report(**(values | changes))


def make_strike(number: int = 1, **changes: Any) -> Strike:
    values: dict[str, Any] = {
        "id": f"strike{number}",
        "guild_id": GUILD,
        "member_id": MEMBER,
        "at": NOON + number,
        "by": MODERATOR,
        "reason": "was warned",
        "expires_at": NOON + 90 * DAY,
    }
    return Strike(**(values | changes))


def make_ban(number: int = 1, **changes: Any) -> Ban:
    values: dict[str, Any] = {
        "id": f"ban{number:b>4}",
        "guild_id": GUILD,
        "member_id": MEMBER,
        "at": NOON + number,
        "by": MODERATOR,
        "reason": "again",
        "until": NOON + 7 * DAY,
    }
    return Ban(**(values | changes))


async def fill_moderation(tx: Transaction, image_id: str) -> None:
    """Write one of each about an image that is there."""
    case = make_case(image_id)
    assert await tx.cases.insert(case)
    assert await tx.cases.add_report(make_report(case))
    joined = case.joined(Reason.SPAM, now=NOON)
    await tx.cases.save(joined, expected=0)
    decided = joined.after(Action.DISMISS, by=MODERATOR, now=NOON + 9, seen=0)
    await tx.cases.save(decided, expected=0)
    await tx.members.add_strike(make_strike(case_id=case.id))
    await tx.members.add_ban(make_ban())
    await tx.members.add_note(Note("note1", GUILD, MEMBER, NOON, MODERATOR, "Grüße"))
    await tx.notices.put(Notice(NoticeKind.CARD, case.id, NOON, {"list": [1]}))
