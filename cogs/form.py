"""Forms: each belongs to whoever it was shown to, where it was shown.

discord.py keeps a form under its custom_id and takes what comes back from anybody who knows that. A form
knows what it was shown for (a picture, a case, a server's settings), so it has to know for whom, too.
"""

from __future__ import annotations

import logging
from typing import Any

import discord
from discord import ui

log = logging.getLogger(__name__)

# How long an open form is waited for: one that was closed says nothing, and would be kept for ever.
FORM_SECONDS = 3600.0
LONGEST = 4000  # characters of a text input
_Place = tuple[int, int | None]  # who, and in which server


class Form(ui.Modal):
    """What every form of ours is. Its `on_submit` goes through `Guard.run`, and checks the person again.

    What comes from anybody else, or does not fit into it, never reaches `on_submit`: `Guard.catch` says that
    there is nothing behind it.
    """

    def __init__(self, *, title: str) -> None:
        super().__init__(title=title, timeout=FORM_SECONDS)
        self._shown_to: _Place | None = None

    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Answer an interaction with this form."""
        self._shown_to = _place(interaction)
        await interaction.response.send_modal(self)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Whether it comes back from where it was shown, filled in as it can be."""
        return self._shown_to == _place(interaction) and all(map(_fits, self.walk_children()))

    # As `ui.Modal` has it, and `ui.View` has not.
    async def on_error(  # type: ignore[override]
        self, interaction: discord.Interaction[Any], error: Exception, /
    ) -> None:
        """Take note of what does not fit into the form: no client of Discord's sends it."""
        log.warning("interaction %s: a form came back with %s", interaction.id, type(error).__name__)


def _fits(item: ui.Item[Any]) -> bool:
    """Whether what was filled in is what a client of Discord's sends for it."""
    if isinstance(item, ui.TextInput):
        return isinstance(item.value, str) and len(item.value) <= (item.max_length or LONGEST)
    if isinstance(item, ui.Select):
        offered = {option.value for option in item.options}
        return _enough(item) and all(isinstance(value, str) and value in offered for value in item.values)
    if isinstance(item, ui.UserSelect):
        return _enough(item) and all(isinstance(value, discord.abc.Snowflake) for value in item.values)
    if isinstance(item, ui.FileUpload):
        return all(isinstance(value, discord.Attachment) for value in item.values)
    if isinstance(item, ui.RadioGroup):
        return item.value is None or item.value in [option.value for option in item.options]
    return not isinstance(item, ui.Checkbox) or isinstance(item.value, bool)


def _enough(item: ui.Select[Any] | ui.UserSelect[Any]) -> bool:
    return len(item.values) <= item.max_values and (bool(item.values) or not item.required)


def _place(interaction: discord.Interaction[Any]) -> _Place:
    return interaction.user.id, interaction.guild_id
