"""One interaction as a test sees it: sent, acknowledged, answered, edited."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .signals import Signal
from .values import Channel, Json, Member, Message

if TYPE_CHECKING:
    from .world import World

TOKEN_LIFE_MS = 15 * 60 * 1000
ACK_DEADLINE = 3.0

# Interaction callback types (Discord's documentation, Interaction Callback Type).
MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


@dataclass(frozen=True, slots=True)
class Ack:
    """The first answer: callback type, seconds since the dispatch, the `data` that was sent."""

    type: int
    seconds: float
    data: Json

    @property
    def deferred(self) -> bool:
        """ "Thinking…", or a silent acknowledgement of a button."""
        return self.type in (DEFERRED_MESSAGE, DEFERRED_UPDATE)


@dataclass(eq=False)
class Pending:
    """An interaction that was sent to the bot. `type` is 2 command, 3 component, 4 autocomplete, 5 modal."""

    world: World = field(repr=False)
    id: int
    token: str = field(repr=False)
    type: int
    member: Member
    channel: Channel
    payload: Json = field(repr=False)
    attachment_size_limit: int
    user_installed: bool = False
    source_id: int | None = None
    """The message whose component was used."""
    sent_at: float = 0.0
    """Monotonic seconds of the first dispatch."""
    expired: bool = False
    acknowledged: Ack | None = None
    original_id: int | None = None
    followup_ids: list[int] = field(default_factory=list)
    changed: Signal = field(default_factory=Signal, repr=False)

    # What tests read

    @property
    def message(self) -> Message | None:
        """The original response as it is (for a button: the message that it edits), if it exists."""
        return self.world.messages.get(self.original_id or 0)

    @property
    def history(self) -> tuple[Message, ...]:
        """The states of the original response since the dispatch, oldest first, each with its time."""
        states = self.world.histories.get(self.original_id or 0, ())
        return tuple(state for state in states if state.at >= self.sent_at)

    @property
    def followups(self) -> tuple[Message, ...]:
        """The follow-up messages that still exist, oldest first."""
        found = (self.world.messages.get(message_id) for message_id in self.followup_ids)
        return tuple(message for message in found if message is not None)

    @property
    def answers(self) -> tuple[Message, ...]:
        """The original response and the follow-ups that exist, whatever the bot chose to use."""
        return (*((self.message,) if self.message is not None else ()), *self.followups)

    @property
    def modal(self) -> Json | None:
        """The modal that the bot opened, if that is how it answered."""
        return self.acknowledged.data if self.acknowledged and self.acknowledged.type == MODAL else None

    @property
    def choices(self) -> list[Json]:
        """What the bot offered to an autocomplete."""
        return list(self.acknowledged.data.get("choices") or []) if self.acknowledged else []

    @property
    def token_alive(self) -> bool:
        """The token works: 15 minutes from the time that the interaction's id says."""
        if self.expired:
            return False
        age = time.time_ns() // 1_000_000 - ((self.id >> 22) + 1_420_070_400_000)
        return age < TOKEN_LIFE_MS

    def seconds(self, state: Message) -> float:
        """How long after the dispatch a message was in that state."""
        return state.at - self.sent_at

    async def ack(self, *, within: float = 20.0) -> Ack:
        """Wait for the first answer."""
        return await self.changed.until(lambda: self.acknowledged, within=within, describe=self.describe)

    async def until(self, predicate: Callable[[Message], object], *, within: float = 20.0) -> Message:
        """Wait for a state of the original response, since the dispatch, that satisfies `predicate`.

        Returns the latest such state. One that came and went before the test looked counts too: nothing is
        missed between two edits.
        """
        return await self.changed.until(
            lambda: _latest(self.history, predicate), within=within, describe=self.describe
        )

    async def until_answer(self, predicate: Callable[[Message], object], *, within: float = 20.0) -> Message:
        """Wait for any answer, original or follow-up, whose present state satisfies `predicate`."""
        return await self.changed.until(
            lambda: _latest(self.answers, predicate), within=within, describe=self.describe
        )

    async def until_modal(self, *, within: float = 20.0) -> Json:
        """Wait for the bot to open a modal; returns its data."""
        return await self.changed.until(lambda: self.modal, within=within, describe=self.describe)

    async def until_gone(self, *, within: float = 20.0) -> None:
        """Wait until the original response is deleted."""
        await self.changed.until(
            lambda: self.original_id is not None and self.message is None,
            within=within,
            describe=self.describe,
        )

    # What the fake's routes do

    def answer_with(self, message: Message) -> None:
        """Make a message the original response."""
        self.original_id = message.id
        self.world.follow(message.id, self.changed)

    def follow_up_with(self, message: Message) -> None:
        """Add a follow-up message."""
        self.followup_ids.append(message.id)
        self.world.follow(message.id, self.changed)

    def acknowledge(self, callback_type: int, data: Json | None) -> None:
        """Record the first answer."""
        self.acknowledged = Ack(callback_type, time.monotonic() - self.sent_at, data or {})
        self.changed.notify()
        self.world.changed.notify()

    def describe(self) -> str:
        """A dump for a failed wait: what was sent, how it was answered, each state, the last requests."""
        sent = self.payload["data"].get("name") or self.payload["data"].get("custom_id")
        lines = [f"interaction {self.id} ({sent}) of {self.member.name}"]
        if self.acknowledged is None:
            lines.append("  never acknowledged")
        else:
            lines.append(
                f"  acknowledged: type {self.acknowledged.type} after {self.acknowledged.seconds:.3f} s"
            )
        lines += [f"  {self.seconds(state):7.3f} s  {outline(state)}" for state in self.history]
        lines += [f"  follow-up  {outline(state)}" for state in self.followups]
        return "\n".join([*lines, *self.world.recent_requests()])


def _latest(states: Sequence[Message], predicate: Callable[[Message], object]) -> Message | None:
    return next((state for state in reversed(states) if predicate(state)), None)


def outline(message: Message) -> str:
    """One line about a message."""
    marks = [name for name in ("ephemeral", "loading", "v2") if getattr(message, name)]
    files = [f"{item.filename} ({item.size} bytes)" for item in message.attachments]
    body = message.content or json.dumps(message.components, ensure_ascii=False)
    return f"message {message.id} in {message.channel_id} {marks} {files} {body[:600]}"
