"""Which channel the sandbox's page shows: SimCord's has one, and knows no way to another.

The page follows into every thread that the bot opens. Who writes `//` and the beginning of a name goes there:
`//art` is the channel, `//a red` the thread "a red lighthouse". The bot leaves such messages alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import simcord

PREFIX = "//"


class Places:
    """Notices where people want to be. Subscribe `notice` to the simulation's events."""

    def __init__(self, env: simcord.Env, channel: simcord.ChannelHandle) -> None:
        self._env = env
        self._channel = channel
        self._wanted: simcord.ChannelHandle | None = None

    def notice(self, event: str, payload: Mapping[str, Any]) -> None:
        """Look at one event."""
        if event == "THREAD_CREATE" and int(payload.get("parent_id") or 0) == self._channel.id:
            self._wanted = self._thread(int(payload["id"])) or self._wanted
        elif event == "MESSAGE_CREATE" and not payload["author"].get("bot"):
            text = str(payload.get("content") or "")
            if text.startswith(PREFIX):
                self._wanted = self._named(text.removeprefix(PREFIX).strip().lstrip("#")) or self._wanted

    def take(self) -> simcord.ChannelHandle | None:
        """Return where to go, once."""
        wanted, self._wanted = self._wanted, None
        return wanted

    def _thread(self, channel_id: int) -> simcord.ChannelHandle | None:
        return next((thread for thread in self._channel.threads if thread.id == channel_id), None)

    def _named(self, text: str) -> simcord.ChannelHandle | None:
        """Return the channel or the newest thread whose name begins like that."""
        if not text:
            return None
        places = [self._channel, *reversed(self._channel.threads)]
        return next(
            (place for place in places if (place.name or "").casefold().startswith(text.casefold())), None
        )
