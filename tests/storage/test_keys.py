"""The key of links: made once, the same ever after, and nobody else's to read."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.keys import LINK_KEY, kept_key


def test_it_is_made_once_and_stays(tmp_path: Path) -> None:
    key = kept_key(tmp_path)
    assert len(key) == 32
    assert kept_key(tmp_path) == key
    assert [path.name for path in tmp_path.iterdir()] == [LINK_KEY]
    if os.name != "nt":
        assert (tmp_path / LINK_KEY).stat().st_mode & 0o777 == 0o600


def test_many_who_begin_at_once_have_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(kept_key, [tmp_path] * 32))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("damaged", ["", "no hex", "ab"])
def test_a_damaged_one_is_made_anew(tmp_path: Path, damaged: str) -> None:
    (tmp_path / LINK_KEY).write_text(damaged)
    key = kept_key(tmp_path)
    assert len(key) == 32
    assert kept_key(tmp_path) == key
