"""What every section of the settings is, and values that several of them have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, ConfigDict, Field

DiscordId = Annotated[int, Field(gt=0, lt=2**63)]


class Section(BaseModel):
    """One table of the file. Strict: `"20"` is no number and `1` is not true."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def split_url(value: str) -> SplitResult:
    """Return the parts of a URL. The port is checked here: `SplitResult.port` checks it only when read."""
    try:
        url = urlsplit(value)
        _ = url.port
    except ValueError:
        raise ValueError("is not a URL") from None
    return url


def site_url(value: str) -> SplitResult:
    """Return the parts of the address of a web site, which may have a port and a path and nothing else."""
    url = split_url(value)
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError("is not of the form https://host")
    if url.username is not None or url.query or url.fragment:
        raise ValueError("holds a user name, a query or a fragment")
    return url


def expanded(value: Path) -> Path:
    """Return a path with its ~ resolved."""
    if "\0" in str(value):
        raise ValueError("holds a NUL character")
    try:
        return value.expanduser()
    except RuntimeError:
        raise ValueError("begins with ~, and no home folder is known") from None
