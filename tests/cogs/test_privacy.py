"""/privacy in a simulated Discord: what it says, what it sends, what is gone afterwards."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
import simcord

from bot.domain.privacy import DAY_MS
from tests.cogs import forged
from tests.cogs.desk import use
from tests.cogs.stage import Stage


async def erased(stage: Stage) -> None:
    """Wait until every wish is fulfilled as far as it can be."""
    await stage.until_async(lambda: no_wish_open(stage), "the erasure")


async def no_wish_open(stage: Stage) -> bool:
    async with stage.app.store.reading() as tx:
        return all(wish.erased_at is not None for wish in await tx.privacy.erasures())


async def test_first(stage: Stage) -> None:
    card = await stage.picture(prompt="my secret boat")
    said = stage.said(await use(stage, stage.alice, "privacy show"))
    print(said)
    asked = await use(stage, stage.alice, "privacy erase")
    print(stage.said(asked))
    result = await use(stage, stage.alice, "privacy export")
    print(stage.said(result))
    question = stage.answer(asked)
    pressed = await forged.press(stage, stage.alice, question, "plantain:privacy:erase")
    print(stage.said(pressed))
    for i in range(20):
        await stage.env.settle()
    async with stage.app.store.engine.reading() as c:
        for t in ("jobs", "images", "answers", "ledger", "deliveries", "erasures", "freed_files"):
            print(t, [dict(r) for r in await c.fetch_all("SELECT * FROM " + t)])
    print(list((stage.settings.storage.path / "blobs").rglob("*")))
    print(stage.env.transcript()[-3000:])
    assert 0
