"""Who is told what happens, to count it. The studio knows nothing of how that is done."""

from __future__ import annotations

from typing import Protocol

from bot.domain.deliveries import Delivery
from bot.domain.jobs import Job


class Observer(Protocol):
    """Told after the fact, when what it is told is durable. Every method returns at once and never raises."""

    def accepted(self, job: Job) -> None:
        """A request became a job."""
        ...

    def refused(self, kind: str, reason: str) -> None:
        """A request of a kind was refused; `reason` is the name of the refusal's class."""
        ...

    def called(self, model: str, seconds: float, outcome: str) -> None:
        """A provider call ended: `picture`, `no_image`, `blocked`, or the name of its error's class."""
        ...

    def retried(self, model: str, reason: str) -> None:
        """A call will be made again, for a reason as in `called`."""
        ...

    def ended(self, job: Job, images: int) -> None:
        """A job is SUCCEEDED with so many images, or FAILED."""
        ...

    def delivered(self, job: Job, delivery: Delivery) -> None:
        """An answer reached its member (SENT, with its way), or no way led there (KEPT)."""
        ...


class _Unobserved:
    """Nobody counts."""

    def accepted(self, job: Job) -> None: ...

    def refused(self, kind: str, reason: str) -> None: ...

    def called(self, model: str, seconds: float, outcome: str) -> None: ...

    def retried(self, model: str, reason: str) -> None: ...

    def ended(self, job: Job, images: int) -> None: ...

    def delivered(self, job: Job, delivery: Delivery) -> None: ...


UNOBSERVED: Observer = _Unobserved()
