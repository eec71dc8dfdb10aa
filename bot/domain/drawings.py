"""Conversations in Discord as one picture: which message shows which turns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostedDrawing:
    """A message that shows turns of a conversation as one picture.

    It is drawn anew from these turns when one of their pictures is removed, deleted or restored: what came
    later is not in it.
    """

    message_id: int
    channel_id: int
    conversation_id: str
    turns: tuple[str, ...]  # ids, in the order in which they are drawn
    compares: bool  # two turns beside each other; else a tree
    head: str | None  # the turn that was the head
    locale: str  # of those who see it
    at: int  # UTC milliseconds
