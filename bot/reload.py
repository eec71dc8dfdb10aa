"""Reading the settings anew while the bot runs (SIGHUP, `/config reload`), and taking over what can change.

What a running bot was built from stays until a restart; which settings those are is said in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from bot.config import Settings, sections
from bot.errors import ConfigurationError
from bot.studio.reloading import Reloaded

log = logging.getLogger(__name__)

AT_ONCE = frozenset(
    {
        "limits.daily_descriptions",
        "limits.daily_images",
        "limits.max_per_member",
        "limits.max_prompt",
        "limits.shutdown_seconds",
        "log.level",
        "log.format",
        "log.channel",
    }
)
"""What is taken over without a restart. Everything else, and the secrets, waits for one."""


def changed(old: Settings, new: Settings) -> list[str]:
    """Return the keys (`section.key`, or a name where there is no section) whose values differ."""
    keys = [
        f"{name}.{key}"
        for name, section in sections().items()
        for key in section.model_fields
        if getattr(getattr(old, name), key) != getattr(getattr(new, name), key)
    ]
    others = [name for name in Settings.model_fields if name not in sections()]
    return keys + [name for name in others if getattr(old, name) != getattr(new, name)]


def taken_over(old: Settings, new: Settings) -> Settings:
    """Return `old` with what of `new` counts at once."""
    update = {
        name: getattr(old, name).model_copy(
            update={
                key: getattr(getattr(new, name), key)
                for key in section.model_fields
                if f"{name}.{key}" in AT_ONCE
            }
        )
        for name, section in sections().items()
    }
    return old.model_copy(update=update)


class Reloader:
    """Reads the settings anew and tells `listeners` which count from now on."""

    def __init__(self, settings: Settings, load: Callable[[], Settings]) -> None:
        self._settings = settings
        self._load = load
        self._reading = asyncio.Lock()  # what was read first is taken over first
        self.listeners: list[Callable[[Settings], None]] = []

    async def __call__(self) -> Reloaded:
        """Take over what can change; raise ConfigurationError with every fault, and then nothing changes."""
        async with self._reading:
            try:
                new = await asyncio.to_thread(self._load)
            except ConfigurationError as error:
                for fault in error.faults:
                    log.error("the settings stay as they are: %s", fault)
                raise
            keys = changed(self._settings, new)
            self._settings = taken_over(self._settings, new)
            for listener in self.listeners:
                listener(self._settings)
        now = tuple(key for key in keys if key in AT_ONCE)
        later = tuple(key for key in keys if key not in AT_ONCE)
        log.info("the settings were read anew; changed: %s", ", ".join(now) or "nothing")
        if later:
            log.warning("these count only after a restart: %s", ", ".join(later))
        return Reloaded(now, later)

    async def on_signal(self) -> None:
        """The same for SIGHUP: the log has said what was wrong."""
        with suppress(ConfigurationError):
            await self()
