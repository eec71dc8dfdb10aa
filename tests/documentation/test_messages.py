"""Every refusal, failure and remark that people can read stands in `docs/messages.md`, and no other."""

from __future__ import annotations

from tests.documentation.answers import answers, answers_in
from tests.documentation.pages import DOCS, prose, spans

PAGE = DOCS / "messages.md"


def test_every_answer_is_described() -> None:
    described = set(spans(prose(PAGE)))
    missing = {f"{item.place}: {item.text}" for item in answers() if item.text not in described}
    assert sorted(missing) == []


def test_every_answer_that_is_described_can_be_read_somewhere() -> None:
    """What stands first in a row is what the bot says."""
    known = {item.text for item in answers()}
    rows = [line for line in prose(PAGE).splitlines() if line.startswith("| `")]
    assert len(rows) > 50
    assert [span for row in rows for span in spans(row.split(" | ")[0]) if span not in known] == []


def test_every_row_says_what_helps() -> None:
    rows = [line for line in prose(PAGE).splitlines() if line.startswith("| `")]
    assert [row for row in rows if len(row.rstrip("| ").split(" | ")) != 2] == []


def test_answers_are_found_in_the_source() -> None:
    source = """
GONE = N_("This picture is gone. " "Take {another}.")
OFFER = N_("Would you like another one?")
def refused(error):
    return _("-# It ends at {when}.", when=1) if error else _("text")
def made(count):
    return ngettext("{number} picture was made.", "{number} pictures were made.", count)
"""
    everything = [
        "This picture is gone. Take ….",
        "Would you like another one?",
        "It ends at ….",
        "… pictures were made.",
    ]
    assert list(answers_in(source)) == everything
    assert list(answers_in(source, ("GONE", "refused"))) == [everything[0], everything[2]]
