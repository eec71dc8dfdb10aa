"""Which model may take the place of another: its server wants that, and whoever asks may use it."""

from __future__ import annotations

from bot.domain.catalogue import Catalogue
from bot.domain.requests import Origin, Request
from bot.domain.standing import Standing
from bot.errors import InvalidRequest
from bot.studio.allowances import Allowances
from bot.studio.store_ports import Transaction


class StandIns:
    """Chooses it when a request is accepted: what a member's tiers leave out is not made in another way."""

    def __init__(self, catalogue: Catalogue, allowances: Allowances) -> None:
        self._catalogue = catalogue
        self._allowances = allowances

    async def choose(
        self, tx: Transaction, request: Request, origin: Origin, standing: Standing, now: int
    ) -> str | None:
        """Return the model's id; None where none may, or none can make the same."""
        if origin.guild_id is None:
            return None
        wanted = (await tx.settings.of_server(origin.guild_id)).settings.fallback_model
        if wanted is None:
            return None
        options = self._catalogue.stand_in(request.options, wanted, len(request.references))
        if options is None:
            return None
        model = self._catalogue.resolve(options.model).model
        if model.prices is None:
            return None  # what it costs could not be bounded
        terms = await self._allowances.terms(tx, origin.member_id, origin.guild_id, standing, now=now)
        try:
            terms.allowance.check(model, options, standing.turns)
        except InvalidRequest:
            return None
        return wanted
