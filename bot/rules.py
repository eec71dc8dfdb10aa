"""The packaged rules about words, read from TOML. `bot.domain.rules.packaged` describes the file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from bot.domain.rules.letters import Letters
from bot.domain.rules.packaged import Packaged, parse_packaged
from bot.domain.rules.ruleset import Ruleset
from bot.lookalikes import load_lookalikes

PACKAGED = Path(__file__).with_name("rules.toml")


def load_packaged(path: Path = PACKAGED) -> Packaged:
    """Read the categories and exceptions of a file."""
    return parse_packaged(tomllib.loads(path.read_text(encoding="utf-8")))


def load_ruleset() -> Ruleset:
    """Compile the packaged rules; it takes some hundredths of a second."""
    return Ruleset(load_packaged(), Letters(load_lookalikes()))
