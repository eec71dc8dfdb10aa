"""Whether the file of a kept picture is there, for whoever is about to show it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.domain.images import Image


async def is_there(image: Image, path: Path) -> bool:
    """Whether a picture's file is there with all of its bytes; one that was cut off shows nothing."""
    return await asyncio.to_thread(_has, path, image.size)


def _has(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False
