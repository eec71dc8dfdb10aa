"""The packaged presets, read from TOML. `bot.domain.preset_tables` describes the file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from bot.domain.preset_tables import parse_presets
from bot.domain.presets import Preset

PACKAGED = Path(__file__).with_name("presets.toml")


def load_presets(path: Path = PACKAGED) -> tuple[Preset, ...]:
    """Read presets in the order of the file; raise ConfigurationError with every fault at once."""
    return parse_presets(tomllib.loads(path.read_text(encoding="utf-8")))
