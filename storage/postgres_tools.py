"""PostgreSQL's own programs for backups. They are asked, not copied: only they know every server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from bot.errors import StorageError

if TYPE_CHECKING:
    from storage.postgres_session import Session

_MISSING = (
    "{program} was not found. Install PostgreSQL's client programs (Debian: postgresql-client), "
    "in the version of the server or a newer one"
)


def dump(url: str, target: Path) -> None:
    """Write the database to `target` in pg_dump's custom format; one snapshot, work may go on meanwhile."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
    _run("pg_restore", None, "--list", "--file=/dev/null", str(target))


def restore(url: str, source: Path, *, replace: bool) -> None:
    """Read a dump into a database: an empty one, or with `replace` in place of what is there."""
    more = ["--clean", "--if-exists"] if replace else []
    flags = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", *more]
    _run("pg_restore", url, *flags, str(source), option="--dbname")


@contextmanager
def session(url: str) -> Iterator[Session]:
    """A connection to the database, for what has to be asked and held beside its programs."""
    try:
        from storage import postgres_session
    except ModuleNotFoundError as exc:
        raise StorageError("PostgreSQL needs the package asyncpg: install the extra `postgres`") from exc
    with postgres_session.session(url) as opened:
        yield opened


def _run(name: str, url: str | None, *arguments: str, option: str = "--dbname") -> None:
    program = shutil.which(name)
    if program is None:
        raise StorageError(_MISSING.format(program=name))
    environ = dict(os.environ)
    target = []
    if url is not None:
        # Arguments are seen by every user of the machine: the password goes through the environment.
        parts = urlsplit(url)
        if parts.password is not None:
            environ["PGPASSWORD"] = unquote(parts.password)
            host = parts.netloc.rpartition("@")[2]
            parts = parts._replace(netloc=f"{parts.username or ''}@{host}" if parts.username else host)
        target = [f"{option}={urlunsplit(parts)}"]
    done = subprocess.run(  # noqa: S603 - a program of the PATH, and no shell
        [program, *target, *arguments],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing"])[0]
        raise StorageError(f"{name} failed, saying: {said}")
