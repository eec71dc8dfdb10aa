"""What the bot tells the process that makes its provider calls about the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """Told first, and again when settings are read anew: what it says of the log counts from then on.

    `folder` is where pictures go; None: it is only asked for models.
    """

    api_key: str | None = field(repr=False)
    base_url: str | None
    vertex: bool
    project: str | None
    location: str | None
    folder: Path | None
    log_level: str
    log_format: Literal["text", "json"]
    secrets: tuple[str, ...] = field(repr=False)
