"""/tree and what is removed later: a drawing that stands in the channel agrees with its pictures."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cogs.reporting import HIDDEN, REMOVED, reported, settled
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.talking import Talk, start
from tests.cogs.test_show import delete
from tests.cogs.using import manager, said

NOTHING_LEFT = "The pictures of this drawing were removed or deleted."


async def drawn(talk: Talk, who: Any = None, /, **options: Any) -> Seen:
    """Use /tree and wait for the drawing."""
    result = await talk.use("tree", who, **options)
    return await talk.stage.until(
        lambda: found if (found := talk.stage.answer(result)) and found.media else None, "a drawing"
    )


def data_of(seen: Seen) -> bytes:
    (item,) = seen.media
    return item.data


async def resolve(stage: Stage, action: str, case: str = "#1") -> None:
    await said(stage, stage.mona, "mod resolve", case=case, action=action)
    await settled(stage)


async def test_a_tree_that_stands_loses_what_is_removed_and_gets_it_back(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    tree, later = await drawn(talk), await drawn(talk, stage.ben)
    whole, text = data_of(tree), tree.text
    await talk.turn("three")  # what came later is in neither of them
    await reported(stage, stage.ben, two)
    await resolve(stage, "remove")
    assert REMOVED in two.text
    without = data_of(tree)
    assert without != whole
    assert data_of(later) == without
    assert (tree.text, tree.message.id) == (text, tree.id)
    await stage.restart()
    await resolve(stage, "restore")
    assert [data_of(seen) for seen in (tree, later)] == [whole, whole]


async def test_what_reports_hide_is_not_in_the_tree_until_somebody_decides(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    tree = await drawn(talk)
    whole = data_of(tree)
    await reported(stage, stage.ben, two, "minors")
    await settled(stage)
    assert HIDDEN in two.text
    assert data_of(tree) != whole
    await resolve(stage, "dismiss")
    assert data_of(tree) == whole


async def test_two_beside_each_other_and_nothing_left_of_them(stage: Stage) -> None:
    talk = await start(stage)
    two, three = await talk.turn("two"), await talk.turn("three")
    both = await drawn(talk, compare="3", to="2")
    twice = await drawn(talk, compare="2", to="2")
    before = data_of(both), data_of(twice)
    await reported(stage, stage.ben, two)
    await reported(stage, stage.ben, three)
    await resolve(stage, "remove")
    assert data_of(both) != before[0]
    assert (twice.text, twice.media) == (NOTHING_LEFT, [])
    await resolve(stage, "remove", "#2")
    assert (both.text, both.media) == (NOTHING_LEFT, [])
    await resolve(stage, "restore")
    await resolve(stage, "restore", "#2")
    assert (data_of(both), data_of(twice)) == before


async def test_the_notice_is_in_the_language_of_the_drawing(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    await said(stage, manager(stage), "config language", language="de")
    twice = await drawn(talk, compare="2", to="2")
    await reported(stage, stage.ben, two)
    await resolve(stage, "remove")
    assert twice.text == "Die Bilder dieser Zeichnung wurden entfernt oder gelöscht."


@pytest.mark.parametrize("command", [{}, {"compare": "1", "to": "2"}])
async def test_what_its_maker_deletes_is_not_in_it_either(stage: Stage, command: dict[str, str]) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    drawing = await drawn(talk, **command)
    whole = data_of(drawing)
    await delete(stage, stage.alice, two)
    await stage.until(lambda: drawing.media and data_of(drawing) != whole, "the drawing without it")


async def test_a_drawing_that_somebody_deleted_is_no_hindrance(stage: Stage) -> None:
    talk = await start(stage)
    two = await talk.turn("two")
    tree, other = await drawn(talk), await drawn(talk)
    whole = data_of(other)
    backend: Any = stage.env.backend
    backend.messages[tree.channel_id].pop(tree.id)  # the event was missed
    await reported(stage, stage.ben, two)
    await resolve(stage, "remove")
    assert data_of(other) != whole
    async with stage.app.store.reading() as tx:
        image_id = await tx.images.at_message(two.id)
        (left,) = await tx.drawings.with_image(image_id or "")
    assert left.message_id == other.id
    shown = stage.answer(await stage.mona.slash(stage.channel, "mod case", case="1"))
    assert shown is not None and "did not let me change" not in shown.text
