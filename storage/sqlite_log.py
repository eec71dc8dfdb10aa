"""SQLite's write-ahead log, moved into the database between bursts instead of within them.

By itself SQLite does that in the COMMIT that makes the log larger than 4 MB: whoever waits for that one, and
all behind it, wait until two files are on disk.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.faults import sqlite_faults

# Pages of 4 KB. So large the log becomes only where nobody has moved it for long; then a COMMIT does it.
MOST_PAGES = 16_000


def move_log(database: Path) -> None:
    """Move what the log holds, as far as no reader needs it there; nobody waits for it (sqlite.org/wal.html).

    It blocks. The next to write begins the log anew where all of it was moved.
    """
    with sqlite_faults(database), closing(sqlite3.connect(database, isolation_level=None)) as raw:
        raw.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
