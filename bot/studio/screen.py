"""What a request is held against before it is accepted: words, pictures, and how often rules were broken.

Looking at words and pictures takes time, so that it happens before the transaction that accepts the request;
what must not change in between, the pause after broken rules, is a gate within it.
"""

from __future__ import annotations

from typing import Protocol

from bot.domain.attempts import pause_until
from bot.domain.composition import wanted
from bot.domain.requests import Origin, Request
from bot.domain.rules.ruleset import Finding
from bot.domain.safety import SafetyBounds
from bot.domain.server_settings import InForce, ServerSettings
from bot.errors import InvalidRequest, Problem, RuleBroken, RulePause
from bot.studio.blocked import RecognisesBlocked
from bot.studio.gates import Asked
from bot.studio.ports import Clock
from bot.studio.rules import Rules
from bot.studio.store_ports import Store, Transaction

PROMPT, PICTURE = "prompt", "picture"
BLOCKED = "blocked_picture"  # the rule that a picture breaks


class Screening(Protocol):
    """What looks at a request before it is accepted."""

    async def screen(self, request: Request, origin: Origin, in_force: InForce) -> Request:
        """Return the request as it may be accepted, or raise a Refusal."""
        ...


class Screen:
    """Holds requests against the rules of where they were asked, and says what is asked of the provider."""

    def __init__(
        self, *, store: Store, clock: Clock, rules: Rules, blocked: RecognisesBlocked, bounds: SafetyBounds
    ) -> None:
        self._store = store
        self._clock = clock
        self._rules = rules
        self._blocked = blocked
        self._bounds = bounds

    async def screen(self, request: Request, origin: Origin, in_force: InForce) -> Request:
        """Return the request with what is asked of the provider.

        Raises RuleBroken, and counts it, for words and pictures that may not be, but RulePause, and counts
        nothing, for who pauses; InvalidRequest for a prompt that is longer than its server takes. The same
        origin again, once accepted, is not refused any more.
        """
        settings = in_force.server
        limit = settings.longest_prompt
        if limit is not None and len(request.prompt) > limit:
            raise InvalidRequest(Problem.PROMPT_TOO_LONG, length=len(request.prompt), limit=limit)
        finding, what = await self._judge(request, origin, in_force), PROMPT
        if finding is None:
            finding, what = await self._compare(request, origin), PICTURE
        if finding is not None and not await self._is_accepted(origin, settings):
            until = await self._count(origin, finding, what, request.prompt)
            raise RuleBroken(finding.rule, what, until)
        return request.evolve(
            safety=self._bounds.safety(settings.threshold), people=self._bounds.people_for(settings.people)
        )

    async def _judge(self, request: Request, origin: Origin, in_force: InForce) -> Finding | None:
        """Judge everything that is sent: what stands before the prompt may be somebody's words, too."""
        standing = self._rules.standing(in_force.server, age_restricted=request.age_restricted)
        before = "\n".join(wanted(request.frame))
        return await self._rules.judge(
            request.prompt, origin.guild_id, standing, in_force.words_version, before
        )

    async def _compare(self, request: Request, origin: Origin) -> Finding | None:
        sha256s = [reference.sha256 for reference in request.references]
        parent_id = request.parent
        if parent_id is not None:
            parent = await self._store.read(lambda tx: tx.images.get(parent_id))
            if parent is not None:
                sha256s.append(parent.sha256)
        blocked = await self._blocked.which(sha256s, origin.guild_id)
        return Finding(BLOCKED, tuple(item.id for item in blocked.values())) if blocked else None

    async def _count(self, origin: Origin, finding: Finding, what: str, text: str) -> int | None:
        return await self._rules.count(
            origin.key, origin.guild_id, origin.channel_id, origin.member_id, finding, what, text
        )

    async def _is_accepted(self, origin: Origin, settings: ServerSettings) -> bool:
        """Whether it was accepted before. Raises RulePause: left to the gate, a pause that ends in this very
        moment would let through what breaks a rule."""

        async def look(tx: Transaction) -> tuple[bool, int | None]:
            known = await tx.jobs.by_origin(origin.key)
            return known is not None, await _pause(tx, origin, settings, self._clock.now())

        accepted, until = await self._store.read(look)
        if not accepted and until is not None:
            raise RulePause(until)
        return accepted


class PauseAfterBrokenRules:
    """Nothing is made for who broke rules too often, until a pause has ended."""

    async def check(self, tx: Transaction, asked: Asked) -> None:
        """Raise RulePause while the member pauses."""
        until = await _pause(tx, asked.origin, asked.standing.server, asked.now)
        if until is not None:
            raise RulePause(until)


async def _pause(tx: Transaction, origin: Origin, settings: ServerSettings, now: int) -> int | None:
    if not settings.pause_after:
        return None
    latest = await tx.attempts.latest(origin.guild_id, origin.member_id, settings.pause_after)
    return pause_until(latest, settings.pause_after, settings.pause_minutes, now)
