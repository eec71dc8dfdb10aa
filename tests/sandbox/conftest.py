from __future__ import annotations

import pytest

from tests.sandbox.photographs import Photographs, take


@pytest.fixture(scope="session")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Photographs:
    """Photographs that somebody attaches."""
    return take(tmp_path_factory.mktemp("camera"))
