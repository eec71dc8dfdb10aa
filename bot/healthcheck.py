"""Ask the bot beside us whether it is alive: exit code 0 or 1. Made for a container's health check.

It runs twice a minute for ever, so it is a script with a few modules of the standard library, and reads the
two settings that it needs by itself: `python -S bot/healthcheck.py`.
"""

from __future__ import annotations

import os
import socket
import sys
import tomllib

SECONDS = 4.0


def main() -> int:
    """Ask /healthz over a plain socket."""
    host = _setting("host", "127.0.0.1")
    port = int(_setting("port", "8080"))
    if port == 0:  # there is nothing to ask, and that the process lives is all that is known
        return 0
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - asked, not listened on
    try:
        with socket.create_connection((host, port), SECONDS) as connection:
            connection.settimeout(SECONDS)
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            status = connection.recv(64).split(b" ", 2)[1:2]
    except OSError as error:
        print(f"no answer from {host}:{port}: {error}", file=sys.stderr)
        return 1
    return 0 if status == [b"200"] else 1


def _setting(name: str, default: str) -> str:
    given = os.environ.get(f"PLANTAIN_SERVER__{name.upper()}")
    if given:
        return given
    try:
        with open(os.environ.get("PLANTAIN_CONFIG") or "config.toml", "rb") as file:
            return str(tomllib.load(file).get("server", {}).get(name, default))
    except (OSError, tomllib.TOMLDecodeError):
        return default


if __name__ == "__main__":
    sys.exit(main())
