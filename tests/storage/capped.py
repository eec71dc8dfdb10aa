"""Many requests at once under caps, as a program accepts them; what the tests of caps have in common."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from bot.catalogue import load_catalogue
from bot.clock import SystemClock
from bot.domain.ids import new_id
from bot.domain.operator_limits import OperatorLimits
from bot.domain.progress import Ticket
from bot.domain.requests import Kind, Options, Origin, Request
from bot.domain.server_settings import InForce
from bot.errors import CapReached
from bot.studio.allowances import Allowances
from bot.studio.caps import Caps
from bot.studio.lanes import Lanes
from bot.studio.outlooks import Outlooks
from bot.studio.ports import Clock
from bot.studio.stand_ins import StandIns
from bot.studio.submit import Submissions
from bot.wiring.outside import plain_wait
from storage import Store
from tests.fakes.accepting import AcceptsOnly

MEMBERS = range(1, 21)
EACH = 25  # requests of each member: 500 in all
CAP = 5
GUILD = 700


class NothingScreened:
    """Lets every request through: what is looked at here comes after the rules about words."""

    async def screen(self, request: Request, origin: Origin, in_force: InForce) -> Request:
        return request


def submissions(store: Store, operator: OperatorLimits, clock: Clock | None = None) -> Submissions:
    """The door to a job, as the program puts it together."""
    catalogue, time = load_catalogue(None), clock or SystemClock()
    allowances = Allowances(operator)
    return Submissions(
        store=store,
        catalogue=catalogue,
        screening=NothingScreened(),
        gates=[Caps(allowances, catalogue)],
        max_prompt=4000,
        clock=time,
        new_id=lambda: new_id(secrets.randbelow),
        beginner=AcceptsOnly(store),
        outlooks=Outlooks(catalogue, Lanes(store, time, plain_wait), time, 64),
        stand_ins=StandIns(catalogue, allowances),
    )


def origin(member: int, number: int, **changes: Any) -> Origin:
    """The interaction of a member with that number: the same one again is the same request."""
    values: dict[str, Any] = {
        "key": f"interaction:{member}:{number}",
        "application_id": 900,
        "member_id": member,
        "guild_id": GUILD,
        "channel_id": 600,
        "token": None,
        "token_at": 0,
        "upload_limit": 10_485_760,
    }
    return Origin(**(values | changes))


def request(count: int = 1) -> Request:
    return Request(Kind.GENERATE, "a red lighthouse", Options("gemini-nano-banana-2.1", count=count))


def everybody() -> list[Origin]:
    """500 requests, those of the members in turn."""
    return [origin(member, number) for number, member in itertools.product(range(EACH), MEMBERS)]


async def submit_all(
    door: Submissions, origins: Sequence[Origin], said: Callable[[str, Ticket], None] | None = None
) -> list[Ticket | CapReached]:
    """Submit all of them at once; a refusal by a cap is an outcome, anything else is raised."""

    async def one(each: Origin) -> Ticket | CapReached:
        try:
            ticket = await door.submit(request(), each)
        except CapReached as error:
            return error
        if said is not None:
            said(each.key, ticket)
        return ticket

    return list(await asyncio.gather(*map(one, origins)))
