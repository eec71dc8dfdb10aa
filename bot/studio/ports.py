"""What the studio needs from the outside, as protocols: clock, blobs, provider and pictures.

The other modules whose names end in `ports` hold the rest: `store_ports` the database, with a module for each
group of repositories, `notifier_ports` those who are told. Implementations live in `storage`,
`bot.providers`, `bot.imaging` and `cogs`; `bot.app` puts them together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.domain.answers import Answer
from bot.domain.calls import Call
from bot.domain.gallery import Tile
from bot.domain.images import FittedFile, Inspected

T = TypeVar("T")


class Clock(Protocol):
    """Time, so that tests can set it."""

    def now(self) -> int:
        """UTC milliseconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Waits(Protocol):
    """How to wait for the outside. A test world has to know which waits are meant."""

    async def __call__(self, awaitable: Awaitable[T], reason: str) -> T:
        """Await `awaitable`; `reason` says for what."""
        ...


class Blobs(Protocol):
    """Files: pictures addressed by SHA-256, and answers that the database did not take at once."""

    def path(self, sha256: str) -> Path:
        """Where a picture's bytes are."""
        ...

    async def keep_answer(self, job_id: str, position: int, answer: Answer) -> None:
        """Put an answer on disk, durably: when this returns, a crash cannot lose it."""
        ...

    async def kept_answers(self, job_id: str) -> dict[int, Answer]:
        """The answers of a job that are on disk, by position; one that cannot be read counts as absent."""
        ...

    async def ensure_room(self) -> None:
        """Raise StorageFull when the disk has no room for an answer: better to know before it is paid."""
        ...

    async def drop_answers(self, job_id: str, count: int) -> None:
        """Remove what is on disk of a finished job's answers, so many; the database has their content."""
        ...


class Provider(Protocol):
    """What makes images."""

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - the provider is told, too
        arriving: Callable[[], None],
    ) -> Answer:
        """Make one call and return its answer, pictures already kept as blobs.

        `arriving` is called once when the answer begins to come in. A refusal or an empty answer is an
        Answer with that verdict; a failed call raises a ProviderError. Never retries by itself.
        """
        ...


class Imaging(Protocol):
    """Work on pictures, off the event loop."""

    async def inspect(self, path: Path) -> Inspected | None:
        """Decode a picture fully and say what it is; None where the bytes are no whole picture."""
        ...

    async def fit(self, path: Path, limit: int) -> FittedFile:
        """Re-encode a picture so that it has at most `limit` bytes and at least half its pixels."""
        ...


class ContactSheets(Protocol):
    """Several pictures on one, off the event loop."""

    async def contact_sheet(self, tiles: Sequence[Tile]) -> FittedFile:
        """Return the tiles in rows, each with its label; what cannot be shown has a sign in its place."""
        ...


class Charts(Protocol):
    """Draws, off the event loop."""

    async def chart(self, chart: Mapping[str, Any]) -> FittedFile:
        """Return a picture of plain values and words (see `bot.imaging.charts`); raise ImageError."""
        ...
