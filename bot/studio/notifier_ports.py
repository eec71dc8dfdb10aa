"""What people are told, and the protocol of who tells them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from bot.domain.conversations import Turn
from bot.domain.deliveries import Delivery, Way
from bot.domain.images import FittedFile, Image, Withheld
from bot.domain.jobs import Job
from bot.domain.outlook import NOTHING_KNOWN, Outlook
from bot.domain.progress import Stage
from bot.domain.requests import Origin


class Showing(StrEnum):
    """Why pictures are shown. It decides which buttons stand under them."""

    RESULT = "result"  # the answer to a request
    COPY = "copy"  # one of its pictures, brought back by somebody
    OPENED = "opened"  # one of its pictures, privately, for somebody who looks for something
    ORIGINAL = "original"  # the same, for somebody who wants the best that fits


@dataclass(frozen=True, slots=True)
class Attachment:
    """One picture as it is posted: the stored original, or a copy that fits the upload limit."""

    image: Image
    path: Path
    smaller: FittedFile | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the owner of a finished job gets."""

    job: Job
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()  # what the models said beside the pictures, or instead of one
    short_of: int = 0  # pictures that were asked for and not made
    withdrawn: bool = False  # it was made, but everything in it has been deleted since
    withheld: Withheld | None = None  # why pictures of it are not shown, where moderators or reports say so
    showing: Showing = Showing.RESULT  # any other has exactly one attachment
    turn: Turn | None = None  # it is a step of a conversation
    posted_at: str = ""  # the address of the message that the pictures were posted in
    parent_at: str = ""  # the same of the picture that they were made from

    def evolve(self, **changes: Any) -> Outcome:
        """Return a copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Posted:
    """Where an answer was put."""

    channel_id: int
    message_id: int


class Notifier(Protocol):
    """Tells people. The only implementation that reaches people is Discord's, in `cogs.notifier`."""

    def progress(self, job: Job, stage: Stage, ahead: int = 0, outlook: Outlook = NOTHING_KNOWN) -> None:
        """Say how far a job is, while it waits how many go first, and what is known about the time it takes.

        Returns at once, never fails.
        """
        ...

    @property
    def calm(self) -> bool:
        """Whether few people wait to be told that their request was accepted."""
        ...

    async def acknowledged(self) -> None:
        """Return when it is `calm`, or after a moment.

        Whoever begins work waits for this first: of many requests at once, none is left without an answer
        for the sake of another's picture.
        """
        ...

    async def deliver(
        self, outcome: Outcome, way: Way, origin: Origin, card_message_id: int | None
    ) -> Posted:
        """Get an outcome to a member by one way; raise DeliveryError where that fails. Safe to repeat.

        `origin` is the job's own, or a later one of the same member for Way.FOLLOW_UP.
        """
        ...

    async def update(self, outcome: Outcome, delivery: Delivery) -> None:
        """Make a message that was posted agree with what is there now; raise DeliveryError otherwise."""
        ...
