"""What the studio needs of the database for what people set, and for the record of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.audit import AuditEntry, AuditFilter, ChainReport
from bot.domain.server_settings import InForce, MemberSettings, ServerState


class Settings(Protocol):
    """What servers and members have set."""

    async def of_server(self, guild_id: int) -> ServerState:
        """What a server has set; version 0 with the defaults where nothing is kept."""
        ...

    async def save_server(self, state: ServerState) -> None:
        """Write settings whose version is one more than what is kept; StaleState where it is not."""
        ...

    async def of_member(self, member_id: int) -> MemberSettings:
        """What a member has set, or the defaults."""
        ...

    async def in_force(self, member_id: int, guild_id: int | None) -> InForce:
        """What a member and the server where they are have set, at one go; None: outside of servers."""
        ...

    async def save_member(self, member_id: int, settings: MemberSettings, *, now: int) -> None: ...

    async def forget_member(self, member_id: int) -> None:
        """Remove what a member has set."""
        ...


class Audit(Protocol):
    """What people with a say changed: append-only."""

    async def append(self, entry: AuditEntry) -> None:
        """Write the next link of the chain. Nothing else is to be locked after it in its transaction."""
        ...

    async def of_server(
        self,
        guild_id: int,
        *,
        limit: int,
        before: AuditEntry | None = None,
        wanted: AuditFilter = AuditFilter(),
    ) -> Sequence[AuditEntry]:
        """The latest entries of a server, newest first; `before` is the last one of the page before."""
        ...

    async def verify(self) -> ChainReport:
        """Whether every link of the chain holds."""
        ...
