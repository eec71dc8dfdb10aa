"""Styles: the packaged presets and a server's own; found by everybody, changed by managers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.audit import STYLE_CHANGED, STYLE_CREATED, STYLE_DELETED, AuditEntry, entry_id
from bot.domain.catalogue import Catalogue
from bot.domain.composition import Composition, compose
from bot.domain.presets import OWN, Preset, ServerPreset, find_preset, folded, parse_choice
from bot.errors import ChangedMeanwhile, InvalidRequest, Problem, StaleState
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.rulebook import Rulebook
from bot.studio.settings import managed_server
from bot.studio.store_ports import Store, Transaction

MAX_STYLES = 100  # of one server
SAMPLE_WORDS = "a red lighthouse on a cliff"


@dataclass(frozen=True, slots=True)
class Preview:
    """A style, and what the provider would be told with it."""

    preset: Preset
    composition: Composition


class Styles:
    """Presets of everyone and of servers."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        packaged: Sequence[Preset],
        clock: Clock,
        new_id: Callable[[], str],
        rules: Rulebook,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._packaged = tuple(packaged)
        self._clock = clock
        self._new_id = new_id
        self._rules = rules

    @property
    def packaged(self) -> tuple[Preset, ...]:
        """The presets that everybody has."""
        return self._packaged

    async def all(self, guild_id: int | None) -> tuple[Preset, ...]:
        """Return a server's presets by name, then the packaged ones that no name of the server's covers."""
        async with self._store.reading() as tx:
            return await self.all_within(tx, guild_id)

    async def all_within(self, tx: Transaction, guild_id: int | None) -> tuple[Preset, ...]:
        """The same in a transaction that is open already."""
        kept = () if guild_id is None else await tx.presets.of_server(guild_id)
        own = tuple(item.preset for item in kept)
        covered = {preset.key for preset in own}
        return (*own, *(preset for preset in self._packaged if preset.key not in covered))

    async def find(self, name: str, guild_id: int | None) -> Preset:
        """Return a style by name or title; raise InvalidRequest with names that are like it."""
        return find_preset(name, await self.all(guild_id))

    async def preview(self, style: str, words: str | None, guild_id: int | None) -> Preview:
        """Return a style (slots may be given with it) and the prompt that it makes of some words."""
        choice = parse_choice(style)
        async with self._store.reading() as tx:
            preset = find_preset(choice.name, await self.all_within(tx, guild_id))
            settings = None if guild_id is None else (await tx.settings.of_server(guild_id)).settings
        return Preview(preset, compose(words or SAMPLE_WORDS, preset, settings, choice.slots))

    async def kept(self, name: str, person: Person) -> ServerPreset:
        """Return a server's own preset for a manager to change; raise InvalidRequest where there is none."""
        guild_id = managed_server(person)
        async with self._store.reading() as tx:
            found = await tx.presets.get(guild_id, name)
            if found is None:
                own = [item.preset for item in await tx.presets.of_server(guild_id)]
                find_preset(name, own)  # raises with what is there, unless it is another's title
                raise InvalidRequest(Problem.STYLE_UNKNOWN, style=name, near=[])
        return found

    async def check_new(self, name: str, person: Person) -> None:
        """Raise a Refusal where this person may not create a style of that name."""
        guild_id = managed_server(person)
        async with self._store.reading() as tx:
            await self._check_room(tx, guild_id, name)

    async def create(self, preset: Preset, person: Person) -> ServerPreset:
        """Keep a new preset of the server that a manager is in."""
        guild_id = managed_server(person)
        preset = replace(preset, category=OWN).checked(self._catalogue)
        await self._rules.check_name(preset.words, person, "style")
        now = self._clock.now()
        kept = ServerPreset(guild_id, preset, 1, now, person.id, now, person.id)
        try:
            async with self._store.transaction() as tx:
                await self._check_room(tx, guild_id, preset.name)
                await tx.presets.insert(kept)
                await tx.audit.append(
                    self._entry(person, now, STYLE_CREATED, preset, {"after": preset.to_json()})
                )
        except StaleState as exc:
            raise InvalidRequest(Problem.NAME_IN_USE, what="style", name=preset.name) from exc
        return kept

    async def change(self, preset: Preset, seen: int, person: Person) -> ServerPreset:
        """Replace a preset of the server that a manager is in; its name stays.

        `seen` is the version that the manager looked at; raises ChangedMeanwhile where it is not the
        latest, or the preset is gone.
        """
        guild_id = managed_server(person)
        preset = replace(preset, category=OWN).checked(self._catalogue)
        await self._rules.check_name(preset.words, person, "style")
        now = self._clock.now()
        try:
            async with self._store.transaction() as tx:
                old = await tx.presets.get(guild_id, preset.name)
                if old is None or old.version != seen:
                    raise ChangedMeanwhile("style")
                kept = replace(old, preset=preset, version=seen + 1, updated_at=now, updated_by=person.id)
                await tx.presets.save(kept)
                data = {"before": old.preset.to_json(), "after": preset.to_json()}
                await tx.audit.append(self._entry(person, now, STYLE_CHANGED, preset, data))
        except StaleState as exc:
            raise ChangedMeanwhile("style") from exc
        return kept

    async def delete(self, name: str, person: Person) -> Preset:
        """Remove a preset of the server that a manager is in, and return it."""
        found = await self.kept(name, person)
        now = self._clock.now()
        async with self._store.transaction() as tx:
            if not await tx.presets.delete(found.guild_id, name):
                raise ChangedMeanwhile("style")
            data = {"before": found.preset.to_json()}
            await tx.audit.append(self._entry(person, now, STYLE_DELETED, found.preset, data))
        return found.preset

    async def _check_room(self, tx: Transaction, guild_id: int, name: str) -> None:
        own = await tx.presets.of_server(guild_id)
        taken = {folded(item) for preset in self._packaged for item in (preset.name, preset.title)}
        if folded(name) in taken | {item.preset.key for item in own}:
            raise InvalidRequest(Problem.NAME_IN_USE, what="style", name=name)
        if len(own) >= MAX_STYLES:
            raise InvalidRequest(Problem.TOO_MANY_KEPT, what="styles", limit=MAX_STYLES)

    def _entry(
        self, person: Person, now: int, action: str, preset: Preset, data: Mapping[str, Any]
    ) -> AuditEntry:
        return AuditEntry(
            entry_id(now, self._new_id()), person.guild_id, person.id, now, action, preset.name, data
        )
