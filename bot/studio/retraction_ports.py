"""What taking messages back needs from storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.retractions import Kept


class Retractions(Protocol):
    """Jobs whose messages are gone. Looking for them is cheap: most messages are none of ours."""

    async def add_message(self, job_id: str, message_id: int, *, pictures: bool) -> None:
        """Remember that one more message went into a job: its words, or only its pictures."""
        ...

    async def copy_messages(self, source: str, target: str) -> None:
        """Remember for a job that takes another one's place what went into that."""
        ...

    async def asked_by(self, message_ids: Sequence[int]) -> Sequence[str]:
        """Ids of the jobs that messages asked for."""
        ...

    async def brought_by(self, message_ids: Sequence[int]) -> Sequence[str]:
        """Ids of the jobs that only pictures of messages went into, whoever asked for them."""
        ...

    async def asked_in_place(self, place_id: int) -> Sequence[str]:
        """Ids of the jobs that messages of a thread asked for."""
        ...

    async def asked_in_channel(self, channel_id: int) -> Sequence[str]:
        """Ids of the jobs that messages in the threads of a channel asked for."""
        ...

    async def opened_by(self, job_id: str) -> Sequence[tuple[int, int | None]]:
        """Threads of servers that a job opened, or its picture: they are named after its words. With each the
        message that may be ours and begins it."""
        ...

    async def channels(self) -> Sequence[tuple[int, int]]:
        """Servers and their channels in which messages asked for something that is still known."""
        ...

    async def note(self, job_ids: Sequence[str], now: int, *, pictures: bool = False) -> None:
        """Write down that the messages of jobs are gone, or only those that pictures were taken from; the
        same one twice is one."""
        ...

    async def due(self, limit: int) -> Sequence[tuple[str, bool]]:
        """Jobs that were noted and still have what was said, the oldest first; of each whether it loses only
        pictures. Not those that need it: at work, or waiting for what somebody else wants."""
        ...

    async def carry_out(self, job_id: str, now: int) -> bool:
        """Take what was noted out of a job and its turns; return whether that was still to be done.

        Whoever calls it sees to it that nobody needs them for work any more.
        """
        ...

    async def kept_of(self, job_id: str) -> Kept | None:
        """What a job lost, as evidence for the moderators of its server."""
        ...
