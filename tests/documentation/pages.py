"""The pages of `docs/` as text: what they name, where they lead, and what they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GENERATED = ("commands.md", "settings.md", "metrics.md", "models.md")

_FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")


def pages() -> list[Path]:
    """Return every page, in a stable order."""
    return sorted(DOCS.rglob("*.md"))


def guides() -> list[Path]:
    """Return the pages that people wrote."""
    return [path for path in pages() if path.name not in GENERATED]


def prose(path: Path) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def spans(text: str) -> Iterator[str]:
    """The texts in code spans, on one line each."""
    for match in _SPAN.finditer(text):
        yield " ".join(match[2].split())


def links(text: str) -> Iterator[str]:
    """Where links and images lead."""
    for match in _LINK.finditer(_SPAN.sub("", text)):
        yield match[1]


def anchors(path: Path) -> set[str]:
    """The headings of a page as MkDocs names them in addresses."""
    return {_slug(match[1]) for match in re.finditer(r"^#{1,6} +(.+?)\s*$", prose(path), re.MULTILINE)}


def _slug(heading: str) -> str:
    words = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"[-\s]+", "-", words)
