"""Perceptual hashes as they are compared: two pictures look alike where few of their bits differ."""

from __future__ import annotations

from collections.abc import Iterable

# Chosen by tests/imaging/test_hashing.py, which prints both rates: copies that were re-encoded, scaled,
# cropped a little or mirrored stay below, other pictures above.
MOST_DIFFERENT_BITS = 42


def distance(one: int, other: int) -> int:
    """Return how many bits of two hashes differ."""
    return (one ^ other).bit_count()


def looks_like(found: int, blocked: Iterable[int], most: int = MOST_DIFFERENT_BITS) -> bool:
    """Whether a picture's hash is close to one of those of a blocked picture."""
    return any((found ^ other).bit_count() <= most for other in blocked)


def to_text(hashes: Iterable[int]) -> str:
    """Return hashes as text: hexadecimal, separated by spaces."""
    return " ".join(f"{value:064x}" for value in hashes)


def from_text(text: str) -> tuple[int, ...]:
    """Read what `to_text` wrote."""
    return tuple(int(part, 16) for part in text.split())
