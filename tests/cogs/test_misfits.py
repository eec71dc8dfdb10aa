"""Presses whose kind of component is not that of their custom_id, and choices that no menu offers.

Both are claims. Every dynamic item is tried with every kind that it is not.
"""

from __future__ import annotations

import copy
import logging
from typing import Any

import discord
import pytest
from simcord.enums import InteractionType

from cogs.wording import NOTHING_BEHIND
from tests.cogs import forged
from tests.cogs.matrix import payloads
from tests.cogs.stage import Stage
from tests.cogs.test_entrances import ENTRANCES, PRESSES

BUTTON, STRING_SELECT = 2, 3
SELECTS = {3: {"options": [{"label": "One", "value": "1"}]}, 5: {}, 6: {}, 7: {}, 8: {}}
KINDS: dict[int, dict[str, Any]] = {BUTTON: {"style": 2, "label": "A button"}, **SELECTS}
NO_KINDS = (1, 4, 9, 99)  # a row, a text input, a section, nothing that Discord knows
ITEMS = [f"{name} {press}" for name, presses in PRESSES.items() for press in presses]


def component(kind: int, custom_id: str) -> dict[str, Any]:
    return {"type": kind, "custom_id": custom_id, **KINDS.get(kind, {})}


async def pressed(stage: Stage, payload: Any, kind: int, shown: int | None = None, **data: Any) -> Any:
    """Send a press as another kind; the message holds it as `shown`, else as that kind, too."""
    message = copy.deepcopy(payload["message"])
    custom_id = payload["data"]["custom_id"]
    row = {"type": 1, "components": [component(kind if shown is None else shown, custom_id)]}
    message["components"] = [row]
    sent = {"custom_id": custom_id, "component_type": kind, "values": ["1"], **data}
    return await forged.send(stage, stage.alice, InteractionType.MESSAGE_COMPONENT, sent, message=message)


async def contents(stage: Stage) -> list[str]:
    """All that is kept, as text."""
    found = []
    async with stage.app.store.engine.reading() as connection:
        for table in await connection.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'"):
            rows: list[Any] = list(await connection.fetch_all(f"SELECT * FROM {table['name']}"))
            found += [f"{table['name']} {tuple(row)}" for row in rows]
    return found


@pytest.mark.parametrize("item", sorted(PRESSES))
async def test_every_item_as_every_other_kind_of_component(
    stage: Stage, item: str, caplog: pytest.LogCaptureFixture
) -> None:
    card = await stage.picture()
    await stage.done(1)
    before = await contents(stage)
    tried = 0
    for press in PRESSES[item]:
        (payload,) = await payloads(stage, ENTRANCES[f"{item} {press}"], card)
        own = payload["data"]["component_type"]
        for kind in (*KINDS, *NO_KINDS):
            if kind == own:
                continue
            for shown in (kind, own):
                result = await pressed(stage, payload, kind, shown)
                assert stage.said(result) == NOTHING_BEHIND, (press, kind, shown)
                tried += 1
        result = await forged.submit(stage, stage.alice, payload["data"]["custom_id"])
        assert stage.said(result) == NOTHING_BEHIND, press
    assert tried >= 2 * (len(KINDS) + len(NO_KINDS) - 1)
    assert await contents(stage) == before
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []


async def test_a_menu_that_is_chosen_from_as_nobody_can(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """Answered in plain words, whatever was chosen: a reference to the log would be a fault of ours."""
    card = await stage.picture()
    found = [payload for name in ITEMS for payload in await payloads(stage, ENTRANCES[name], card)]
    menus = [payload for payload in found if payload["data"]["component_type"] != BUTTON]
    assert len(menus) > 10
    for payload in menus:
        payload["member"]["permissions"] = str(discord.Permissions.all().value)
        for values in ([], ["nonsense"], ["1", "2", "3"], ["٣"], ["x" * 5000], ["99999999999999999999"]):
            await forged.send(
                stage,
                stage.alice,
                InteractionType.MESSAGE_COMPONENT,
                {**payload["data"], "values": values},
                message=payload["message"],
                member=payload["member"],
            )
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
