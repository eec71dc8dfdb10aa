"""What privacy needs from storage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.domain.jobs import Job
from bot.domain.privacy import Erasure, Holdings, Page


class Privacy(Protocol):
    """What is kept of people, by kind. Whatever changes something does a bounded number of rows."""

    def kinds(self, *, personal: bool = False) -> Sequence[str]:
        """Names of all kinds in the order in which they are erased; `personal`: those that are exported."""
        ...

    async def holdings(self, member_id: int, *, now: int) -> Holdings:
        """How much there is of a member, and what would have to stay for now."""
        ...

    async def export(self, kind: str, member_id: int, after: str, limit: int) -> Page:
        """Some of a member's rows."""
        ...

    async def erase(self, kind: str, erasure: Erasure, *, now: int, limit: int) -> int:
        """Forget some rows of a member; return how many. 0: nothing is left that may go now."""
        ...

    async def purge(self, kind: str, cutoffs: Mapping[str, int], *, now: int, limit: int) -> int:
        """Forget some rows whose time is over; return how many."""
        ...

    async def leave(self, kind: str, guild_id: int, *, now: int, limit: int) -> int:
        """Forget some rows of a server; return how many."""
        ...

    async def insert_erasure(self, erasure: Erasure) -> None:
        """Write down what somebody wants."""
        ...

    async def latest_erasure(self, member_id: int) -> Erasure | None:
        """The latest wish of a member that is not fulfilled in every point."""
        ...

    async def erasures(self) -> Sequence[Erasure]:
        """Wishes that are not fulfilled in every point, the oldest first."""
        ...

    async def mark_erased(self, erasure: Erasure) -> None:
        """Say that everything which may go at once is gone."""
        ...

    async def end_erasure(self, erasure: Erasure) -> None:
        """Forget a wish that is fulfilled, and with it who had it."""
        ...

    async def unfinished_jobs(self, erasure: Erasure, limit: int) -> Sequence[Job]:
        """Jobs that an erasure is about and that wait or run."""
        ...

    async def being_delivered(self, erasure: Erasure) -> int:
        """How many answers that an erasure is about are being posted just now."""
        ...

    async def posted_jobs(self, erasure: Erasure, after: str, limit: int) -> Sequence[str]:
        """Ids of jobs that an erasure is about and whose answer stands in Discord."""
        ...

    async def opened_places(self, erasure: Erasure) -> Sequence[tuple[int, int | None]]:
        """The threads of a member's conversations, and the messages that may be ours and begin them."""
        ...

    async def hide_images(self, erasure: Erasure, *, now: int, limit: int) -> int:
        """Delete some images that an erasure is about for everybody; return how many."""
        ...

    async def begin_export(self, member_id: int, *, now: int, pause: int) -> int | None:
        """Write down that a member takes what there is; return when they last did where that is too soon."""
        ...

    async def leave_server(self, guild_id: int, *, now: int) -> None:
        """Write down that the bot was removed from a server, where it is not known."""
        ...

    async def enter_server(self, guild_id: int) -> bool:
        """Write down that the bot is in a server; return whether it had been removed from it."""
        ...

    async def forget_server(self, guild_id: int) -> None:
        """Forget that the bot was ever in a server: nothing that belongs to it is left."""
        ...

    async def left_servers(self, before: int | None = None) -> Sequence[int]:
        """Servers that the bot was removed from, of these the ones before a moment."""
        ...

    async def servers(self) -> Sequence[int]:
        """The servers that the bot is in, or was and has not forgotten."""
        ...

    async def forget_answer(self, job_id: str) -> None:
        """Forget where a job's answer stood: it has been taken away."""
        ...

    async def knows_message(self, message_id: int) -> bool:
        """Whether a message is one of ours that is remembered."""
        ...

    async def forget_message(self, message_id: int) -> None:
        """Forget a message that is not there any more."""
        ...


class Sweeper(Protocol):
    """Files that nobody needs."""

    async def remove_freed(self) -> int:
        """Remove files that lost somebody who needed them, where nobody else does; return how many."""
        ...

    async def remove_copies(self, before: int) -> int:
        """Remove whole copies of the database that upgrades made before a moment; return how many."""
        ...

    async def remove_orphans(self) -> int:
        """Remove files that nothing names and nothing has for a while; return how many."""
        ...


class Withdraws(Protocol):
    """Takes posted answers away (`Deliverer`)."""

    async def withdraw(self, job_id: str) -> bool:
        """Take a job's answer and its copies away; False where Discord does not let us."""
        ...


class Clears(Protocol):
    """Takes what somebody wrote out of the threads that we opened for them (`cogs.clearing`)."""

    async def clear(self, place_id: int, message_id: int | None) -> bool:
        """Rename a thread, and remove our message that began it; False where Discord does not let us."""
        ...
