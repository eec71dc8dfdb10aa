"""`python -m tests.house.secret_scan`: no tracked file holds a secret. Part of `make check`, offline.

It knows what a bot like this handles and what people paste by mistake. Tests need values that look like
secrets: they are listed in `EXAMPLES`, whole, so that a real one beside them is found all the same.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

KINDS: dict[str, re.Pattern[str]] = {
    "Discord bot token": re.compile(r"\b[A-Za-z0-9_-]{23,28}\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}"),
    "Discord webhook": re.compile(r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{17,20}/[\w-]{60,}"),
    "Google API key": re.compile(r"\bAIza[\w-]{30,}|\bAQ\.[\w-]{30,}"),
    "Google OAuth secret": re.compile(r"\bya29\.[\w.-]{20,}|\bGOCSPX-[\w-]{20,}"),
    "Google service account": re.compile(r'"private_key_id"\s*:\s*"[0-9a-f]{40}"'),
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\s|\\[nr])*[A-Za-z0-9+/=]{20,}"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_\w{60,}"),
    "Slack token": re.compile(r"\bxox[abprs]-[\w-]{20,}"),
    "package index token": re.compile(r"\bpypi-[\w-]{60,}"),
    "password in an address": re.compile(r"\b\w+://[^\s/:@'\"{}<>$]+:([^\s/@'\"{}<>$]{6,})@[\w.-]+"),
}

# Made up for tests and documentation. Nothing here opens anything.
EXAMPLES = frozenset(
    {
        "MTIzNDU2Nzg5MDEyMzQ1Njc4.GhIjKl.abcdefghijklmnopqrstuvwxyz9753108642AB",
        "AIzaSyA-9876543210zyxwvutsrqponmlkjihgfe",
        "AIzaSyA-9876543210zyxwvutsrqponmlkjihgf",
        "AIzaSyTheKeyThatNobodyMaySee0123456789",
        "ya29.a0AfH6SMBx1234567890-abc_def",
    }
)
PASSWORDS = frozenset({"password", "PASSWORD", "p4ssw0rd", "hunter22"})


class Finding(NamedTuple):
    """Where something that looks like a secret stands. Its text is not repeated."""

    place: str
    line: int
    kind: str

    def __str__(self) -> str:
        return f"{self.place}:{self.line}: looks like a {self.kind}"


def secrets_in(place: str, text: str, examples: Iterable[str] = EXAMPLES) -> Iterator[Finding]:
    """What looks like a secret in a text, apart from the examples."""
    known = frozenset(examples)
    for kind, pattern in KINDS.items():
        for found in pattern.finditer(text):
            if found[0] not in known and found[found.re.groups] not in PASSWORDS:
                yield Finding(place, text.count("\n", 0, found.start()) + 1, kind)


def tracked_files(root: Path = ROOT) -> list[Path]:
    """The files that git tracks or would add; without git, every file that is not hidden."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        found = (path for path in root.rglob("*") if ".venv" not in path.parts and ".git" not in path.parts)
    else:
        found = (root / name for name in done.stdout.decode().split("\0") if name)
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def scan(root: Path = ROOT) -> list[Finding]:
    """Every finding in the project's files; binary files are read as far as they hold text."""
    findings: list[Finding] = []
    for path in tracked_files(root):
        text = path.read_bytes().decode("utf-8", "replace")
        findings += secrets_in(str(path.relative_to(root)), text)
    return findings


def main() -> int:
    """Print what was found; 1 where there is something."""
    findings = scan()
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
