"""Members whose requests give nothing but words and refusals: each is a call that no cap counts."""

from __future__ import annotations

from bot.domain.attempts import MINUTE, WINDOW, pause_until
from bot.errors import EmptyHanded
from bot.studio.gates import Asked
from bot.studio.store_ports import Transaction

# So many in a row, all within an hour, are followed by a pause; after it, every further one by another.
MOST_IN_A_ROW = 10
PAUSE_MINUTES = 10


class PauseAfterNothing:
    """Nothing is made for a while for whose latest requests were all answered without a picture.

    What failed for another reason says nothing about who asked, and is left out, as are descriptions.
    """

    async def check(self, tx: Transaction, asked: Asked) -> None:
        """Raise EmptyHanded while the member pauses."""
        since = asked.now - WINDOW - PAUSE_MINUTES * MINUTE
        latest = await tx.jobs.latest_answered(asked.origin.member_id, since=since, limit=MOST_IN_A_ROW)
        if any(made for _, made in latest):
            return
        until = pause_until([at for at, _ in latest], MOST_IN_A_ROW, PAUSE_MINUTES, asked.now)
        if until is not None:
            raise EmptyHanded(until)
