"""Pictures on the disk, held against what the database says of them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from storage.blob_folder import is_whole

SAMPLE = 20  # pictures whose bytes are looked at


@dataclass(frozen=True, slots=True)
class BlobState:
    """What is to be said about the pictures, by their SHA-256."""

    count: int
    size: int  # bytes
    missing: tuple[str, ...]  # shown to somebody, and not there
    cut_off: tuple[str, ...]  # shown to somebody, and not as long as the database says
    damaged: tuple[str, ...]  # among those that were looked at
    looked_at: int
    orphans: tuple[Path, ...]  # no row names them
    used: bool = True  # any request was ever accepted; where not, the pictures are another database's


def compare_blobs(
    present: dict[str, Path], named: set[str], shown: Iterable[str], lengths: Iterable[tuple[str, int]]
) -> BlobState:
    """Compare the files that are `present`, by digest, with what rows name, show and say of their lengths."""
    sizes = {}
    for digest, path in present.items():
        try:
            sizes[digest] = path.stat().st_size
        except FileNotFoundError:
            continue
    sample = random.sample(sorted(sizes), min(SAMPLE, len(sizes)))
    damaged = []
    for digest in sample:
        try:
            if not is_whole(present[digest]):
                damaged.append(digest)
        except FileNotFoundError:
            continue
    orphans = [digest for digest in sizes if digest not in named]
    return BlobState(
        count=len(sizes),
        size=sum(sizes.values()),
        missing=tuple(sorted(set(shown) - set(present))),
        cut_off=tuple(sorted({digest for digest, length in lengths if sizes.get(digest, length) != length})),
        damaged=tuple(damaged),
        looked_at=len(sample),
        orphans=tuple(present[digest] for digest in orphans),
    )
