"""What `make check` makes of pip-audit's answer."""

from __future__ import annotations

import json

import pytest

from tests.house.audit import ask, verdict

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


@pytest.mark.parametrize(
    "reason",
    [
        "ConnectionError: no route",
        "requests.exceptions.ProxyError: HTTPSConnectionPool(host='service.example', port=443): Max retries",
        "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='x.example', port=443): timed out",
        "ERROR:pip_audit._cli:Tip: your network may be blocking this service. Try another service with `-s`",
        "TimeoutError: no answer within 300 s",
        "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://service.example/a/json",
        "requests.exceptions.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    ],
)
def test_without_the_service_it_says_so_and_goes_on(reason: str) -> None:
    text, code = verdict("", f"Traceback\n{reason}\n")
    assert (text, code) == (
        f"Known weaknesses were not looked up, the service is out of reach: {reason[:200]}",
        0,
    )


@pytest.mark.parametrize(
    "reason",
    [
        "ERROR:pip_audit._cli:requirement foo===1 does not contain a hash",
        "ERROR:pip_audit._cli:invalid requirements input: requirements.lock",
        "pip-audit: error: unrecognized arguments: --unknown",
        "/usr/bin/python: No module named pip_audit",
        "KeyError: 'ConnectionError'",
        "",
    ],
)
def test_where_it_did_not_run_that_is_a_fault(reason: str) -> None:
    text, code = verdict("", f"Traceback\n{reason}\n" if reason else "")
    assert code == 1
    assert (reason or "it said nothing") in text
    assert "out of reach" not in text


def test_an_option_that_it_does_not_know_is_a_fault() -> None:
    """The real pip-audit says so before it asks anybody."""
    done = ask(["--no-such-option"])
    text, code = verdict(done.stdout, done.stderr)
    assert code == 1
    assert "--no-such-option" in text
