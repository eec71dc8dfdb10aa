"""/gallery in the hands of tests: what its pages show and offer."""

from __future__ import annotations

from typing import Any

import simcord

from bot.domain.images import Image
from tests.cogs.seen import Seen
from tests.cogs.stage import Person, Stage

NOTHING_BEHIND = "This does not work any more. Use the command again to get fresh buttons."
BUTTON = 2


async def made(stage: Stage, count: int, who: Person | None = None, **options: Any) -> list[Image]:
    """Have so many pictures made, and return all that there are, the newest first."""
    for start in range(0, count, 4):
        await stage.env.advance_time(1)
        await stage.picture(who, count=min(4, count - start), **options)
    jobs = await stage.jobs()
    return [image for job in reversed(jobs) for image in reversed(await stage.images(job))]


async def gallery(stage: Stage, who: Person | None = None, **options: Any) -> Seen:
    who = who or stage.alice
    if isinstance(who, simcord.UserHandle):
        result = await who.slash("gallery", **options)
    else:
        result = await who.slash(stage.channel, "gallery", **options)
    assert result.ephemeral
    return shown(stage, result)


def shown(stage: Stage, result: simcord.InteractionResult) -> Seen:
    seen = stage.answer(result)
    assert seen is not None
    return seen


def parts(seen: Seen, kind: int) -> list[dict[str, Any]]:
    return [
        item for item in simcord.components.walk_components(seen.message.components) if item["type"] == kind
    ]


def offered(seen: Seen) -> list[str]:
    """The ids of the pictures that can be opened from a message."""
    labels = {item["custom_id"]: item["label"] for item in parts(seen, BUTTON)}
    found = [label for custom_id, label in labels.items() if custom_id.startswith("plantain:gallery:open:")]
    assert all(f"plantain:gallery:open:{label}" in labels for label in found)
    return found


def enabled(seen: Seen) -> list[str]:
    """The buttons that turn pages, as far as they do."""
    buttons = [item for item in parts(seen, BUTTON) if item["custom_id"].startswith("plantain:page:")]
    return [item["label"] for item in buttons if not item.get("disabled")]


def ids(images: list[Image]) -> list[str]:
    return [image.id for image in images]
