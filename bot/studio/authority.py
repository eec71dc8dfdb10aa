"""Who somebody is here, and whether that is enough."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.domain.roles import Act, Role, may, role_of
from bot.errors import NotAllowed
from bot.studio.pictures import Person
from bot.studio.store_ports import Store


class Authority:
    """Finds the role of whoever presses or types, with what the server and the operator have named."""

    def __init__(self, store: Store, operators: Collection[int]) -> None:
        self._store = store
        self._operators = frozenset(operators)

    @property
    def operators(self) -> frozenset[int]:
        """Ids of those who run this bot."""
        return self._operators

    async def role(self, person: Person) -> Role:
        """Return the role of a person where they are."""
        named: Collection[int] = ()
        if person.guild_id is not None and person.roles and not (person.moderator or person.manager):
            async with self._store.reading() as tx:
                named = (await tx.settings.of_server(person.guild_id)).settings.moderator_roles
        inside = person.guild_id is not None
        return role_of(
            moderates=inside and person.moderator,
            manages=inside and person.manager,
            operates=person.id in self._operators,
            roles=person.roles,
            named=named,
        )

    async def require(self, person: Person, act: Act) -> Role:
        """Return the role of a person who may do this; raise NotAllowed otherwise."""
        role = await self.role(person)
        if not may(role, act):
            raise NotAllowed(act)
        return role

    async def known(self, person: Person) -> Person:
        """Return the person as a moderator where the server's roles or the operator's list make them one."""
        return replace(person, moderator=may(await self.role(person), Act.DELETE_OTHERS))


def server_of(person: Person) -> int:
    """Return the server that somebody is in, or raise NotAllowed."""
    if person.guild_id is None:
        raise NotAllowed("server_only")
    return person.guild_id
