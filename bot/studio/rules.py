"""The rules about words as a service: what holds where somebody writes, and counting what breaks it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from bot.domain.attempts import Attempt, pause_until
from bot.domain.privacy import DAY_MS
from bot.domain.rules.lists import WordList
from bot.domain.rules.ruleset import Finding, Ruleset, Standing, Strictness, Tag
from bot.domain.server_settings import ServerSettings
from bot.errors import RuleBroken
from bot.studio.pictures import Person
from bot.studio.ports import Clock
from bot.studio.store_ports import Store

MOST_LISTS = 64  # compiled lists of servers that are held at once
READ_ON_LOOP = 300  # characters that are read in less than a millisecond; more is read in a thread
FORGOTTEN_AT_ONCE = 20


class Rules:
    """Judges texts by the packaged rules and by the own list of the server that they were written in."""

    def __init__(
        self,
        *,
        store: Store,
        ruleset: Ruleset,
        clock: Clock,
        new_id: Callable[[], str],
        strictness: Strictness,
        evidence_days: int,
    ) -> None:
        self._store = store
        self.ruleset = ruleset
        self._clock = clock
        self._new_id = new_id
        self._strictness = strictness
        self._kept = evidence_days * DAY_MS
        self._lists: OrderedDict[int, tuple[int, WordList[Tag]]] = OrderedDict()
        self._compiling = asyncio.Lock()

    async def settings(self, guild_id: int | None) -> ServerSettings:
        """Return what a server has set; outside of servers the defaults hold."""
        if guild_id is None:
            return ServerSettings()
        async with self._store.reading() as tx:
            return (await tx.settings.of_server(guild_id)).settings

    def standing(self, settings: ServerSettings, *, age_restricted: bool = False) -> Standing:
        """Return how strictly words are judged in such a channel of such a server."""
        return settings.standing(self._strictness, age_restricted=age_restricted)

    async def judge(
        self,
        text: str,
        guild_id: int | None,
        standing: Standing,
        version: int | None = None,
        before: str = "",
    ) -> Finding | None:
        """Return the rule that a text breaks, or None. Nothing is counted.

        `version` is that of the server's own list, where the caller has looked already; `before` as for
        `Ruleset.judge`.
        """
        own = None
        if guild_id is not None and version != 0:
            own = await self._own(guild_id, version)
        if len(before) + len(text) <= READ_ON_LOOP:
            return self.ruleset.judge(text, standing, own, before)
        return await asyncio.to_thread(self.ruleset.judge, text, standing, own, before)

    async def check_name(self, text: str, person: Person, what: str, *, age_restricted: bool = False) -> None:
        """Raise RuleBroken where a text that is to be kept breaks a rule; the attempt is counted."""
        finding = await self.judge_name(text, person, age_restricted=age_restricted)
        if finding is not None:
            raise RuleBroken(finding.rule, what, await self.count_by(person, finding, what, text))

    async def judge_name(self, text: str, person: Person, *, age_restricted: bool = False) -> Finding | None:
        """Return the rule that a name breaks, or None. Nothing is counted.

        Names may be odd: what says nothing is refused in prompts only.
        """
        settings = await self.settings(person.guild_id)
        strictness = self.standing(settings, age_restricted=age_restricted).strictness
        return await self.judge(text, person.guild_id, Standing(strictness, says_nothing=True))

    async def count_by(self, person: Person, finding: Finding, what: str, text: str) -> int | None:
        """Keep an attempt of somebody who is here; return the end of the pause that it begins, or None."""
        return await self.count(
            self._new_id(), person.guild_id, person.channel_id or 0, person.id, finding, what, text
        )

    async def count(
        self,
        key: str,
        guild_id: int | None,
        channel_id: int,
        member_id: int,
        finding: Finding,
        what: str,
        text: str,
    ) -> int | None:
        """Keep an attempt as evidence; return the end of the pause that it begins, or None.

        `key` names what it came with: the same one again is not counted twice.
        """
        now = self._clock.now()
        attempt = Attempt(
            id=key,
            guild_id=guild_id,
            channel_id=channel_id,
            member_id=member_id,
            at=now,
            rule=finding.rule,
            entries=finding.entries,
            what=what,
            text=text,
            kept_until=now + self._kept,
        )
        async with self._store.transaction() as tx:
            await tx.attempts.add(attempt)
            await tx.attempts.forget(now, FORGOTTEN_AT_ONCE)
            settings = ServerSettings()
            if guild_id is not None:
                settings = (await tx.settings.of_server(guild_id)).settings
            latest = await tx.attempts.latest(guild_id, member_id, max(1, settings.pause_after))
        return pause_until(latest, settings.pause_after, settings.pause_minutes, now)

    async def _own(self, guild_id: int, version: int | None) -> WordList[Tag] | None:
        """Return a server's own list, compiled; compiled again when it has changed."""
        if version is None:
            async with self._store.reading() as tx:
                version = await tx.words.version_of(guild_id)
        if not version:
            return None
        async with self._compiling:  # one at a time: each holds a processor
            held = self._lists.get(guild_id)
            if held is None or held[0] < version:
                async with self._store.reading() as tx:
                    words = await tx.words.of_server(guild_id)
                held = (words.version, await asyncio.to_thread(self.ruleset.compile_own, words.entries))
                self._lists[guild_id] = held
            self._lists.move_to_end(guild_id)
            while len(self._lists) > MOST_LISTS:
                self._lists.popitem(last=False)
        return held[1]
