"""What Discord says about whoever asks, at the moment of asking. Nothing of it is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.server_settings import InForce, ServerSettings


class Place(StrEnum):
    """What kind of place a request came from."""

    SERVER = "server"  # a server that the bot is in
    DIRECT = "direct"  # direct messages with the bot
    ELSEWHERE = "elsewhere"  # where the bot is not: the command came along with its user


@dataclass(frozen=True, slots=True)
class Standing:
    """Who asks, as far as caps go. The default is a member of a server without any role.

    `servers` are those that the bot shares with this person, known outside of servers only; `stranger` says
    that it shares none. `turns` is how long a conversation would become with this request, 0 outside of one.
    `in_force` is what was set, where whoever answers has looked that up already.
    """

    roles: frozenset[int] = frozenset()
    booster: bool = False
    place: Place = Place.SERVER
    channels: tuple[int, ...] = ()  # the channel, and what it stands in: a thread's channel, a category
    servers: tuple[int, ...] = ()
    stranger: bool = False
    turns: int = 0
    in_force: InForce | None = None

    @property
    def server(self) -> ServerSettings:
        """What the server has set where they ask; the defaults where nobody has looked."""
        return self.in_force.server if self.in_force is not None else ServerSettings()

    def evolve(self, **changes: Any) -> Standing:
        """Return a copy with some fields changed."""
        return replace(self, **changes)
