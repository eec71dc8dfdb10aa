"""The library: the styles and characters that servers and members keep, and how a request is made of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.catalogue import Catalogue
from bot.domain.presets import Preset
from bot.studio.characters import Characters, TakesIn
from bot.studio.compose import Composer
from bot.studio.pictures import Pictures
from bot.studio.ports import Clock
from bot.studio.repeats import Repeats
from bot.studio.rulebook import Rulebook
from bot.studio.store_ports import Store
from bot.studio.styles import Styles


@dataclass(frozen=True, slots=True)
class Library:
    """The services for styles and characters, and what turns a wish, or a repeat, into a request."""

    styles: Styles
    characters: Characters
    composer: Composer
    repeats: Repeats


def open_library(
    *,
    store: Store,
    catalogue: Catalogue,
    presets: Sequence[Preset],
    pictures: Pictures,
    intake: TakesIn,
    clock: Clock,
    new_id: Callable[[], str],
    default_model: str,
    rules: Rulebook,
) -> Library:
    """Put the library together; there is nothing to close."""
    styles = Styles(store, catalogue, presets, clock, new_id, rules)
    characters = Characters(store, pictures, intake, clock, new_id, rules)
    return Library(
        styles=styles,
        characters=characters,
        composer=Composer(
            store=store,
            catalogue=catalogue,
            styles=styles,
            characters=characters,
            default_model=default_model,
        ),
        repeats=Repeats(store, catalogue, characters),
    )
