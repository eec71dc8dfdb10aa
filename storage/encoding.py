"""JSON as it is stored: ASCII only, so that every character survives in every database."""

from __future__ import annotations

import json
from typing import Any


def to_text(value: Any) -> str:
    """Return `value` as compact JSON. NUL characters and lone surrogates become escapes."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def from_text(text: str) -> Any:
    """Read what `to_text` wrote."""
    return json.loads(text)
