"""Moderation: the rules before the provider, and what moderators do with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.rules.ruleset import Ruleset, Strictness
from bot.domain.safety import SafetyBounds
from bot.studio.blocked import BlockList
from bot.studio.intake import Downloads
from bot.studio.pictures import Pictures
from bot.studio.ports import Blobs, Clock
from bot.studio.rulebook import Rulebook
from bot.studio.rules import Rules
from bot.studio.rules_ports import Hashing
from bot.studio.screen import Screen
from bot.studio.store_ports import Store
from bot.studio.words import Words


@dataclass(frozen=True, slots=True)
class Moderation:
    """The services for rules about words and pictures."""

    rules: Rules
    blocked: BlockList
    screen: Screen
    rulebook: Rulebook
    words: Words
    bounds: SafetyBounds


def open_moderation(
    *,
    store: Store,
    blobs: Blobs,
    hashing: Hashing,
    downloads: Downloads,
    pictures: Pictures,
    ruleset: Ruleset,
    bounds: SafetyBounds,
    strictness: Strictness,
    clock: Clock,
    new_id: Callable[[], str],
) -> Moderation:
    """Put moderation together; there is nothing to close. `strictness` is what servers have that set none."""
    rules = Rules(store=store, ruleset=ruleset, clock=clock, new_id=new_id, strictness=strictness)
    blocked = BlockList(
        store=store, blobs=blobs, hashing=hashing, pictures=pictures, clock=clock, new_id=new_id
    )
    return Moderation(
        rules=rules,
        blocked=blocked,
        screen=Screen(store=store, clock=clock, rules=rules, blocked=blocked, bounds=bounds),
        rulebook=Rulebook(rules, blocked, bounds),
        words=Words(store, rules, downloads, clock, new_id),
        bounds=bounds,
    )
