"""What is kept of people, by kind: how each is handed out, forgotten and given up.

`KINDS` is the list. A new kind is an object with the methods of `kinds.Kind`, and a line here.
"""

from __future__ import annotations

from storage.personal.belongings import AUDIT, CHARACTERS, PRESETS, SERVERS, SETTINGS
from storage.personal.conduct import ATTEMPTS, CASES, REPORTS, SANCTIONS
from storage.personal.conversations import CONVERSATIONS
from storage.personal.kinds import Kind
from storage.personal.records import EVENTS, GRANTS, Ledger
from storage.personal.requests import Requests
from storage.personal.works import Works

# The order is that of an erasure: pictures go before the requests that they were made for.
KINDS: tuple[Kind, ...] = (
    Works(),
    Requests(),
    CONVERSATIONS,
    CHARACTERS,
    PRESETS,
    SETTINGS,
    ATTEMPTS,
    REPORTS,
    SANCTIONS,
    CASES,
    EVENTS,
    Ledger(),
    GRANTS,
    AUDIT,
    SERVERS,
)
