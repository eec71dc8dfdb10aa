"""Copies of a picture in Discord, beside the message that its job was answered with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posting:
    """One message that somebody had a picture brought back with. Deleting the picture removes it, too."""

    image_id: str
    channel_id: int
    message_id: int
    at: int  # UTC milliseconds
    spoiler: bool = False  # whatever its picture was before
