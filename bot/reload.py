"""Reading the settings anew while the bot runs (SIGHUP), and taking over what can change.

What a running bot was built from stays until a restart; which settings those are is said in the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from bot.config import Settings, sections
from bot.errors import ConfigurationError

log = logging.getLogger(__name__)

AT_ONCE = frozenset(
    {
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
    """Calls `apply` with the settings that count from now on, whenever it is called."""

    def __init__(
        self, settings: Settings, load: Callable[[], Settings], apply: Callable[[Settings], None]
    ) -> None:
        self._settings = settings
        self._load = load
        self._apply = apply

    async def __call__(self) -> None:
        """Read the settings and take over what can change; with faults in them nothing changes."""
        try:
            new = await asyncio.to_thread(self._load)
        except ConfigurationError as error:
            for fault in error.faults:
                log.error("the settings stay as they are: %s", fault)
            return
        keys = changed(self._settings, new)
        self._settings = taken_over(self._settings, new)
        self._apply(self._settings)
        now, later = [key for key in keys if key in AT_ONCE], [key for key in keys if key not in AT_ONCE]
        log.info("the settings were read anew; changed: %s", ", ".join(now) or "nothing")
        if later:
            log.warning("these count only after a restart: %s", ", ".join(later))
