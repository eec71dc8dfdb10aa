"""The scan of `make check`: it finds each kind of secret, and there is none in the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.house.secret_scan import EXAMPLES, KINDS, ROOT, scan, secrets_in, tracked_files

# Put together here, so that no file holds one of them whole.
SECRETS = {
    "Discord bot token": f"{'M' * 24}.{'G' * 6}.{'x' * 38}",
    "Discord webhook": "https://discord.com/api/webhooks/" + "1" * 18 + "/" + "w" * 68,
    "Google API key": "AIza" + "S" * 35,
    "Google OAuth secret": "GOCSPX-" + "o" * 28,
    "Google service account": '"private_key_id": "' + "0a" * 20 + '"',
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "M" * 64,
    "AWS key": "AKIA" + "Q" * 16,
    "GitHub token": "ghp_" + "h" * 36,
    "Slack token": "xoxb-" + "s" * 30,
    "package index token": "pypi-" + "p" * 80,
    "password in an address": "postgresql://plantain:" + "correct-horse" + "@db.example",
}


def test_the_project_holds_none() -> None:
    assert scan() == []


def test_every_kind_has_a_sample() -> None:
    assert SECRETS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_found_and_not_repeated(kind: str) -> None:
    (found,) = secrets_in("notes.md", f"first line\nit is {SECRETS[kind]}\n")
    assert (found.place, found.line, found.kind) == ("notes.md", 2, kind)
    assert SECRETS[kind][:30] not in str(found)


@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_a_private_key_is_found_in_json_too(line: str) -> None:
    """There, the break of a line is a backslash and a letter."""
    written = json.dumps({"private_key": SECRETS["private key"].replace("\n", line)})
    assert [found.kind for found in secrets_in("key.json", written)] == ["private key"]


def test_a_secret_beside_an_example_is_found() -> None:
    example = min(EXAMPLES)
    assert [found.kind for found in secrets_in("a", f"{example}\n{example}x")] != []
    assert list(secrets_in("a", example)) == []


def test_what_is_not_tracked_yet_is_read_too() -> None:
    files = tracked_files()
    assert Path(__file__).resolve() in [path.resolve() for path in files]
    assert ROOT / "Makefile" in files
    assert not [path for path in files if ".venv" in path.parts]
