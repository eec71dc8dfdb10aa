"""What taking messages back needs from storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.retractions import Kept


class Retractions(Protocol):
    """Jobs whose messages are gone. Looking for them is cheap: most messages are none of ours."""

    async def add_message(self, job_id: str, message_id: int) -> None:
        """Remember that words of one more message went into a job."""
        ...

    async def copy_messages(self, source: str, target: str) -> None:
        """Remember for a job that takes another one's place what went into that."""
        ...

    async def asked_by(self, message_ids: Sequence[int]) -> Sequence[str]:
        """Ids of the jobs that messages asked for."""
        ...

    async def asked_in_place(self, place_id: int) -> Sequence[str]:
        """Ids of the jobs that messages of a thread asked for."""
        ...

    async def asked_in_channel(self, channel_id: int) -> Sequence[str]:
        """Ids of the jobs that messages in the threads of a channel asked for."""
        ...

    async def channels(self) -> Sequence[tuple[int, int]]:
        """Servers and their channels in which messages asked for something that is still known."""
        ...

    async def note(self, job_ids: Sequence[str], now: int) -> None:
        """Write down that the messages of jobs are gone; the same one twice is one."""
        ...

    async def due(self, limit: int) -> Sequence[str]:
        """Ids of jobs that were noted, are not at work, and still have their words; the oldest first."""
        ...

    async def carry_out(self, job_id: str, now: int) -> bool:
        """Take the words out of a job that was noted, and of its turns; return whether there were any left.

        Whoever calls it sees to it that nobody needs them for work any more.
        """
        ...

    async def kept_of(self, job_id: str) -> Kept | None:
        """What a job lost, as evidence for the moderators of its server."""
        ...
