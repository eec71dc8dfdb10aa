"""No modules of the program import each other in a circle, not even late, from within functions."""

from __future__ import annotations

import graphlib
from collections.abc import Mapping

import pytest

from tests.house.import_rules import imports, modules

# It names everything that cogs share, for types only: at run time it imports none of it.
FOR_TYPES_ONLY = "cogs.surface"


def test_nothing_goes_round_in_a_circle() -> None:
    sources = {name: path.read_text("utf-8") for name, path in modules().items()}
    graphlib.TopologicalSorter(_graph(sources)).prepare()


def test_a_circle_is_found_late_imports_included() -> None:
    sources = {
        "cogs.panels": "from cogs.menus import Menu",
        "cogs.menus": "def pressed():\n    from cogs import panels",
    }
    with pytest.raises(graphlib.CycleError):
        graphlib.TopologicalSorter(_graph(sources)).prepare()


def _graph(sources: Mapping[str, str]) -> dict[str, set[str]]:
    """Which modules each one imports."""
    return {
        name: {found for item in imports(source, name) if (found := _module(item.name, sources))} - {name}
        for name, source in sources.items()
        if name != FOR_TYPES_ONLY
    }


def _module(name: str, sources: Mapping[str, str]) -> str:
    """The module that an import's name is, or is taken from."""
    while name and name not in sources:
        name = name.rpartition(".")[0]
    return name
