"""The rules for what is kept rather than made: names, texts of styles and brands, pictures of characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.domain.rules.ruleset import Finding
from bot.domain.safety import Harm, SafetyBounds
from bot.errors import InvalidRequest, Problem, RuleBroken
from bot.studio.blocked import RecognisesBlocked
from bot.studio.pictures import Person
from bot.studio.rules import Rules
from bot.studio.screen import BLOCKED, PICTURE


class Rulebook:
    """What somebody who keeps something asks before."""

    def __init__(self, rules: Rules, blocked: RecognisesBlocked, bounds: SafetyBounds) -> None:
        self._rules = rules
        self._blocked = blocked
        self.bounds = bounds

    async def check_name(self, text: str, person: Person, what: str) -> None:
        """Raise RuleBroken where a name or another text breaks a rule; the attempt is counted."""
        await self._rules.check_name(text, person, what)

    async def check_pictures(self, sha256s: Sequence[str], person: Person, name: str) -> None:
        """Raise RuleBroken where a picture looks like a blocked one; the attempt is counted."""
        blocked = await self._blocked.which(sha256s, person.guild_id)
        if blocked:
            found = Finding(BLOCKED, tuple(item.id for item in blocked.values()))
            until = await self._rules.count_by(person, found, PICTURE, name)
            raise RuleBroken(BLOCKED, PICTURE, until)

    def check_bounds(self, changes: Mapping[str, object]) -> None:
        """Raise InvalidRequest where a server asks for more than the operator allows."""
        for name, value in changes.items():
            allowed: Sequence[str]
            if name in set(Harm):
                allowed = self.bounds.thresholds(Harm(name))
            elif name == "people":
                if not self.bounds.takes_people:
                    raise InvalidRequest(Problem.PEOPLE_NOT_TAKEN)
                allowed = self.bounds.people_choices()
            else:
                continue
            if value is not None and value not in allowed:
                raise InvalidRequest(
                    Problem.SETTING_NOT_TAKEN, setting=name, value=value, allowed=[*allowed, "default"]
                )
