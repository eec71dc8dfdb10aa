"""Reading the operator's settings file again while the bot runs, on the word of an operator."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.domain.audit import SETTINGS_RELOADED, AuditEntry, entry_id
from bot.domain.roles import Act
from bot.errors import ConfigurationError
from bot.studio.authority import Authority
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.store_ports import Store


@dataclass(frozen=True, slots=True)
class Reloaded:
    """Which settings (`section.key`) are others than before: those that count now, and those that wait for a
    restart. Never a value: some are secrets."""

    now: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


class Reloading:
    """What `/config reload` does. `reload` is what SIGHUP does as well."""

    def __init__(
        self,
        *,
        store: Store,
        authority: Authority,
        clock: Clock,
        new_id: Callable[[], str],
        reload: Callable[[], Awaitable[Reloaded]],
    ) -> None:
        self._store = store
        self._authority = authority
        self._clock = clock
        self._new_id = new_id
        self._reload = reload

    async def reload(self, person: Person) -> Reloaded:
        """Take over what can change; return what came of it.

        Raises NotAllowed for whoever is no operator, and ConfigurationError with every fault of the file at
        once: then nothing has changed. Either is in the audit.
        """
        await self._authority.require(person, Act.RELOAD)
        try:
            done = await self._reload()
        except ConfigurationError as error:
            # Moderators of the server can read the audit; what is wrong names files of the machine.
            await self._note(person, faults=len(error.faults))
            raise
        await self._note(person, now=list(done.now), later=list(done.later))
        return done

    async def _note(self, person: Person, **data: list[str] | int) -> None:
        now = self._clock.now()
        entry = AuditEntry(
            id=entry_id(now, self._new_id()),
            guild_id=person.guild_id,
            actor_id=person.id,
            at=now,
            action=SETTINGS_RELOADED,
            data=data,
        )
        async with self._store.transaction() as tx:
            await tx.audit.append(entry)
