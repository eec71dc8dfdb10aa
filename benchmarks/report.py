"""What a benchmark found, as values, as a table and as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity: Plantain's, the bare bot's beside it, and what Plantain's may be at most.

    `most` is a limit in `unit`; `most_times` and `least_times` are limits on the ratio of both.
    """

    what: str
    unit: str
    plantain: float
    bare: float | None = None
    most: float | None = None
    most_times: float | None = None
    least_times: float | None = None

    @property
    def ratio(self) -> float | None:
        """Plantain's as a multiple of the bare bot's."""
        return self.plantain / self.bare if self.bare else None

    @property
    def missed(self) -> bool:
        """Whether it is beyond its limit."""
        if self.most is not None and self.plantain > self.most:
            return True
        if self.ratio is None:
            return False
        if self.least_times is not None and self.ratio < self.least_times:
            return True
        return self.most_times is not None and self.ratio > self.most_times

    def cells(self) -> list[str]:
        """The row of the table."""
        target, verdict = "", ""
        if self.most is not None:
            target = f"<= {self.most:g} {self.unit}"
        elif self.most_times is not None:
            target = f"<= {self.most_times:g} x"
        elif self.least_times is not None:
            target = f">= {self.least_times:g} x"
        if target:
            verdict = "MISSED" if self.missed else "met"
        ratio = "" if self.ratio is None else f"{self.ratio:.3f} x"
        return [self.what, _number(self.plantain), _number(self.bare), self.unit, ratio, target, verdict]

    def to_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "what": self.what,
            "unit": self.unit,
            "plantain": self.plantain,
            "bare": self.bare,
            "ratio": self.ratio,
            "most": self.most,
            "most_times": self.most_times,
            "least_times": self.least_times,
            "missed": self.missed,
        }


@dataclass(frozen=True, slots=True)
class Section:
    """The figures of one benchmark. `how`: how they came about; `load`: the machine's, before and after."""

    name: str
    title: str
    figures: Sequence[Figure]
    how: Sequence[str] = ()
    load: tuple[float, float] = field(default=(0.0, 0.0))

    def to_json(self) -> dict[str, Any]:
        """The section as JSON."""
        return {
            "name": self.name,
            "title": self.title,
            "how": list(self.how),
            "load": list(self.load),
            "figures": [figure.to_json() for figure in self.figures],
        }


HEADINGS = ["", "Plantain", "bare", "", "ratio", "target", ""]


def table(section: Section) -> str:
    """Return a section as text."""
    rows = [HEADINGS, *(figure.cells() for figure in section.figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = [
        "  ".join(
            cell.ljust(width) if column in (0, 3, 6) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    notes = [*section.how, f"load of the machine: {section.load[0]:.1f} before, {section.load[1]:.1f} after"]
    return "\n".join([f"{section.name}: {section.title}", *(f"  {line}" for line in [*lines, *notes])])


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count(),
    }


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.1f}"
