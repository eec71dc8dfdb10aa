"""Fixtures of the tests about the house."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house.working_directory import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)
