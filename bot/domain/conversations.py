"""Conversations: the turns of one thread as a tree, its head, and who may take part.

::

    1 ── 2 ── 3 ── 4        every turn has a parent, the root has none
         └─── 5 ── 6 (head) a new turn goes on from the head, or from the picture that somebody replied to

A turn is the work of one job, and has the job's id. Only a root that was made elsewhere (a conversation that
begins from a picture that is there) has an id of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.calls import UserContent
from bot.domain.requests import Reference
from bot.errors import ConversationRefused, Hindrance

DAY_MS = 86_400_000
NAME_LIMIT = 100  # Discord: characters of a thread's name


class Participants(StrEnum):
    """Who may take part in a conversation."""

    OWNER = "owner"
    INVITED = "invited"  # the owner, and whom the owner invited
    EVERYBODY = "everybody"  # who can write there


class Ending(StrEnum):
    """Why a conversation ended."""

    ASKED = "asked"
    TURNS = "turns"
    AGE = "age"
    SPEND = "spend"
    GONE = "gone"  # its thread was deleted


class TurnState(StrEnum):
    """Where a turn stands. One that failed is no part of the tree."""

    WAITING = "waiting"
    STARTED = "started"  # its parent is decided
    DONE = "done"
    FAILED = "failed"


class TurnNote(StrEnum):
    """What a person should know about how a turn was made."""

    LEFT_OUT = "left_out"  # earlier pictures gave way: the path had outgrown the model
    OTHER_MODEL = "other_model"  # another family made earlier pictures; they went along as plain pictures
    RETRACTED = "retracted"  # earlier messages were deleted; their pictures went along as plain pictures
    FROM_HEAD_ALONE = "from_head_alone"  # the provider refused the history


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one conversation may go. 0: without a limit."""

    turns: int = 100
    days: int = 30
    micros: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation. Times are UTC milliseconds."""

    id: str
    place_id: int | None  # the thread, or the direct messages, that it goes on in; None: it is being opened
    channel_id: int  # the channel that the thread belongs to; the same as the place in direct messages
    guild_id: int | None
    owner_id: int
    participants: Participants
    model: str  # what the next turn is made with
    created_at: int
    updated_at: int
    head: str | None = None  # id of a turn
    moves: int = 0  # counts every change of the head
    turns: int = 0  # numbers that were given out
    private: bool = False  # its pictures are only for its owner
    invited: frozenset[int] = frozenset()
    ended_at: int | None = None
    ending: Ending | None = None

    @property
    def is_open(self) -> bool:
        """Whether it takes turns."""
        return self.ended_at is None

    def evolve(self, **changes: Any) -> Conversation:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def may_take_part(self, member_id: int) -> bool:
        """Whether somebody's messages are turns."""
        if member_id == self.owner_id or self.participants is Participants.EVERYBODY:
            return True
        return self.participants is Participants.INVITED and member_id in self.invited

    def check_turn(self, limits: Limits, *, spent: int, now: int) -> None:
        """Raise ConversationRefused where no turn may be added."""
        if not self.is_open:
            raise ConversationRefused(Hindrance.ENDED)
        reached = self.limit_reached(limits, spent=spent, now=now)
        if reached is not None:
            raise ConversationRefused(Hindrance.LIMIT, ending=reached, head=self.head)

    def limit_reached(self, limits: Limits, *, spent: int, now: int) -> Ending | None:
        """Return the limit that this conversation has reached; `spent` in micro-dollars."""
        if limits.turns and self.turns >= limits.turns:
            return Ending.TURNS
        if limits.days and now - self.created_at >= limits.days * DAY_MS:
            return Ending.AGE
        if limits.micros and spent >= limits.micros:
            return Ending.SPEND
        return None

    def with_head(self, turn_id: str | None, now: int) -> Conversation:
        """Return it with its head moved."""
        return self.evolve(head=turn_id, moves=self.moves + 1, updated_at=now)

    def advanced(self, turn: Turn, now: int) -> Conversation:
        """Return it after a turn was made: it is the head now, unless somebody moved the head meanwhile."""
        return self.with_head(turn.id, now) if self.moves == turn.moves else self.evolve(updated_at=now)

    def ended(self, ending: Ending, now: int) -> Conversation:
        """Return it closed."""
        return self.evolve(ended_at=now, updated_at=now, ending=ending)


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of a conversation."""

    id: str
    conversation_id: str
    number: int  # counts the turns of a conversation from 1: what people type
    job_id: str
    author_id: int
    state: TurnState
    created_at: int
    position: int = 0  # which picture of its job
    parent: str | None = None  # another turn; of one that waits: only where it was chosen
    branches: bool = False  # its parent was chosen; else it goes on from the head when it starts
    prompt_id: int | None = None  # the message that asked for it
    said: UserContent | None = None  # as it was sent; None until it starts
    image_id: str | None = None
    family: str = ""  # of the model that made it
    moves: int = 0  # the conversation's, when it started
    alone: bool = False  # it was made without the turns before it, and so is what follows from it
    notes: tuple[TurnNote, ...] = ()

    def evolve(self, **changes: Any) -> Turn:
        """Return a copy with some fields changed."""
        return replace(self, **changes)

    def noting(self, notes: Sequence[TurnNote]) -> tuple[TurnNote, ...]:
        """Return its notes and these, each once."""
        return tuple(dict.fromkeys((*self.notes, *notes)))


@dataclass(frozen=True, slots=True)
class Step:
    """A turn of a path with all that was said: what a request is built from.

    `raw` is the model's content as it came, each picture's data replaced by ``{"blob": sha256}``.
    """

    turn_id: str
    said: UserContent
    raw: Mapping[str, Any] | None
    raw_bytes: int  # about what `raw` takes as JSON, without pictures
    result: Reference | None  # None: it was removed
    family: str
    sizes: Mapping[str, int]  # of the pictures in `raw`: bytes by SHA-256
    removed: frozenset[str] = frozenset()  # SHA-256 of pictures that may not be used any more
    alone: bool = False

    @property
    def retracted(self) -> bool:
        """Whether its message was deleted: nothing that was said is left, and of the answer its picture."""
        return not self.said.texts


@dataclass(frozen=True, slots=True)
class Node:
    """A turn as it is drawn: its place in the tree and its picture."""

    id: str
    number: int
    parent: str | None
    image_id: str | None
    sha256: str | None  # None: there is no picture (any more)
    spoiler: bool = False  # it was posted as one


def thread_name(prompt: str) -> str:
    """Return the name of a thread that begins with these words."""
    line = " ".join(prompt.split())
    if len(line) <= NAME_LIMIT:
        return line or "Plantain"
    cut = line[: NAME_LIMIT - 1]
    space = cut.rfind(" ", NAME_LIMIT // 2)
    return (cut[:space] if space > 0 else cut).rstrip(" ,.;:-") + "…"
