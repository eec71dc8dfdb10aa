"""Every sentence that an operator may read stands in `docs/troubleshooting.md`, and no other."""

from __future__ import annotations

from tests.documentation.pages import DOCS, prose, spans
from tests.documentation.sentences import sentences, sentences_in

PAGE = DOCS / "troubleshooting.md"


def test_every_message_is_described() -> None:
    described = set(spans(prose(PAGE)))
    missing = {f"{item.place}: {item.text}" for item in sentences() if item.text not in described}
    assert sorted(missing) == []


def test_every_message_that_is_described_can_be_read_somewhere() -> None:
    """What stands first in a row is a message, in the tables whose head says so."""
    known = {item.text for item in sentences()}
    wrong = []
    expected = False
    for line in prose(PAGE).splitlines():
        if line.startswith("| message |") or line.startswith("| problem |"):
            expected = True
        elif not line.startswith("|"):
            expected = False
        elif expected and not line.startswith("|---"):
            wrong += [span for span in spans(line.split(" | ")[0]) if span not in known]
    assert wrong == []


def test_sentences_are_found_in_the_source() -> None:
    source = """
GONE = "The folder is gone. " "Make it again."
def work(name):
    log.warning("nothing from %s: %r", name, 1)
    raise StorageFull(f"no room in {name}{name}") if name else LoginError(GONE, theirs=True)
    log.info("not this one")
    log.log(level, "%s of a level that depends", name)
    Fault(name, "is wrong" if name else "is missing", "Write it")
"""
    assert sorted(sentences_in(source)) == [
        "The folder is gone. Make it again.",
        "is missing",
        "is wrong",
        "no room in …",
        "nothing from …: …",
        "… of a level that depends",
    ]
