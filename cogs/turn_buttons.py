"""The buttons of a turn: Undo and Use this, under its picture.

A custom_id is only a claim (see `cogs.buttons`): the turn and its conversation are looked up at the press,
and so is who presses.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from enum import StrEnum
from typing import Any, Self

import discord
from discord import ui

from bot.domain.ids import ALPHABET, LENGTH
from bot.errors import ConversationRefused, Hindrance
from cogs import conversation_words as words
from cogs.audience import for_everybody
from cogs.items import OwnItem
from cogs.language import _
from cogs.panels import panel
from cogs.people import person_of
from cogs.surface import surface_of

NOBODY = discord.AllowedMentions.none()


class Move(StrEnum):
    """What a button does."""

    UNDO = "undo"  # the head goes back to the turn before this one
    USE = "use"  # this turn becomes the head


_LABELS = {Move.UNDO: words.UNDO, Move.USE: words.USE}


class TurnButton(
    OwnItem[ui.Button[Any]],
    template=rf"plantain:turn:(?P<move>{'|'.join(Move)}):(?P<id>[{ALPHABET}]{{{LENGTH}}})",
):
    """One button that moves the head of a conversation."""

    def __init__(self, move: Move, turn_id: str) -> None:
        self.move = move
        self.turn_id = turn_id
        super().__init__(
            ui.Button(
                label=_(_LABELS[move]),
                style=discord.ButtonStyle.secondary,
                custom_id=f"plantain:turn:{move}:{turn_id}",
            )
        )

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(Move(match["move"]), match["id"])

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        talk = surface_of(interaction).talk
        conversation, turn = await talk.lookup.turn_at(self.turn_id)
        # The first picture may be the message that the thread hangs on, in the channel beside it.
        if interaction.channel_id not in (conversation.place_id, conversation.channel_id):
            raise ConversationRefused(Hindrance.NONE_HERE)
        person = person_of(interaction)
        if self.move is Move.UNDO:
            headed = await talk.heads.undo(conversation, person, turn.id)
        else:
            headed = await talk.heads.use(conversation, person, turn.id)
        inside = interaction.channel_id == conversation.place_id  # everybody who takes part has to know it
        with for_everybody(interaction) if inside else nullcontext():
            view = panel(words.head_line(headed))
        await interaction.response.send_message(view=view, allowed_mentions=NOBODY, ephemeral=not inside)


def turn_row(turn_id: str) -> ui.ActionRow[Any]:
    """Return the buttons that stand under the picture of a turn."""
    return ui.ActionRow(TurnButton(Move.UNDO, turn_id), TurnButton(Move.USE, turn_id))
