"""A private PostgreSQL server for the tests, reachable only by a socket in its own folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

INITDB = ("--username=plantain", "--auth=trust", "--encoding=UTF8", "--no-sync")
# A crash of the test server loses nothing of value: it need not wait for the disk.
SERVER = "-c listen_addresses='' -c fsync=off -c full_page_writes=off"


class NoServer(Exception):
    """PostgreSQL is not installed, or does not start here; the text says why."""


@contextmanager
def private_server() -> Iterator[str]:
    """Start a server and give the URL of its database; remove everything at the end."""
    programs = _programs()
    # Not below pytest's folder: that one is closed to other users, and a socket's path may have 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="plantain-pg-"))
    data = folder / "data"
    user = _unprivileged()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        _run(user, folder, programs / "initdb", *INITDB, "-D", data)
        control = (user, folder, programs / "pg_ctl", "-D", data, "-w")
        try:
            _run(*control, "-l", folder / "log", "-t", "60", "-o", f"-k {folder} {SERVER}", "start")
            yield f"postgresql://plantain@/postgres?host={quote(str(folder), safe='')}"
        finally:
            if (data / "postmaster.pid").exists():
                _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    for folder in reversed(found):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise NoServer("PostgreSQL's server programs (initdb, pg_ctl) are not installed")


def _unprivileged() -> Any | None:
    """Return the user that the server runs as where this process is root: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    import pwd  # Windows has none

    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoServer("root cannot run PostgreSQL, and there is neither a user postgres nor nobody")


def _run(user: Any | None, folder: Path, *command: object) -> None:
    identity: dict[str, Any] = {}
    if user is not None:
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, "LC_ALL": "C", "HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server inherits it: a pipe would never end
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=False,
        **identity,
    )
    if done.returncode:
        log = folder / "log"
        said = log.read_text(errors="replace")[-500:] if log.exists() else ""
        raise NoServer(f"{command[0]} ended with {done.returncode}. {said}")
