"""What /privacy show says about time, also where there is no end."""

from __future__ import annotations

import pytest

from bot.domain.privacy import Holdings, Retention
from bot.studio.privacy import Receiver
from cogs.language import Languages, speaking
from cogs.privacy_words import overview

ENDLESS = Retention(images_days=0, audit_days=0, ledger_days=0, server_days=0)


def shown(code: str, retention: Retention) -> str:
    with speaking(Languages.shipped().of(code)):
        return "\n".join(overview(Holdings({}, {}), None, retention, Receiver.GEMINI))


@pytest.mark.parametrize(
    ("code", "sentences"),
    [
        ("en", ["30 days more", "Notes go after 730 days", "at most 365 days"]),
        ("de", ["noch 30 Tage", "Notizen bleiben 730 Tage", "höchstens 365 Tage"]),
    ],
)
def test_terms_are_said_in_days(code: str, sentences: list[str]) -> None:
    text = shown(code, Retention())
    assert [sentence for sentence in sentences if sentence not in text] == []


def test_what_has_no_end_is_said_in_sentences_of_its_own() -> None:
    english, german = shown("en", ENDLESS), shown("de", ENDLESS)
    assert "removes this bot: it stays, without an end" in english
    assert "Notes stay until you erase everything" in english
    assert "after without" not in english and "end more" not in english
    assert "entfernt: Es bleibt, ohne Ende" in german and "Notizen bleiben, bis du alles löschst" in german
    assert "noch ohne" not in german and "nach ohne" not in german
