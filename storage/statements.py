"""SQL scripts, taken apart."""

from __future__ import annotations

import sqlite3


def statements(script: str) -> list[str]:
    """Split a script into statements; each ends with a semicolon at the end of a line.

    `Connection.executescript` would commit the open transaction first.
    """
    found, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(pending):
            found.append(pending.strip())
            pending = ""
    if any(line.strip() and not line.lstrip().startswith("--") for line in pending.splitlines()):
        raise ValueError("the script's last statement does not end")
    return found
