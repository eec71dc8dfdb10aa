"""Where the turns of a conversation stand when it is drawn.

A branch runs from left to right and goes on in the next row where the row is full. What branches off begins
a row of its own; a line leads there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FEWEST_COLUMNS, MOST_COLUMNS = 4, 10


@dataclass(frozen=True, slots=True)
class Drawn:
    """One turn to draw. `parent` is the place of its parent among those that are drawn."""

    label: str
    path: Path | None  # None: there is no picture (any more)
    parent: int | None = None
    head: bool = False
    on_path: bool = False  # it leads from the root to the head


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the picture, and the branch that it belongs to (counted from 0)."""

    row: int
    column: int
    branch: int


def columns_for(count: int) -> int:
    """Return how many turns stand in a row, so that the picture is about as wide as high."""
    return max(FEWEST_COLUMNS, min(MOST_COLUMNS, math.ceil(math.sqrt(count * 1.2))))


def arrange(parents: Sequence[int | None], columns: int) -> list[Place]:
    """Return the place of each turn; a parent stands before its children in `parents`."""
    children: list[list[int]] = [[] for _ in parents]
    starts = []
    for number, parent in enumerate(parents):
        if parent is None:
            starts.append(number)
        else:
            children[parent].append(number)
    places: dict[int, Place] = {}
    row = branch = 0
    waiting = list(reversed(starts))
    while waiting:
        at: int | None = waiting.pop()
        column = 0
        begun: list[int] = []
        while at is not None:
            if column == columns:
                row, column = row + 1, 0
            places[at] = Place(row, column, branch)
            column += 1
            begun += children[at][1:]
            at = next(iter(children[at]), None)
        row, branch = row + 1, branch + 1
        waiting += reversed(begun)
    return [places[number] for number in range(len(parents))]
