"""A member's record in words: it fits into a message, and names nobody who is forgotten."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.consequences import DAY_MS, Ban, Note, Strike
from bot.domain.records import MemberRecord
from cogs.panels import TEXT_LIMIT
from cogs.record_words import RECORD_SHOWN, ban_lines, record_parts

NOW = 1_000 * DAY_MS
ANNA, MONA = 10**18, 10**18 + 1
BAN = Ban("b", 7, ANNA, NOW, MONA, "spam", None)
LONG = "`*@everyone*`" * 500


def test_of_an_appeal_it_is_said_who_answered_it_and_how() -> None:
    assert len(ban_lines(BAN, NOW)) == 1
    asked = replace(BAN, appeal="please", appealed_at=NOW)
    assert len(ban_lines(asked, NOW)) == 1  # it waits, and is shown in full
    assert ban_lines(replace(asked, until=NOW - 1), NOW)[1].endswith("“please” · not answered")
    declined = replace(asked, answered_at=NOW + 1000, answered_by=MONA)
    assert f"declined by <@{MONA}>" in ban_lines(declined, NOW)[1]
    later = replace(declined, lifted_at=NOW + 2000, lifted_by=ANNA)
    assert f"lifted by <@{ANNA}>" in ban_lines(later, NOW)[0]
    assert f"declined by <@{MONA}>" in ban_lines(later, NOW)[1]
    granted = replace(declined, lifted_at=NOW + 1000, lifted_by=MONA)
    assert f"granted by <@{MONA}>" in ban_lines(granted, NOW)[1]


def test_who_was_erased_is_not_named() -> None:
    erased = replace(
        BAN, by=-5, lifted_at=NOW, lifted_by=-5, appeal="x", appealed_at=1, answered_at=NOW, answered_by=-5
    )
    shown = "\n".join(ban_lines(erased, NOW))
    assert shown.count("somebody who is forgotten") == 3
    assert "-5" not in shown


def test_the_longest_record_fits_into_a_message() -> None:
    bans = [
        replace(
            BAN, reason=LONG, lifted_at=NOW, lifted_by=MONA, appeal=LONG, appealed_at=1, answered_at=NOW,
            answered_by=MONA, guild_id=0,
        )
    ] * RECORD_SHOWN  # fmt: skip
    strikes = [Strike("s" * 12, 7, ANNA, NOW, MONA, LONG, NOW + DAY_MS, None, NOW, MONA)] * RECORD_SHOWN
    notes = [Note("n", 7, ANNA, NOW, MONA, LONG)] * RECORD_SHOWN
    parts = record_parts(MemberRecord(ANNA, strikes=strikes, bans=bans, notes=notes), NOW)
    assert len(parts) == 4
    assert sum(len(part) for part in parts) <= TEXT_LIMIT
