"""Buttons and menus that work after a restart: what every one of ours is.

A custom_id and the kind of component that it came with are two claims. discord.py finds an item by the first
alone, so that a menu's custom_id sent as a button's would have the menu made from a button.
"""

from __future__ import annotations

import re
from types import UnionType
from typing import Any, ClassVar, Generic, Self, TypeVar, Union, get_args, get_origin

import discord
from discord import ui

from bot.domain.ids import ALPHABET, LENGTH
from cogs.language import _
from cogs.surface import surface_of

ItemT = TypeVar("ItemT", bound=ui.Item[Any])
NO_CUSTOM_ID = r"(?!)"  # what is not an item itself takes none


class Misfit(Exception):
    """A component, or what was chosen in one, that no client of Discord's sends: the guard says that there is
    nothing behind it."""


class OwnItem(ui.DynamicItem[ItemT], Generic[ItemT], template=NO_CUSTOM_ID):
    """An item that is made only from the components that it wraps (`OwnItem[ui.Button[Any]]`: buttons).

    A press that does not fit is left with its plain component, which does nothing: `Guard.catch` answers it.
    """

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Return the item of a custom_id; nothing is looked up here. Raise Misfit for a wrong component."""
        raise TypeError(f"{cls.__name__} does not say how it is read")

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Any:
        """Make the item; discord.py swallows what this raises, so it raises nothing."""
        try:
            return cls.read(match, item) if isinstance(item, _wrapped(cls)) else item
        except Misfit:
            return item

    async def callback(self, interaction: discord.Interaction[Any]) -> Any:
        """Answer whoever used it, whatever happens: nothing of ours is used but through the guard."""
        await surface_of(interaction).guard.run(interaction, self._pressed(interaction))

    async def _pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the item is for; raise a Refusal for who may not."""
        raise TypeError(f"{type(self).__name__} does not say what it does")


class ButtonOfOne(OwnItem[ui.Button[Any]], template=NO_CUSTOM_ID):
    """A button about one thing of ours, whose id its custom_id holds: a claim, like every custom_id.

    A kind of it says under which name its ids stand, and how it looks:
    ``class CancelButton(ButtonOfOne, name="cancel", label=N_("Cancel"))``.
    """

    _name: ClassVar[str]
    _label: ClassVar[str]
    _style: ClassVar[discord.ButtonStyle]

    def __init_subclass__(
        cls, *, name: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
    ) -> None:
        super().__init_subclass__(template=rf"plantain:{name}:(?P<id>[{ALPHABET}]{{{LENGTH}}})")
        cls._name, cls._label, cls._style = name, label, style

    def __init__(self, id_: str) -> None:
        self.about = id_
        super().__init__(
            ui.Button(label=_(self._label), style=self._style, custom_id=f"plantain:{self._name}:{id_}")
        )

    @classmethod
    def read(cls, match: re.Match[str], item: ui.Item[Any]) -> Self:
        """Read a custom_id."""
        return cls(match["id"])


def _wrapped(kind: type[ui.DynamicItem[Any]]) -> tuple[type[Any], ...]:
    """What a kind says that it wraps."""
    for base in getattr(kind, "__orig_bases__", ()):
        if get_origin(base) is OwnItem:
            (argument,) = get_args(base)
            either = get_args(argument) if get_origin(argument) in (Union, UnionType) else (argument,)
            return tuple(get_origin(one) or one for one in either)
    raise TypeError(f"{kind.__name__} does not say what it wraps")
