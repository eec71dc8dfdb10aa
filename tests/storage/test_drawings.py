"""Where conversations were posted as one picture, and what is in them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.drawings import PostedDrawing
from bot.domain.images import Withheld
from bot.domain.privacy import DAY_MS, Erasure
from bot.errors import StorageError
from storage import Store
from tests.storage.samples import MEMBER, NOON, select
from tests.storage.test_conversations import filled


def drawing(message_id: int = 1_001, **changes: Any) -> PostedDrawing:
    values: dict[str, Any] = {
        "message_id": message_id,
        "channel_id": 2**62,
        "conversation_id": "conv001",
        "turns": ("job00001", "job00002"),
        "compares": False,
        "head": "job00002",
        "locale": "de",
        "at": NOON,
    }
    return PostedDrawing(**(values | changes))


async def test_a_picture_is_found_in_the_drawings_that_show_it(store: Store) -> None:
    await filled(store, {1: None, 2: 1, 3: 1})
    tree = drawing(at=NOON + 2)
    compared = drawing(1_002, turns=("job00003", "job00001"), compares=True, head=None)
    same = drawing(1_003, turns=("job00003", "job00003"), compares=True, head=None)
    async with store.transaction() as tx:
        for item in (tree, compared, same, drawing(at=NOON + 9, turns=("job00003",))):  # one message twice
            await tx.drawings.insert(item)
        assert list(await tx.drawings.with_image("job00001p0")) == [compared, tree]
        assert list(await tx.drawings.with_image("job00002p0")) == [tree]
        assert list(await tx.drawings.with_image("job00003p0")) == [compared, same]
        assert list(await tx.drawings.with_image("nothing")) == []
        for _ in range(2):
            await tx.drawings.remove(tree.message_id)
        assert list(await tx.drawings.with_image("job00001p0")) == [compared]
        assert await tx.privacy.knows_message(compared.message_id)
        await tx.privacy.forget_message(compared.message_id)  # somebody deleted it
        assert not await tx.privacy.knows_message(compared.message_id)
        assert list(await tx.drawings.with_image("job00001p0")) == []


async def test_what_was_deleted_is_looked_for_until_it_is_not_drawn_any_more(store: Store) -> None:
    await filled(store, {1: None, 2: 1, 3: 2}, gone=1)
    both = drawing(turns=("job00001", "job00002", "job00003"))
    async with store.transaction() as tx:
        await tx.images.withhold("job00003p0", Withheld.REMOVED)
        await tx.drawings.insert(both)
        await tx.drawings.drawn(both.message_id, {"job00001p0"})  # it was deleted after that
        assert list(await tx.drawings.with_image("job00001p0")) == [both]
        await tx.drawings.drawn(both.message_id, {"job00002p0"})
        assert list(await tx.drawings.with_image("job00001p0")) == []
        for image_id in ("job00002p0", "job00003p0"):  # what is withheld may come back
            assert list(await tx.drawings.with_image(image_id)) == [both]
        wish = Erasure(-1, MEMBER, NOON + DAY_MS)
        assert list(await tx.privacy.posted_jobs(wish, "", 9)) == ["job00002", "job00003"]


async def test_a_drawing_is_of_turns_that_exist(store: Store) -> None:
    await filled(store, {1: None})
    with pytest.raises(StorageError):
        async with store.transaction() as tx:
            await tx.drawings.insert(drawing(turns=("nothing",)))


async def test_a_job_that_stands_in_a_drawing_alone_is_withdrawn_with_its_member(store: Store) -> None:
    await filled(store, {1: None, 2: 1})
    async with store.transaction() as tx:
        await tx.drawings.insert(drawing(turns=("job00002",)))
        wish = Erasure(-1, MEMBER, NOON + DAY_MS)
        assert list(await tx.privacy.posted_jobs(wish, "", 9)) == ["job00002"]


async def test_drawings_go_with_their_server_and_with_their_time(store: Store) -> None:
    await filled(store, {1: None, 2: 1})
    async with store.transaction() as tx:
        for number in range(3):
            await tx.drawings.insert(drawing(1_001 + number, at=NOON + number))
        cutoffs = dict.fromkeys(("images", "evidence", "cases", "events", "audit", "ledger"), NOON + 2)
        while await tx.privacy.purge("conversations", cutoffs, now=NOON + 3, limit=1):
            pass
        assert [item.message_id for item in await tx.drawings.with_image("job00001p0")] == [1_003]
        await tx.privacy.leave("conversations", 700, now=NOON + 3, limit=9)
    for table in ("drawings", "drawn_turns", "turns"):
        assert await select(store, f"SELECT COUNT(*) AS rows_left FROM {table}", "rows_left") == [(0,)]
