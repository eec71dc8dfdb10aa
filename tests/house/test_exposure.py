"""Who can reach health checks and metrics, as `doctor` says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import ServerSettings, Settings
from bot.doctor import configuration
from bot.doctor.configuration import look_at_settings
from bot.doctor.findings import Mark


@pytest.fixture(autouse=True)
def on_a_plain_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration, "CONTAINER_FILES", ())
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


def said_of(host: str) -> tuple[Mark, str]:
    finding = look_at_settings(Settings(server=ServerSettings(host=host)))[-1]
    return finding.mark, finding.seen


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_alone_is_fine(host: str) -> None:
    assert said_of(host)[0] is Mark.OK


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "bot.example"])
def test_an_address_that_others_reach_is_warned_of(host: str) -> None:
    mark, seen = said_of(host)
    assert mark is Mark.WARN and host in seen and "without a login" in seen


def test_in_a_container_it_is_how_it_has_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(configuration, "CONTAINER_FILES", (tmp_path / "no", tmp_path))
    assert said_of("0.0.0.0")[0] is Mark.OK
    monkeypatch.setattr(configuration, "CONTAINER_FILES", ())
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    mark, seen = said_of("0.0.0.0")
    assert mark is Mark.OK and "let only your monitoring reach it" in seen
