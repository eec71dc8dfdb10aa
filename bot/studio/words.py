"""A server's own words: changed by its moderators, tested, taken in from files and given out again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bot.domain.attempts import Attempt
from bot.domain.audit import WORDS_CHANGED, AuditEntry, entry_id
from bot.domain.requests import Source
from bot.domain.rules.lists import key_of
from bot.domain.rules.ruleset import Finding, Listed
from bot.domain.rules.words import (
    MOST_FILE_BYTES,
    ServerWords,
    changes,
    checked_entry,
    merged,
    read_file,
    write_file,
)
from bot.errors import ChangedMeanwhile, InvalidRequest, Problem, StaleState
from bot.studio.blocked import moderated_server
from bot.studio.intake import Downloads
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.rules import Rules
from bot.studio.store_ports import Store

SHOWN_ATTEMPTS = 10

Entry = tuple[Listed, str]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought."""

    added: int
    known: int
    skipped: int  # lines that are no entries
    total: int


class Words:
    """The list of one server, for its moderators. Every method checks the person again."""

    def __init__(
        self, store: Store, rules: Rules, downloads: Downloads, clock: Clock, new_id: Callable[[], str]
    ) -> None:
        self._store = store
        self._downloads = downloads
        self._rules = rules
        self._clock = clock
        self._new_id = new_id

    async def of_server(self, person: Person) -> ServerWords:
        """Return the list of the server that a moderator is in."""
        guild_id = moderated_server(person)
        async with self._store.reading() as tx:
            return await tx.words.of_server(guild_id)

    async def add(self, texts: Iterable[str], kind: Listed, person: Person) -> tuple[list[str], int]:
        """Add entries; return them as they are kept, and how many were new."""
        words = await self.of_server(person)
        letters = self._rules.ruleset.letters
        entries = list(dict.fromkeys(checked_entry(text, letters) for text in texts if text.strip()))
        if not entries:
            raise InvalidRequest(Problem.WORD_EMPTY)
        new, added = await asyncio.to_thread(
            merged, words.entries, [(kind, entry) for entry in entries], letters
        )
        await self._save(words, new, person)
        return entries, added

    async def remove(self, text: str, person: Person) -> Entry:
        """Take an entry off the list and return it; raise InvalidRequest where there is none like it."""
        words = await self.of_server(person)
        letters = self._rules.ruleset.letters
        key = key_of(text, letters)
        for entry in words.entries:
            if entry[1].casefold() == text.strip().casefold() or (key and key_of(entry[1], letters) == key):
                await self._save(words, [item for item in words.entries if item != entry], person)
                return entry
        raise InvalidRequest(Problem.WORD_UNKNOWN, word=text)

    async def test(self, text: str, person: Person) -> Finding | None:
        """Return what the rules of a moderator's server say about a text. Nothing is counted."""
        guild_id = moderated_server(person)
        settings = await self._rules.settings(guild_id)
        return await self._rules.judge(text, guild_id, self._rules.standing(settings))

    async def import_file(self, source: Source, person: Person) -> Imported:
        """Add what an attached file holds: lines of text, or a table whose name ends in ``.csv``.

        Raises InvalidRequest where it is no list, or too long a one, and InputRefused where it cannot be
        fetched.
        """
        words = await self.of_server(person)
        _check_size(source.size)
        letters = self._rules.ruleset.letters
        async with self._downloads.fetch(source.url) as path:
            _check_size((await asyncio.to_thread(path.stat)).st_size)
            data = await asyncio.to_thread(path.read_bytes)
        table = source.filename.casefold().endswith(".csv")
        found = await asyncio.to_thread(read_file, data, letters, table=table)
        new, added = await asyncio.to_thread(merged, words.entries, found.entries, letters)
        if added:
            await self._save(words, new, person)
        return Imported(added, len(found.entries) - added, found.skipped, len(new))

    async def export_file(self, person: Person) -> bytes:
        """Return the list as a file that `import_file` takes."""
        return write_file(await self.of_server(person))

    async def attempts(self, person: Person, member_id: int | None = None) -> Sequence[Attempt]:
        """Return what rules refused lately in a moderator's server, of everybody or of one member."""
        guild_id = moderated_server(person)
        async with self._store.reading() as tx:
            return await tx.attempts.of_server(guild_id, limit=SHOWN_ATTEMPTS, member_id=member_id)

    async def _save(self, words: ServerWords, entries: Sequence[Entry], person: Person) -> None:
        if tuple(entries) == words.entries:
            return
        now = self._clock.now()
        entry = AuditEntry(
            id=entry_id(now, self._new_id()),
            guild_id=words.guild_id,
            actor_id=person.id,
            at=now,
            action=WORDS_CHANGED,
            target="words",
            data=changes(words.entries, entries),
        )
        try:
            async with self._store.transaction() as tx:
                await tx.words.save(words.changed(entries, now, person.id))
                await tx.audit.append(entry)
        except StaleState as exc:
            raise ChangedMeanwhile("words") from exc


def _check_size(size: int) -> None:
    if size > MOST_FILE_BYTES:
        raise InvalidRequest(Problem.WORDS_TOO_LARGE, limit=MOST_FILE_BYTES)
