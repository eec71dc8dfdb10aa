"""Which models may take another's place: a tier or the server wants that, and whoever asks may use it."""

from __future__ import annotations

from bot.domain.catalogue import Catalogue
from bot.domain.pricing import estimate
from bot.domain.requests import Options, Origin, Request
from bot.domain.standing import Standing
from bot.errors import InvalidRequest
from bot.studio.allowances import Allowances
from bot.studio.store_ports import Transaction


class StandIns:
    """Chooses them when a request is accepted: what a member's tiers leave out is not made in another way."""

    def __init__(self, catalogue: Catalogue, allowances: Allowances) -> None:
        self._catalogue = catalogue
        self._allowances = allowances

    async def choose(
        self, tx: Transaction, request: Request, origin: Origin, standing: Standing, now: int
    ) -> list[str]:
        """Return the ids of the models that may, the best first: of a request one of them is used.

        Those that the member's tiers name count, the dearest being the best; where none of them names one,
        the server's. None can where none makes the same.
        """
        servers = await self._of_server(tx, origin.guild_id, standing.server.fallback_model)
        if servers is None and not any(tier.fallback for tier in self._allowances.operator.tiers):
            return []  # nobody has set any: that costs every request no more than a look
        terms = await self._allowances.terms(tx, origin.member_id, origin.guild_id, standing, now=now)
        wanted = terms.allowance.fallbacks or filter(None, (servers,))
        found: dict[str, int] = {}
        for name in wanted:
            options = self._options(request, name)
            if options is None:
                continue
            model = self._catalogue.resolve(options.model).model
            if model.prices is None:
                continue  # what it costs could not be bounded
            try:
                terms.allowance.check(model, options, standing.turns)
            except InvalidRequest:
                continue
            found[model.id] = estimate(model, options, request.prompt)
        return sorted(found, key=lambda name: -found[name])

    async def _of_server(self, tx: Transaction, guild_id: int | None, own: str | None) -> str | None:
        """Return the server's own; empty where only its tiers have some, None where it has none at all."""
        if guild_id is None:
            return None
        tiers = (await tx.limits.of_server(guild_id)).limits.tiers
        return own or ("" if any(tier.fallback for tier in tiers) else None)

    def _options(self, request: Request, name: str) -> Options | None:
        """Return how a model makes the same; a name that was retired since stands for what replaced it."""
        try:
            model = self._catalogue.resolve(name).model
        except InvalidRequest:
            return None
        return self._catalogue.stand_in(request.options, model.id, len(request.references))
