"""What discord.py and aiohttp raise, as our own error."""

from __future__ import annotations

import aiohttp
import pytest

from bot.errors import DeliveryError
from cogs.faults import translated


async def test_a_request_after_the_bot_has_logged_out() -> None:
    session = aiohttp.ClientSession()
    await session.close()
    with pytest.raises(DeliveryError, match="logged out") as caught:
        async with translated():
            await session.get("http://127.0.0.1:9")
    assert caught.value.passing


async def test_a_fault_of_ours_is_not_taken_for_discords() -> None:
    with pytest.raises(RuntimeError, match="ours"):
        async with translated():
            raise RuntimeError("ours")
