"""The version stands in two places."""

from __future__ import annotations

import tomllib
from pathlib import Path

import bot

ROOT = Path(__file__).parents[2]


def test_the_versions_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert bot.__version__ == project["version"]
    for name in ("compose.yaml", "kubernetes.yaml"):
        assert f"image: plantain:{bot.__version__}" in (ROOT / "deploy" / name).read_text()
