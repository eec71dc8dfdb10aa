"""Withholding a picture: itself, and the same picture under other ids."""

from __future__ import annotations

from bot.domain.images import Image, Withheld
from bot.domain.notices import Notice, NoticeKind
from bot.studio.store_ports import Transaction


async def withhold(tx: Transaction, image: Image, judged: Withheld | None, now: int) -> None:
    """Show a picture to nobody from now on, or (None) again to those who may see it.

    Whatever has the same bytes in its server goes with it, unless it is withheld for reasons of its own. The
    messages of all of them, and the cards of other cases about it, are made to agree. Lock the server before.
    """
    await _withhold(tx, image.id, judged, now)
    for case in await tx.cases.of_twins(image.id):
        await tx.notices.put(Notice(NoticeKind.CARD, case.id, now))


async def withhold_twins(tx: Transaction, image_id: str, now: int) -> None:
    """Let what was decided about a picture hold for those that have its bytes since."""
    image = await tx.images.get(image_id)
    if image is None or image.judged is None or image.guild_id is None:
        return
    await tx.lock_member(image.guild_id)
    image = await tx.images.get(image_id)  # as it is now that nobody else decides
    if image is not None and image.judged is not None:
        await _withhold(tx, image.id, image.judged, now)


async def _withhold(tx: Transaction, image_id: str, judged: Withheld | None, now: int) -> None:
    for changed in await tx.images.withhold(image_id, judged):
        await tx.notices.put(Notice(NoticeKind.PICTURE, changed, now))
