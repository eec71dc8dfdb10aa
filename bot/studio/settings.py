"""What servers and members have set: looked up, and changed by those who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.domain.audit import SETTINGS_CHANGED, AuditEntry, entry_id
from bot.domain.catalogue import Catalogue
from bot.domain.server_settings import InForce, MemberSettings, ServerSettings, ServerState
from bot.errors import ChangedMeanwhile, InvalidRequest, NotAllowed, Problem, StaleState
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.rulebook import Rulebook
from bot.studio.store_ports import Store


def managed_server(person: Person) -> int:
    """Return the server that a person manages from where they are, or raise NotAllowed."""
    if person.guild_id is None:
        raise NotAllowed("server_only")
    if not person.manager:
        raise NotAllowed("manage")
    return person.guild_id


class SettingsService:
    """Settings of servers and members."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        clock: Clock,
        new_id: Callable[[], str],
        rules: Rulebook,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._clock = clock
        self._new_id = new_id
        self._rules = rules

    async def server(self, guild_id: int | None) -> ServerState:
        """Return what a server has set; outside of servers the defaults hold."""
        if guild_id is None:
            return ServerState(0, ServerSettings())
        async with self._store.reading() as tx:
            return await tx.settings.of_server(guild_id)

    async def change_server(self, person: Person, seen: ServerState, **changes: object) -> ServerState:
        """Change some settings of the server that a manager is in; return what holds now.

        `seen` is what the manager looked at. Raises NotAllowed, InvalidRequest, or ChangedMeanwhile where
        another manager was faster.
        """
        guild_id = managed_server(person)
        settings = seen.settings.change(**changes)
        if guild_id != seen.guild_id:
            raise ChangedMeanwhile("settings")
        self._rules.check_bounds(changes)
        if settings == seen.settings:
            return seen
        if "brand_prefix" in changes and settings.brand_prefix:
            await self._rules.check_name(settings.brand_prefix, person, "brand_prefix")
        now = self._clock.now()
        state = ServerState(guild_id, settings, seen.version + 1, updated_at=now, updated_by=person.id)
        try:
            async with self._store.transaction() as tx:
                await tx.settings.save_server(state)
                await tx.audit.append(self._entry(person, now, seen.settings, settings))
        except StaleState as exc:
            raise ChangedMeanwhile("settings") from exc
        return state

    async def member(self, member_id: int) -> MemberSettings:
        """Return what a member has set."""
        async with self._store.reading() as tx:
            return await tx.settings.of_member(member_id)

    async def in_force(self, member_id: int, guild_id: int | None) -> InForce:
        """Return what a member and the server where they are have set; None: outside of servers."""
        return await self._store.read(lambda tx: tx.settings.in_force(member_id, guild_id))

    async def change_member(self, member_id: int, **changes: object) -> MemberSettings:
        """Change some settings of a member; return what holds now.

        A model has to be on offer; a ratio or size that the member's model does not make falls away with
        a change of the model, and is refused by itself.
        """
        async with self._store.transaction() as tx:
            settings = (await tx.settings.of_member(member_id)).change(**changes)
            settings = self._fitting(settings, changes)
            await tx.settings.save_member(member_id, settings, now=self._clock.now())
        return settings

    async def reset_member(self, member_id: int) -> MemberSettings:
        """Forget what a member has set."""
        async with self._store.transaction() as tx:
            await tx.settings.forget_member(member_id)
        return MemberSettings()

    def _fitting(self, settings: MemberSettings, changes: dict[str, Any]) -> MemberSettings:
        if "model" in changes and settings.model is not None:
            settings = replace(settings, model=self._catalogue.resolve(settings.model).model.id)
        models = self._catalogue.models
        if settings.model is not None:
            models = tuple(model for model in models if model.id == settings.model) or models
        ratios = list(dict.fromkeys(ratio for model in models for ratio in model.ratios))
        sizes = list(dict.fromkeys(size for model in models for size in model.size_names))
        label = models[0].label if len(models) == 1 else ""
        if settings.ratio is not None and settings.ratio not in ratios:
            if "ratio" in changes:
                raise InvalidRequest(
                    Problem.RATIO_NOT_TAKEN, ratio=settings.ratio, model=label, allowed=ratios
                )
            settings = replace(settings, ratio=None)
        if settings.size is not None and settings.size not in sizes:
            if "size" in changes:
                raise InvalidRequest(Problem.SIZE_NOT_TAKEN, size=settings.size, model=label, allowed=sizes)
            settings = replace(settings, size=None)
        return settings

    def _entry(self, person: Person, now: int, old: ServerSettings, new: ServerSettings) -> AuditEntry:
        before, after = old.to_json(), new.to_json()
        changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        return AuditEntry(
            id=entry_id(now, self._new_id()),
            guild_id=person.guild_id,
            actor_id=person.id,
            at=now,
            action=SETTINGS_CHANGED,
            target=", ".join(changed),
            data=changed,
        )
