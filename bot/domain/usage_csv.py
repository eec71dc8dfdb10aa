"""Usage as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.usage import UsageLine

COLUMNS = (
    *("request", "asked_at", "member_id", "server_id", "kind", "model", "size", "result", "reason"),
    *("images", "dollars", "seconds"),
)
# A cell that begins with one of these is a formula to spreadsheets (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> str:
    """Return one cell. What would be a formula is made a text by an apostrophe; quoted where it has to be."""
    text = "" if value is None else str(value)
    if isinstance(value, str) and text.startswith(_FORMULA):
        text = f"'{text}"
    if any(sign in text for sign in ',"\r\n'):
        text = '"' + text.replace('"', '""') + '"'
    return text


def row(*values: object) -> str:
    """Return one row with its end."""
    return ",".join(map(cell, values)) + "\r\n"


HEADER = row(*COLUMNS)


def line_row(line: UsageLine) -> str:
    """Return the row of one request."""
    asked = datetime.fromtimestamp(line.asked_at / 1000, tz=UTC).isoformat(timespec="seconds")
    return row(
        line.job_id,
        asked,
        # Spreadsheets round numbers of more than 15 digits; an id is a name, not a number.
        f"id:{line.member_id}",
        "" if line.guild_id is None else f"id:{line.guild_id}",
        line.kind,
        line.model,
        line.size,
        line.state,
        line.failure,
        line.images,
        f"{line.micros // 1_000_000}.{line.micros % 1_000_000:06d}",
        None if line.seconds is None else f"{line.seconds:.1f}",
    )
