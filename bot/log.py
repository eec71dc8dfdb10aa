"""Logging: readable or as JSON lines, and never a secret.

`configure` is called by `bot.__main__`, and again when the settings are read anew. Everything else asks for
`logging.getLogger(__name__)`. What a line is about (job, interaction, server, reference) comes from the
running task (`bot.studio.about`); `extra={"reference": …}` says it for one line.

Secrets are taken out of the finished line, after message, arguments and traceback were put together: there
is no way around that, whichever library wrote the line.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Literal, TextIO
from urllib.parse import quote, quote_plus

from bot.studio import about

FIELDS = ("reference", "job", "interaction", "guild")
"""What a line may say that it is about."""

OURS = ("bot", "cogs", "storage")
HIDDEN = "[secret]"

_SHORTEST_SECRET = 4  # taking out every "a" would hide the log, not the secret
_SHORTEST_ENCODED = 8  # characters that base64 or hexadecimal digits make of one

_PATTERNS = (
    # Discord's bot tokens (developer documentation, "Authentication"): base64 of the id, a time, a signature
    re.compile(r"()[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}"),
    # Google: API keys, authorisation keys, OAuth access tokens
    re.compile(r"()(?:AIza[\w-]{30,}|AQ\.[\w-]{20,}|ya29\.[\w.-]{20,})"),
    # Interaction tokens, which are also the tokens of their webhooks: base64 of "interaction:…"
    re.compile(r"()aW50ZXJhY3Rpb2[\w+/=-]{10,}"),
    re.compile(r"(/(?:webhooks|interactions)/\d+/)[^/\s?#'\"<>]+"),
    # Headers, in whatever way somebody prints them: as lines, as a dict, as pairs, as bytes
    re.compile(
        r"((?:authorization|x-goog-api-key)['\"]?\s*[:=,]\s*(?:b?['\"])?)(?:(?:Bot|Bearer|Basic)\s+)?[^\s'\",;)}\]]+",
        re.IGNORECASE,
    ),
    re.compile(r"(\b(?:Bearer|Basic)\s+)[\w.~+/=-]{8,}"),
    re.compile(r"([?&](?:key|token|access_token|password|signature)=)[^&\s'\"#]+", re.IGNORECASE),
    re.compile(r"(\bpassword['\"]?\s*[:=]\s*b?['\"]?)[^\s'\",;)}\]&]+", re.IGNORECASE),
    re.compile(r"(['\"]token['\"]\s*:\s*b?['\"])[^'\"]+"),
    # user:password@ and token@ in a URL
    re.compile(r"(\w://(?:[^\s/:@'\"]*:)?)[^\s/:@'\"]+(?=@)"),
)

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def forms_of(secrets: Iterable[str]) -> tuple[str, ...]:
    """Every form in which these secrets may stand in a line, the longest first: one may hold another.

    As they are, in URLs, in JSON's or Python's quotes, in hexadecimal, in base64 (within more, too).
    """
    forms: set[str] = set()
    for secret in set(secrets):
        if len(secret) < _SHORTEST_SECRET:
            continue
        data = secret.encode()
        in_urls = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
        in_quotes = {
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            repr(secret)[1:-1],
            repr(data)[2:-1],
        }
        forms |= {secret} | in_urls | {_lower_percent(form) for form in in_urls} | in_quotes
        encoded = {data.hex(), data.hex().upper(), *_in_base64(data)}
        forms |= {form for form in encoded if len(form) >= _SHORTEST_ENCODED}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _lower_percent(quoted: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda match: match.group().lower(), quoted)


def _in_base64(data: bytes) -> Iterable[str]:
    """What base64 makes of some bytes wherever they stand: three ways, without what depends on neighbours."""
    for before in range(3):
        text = base64.b64encode(bytes(before) + data).decode()
        inner = text[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        yield from (inner, inner.replace("+", "-").replace("/", "_"))


def redact(text: str, forms: Iterable[str] = ()) -> str:
    """`text` without these forms of secrets (`forms_of`) and without what looks like a token or password."""
    for form in forms:
        text = text.replace(form, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text


class _Formatter(logging.Formatter):
    """What both formats share: the parts of a line, each without secrets."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._forms = forms_of(secrets)

    def clean(self, value: object) -> str:
        return redact(str(value), self._forms)

    def moment(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def fields(self, record: logging.LogRecord) -> dict[str, str | int]:
        """The fields of the line that are set; numbers stay numbers."""
        found: dict[str, str | int] = {}
        task = about.fields()
        for name in FIELDS:
            value = getattr(record, name, task.get(name))
            if value is not None:
                found[name] = value if isinstance(value, int) else self.clean(value)
        return found

    def message(self, record: logging.LogRecord) -> str:
        # Arguments that do not fit, or cannot be shown. Left alone, logging prints them to standard error.
        try:
            return self.clean(record.getMessage())
        except Exception:
            try:
                return self.clean(f"{record.msg} {record.args!r}")
            except Exception:
                return self.clean(record.msg)

    def trace(self, record: logging.LogRecord) -> str:
        # Not record.exc_text, where the base class keeps it for the next handler, as it is.
        parts = [self.formatException(record.exc_info)] if record.exc_info else []
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return self.clean("\n".join(parts)) if parts else ""


class TextFormatter(_Formatter):
    """One line for people, then the traceback indented.

    Control characters are escaped: a prompt with a line break must not be able to write a line of its own.
    """

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={value}" for name, value in self.fields(record).items())
        head = f"{self.moment(record)} {record.levelname:<7} {record.name}"
        line = _CONTROL.sub(_escape, f"{head}: {self.message(record)}{fields}")
        if trace := self.trace(record):
            line += "\n    " + _CONTROL_BUT_LINES.sub(_escape, trace).replace("\n", "\n    ")
        return line


class JsonFormatter(_Formatter):
    """One JSON object per line: time, level, logger, message, the fields, and the exception if any."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, str | int] = {
            "time": self.moment(record),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
            **self.fields(record),
        }
        if trace := self.trace(record):
            entry["exception"] = trace
        return json.dumps(entry)


def _escape(match: re.Match[str]) -> str:
    return match.group().encode("unicode_escape").decode("ascii")


_FORMATS: dict[str, Callable[[Iterable[str]], _Formatter]] = {"text": TextFormatter, "json": JsonFormatter}


def configure(
    level: str,
    format: Literal["text", "json"],
    secrets: Iterable[str] = (),
    *,
    stream: TextIO | None = None,
) -> None:
    """Send every log line to `stream` (standard error), without `secrets`. Calling it again replaces it.

    `level` is for our own packages. Libraries speak from INFO on even at DEBUG: at that level discord.py and
    aiosqlite write down whole payloads, which are other people's messages.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_FORMATS[format](secrets))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    logging.raiseExceptions = False  # what cannot be written is not printed as it is instead
    wanted = logging.getLevelNamesMapping()[level]
    root.setLevel(max(wanted, logging.INFO))
    for name in OURS:
        logging.getLogger(name).setLevel(wanted)
    # discord.py adds a handler of its own where somebody lets it; the root's is enough.
    library = logging.getLogger("discord")
    library.handlers.clear()
    library.propagate = True
    logging.captureWarnings(True)


def conclude(sentence: str) -> None:
    """Say why the program ends: to people as it is, and as a line like the others where the log is JSON."""
    if any(isinstance(handler.formatter, JsonFormatter) for handler in logging.getLogger().handlers):
        logging.getLogger("bot").critical("%s", sentence)
    else:
        print(redact(sentence), file=sys.stderr)
