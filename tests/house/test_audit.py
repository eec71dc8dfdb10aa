"""What `make check` makes of pip-audit's answer."""

from __future__ import annotations

import json

from tests.house.audit import verdict

SOUND = {"name": "aiohttp", "version": "3.14.0", "vulns": []}
UNKNOWN = {"name": "own", "version": "1", "skip_reason": "Dependency not found on PyPI"}
WEAK = {"name": "pillow", "version": "9.0", "vulns": [{"id": "CVE-2022-22817", "fix_versions": ["9.0.1"]}]}


def said(*packages: object) -> tuple[str, int]:
    return verdict(json.dumps({"dependencies": packages, "fixes": []}), "")


def test_a_known_weakness_fails_and_is_named() -> None:
    text, code = said(SOUND, WEAK)
    assert code == 1
    assert "pillow 9.0: CVE-2022-22817, fixed in 9.0.1" in text


def test_what_the_service_does_not_know_is_counted_apart() -> None:
    assert said(SOUND, UNKNOWN) == ("No known weaknesses in 1 packages; the service does not know 1.", 0)


def test_a_service_that_knows_nothing_has_not_looked() -> None:
    text, code = said(UNKNOWN)
    assert code == 0
    assert "knows no package" in text


def test_without_the_service_it_says_so_and_goes_on() -> None:
    text, code = verdict("", "Traceback\nConnectionError: no route")
    assert code == 0
    assert text == (
        "Known weaknesses were not looked up, the service is out of reach: ConnectionError: no route"
    )
