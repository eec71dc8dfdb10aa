"""What was tried for one picture, and keeping what was paid for before it came."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace

from bot.domain.answers import Answer, Charged
from bot.domain.jobs import Job
from bot.errors import PlantainError
from bot.studio.kept_answers import KeptAnswers
from bot.studio.not_begun import NotBegun


@dataclass(slots=True)
class Tries:
    """What was tried. Waiting for a turn before the first call is not trying."""

    made: int = 0
    empty: int = 0  # answers without an image, of every model that was asked
    lost: int = 0  # calls of which nobody knows whether they were answered
    charged: tuple[Answer, ...] = ()  # those whose tokens the provider counted: they cost something
    began: float | None = None  # when the first call began, on the monotonic clock

    def anew(self) -> None:
        """Wait for a turn as if nothing was tried yet. What came so far still counts: a picture that was paid
        for twice is not asked for a third time, by whichever model."""
        self.made, self.began = 0, None


class PaidAnswers:
    """Makes answers durable before anything else happens with them."""

    def __init__(self, kept: KeptAnswers, not_begun: NotBegun) -> None:
        self._kept = kept
        self._not_begun = not_begun

    async def keep(self, job: Job, position: int, answer: Answer, tries: Tries) -> Answer:
        """Keep the last answer for a picture, with what the tries before it cost."""
        earlier = tuple(Charged(**asdict(empty.usage), model=empty.model) for empty in tries.charged)
        answer = replace(answer, earlier=earlier)
        await self._kept.keep(job.id, position, answer)
        return answer

    async def keep_earlier(self, job: Job, position: int, tries: Tries) -> Answer:
        """Keep the latest of the answers that cost something: there is no other."""
        *earlier, last = tries.charged
        tries.charged = tuple(earlier)
        return await self.keep(job, position, last, tries)

    @asynccontextmanager
    async def safe(
        self, job: Job, position: int, tries: Tries, passed_on: tuple[type[PlantainError], ...]
    ) -> AsyncIterator[None]:
        """Keep what was paid for by earlier tries where the block ends them: it is settled all the same.

        Not where the program stops: the next start tries again then. Nor after an error that is `passed_on`:
        another model is asked, and the tries go on.
        """
        try:
            yield
        except BaseException as error:
            over = isinstance(error, PlantainError) and not isinstance(error, passed_on)
            if tries.charged and (over or self._not_begun.is_cancelled(job.id)):
                await self.keep_earlier(job, position, tries)
            raise
