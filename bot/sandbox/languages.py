"""Who in the sandbox uses Discord in another language: SimCord's people all speak English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ENGLISH = "en-US"


class Languages:
    """Knows who speaks what. Subscribe `notice` to the simulation's events."""

    def __init__(self, locales: Mapping[int, str]) -> None:
        self._locales = dict(locales)

    def of(self, user_id: int) -> str:
        """Return the locale of somebody's Discord."""
        return self._locales.get(user_id, ENGLISH)

    def notice(self, event: str, payload: Mapping[str, Any]) -> None:
        """Write the locale of whoever acts into an interaction."""
        if event == "INTERACTION_CREATE" and isinstance(payload, dict):
            user = (payload.get("member") or payload).get("user") or {}
            payload["locale"] = self.of(int(user.get("id", 0)))
