"""An announcer that writes down what servers would be told."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.server_settings import ServerSettings
from bot.domain.spending_notes import SpendingNote
from tests.fakes.changes import Changes


@dataclass
class RecordingAnnouncer(Changes):
    """Takes everything, until a test scripts a failure."""

    told: list[tuple[int, SpendingNote]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def announce(self, channel_id: int, notice: SpendingNote, settings: ServerSettings) -> None:
        if self.fails:
            self.changed()
            raise self.fails.pop(0)
        self.told.append((channel_id, notice))
        self.changed()
