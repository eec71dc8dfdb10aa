"""Messages that people take back by deleting them, after what they asked for was made.

The words and the pictures that came with them leave the job, the conversation and every card. For as long as
evidence is kept, moderators of the server find them; nobody else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.requests import Request


@dataclass(frozen=True, slots=True)
class Kept:
    """What a job lost, for its moderators alone. Of pictures there are the digests, not the files."""

    request: Request
    texts: Mapping[int, str] = field(default_factory=dict)  # what the model said, by the answer's position

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `from_json` gives an equal one back."""
        texts = {str(position): text for position, text in self.texts.items()}
        return {"request": self.request.to_json(), "texts": texts}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Kept:
        """Read what `to_json` wrote."""
        texts = {int(position): text for position, text in data["texts"].items()}
        return cls(Request.from_json(data["request"]), texts)
