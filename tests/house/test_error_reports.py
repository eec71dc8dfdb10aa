"""What of an error reaches the operator's channel, and how often."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.error_reports import ErrorReports, Send, report_of
from bot.errors import DeliveryError

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.abcdefghijklmnopqrstuvwxyz9753108642AB"


def record(message: str, *arguments: object, error: bool = False, **extra: object) -> logging.LogRecord:
    info = sys.exc_info() if error else None
    made = logging.getLogger("bot.test").makeRecord(
        "bot.test", logging.ERROR, __file__, 7, message, arguments, info, extra=extra
    )
    return made


def test_only_our_own_words_and_harmless_values_are_said() -> None:
    member, prompt = 211_000_000_000_000_001, "a very private boat"
    report = report_of(
        record(
            "job %s of %s failed with %s after %d tries: %s", "k7f3q9z", member, prompt, 3, ValueError(prompt)
        )
    )
    assert report.said == "job k7f3q9z of … failed with … after 3 tries: ValueError"
    assert report.where == "bot.test:7"


def test_a_format_that_does_not_fit_is_said_as_it_stands() -> None:
    assert report_of(record("member %d broke", 211_000_000_000_000_001)).said == "member %d broke"
    assert report_of(record("token " + TOKEN)).said == "token [secret]"


def test_of_an_exception_only_class_and_place_are_said() -> None:
    try:
        raise RuntimeError("a very private boat")
    except RuntimeError:
        report = report_of(record("broke", error=True, reference="cafe"))
    assert report.exception.startswith("RuntimeError at tests/house/test_error_reports.py:")
    assert report.about == "reference cafe"


@asynccontextmanager
async def reporting(send: Send) -> AsyncIterator[tuple[ErrorReports, logging.Logger]]:
    """Reports to channel 42 by `send`, and a logger whose errors they take."""
    reports = ErrorReports(42, send, between=0.01)
    running = asyncio.create_task(reports.run())
    logger = logging.getLogger("bot.test.reports")
    logger.propagate = False
    logger.addHandler(reports)
    try:
        async with asyncio.timeout(20):
            yield reports, logger
    finally:
        logger.removeHandler(reports)
        running.cancel()


async def test_many_errors_are_one_message() -> None:
    sent: asyncio.Queue[str] = asyncio.Queue()

    async def send(channel_id: int, text: str) -> None:
        assert channel_id == 42
        await sent.put(text)

    async with reporting(send) as (reports, logger):
        for number in range(30):
            logger.error("broke %d", number)
        await asyncio.to_thread(logger.error, "broke in a thread")
        logger.warning("only a warning")
        text = await sent.get()
        while "thread" not in text:
            text += await sent.get()
        assert "(30 times): broke 29" in text
        assert "warning" not in text
        reports.channel_id = 0
        logger.error("unheard")
        with pytest.raises(asyncio.QueueEmpty):
            sent.get_nowait()


async def test_what_discord_did_not_take_is_told_when_it_does() -> None:
    sent: asyncio.Queue[str] = asyncio.Queue()
    refused = [DeliveryError("503", passing=True)] * 2

    async def send(_: int, text: str) -> None:
        if refused:
            raise refused.pop()
        await sent.put(text)

    async with reporting(send) as (_, logger):
        for number in range(3):
            logger.error("broke %d", number)
        assert "(3 times): broke 2" in await sent.get()
