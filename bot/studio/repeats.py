"""Asking again with the settings of an earlier request: the server's rules of now hold, not those of then."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.catalogue import Catalogue
from bot.domain.characters import mentioned
from bot.domain.composition import introductions
from bot.domain.presets import folded
from bot.domain.pricing import estimate
from bot.domain.requests import Request
from bot.domain.server_settings import InForce, ServerSettings
from bot.errors import InvalidRequest, Problem
from bot.studio.characters import Brought, Characters
from bot.studio.pictures import Person
from bot.studio.store_ports import Store


@dataclass(frozen=True, slots=True)
class Repeat:
    """A request as it may be made now, and what it costs about (micro-dollars)."""

    request: Request
    server: ServerSettings
    micros: int

    @property
    def needs_confirmation(self) -> bool:
        """Whether the server wants the price to be confirmed first."""
        return self.server.needs_confirmation(self.micros)


class Repeats:
    """Looks at a request that was put together from an earlier one. Writes nothing."""

    def __init__(self, store: Store, catalogue: Catalogue, characters: Characters) -> None:
        self._store = store
        self._catalogue = catalogue
        self._characters = characters

    async def repeat(
        self,
        request: Request,
        person: Person,
        *,
        age_restricted: bool,
        before: str | None = None,
        made_by: Request | None = None,
        in_force: InForce | None = None,
    ) -> Repeat:
        """Return the request as this person may make it here and now.

        `before` is what the earlier prompt said, where the words are new: characters that only the new ones
        mention are brought in. `made_by` made the picture that is asked for once more, where only that goes
        along. `in_force` is what was set, where the caller has looked that up.

        Raises NotAllowed where the server wants no pictures in such a channel, and InvalidRequest for an
        ``@name`` that names nobody, for a consent that the server asks for and that was not asked for where
        the request came from, or where the model has left the catalogue.
        """
        if in_force is None:
            in_force = await self._store.read(lambda tx: tx.settings.in_force(person.id, person.guild_id))
        member, server = in_force.member, in_force.server
        server.check_channel(age_restricted=age_restricted)
        await self._check_consent(server, made_by or request)
        if before is not None:
            request = await self._with_new_characters(request, before, person, server)
        hidden = server.hides(age_restricted=age_restricted, wanted=member.spoiler)
        request = request.evolve(
            private=request.private or member.private,
            spoiler=request.spoiler or hidden,
            unit=server.unit,
            credit_micros=server.credit_micros,
        )
        model = self._catalogue.resolve(request.options.model).model
        words = "\n\n".join((*request.frame, request.prompt))
        micros = estimate(model, request.options, words, len(request.references), kind=request.kind)
        return Repeat(request, server, micros)

    async def _with_new_characters(
        self, request: Request, before: str, person: Person, server: ServerSettings
    ) -> Request:
        known = {folded(name) for name in mentioned(before)}
        brought = await self._characters.resolve(request.prompt, person)
        if missing := [name for name in brought.missing if folded(name) not in known]:
            raise InvalidRequest(Problem.CHARACTER_UNKNOWN, names=missing)
        new = Brought(tuple(one for one in brought.characters if one.key not in known))
        # What was said about the earlier pictures says nothing about these.
        server.check_consent(brought_along=new.unsaid, given=False)
        cast = introductions(new.cast(len(request.references)))
        return request.evolve(
            frame=(*request.frame, *cast),
            references=(*request.references, *new.references),
            consent=request.consent and not new.unsaid,
        )

    async def _check_consent(self, server: ServerSettings, request: Request) -> None:
        """Raise InvalidRequest where the server asks for a consent that nobody gave to these pictures."""
        if server.consent_required and not request.consent:
            digests = {reference.sha256 for reference in request.references}
            unsaid = await self._store.read(lambda tx: tx.characters.unsaid(digests))
            server.check_consent(brought_along=unsaid, given=False)
