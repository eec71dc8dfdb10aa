"""The key with which links are signed: made once, kept beside the data, the same for every process on it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from storage.faults import file_faults
from storage.files import create, part_of, sync_file, sync_folder, write_whole

LINK_KEY = "link.key"
_BYTES = 32


def kept_key(folder: Path) -> bytes:
    """Return the key in a folder, made now where there is none. Blocking.

    Raises StorageError where it can neither be read nor written. Without the file links that were given out
    end, and nothing else is lost.
    """
    path = folder / LINK_KEY
    with file_faults(path):
        if (key := _read(path)) is not None:
            return key
        part = part_of(folder)
        try:
            create(part)
            part.write_text(secrets.token_hex(_BYTES), "ascii")
            sync_file(part)
            os.link(part, path)  # of two processes that make one at once, one fails here
            sync_folder(folder)
        except FileExistsError:
            pass
        finally:
            part.unlink(missing_ok=True)
        if (key := _read(path)) is None:  # a file that somebody damaged
            write_whole(path, secrets.token_hex(_BYTES).encode())
            key = _read(path)
        if key is None:
            raise OSError(f"{path} cannot be used as a key")
        return key


def _read(path: Path) -> bytes | None:
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return None
    return key if len(key) == _BYTES else None
