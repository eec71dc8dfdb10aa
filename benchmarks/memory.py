"""How much memory a bot needs for many large pictures at once, and how much it keeps afterwards."""

from __future__ import annotations

from benchmarks.asking import ask
from benchmarks.bots import NAMES, Name, running, scripted
from benchmarks.pictures import MB, make_picture
from benchmarks.report import Figure, Section
from tests.fakes.process import Usage

SIZE = 8 * MB
SIDE = 4096
PROVIDER_SECONDS = 2.0
JOBS = 100


async def memory(quick: bool) -> Section:
    """A hundred jobs at once with pictures of 8 MB."""
    jobs = JOBS // 4 if quick else JOBS
    picture = make_picture(SIDE, SIZE)
    before: dict[Name, Usage] = {}
    after: dict[Name, Usage] = {}
    async with scripted(picture, PROVIDER_SECONDS) as gemini:
        for name in NAMES:  # one after the other: the other's memory would be in the way
            # As many calls as jobs, as the bare bot makes them; the default is 64.
            settings = {"PLANTAIN_LIMITS__MAX_CONCURRENT": str(jobs)}
            async with running(name, gemini, members=jobs, settings=settings) as bot:
                before[name] = bot.process.usage()
                await ask(bot, SIZE, at_once=jobs)
                after[name] = bot.process.usage()

    def figure(what: str, usages: dict[Name, Usage], field: str) -> Figure:
        plantain, bare = (getattr(usages[name], field) / MB for name in NAMES)
        return Figure(what, "MB", plantain, bare)

    return Section(
        "memory",
        f"{jobs} jobs in flight, pictures of 8 MB (4096x4096)",
        [
            figure("resident when ready", before, "resident"),
            figure("resident at most", after, "peak"),
            figure("resident afterwards", after, "resident"),
        ],
        ["limits.max_concurrent is as high as the number of jobs, so that all are with the provider at once"],
    )
