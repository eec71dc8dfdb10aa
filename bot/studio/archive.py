"""A member's data as ZIP files of a bounded size, written piece by piece. It blocks: use it in a thread."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

# What a ZIP adds to a file: two headers with its name, and the end of the archive.
OVERHEAD = 512


class Archive:
    """Writes ``export-1.zip``, ``export-2.zip`` … into a folder, none larger than `limit` bytes.

    Each of them can be opened alone. Rows are written as JSON (everything, as it is kept) and as CSV (for a
    spreadsheet), in pieces where one would be too large.
    """

    def __init__(self, folder: Path, limit: int, readme: str) -> None:
        self._folder = folder
        self._limit = limit
        self._zip: zipfile.ZipFile | None = None
        self._size = 0
        self.parts: list[Path] = []
        self._rows: dict[str, int] = {}  # how many pieces of a kind there are
        self._add_bytes("README.txt", readme.encode())

    def add_rows(self, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows of a kind, as many files of JSON and CSV as they need."""
        if not rows:
            return
        data = json.dumps(list(rows), ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")
        if len(data) + OVERHEAD > self._limit // 2 and len(rows) > 1:
            half = len(rows) // 2
            self.add_rows(kind, rows[:half])
            self.add_rows(kind, rows[half:])
            return
        number = self._rows[kind] = self._rows.get(kind, 0) + 1
        name = kind if number == 1 else f"{kind}-{number}"
        self._add_bytes(f"{name}.json", data)
        self._add_bytes(f"{name}.csv", as_csv(rows))

    def add_file(self, name: str, path: Path) -> bool:
        """Add a file as it is; False where it is not there, or fits into no part."""
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            return False
        if size + OVERHEAD + 2 * len(name) > self._limit - OVERHEAD:
            return False
        # Pictures are compressed already.
        self._room_for(name, size).write(path, name, compress_type=zipfile.ZIP_STORED)
        return True

    def close(self) -> list[Path]:
        """Finish the last part and return all of them."""
        if self._zip is not None:
            self._zip.close()
            self._zip = None
        return self.parts

    def _add_bytes(self, name: str, data: bytes) -> None:
        self._room_for(name, len(data)).writestr(name, data, compress_type=zipfile.ZIP_DEFLATED)

    def _room_for(self, name: str, size: int) -> zipfile.ZipFile:
        """The part that a file of this size goes to; text is counted as if it were not compressed."""
        needed = size + OVERHEAD + 2 * len(name.encode())
        if self._zip is None or self._size + needed > self._limit:
            self.close()
            path = self._folder / f"export-{len(self.parts) + 1}.zip"
            self._zip = zipfile.ZipFile(path, "x", allowZip64=True)
            self.parts.append(path)
            self._size = OVERHEAD
        self._size += needed
        return self._zip


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as CSV for a spreadsheet: UTF-8 with a mark, and nothing in it that one would run."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "backslashreplace")


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "'" + text if text[:1] in tuple("=+-@\t\r") else text
