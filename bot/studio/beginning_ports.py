"""How a job that was just accepted comes to its work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.domain.progress import Ticket
from bot.studio.store_ports import Transaction


class Beginner(Protocol):
    """Runs what accepts a request, and sees to it that its job begins."""

    async def accept(self, decide: Callable[[Transaction], Awaitable[Ticket]]) -> Ticket:
        """Run `decide` as one unit of work (`Store.write`) and return its ticket; what it raises is raised.

        A job that may begin at once is claimed in the same unit, and its work starts when that is committed,
        whatever becomes of the caller meanwhile. Nobody is before it then. Any other waits for its turn.
        """
        ...
