"""Asks for known weaknesses in the packages of the lock file: python -m tests.house.audit

The question goes to the internet, about every package. Without that nothing is known, and that is said and is
no fault: `make check` works on a machine of its own. Whatever else keeps pip-audit from answering is a fault.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"
SECONDS = 300

# The last line of pip-audit where it gets no connection, or something else answers (the page of a proxy is no
# JSON): names of the errors of requests, urllib3 and the system, and what it says itself of such an address.
_OUT_OF_REACH = re.compile(
    r"^(?:[\w.]+\.)?(?:ProxyError|SSLError|ConnectTimeout|ReadTimeout|ConnectionError|MaxRetryError"
    r"|NewConnectionError|NameResolutionError|ConnectionRefusedError|ConnectionResetError|TimeoutError"
    r"|gaierror|HTTPError|JSONDecodeError|ChunkedEncodingError|ContentDecodingError)(?::|$)"
    r"|^ERROR:\S+?:Tip: your network may be blocking this service"
)


def ask(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run pip-audit; it installs nothing and resolves nothing: the lock file has everything."""
    command = (sys.executable, "-m", "pip_audit", "--requirement", str(LOCK), "--require-hashes")
    options = ("--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "5")
    return subprocess.run(
        [*command, *options, *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
    )


def verdict(answer: str, complaint: str) -> tuple[str, int]:
    """Return what pip-audit's answer (JSON) amounts to, and the exit code."""
    try:
        packages = json.loads(answer)["dependencies"]
    except (ValueError, KeyError):
        reason = (complaint.strip().splitlines() or ["it said nothing"])[-1]
        if _OUT_OF_REACH.search(reason):
            return f"Known weaknesses were not looked up, the service is out of reach: {reason[:200]}", 0
        return f"Known weaknesses were not looked up, pip-audit failed: {reason[:200]}", 1
    weak = [
        f"{package['name']} {package['version']}: {found['id']}, fixed in {', '.join(found['fix_versions'])}"
        for package in packages
        for found in package.get("vulns", ())
    ]
    unknown = sum("skip_reason" in package for package in packages)
    if weak:
        return "\n".join(["Packages with known weaknesses. `make lock ARGS=--upgrade` may help:", *weak]), 1
    if unknown == len(packages):
        return "Known weaknesses were not looked up: the service that was asked knows no package.", 0
    told = f"No known weaknesses in {len(packages) - unknown} packages"
    return f"{told}; the service does not know {unknown}." if unknown else f"{told}.", 0


def main() -> int:
    """Print the verdict. Arguments go to pip-audit: ``--ignore-vuln ID`` leaves one out."""
    try:
        done = ask(sys.argv[1:])
    except subprocess.TimeoutExpired:
        text, code = verdict("", f"TimeoutError: no answer within {SECONDS} s")
    else:
        text, code = verdict(done.stdout, done.stderr)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
