"""Characters: kept by members, shared with a server by its managers, brought in by ``@name``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.audit import CHARACTER_SHARED, CHARACTER_UNSHARED, AuditEntry, entry_id
from bot.domain.catalogue import Model
from bot.domain.characters import (
    MAX_PICTURES,
    Character,
    CharacterPicture,
    checked_name,
    find_mentioned,
    meant,
    mentioned,
    picture_to_json,
)
from bot.domain.composition import Cast
from bot.domain.images import IntakeNote
from bot.domain.presets import folded
from bot.domain.requests import Reference, Source
from bot.errors import InvalidRequest, Problem, StaleState
from bot.studio.intake import Taken
from bot.studio.pictures import Person, Pictures
from bot.studio.ports import Clock
from bot.studio.rulebook import Rulebook
from bot.studio.settings import managed_server
from bot.studio.store_ports import Store, Transaction

MAX_OWN = 50  # characters of one person
MAX_SHARED = 100  # with one server


class TakesIn(Protocol):
    """What makes a kept picture of an attachment: `bot.studio.intake.Intake`."""

    async def take(self, source: Source) -> Taken:
        """Fetch, prepare and keep one picture; raise InputRefused."""
        ...


@dataclass(frozen=True, slots=True)
class Saved:
    """A new character, and what was done to the pictures that were sent along."""

    character: Character
    notes: tuple[IntakeNote, ...] = ()


@dataclass(frozen=True, slots=True)
class Brought:
    """What the names in a prompt bring in. `missing` names nothing that this person may use."""

    characters: tuple[Character, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def references(self) -> tuple[Reference, ...]:
        """The pictures of all characters, in order."""
        return tuple(reference for character in self.characters for reference in character.references)

    @property
    def unsaid(self) -> bool:
        """Whether pictures of one were brought along without a word about the people in them."""
        return any(character.unsaid for character in self.characters)

    def cast(self, before: int) -> tuple[Cast, ...]:
        """Return who is in which pictures; `before` is how many pictures of the request come first."""
        cast: list[Cast] = []
        for character in self.characters:
            last = before + len(character.pictures)
            cast.append(Cast(character.name, before + 1, last))
            before = last
        return tuple(cast)


class Characters:
    """Named reference pictures. Somebody else's private character is like one that does not exist."""

    def __init__(
        self,
        store: Store,
        pictures: Pictures,
        intake: TakesIn,
        clock: Clock,
        new_id: Callable[[], str],
        rules: Rulebook,
    ) -> None:
        self._store = store
        self._pictures = pictures
        self._intake = intake
        self._clock = clock
        self._new_id = new_id
        self._rules = rules

    async def save(
        self,
        name: str,
        person: Person,
        *,
        sources: Sequence[Source] = (),
        image_ids: Sequence[str] = (),
        consent: bool = False,
    ) -> Saved:
        """Keep a character from attachments and from kept pictures that this person may use.

        Whatever can be refused without fetching anything is. Raises InvalidRequest, InputRefused for an
        attachment that cannot be used, or Gone for an image that is not there for this person.
        """
        name = checked_name(name)
        count = len(sources) + len(dict.fromkeys(image_ids))
        if not 1 <= count <= MAX_PICTURES:
            raise InvalidRequest(Problem.CHARACTER_PICTURES, count=count, limit=MAX_PICTURES)
        async with self._store.reading() as tx:
            await _check_room(tx, name, person)
            if person.guild_id is not None:
                server = (await tx.settings.of_server(person.guild_id)).settings
                server.check_consent(brought_along=bool(sources), given=consent)
        await self._rules.check_name(name, person, "character")
        pictures = [await self._kept(image_id, person) for image_id in dict.fromkeys(image_ids)]
        taken = [await self._intake.take(source) for source in sources]
        pictures += [CharacterPicture(picture.reference) for picture in taken]
        await self._rules.check_pictures([picture.reference.sha256 for picture in pictures], person, name)
        character = Character(
            self._new_id(), person.id, name, None, tuple(pictures), self._clock.now(), consent
        )
        try:
            async with self._store.transaction() as tx:
                await tx.lock_member(person.id)
                await _check_room(tx, name, person)
                await tx.characters.insert(character)
        except StaleState as exc:
            raise InvalidRequest(Problem.NAME_IN_USE, what="character", name=name) from exc
        return Saved(character, tuple(dict.fromkeys(note for picture in taken for note in picture.notes)))

    async def _kept(self, image_id: str, person: Person) -> CharacterPicture:
        image = (await self._pictures.of_image(image_id, person)).images[0]
        return CharacterPicture(Reference(image.sha256, image.mime, image.size), image.id)

    async def visible(self, person: Person) -> tuple[Character, ...]:
        """Return what a person may use here: their own, then what is shared with the server."""
        async with self._store.reading() as tx:
            return await self._visible(tx, person)

    async def find(self, name: str, person: Person) -> Character:
        """Return a character that a person may use here; raise InvalidRequest where there is none."""
        return _named(name, await self.visible(person))

    async def delete(self, name: str, person: Person) -> Character:
        """Remove a character of this person's own; raise InvalidRequest where there is none."""
        async with self._store.transaction() as tx:
            character = _named(name, await tx.characters.of_owner(person.id))
            await tx.characters.delete(character.id)
            if character.guild_id is not None:
                await tx.audit.append(self._entry(person, character, CHARACTER_UNSHARED, character.guild_id))
        return character

    async def share(self, name: str, person: Person) -> Character:
        """Share a manager's own character with the server that they are in."""
        guild_id = managed_server(person)
        async with self._store.transaction() as tx:
            await tx.lock_member(guild_id)  # a server's id is no member's: names are decided one by one
            character = _named(name, await tx.characters.of_owner(person.id))
            if character.guild_id == guild_id:
                return character
            shared = await tx.characters.of_server(guild_id)
            if any(other.key == character.key for other in shared):
                raise InvalidRequest(Problem.NAME_IN_USE, what="character", name=character.name)
            if len(shared) >= MAX_SHARED:
                raise InvalidRequest(Problem.TOO_MANY_KEPT, what="shared characters", limit=MAX_SHARED)
            await tx.characters.share(character.id, guild_id)
            if character.guild_id is not None:  # it is with one server at a time
                await tx.audit.append(self._entry(person, character, CHARACTER_UNSHARED, character.guild_id))
            await tx.audit.append(self._entry(person, character, CHARACTER_SHARED, guild_id))
        return character.evolve(guild_id=guild_id)

    async def unshare(self, name: str, person: Person) -> Character:
        """Stop sharing a character with the server that a manager is in, whoever it belongs to."""
        guild_id = managed_server(person)
        async with self._store.transaction() as tx:
            character = _named(name, await tx.characters.of_server(guild_id))
            await tx.characters.share(character.id, None)
            await tx.audit.append(self._entry(person, character, CHARACTER_UNSHARED, guild_id))
        return character.evolve(guild_id=None)

    async def resolve(self, prompt: str, person: Person) -> Brought:
        """Return what the ``@names`` in a prompt bring in: this person's own first, then the server's.

        A name that nobody has and that stands in quotation marks is lettering, and not missing.
        """
        if not (names := mentioned(prompt)):
            return Brought()
        usable = [character for character in await self.visible(person) if character.pictures]
        found, missing = find_mentioned(names, usable)
        return Brought(found, meant(missing, prompt))

    async def bring_in(self, prompt: str, person: Person, *, model: Model, others: int) -> Brought:
        """Return the same; raise InvalidRequest where a name is missing or the pictures are too many.

        `others` is how many pictures the request has beside those of characters.
        """
        brought = await self.resolve(prompt, person)
        if brought.missing:
            raise InvalidRequest(Problem.CHARACTER_UNKNOWN, names=list(brought.missing))
        count = len(brought.references) + others
        if brought.characters and count > model.max_inputs:
            raise InvalidRequest(
                Problem.TOO_MANY_REFERENCES, count=count, limit=model.max_inputs, model=model.label
            )
        return brought

    async def _visible(self, tx: Transaction, person: Person) -> tuple[Character, ...]:
        own = await tx.characters.of_owner(person.id)
        shared = () if person.guild_id is None else await tx.characters.of_server(person.guild_id)
        return (*own, *(character for character in shared if character.owner_id != person.id))

    def _entry(self, person: Person, character: Character, action: str, guild_id: int) -> AuditEntry:
        now = self._clock.now()
        return AuditEntry(
            id=entry_id(now, self._new_id()),
            guild_id=guild_id,
            actor_id=person.id,
            at=now,
            action=action,
            target=character.name,
            data={
                "character": character.id,
                "owner": character.owner_id,
                "pictures": [dict(picture_to_json(picture)) for picture in character.pictures],
            },
        )


async def _check_room(tx: Transaction, name: str, person: Person) -> None:
    own = await tx.characters.of_owner(person.id)
    if any(character.key == folded(name) for character in own):
        raise InvalidRequest(Problem.NAME_IN_USE, what="character", name=name)
    if len(own) >= MAX_OWN:
        raise InvalidRequest(Problem.TOO_MANY_KEPT, what="characters", limit=MAX_OWN)


def _named(name: str, characters: Sequence[Character]) -> Character:
    wanted = folded(name.strip().removeprefix("@"))
    for character in characters:
        if character.key == wanted:
            return character
    raise InvalidRequest(Problem.CHARACTER_UNKNOWN, names=[name.strip().removeprefix("@")])
