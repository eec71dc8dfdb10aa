"""A working directory in which settings are loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from bot.config import Secret, Settings, load_settings
from bot.errors import ConfigurationError, Fault


class House:
    """The folder, and what an operator would see in it. Nothing of the machine's environment counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, text: str, name: str = "config.toml") -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def load(
        self,
        toml: str | None = None,
        environ: Mapping[str, str] | None = None,
        require: Collection[Secret] = (),
    ) -> Settings:
        if toml is not None:
            self.write(toml)
        return load_settings(environ=environ or {}, require=require, directory=self.folder)

    def faults(
        self,
        toml: str | None = None,
        environ: Mapping[str, str] | None = None,
        require: Collection[Secret] = (),
    ) -> dict[str, Fault]:
        with pytest.raises(ConfigurationError) as caught:
            self.load(toml, environ, require)
        assert caught.value.__cause__ is None and caught.value.__context__ is None
        return {fault.key: fault for fault in caught.value.faults}
