"""A process at work, and people who look for pictures that it made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.domain.images import Image
from bot.domain.postings import Posting
from bot.studio.gallery import Gallery
from bot.studio.pictures import Person
from tests.studio.world import (
    CHANNEL,
    GUILD,
    MEMBER,
    Process,
    World,
    make_origin,
    make_request,
)

OTHER, ELSEWHERE = 202, 601
ME = Person(MEMBER, GUILD, CHANNEL, moderator=False)
NEIGHBOUR = Person(OTHER, GUILD, CHANNEL, moderator=False)
STRANGER = Person(OTHER, 999, ELSEWHERE, moderator=False)


@dataclass(frozen=True)
class Run:
    """A process at work, and short ways to let it work."""

    world: World
    process: Process

    @property
    def gallery(self) -> Gallery:
        return self.process.studio.gallery

    async def make(
        self, prompt: str = "a lighthouse", origin: dict[str, Any] | None = None, **request: Any
    ) -> list[Image]:
        """Have pictures made and delivered; time passes between any two requests."""
        self.world.clock.pass_by(1)
        made = make_request(prompt, **request)
        ticket = await self.process.submissions.submit(made, make_origin(**(origin or {})))
        await self.world.until_idle()
        return await self.world.images(ticket.job.id)

    async def postings(self, image: Image) -> list[Posting]:
        async with self.world.store.reading() as tx:
            return list(await tx.postings.of_job(image.job_id))

    async def bring_back(self, image: Image, person: Person = ME, **origin: Any) -> None:
        shown = await self.gallery.find(image.id, person)
        await self.gallery.bring_back(shown, make_origin(member_id=person.id, **origin))

    async def delete(self, image: Image, person: Person = ME) -> bool:
        await self.process.pictures.delete(image.id, person)
        return await self.process.deliverer.refresh(image.job_id)
