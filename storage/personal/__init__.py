"""What is kept of people, by kind: how each is handed out, forgotten and given up.

`KINDS` is the list. A new kind is a `kinds.Kind`, or a class derived from it, and a line here.
"""

from __future__ import annotations

from storage.personal.belongings import AUDIT, CHARACTERS, PRESETS, SERVERS, SETTINGS
from storage.personal.conduct import ATTEMPTS, CASES, NOTICES, REPORTS, RETRACTIONS, SANCTIONS
from storage.personal.conversations import CONVERSATIONS
from storage.personal.kinds import Kind
from storage.personal.records import EVENTS, GRANTS, LEDGER, TIERS
from storage.personal.requests import REQUESTS
from storage.personal.works import WORKS

# The order is that of an erasure: pictures go before the requests that they were made for.
KINDS: tuple[Kind, ...] = (
    WORKS,
    REQUESTS,
    RETRACTIONS,
    CONVERSATIONS,
    CHARACTERS,
    PRESETS,
    SETTINGS,
    ATTEMPTS,
    REPORTS,
    SANCTIONS,
    CASES,
    NOTICES,
    EVENTS,
    LEDGER,
    GRANTS,
    TIERS,
    AUDIT,
    SERVERS,
)
