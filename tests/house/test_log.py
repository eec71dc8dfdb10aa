"""The log: two formats, and no secret in either, whoever wrote the line."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Literal
from urllib.parse import quote, quote_plus

import pytest

from bot.log import HIDDEN, conclude, configure, forms_of, redact
from bot.studio.about import tell

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.abcdefghijklmnopqrstuvwxyz9753108642AB"
KEY = "AIzaSyA-9876543210zyxwvutsrqponmlkjihgfe"
WEBHOOK = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OmFiY2RlZg"

Format = Literal["text", "json"]
Configure = Callable[..., io.StringIO]


@pytest.fixture
def log() -> Iterator[Configure]:
    """`configure` into a string, with logging as it was before put back afterwards."""
    names = (None, "bot", "cogs", "storage", "discord")
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger, logger.level, logger.handlers[:], logger.propagate) for logger in loggers]

    def into_string(
        level: str = "INFO", format: Format = "text", secrets: tuple[str, ...] = ()
    ) -> io.StringIO:
        stream = io.StringIO()
        configure(level, format, secrets, stream=stream)
        return stream

    yield into_string
    logging.captureWarnings(False)
    for logger, level, handlers, propagate in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.propagate = propagate


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"logging in with {TOKEN}", TOKEN),
        (f"x_{TOKEN}", TOKEN),
        (f"Authorization: Bot {TOKEN}", TOKEN),
        ("{'Authorization': 'Bearer short-one', 'Accept': '*/*'}", "short-one"),
        ("[(b'authorization', b'Basic dXNlcjpwdw==')]", "dXNlcjpwdw"),
        ("authorization=Bot short-one", "short-one"),
        ("Proxy-Authorization: Basic dXNlcjpwdw==", "dXNlcjpwdw"),
        ("'x-goog-api-key': 'not-like-a-key'", "not-like-a-key"),
        (f"key {KEY} was refused", KEY),
        ("AQ.Ab8RN6J1234567890abcdefghij", "Ab8RN6J1234567890abcdefghij"),
        ("ya29.a0AfH6SMBx1234567890-abc_def", "a0AfH6SMBx1234567890"),
        ("GET https://host/v1beta/models?key=plain&alt=sse", "plain"),
        (f"POST https://discord.com/api/v10/webhooks/42/{WEBHOOK}?wait=true", WEBHOOK),
        ("PATCH /api/v10/webhooks/42/t0ken/messages/@original", "t0ken"),
        ("POST /interactions/42/t0ken/callback", "t0ken"),
        (f"event {{'id': '1', 'token': '{WEBHOOK}', 'type': 2}}", WEBHOOK),
        ('{"token": "anything at all"}', "anything at all"),
        ("postgresql://bot:p4ssw0rd@db:5432/plantain", "p4ssw0rd"),
        ("postgresql://db/plantain?user=bot&password=p4ssw0rd", "p4ssw0rd"),
        ("host=db user=bot password=p4ssw0rd dbname=plantain", "p4ssw0rd"),
        ('{"user": "bot", "password": "p4ssw0rd"}', "p4ssw0rd"),
        ("http://p4ssw0rd@proxy:3128", "p4ssw0rd"),
        ("sent Bearer abcdefgh12345678 along", "abcdefgh12345678"),
        ("GET /originals/k7f3q9z0?until=1&signature=abcdef0123", "abcdef0123"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, secret: str) -> None:
    assert secret in text
    cleaned = redact(text)
    assert secret not in cleaned
    assert HIDDEN in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "job k7f3q9z of 123456789012345678 is RUNNING",
        "GET https://discord.com/api/v10/channels/42/messages/43",
        "https://cdn.discordapp.com/attachments/1/2/picture.jpg",
        "listening on http://127.0.0.1:8080/healthz",
        "bot.providers.gemini.GeminiProvider",
        "POST /webhooks/42 was refused",
        "2026-11-21T05:12:13.123Z",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_given_secrets_are_hidden_in_every_form() -> None:
    forms = forms_of(("p@ss/word", "p@ss/word-longer", "", "abc"))
    assert redact("p@ss/word p%40ss%2Fword abc", forms) == f"{HIDDEN} {HIDDEN} abc"


def written_out(secret: str) -> dict[str, str]:
    """A secret as programs write it down within something else."""
    data = secret.encode()
    around = {
        f"base64 after {before}": base64.b64encode(b"x" * before + data + b"yz").decode()
        for before in range(3)
    }
    return around | {
        "base64 for URLs": base64.urlsafe_b64encode(b"user:" + data).decode(),
        "hexadecimal": data.hex(),
        "URL": quote(secret),
        "form": quote_plus(secret),
        "URL in lower case": re.sub("%..", lambda form: form[0].lower(), quote(secret, safe="")),
        "JSON": json.dumps({"value": secret}),
        "bytes": repr(data),
    }


@pytest.mark.parametrize("how", written_out(""))
@pytest.mark.parametrize("secret", ['pa+ss/wörd "é" ~>?', "a-key-of-letters-0123"])
def test_a_given_secret_is_hidden_however_it_is_written(how: str, secret: str) -> None:
    text = f"before {written_out(secret)[how]} after"
    cleaned = redact(text, forms_of((secret,)))
    assert HIDDEN in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")
    left = cleaned.replace(HIDDEN, "").removeprefix("before ").removesuffix(" after")
    assert len(left) <= len('{"value": ""}')  # what stood around it, and what base64 made of that


class Unspeakable:
    """Something that cannot be shown, as a half-made object of a library."""

    def __repr__(self) -> str:
        raise AttributeError("it has no hunter22 yet")


@pytest.mark.parametrize("format", ["text", "json"])
def test_what_cannot_be_shown_is_a_line_like_others(
    log: Configure, format: Format, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = log(format=format, secrets=("hunter22",))
    logging.getLogger("bot.test").warning("made of hunter22: %r", Unspeakable())
    assert stream.getvalue().count("\n") == 1
    assert f"made of {HIDDEN}" in stream.getvalue()
    assert capsys.readouterr() == ("", "")


def test_why_the_program_ends_is_said_in_the_log_s_format(
    log: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = log(format="json")
    conclude("Nothing goes on.")
    entry = json.loads(stream.getvalue())
    assert (entry["level"], entry["message"]) == ("CRITICAL", "Nothing goes on.")
    stream = log(format="text")
    conclude("Nothing goes on.")
    assert (stream.getvalue(), capsys.readouterr().err) == ("", "Nothing goes on.\n")


@pytest.mark.parametrize("format", ["text", "json"])
def test_no_secret_is_logged(log: Configure, format: Format) -> None:
    stream = log(format=format, secrets=("hunter22", "hunter22-longer"))
    logger = logging.getLogger("bot.test")
    logger.info("message hunter22")
    logger.info("argument %s, %r", "hunter22-longer", {"token": WEBHOOK})
    logger.info("mapping %(url)s", {"url": f"/webhooks/1/{WEBHOOK}"})
    logger.info("arguments that do not fit %d", "hunter22")
    logger.info("field", extra={"reference": "hunter22"})
    logger.info("stack of hunter22", stack_info=True)
    logging.getLogger("discord.gateway").warning("session %s", TOKEN)
    try:
        try:
            raise ValueError(f"hunter22 {KEY}")
        except ValueError as cause:
            raise RuntimeError(f"Authorization: Bot {TOKEN}") from cause
    except RuntimeError:
        logger.exception("failed")
    written = stream.getvalue()
    for secret in ("hunter22", "longer", WEBHOOK, KEY, TOKEN):
        assert secret not in written
    assert written.count(HIDDEN) >= 9
    assert "RuntimeError" in written and "ValueError" in written and "test_log.py" in written


def test_a_secret_does_not_stay_for_the_next_handler(log: Configure) -> None:
    log(secrets=("hunter22",))
    kept: list[logging.LogRecord] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record)

    logging.getLogger().addHandler(Keep())
    try:
        raise ValueError("hunter22")
    except ValueError:
        logging.getLogger("bot.test").exception("failed")
    assert kept[0].exc_text is None


def test_text_says_when_who_what_and_about_what(log: Configure) -> None:
    stream = log()
    logging.getLogger("bot.test").warning("late by %d s", 3, extra={"job": "j1", "guild": 42, "unknown": 1})
    moment, level, name, rest = stream.getvalue().rstrip("\n").split(maxsplit=3)
    assert moment.endswith("Z") and len(moment) == len("2026-11-21T05:12:13.123Z")
    assert (level, name, rest) == ("WARNING", "bot.test:", "late by 3 s job=j1 guild=42")


def test_json_is_one_object_per_line(log: Configure) -> None:
    stream = log(format="json")
    logger = logging.getLogger("bot.test")
    logger.info("first\nline \u2028 \ud800 ü", extra={"job": "j1", "interaction": 43, "reference": None})
    try:
        raise ValueError("why")
    except ValueError:
        logger.exception("second")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["message"] == "first\nline \u2028 \ud800 ü"
    assert (first["level"], first["logger"], first["job"], first["interaction"]) == (
        "INFO",
        "bot.test",
        "j1",
        43,
    )
    assert "reference" not in first and "exception" not in first
    assert second["exception"].endswith("ValueError: why")


def test_nobody_can_write_a_line_of_their_own(log: Configure) -> None:
    stream = log()
    forged = "a\n2026-11-21T00:00:00.000Z ERROR   bot: forged\r\x1b[2J\u2028b"
    logger = logging.getLogger("bot.test")
    logger.info("prompt %s", forged, extra={"reference": forged})
    try:
        raise ValueError(forged)
    except ValueError:
        logger.exception("failed")
    lines = stream.getvalue().split("\n")
    assert not any("forged" in line and line.startswith("2026-11-21T00:00:00") for line in lines)
    assert not any(sign in stream.getvalue() for sign in "\r\x1b\u2028")
    assert [line for line in lines if line and not line.startswith("    ")] == [lines[0], lines[1]]


def test_libraries_stay_quiet_at_debug(log: Configure) -> None:
    stream = log("DEBUG")
    logging.getLogger("discord.gateway").debug("somebody's message")
    logging.getLogger("aiosqlite").debug("somebody's prompt")
    logging.getLogger("bot.studio").debug("ours")
    assert "somebody" not in stream.getvalue()
    assert "ours" in stream.getvalue()


def test_the_level_holds_for_all(log: Configure) -> None:
    stream = log("ERROR")
    for name in ("bot.x", "cogs.x", "storage.x", "discord.x"):
        logging.getLogger(name).warning("quiet")
        logging.getLogger(name).error("loud")
    assert stream.getvalue().count("loud") == 4
    assert "quiet" not in stream.getvalue()


def test_nothing_is_written_twice(log: Configure) -> None:
    log()
    logging.getLogger("discord").addHandler(logging.StreamHandler(io.StringIO()))
    stream = log()
    logging.getLogger("discord.client").info("once")
    assert stream.getvalue().count("once") == 1
    assert len(logging.getLogger().handlers) == 1
    assert logging.getLogger("discord").handlers == []


def test_warnings_go_to_the_log(log: Configure) -> None:
    stream = log()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(False)
        logging.captureWarnings(True)
        warnings.warn("old habit", UserWarning, stacklevel=1)
    assert "old habit" in stream.getvalue()


@pytest.mark.parametrize("format", ["text", "json"])
async def test_a_line_says_what_its_task_is_about(log: Configure, format: Format) -> None:
    stream = log(format=format)
    logger = logging.getLogger("bot.test")

    async def work(job: str) -> None:
        tell(job=job, interaction=42, guild=None)
        logger.info("at work")
        logging.getLogger("discord.http").warning("slow")
        await asyncio.create_task(follow())

    async def follow() -> None:
        logger.info("followed", extra={"reference": "cafe"})

    await asyncio.gather(asyncio.create_task(work("k7f3q9z")), asyncio.create_task(work("bbbbbb2")))
    logger.info("outside")
    lines = stream.getvalue().splitlines()
    assert [sum(job in line for line in lines) for job in ("k7f3q9z", "bbbbbb2")] == [3, 3]
    assert sum("42" in line and "interaction" in line for line in lines) == 6
    assert sum("cafe" in line for line in lines) == 2
    assert "guild" not in stream.getvalue()
    assert "interaction" not in lines[-1]
