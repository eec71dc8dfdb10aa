"""The real bot in a simulated Discord: real store, real HTTP to a scripted Gemini, people who press."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import discord
import pytest
import simcord
from discord import app_commands
from pydantic import SecretStr

from bot.app import App, open_app
from bot.config import DiscordSettings, GeminiSettings, LimitsSettings, Settings, StorageSettings
from bot.domain.images import Image
from bot.domain.jobs import Job, JobState
from bot.errors import Refusal
from bot.sandbox.world import World
from tests.cogs.seen import Seen
from tests.fakes.gemini import ScriptedGemini

T = TypeVar("T")
Person = simcord.MemberActor | simcord.UserHandle
# What discord.py reports as an error and the guard answers in plain words.
ANSWERED = (Refusal, app_commands.CommandNotFound, app_commands.CommandSignatureMismatch)
WITHIN = 20.0  # seconds; only what is broken takes so long


def settings_of(gemini: ScriptedGemini, folder: Path, **limits: Any) -> Settings:
    return Settings(
        discord=DiscordSettings(),
        gemini=GeminiSettings(base_url=gemini.base_url, retry_seconds=0),
        storage=StorageSettings(path=folder),
        limits=LimitsSettings(**{"shutdown_seconds": 0.0, **limits}),
        gemini_api_key=SecretStr("a key"),
    )


@dataclass
class Stage:
    """A bot that lives in SimCord, and the people around it."""

    settings: Settings
    gemini: ScriptedGemini
    folder: Path
    env: simcord.Env = field(init=False)
    app: App = field(init=False)
    guild: simcord.GuildHandle = field(init=False)
    channel: simcord.ChannelHandle = field(init=False)
    alice: simcord.MemberActor = field(init=False)
    ben: simcord.MemberActor = field(init=False)
    mona: simcord.MemberActor = field(init=False)  # a moderator
    may_break: bool = False  # this test breaks something: errors in the log are expected
    _world: World = field(default_factory=World)
    _bot: AsyncExitStack = field(default_factory=AsyncExitStack)

    def read_settings(self) -> Settings:
        """What the settings' file holds when the bot reads it again."""
        return self.settings

    # --- the bot ------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the bot on its data; the first time with a new Discord around it."""
        self.app = await self._bot.enter_async_context(
            # Looked up at every reading, so that a test may replace it.
            open_app(self.settings, self._world.outside, lambda: self.read_settings())  # noqa: PLW0108
        )

    async def begin(self) -> None:
        """Start the simulation with the people in it."""
        await self.start()
        self.env = simcord.Env(self.app.client, check_errors=False, settle_timeout=WITHIN)
        self._world.enter(self.env)
        self.guild = self.env.create_guild("Guild")
        self.channel = self.guild.create_text_channel("art")
        self.alice = self.guild.add_member(self.env.create_user("alice"))
        self.ben = self.guild.add_member(self.env.create_user("ben"))
        moderators = self.guild.create_role(
            "Moderators", permissions=discord.Permissions(moderate_members=True)
        )
        self.mona = self.guild.add_member(self.env.create_user("mona"), roles=[moderators])
        await self.env.start()

    async def stop(self) -> None:
        """Stop the bot in good order; Discord goes on without it."""
        await self.app.client.close()
        await self._bot.aclose()

    async def restart(self) -> None:
        """Stop the bot and start another one on the same data, in the same Discord."""
        await self.stop()
        await self.start()
        await self.env.restart_bot(self.app.client)

    # --- waiting ------------------------------------------------------------------------------------------

    async def until(self, probe: Callable[[], T | Literal[False] | None], what: str = "") -> T:
        """Return the first truthy value of `probe`, looking again whenever the bot has come to rest."""
        try:
            async with asyncio.timeout(WITHIN):
                while True:
                    await self.env.settle()
                    if value := probe():
                        return value
                    await asyncio.sleep(0.01)
        except TimeoutError as error:
            raise AssertionError(f"not seen: {what}\n{self.env.transcript()[-6000:]}") from error

    async def meanwhile(self, probe: Callable[[], object], what: str) -> None:
        """Wait until `probe` is true while somebody's action goes on, and the bot is not at rest."""
        try:
            async with asyncio.timeout(WITHIN):
                while True:
                    if probe():
                        return
                    await asyncio.sleep(0.01)
        except TimeoutError as error:
            raise AssertionError(f"not seen: {what}") from error

    async def finished(self, result: simcord.InteractionResult) -> Seen:
        """Wait until an interaction's own answer is no progress card any more; return what it shows."""
        return await self.until(lambda: (seen := self.answer(result)) and seen.final and seen, "the end")

    async def posted(self, where: Callable[[Seen], bool] = lambda seen: True) -> Seen:
        """Wait until the bot has posted a message of its own in the channel, and return it."""
        return await self.until(
            lambda: next((seen for seen in self.messages() if seen.own and seen.final and where(seen)), None),
            "a message in the channel",
        )

    # --- what is there to see -----------------------------------------------------------------------------

    def seen(self, message: simcord.ResponseMessage | None) -> Seen:
        assert message is not None
        return Seen(self.env, message.channel_id, message.id)

    def answer(self, result: simcord.InteractionResult) -> Seen | None:
        """The message that answers an interaction; None where there is none (any more)."""
        return self.seen(result.response) if result.response is not None else None

    def messages(self, channel: simcord.ChannelHandle | None = None, viewer: Any = None) -> list[Seen]:
        """What stands in a channel, as one person sees it; without one, what everybody sees."""
        channel = channel or self.channel
        return [Seen(self.env, channel.id, message.id) for message in channel.history(viewer=viewer)]

    def said(self, result: simcord.InteractionResult) -> str:
        """What an interaction was answered with privately: as the answer, or after it."""
        shown = [message for message in (result.response, *result.followups) if message is not None]
        private = [self.seen(message) for message in shown if message.ephemeral]
        assert private, f"nothing was said privately: {result!r}"
        return private[-1].text

    # --- what people do -----------------------------------------------------------------------------------

    async def imagine(
        self, who: Person | None = None, prompt: str = "a lighthouse", **options: Any
    ) -> simcord.InteractionResult:
        who = who or self.alice
        if isinstance(who, simcord.UserHandle):
            in_private: simcord.InteractionResult = await who.slash("imagine", prompt=prompt, **options)
            return in_private
        return await who.slash(self.channel, "imagine", prompt=prompt, **options)

    async def picture(self, who: Person | None = None, **options: Any) -> Seen:
        """Have a picture made and return its card."""
        return await self.finished(await self.imagine(who, **options))

    # --- what the bot keeps -------------------------------------------------------------------------------

    async def jobs(self) -> list[Job]:
        """Every job by age."""
        async with self.app.store.engine.reading() as connection:
            rows = await connection.fetch_all("SELECT id FROM jobs ORDER BY created_at, rowid")
        async with self.app.store.reading() as tx:
            found = [await tx.jobs.get(row["id"]) for row in rows]
        return [job for job in found if job is not None]

    async def images(self, job: Job) -> list[Image]:
        async with self.app.store.reading() as tx:
            return list(await tx.images.of_job(job.id))

    async def ledger(self) -> dict[str, dict[int, int]]:
        """Images by member: what is reserved, and what is settled."""
        sums = "SELECT member_id, SUM(reserved_images) AS r, SUM(settled_images) AS s FROM ledger GROUP BY 1"
        async with self.app.store.engine.reading() as connection:
            rows = await connection.fetch_all(sums)
        return {
            "reserved": {row["member_id"]: row["r"] for row in rows if row["r"]},
            "settled": {row["member_id"]: row["s"] for row in rows if row["s"]},
        }

    async def done(self, count: int) -> list[Job]:
        """Wait until so many jobs have ended."""

        async def all_ended() -> list[Job] | None:
            jobs = await self.jobs()
            ended = [job for job in jobs if job.state in (JobState.SUCCEEDED, JobState.FAILED)]
            return jobs if len(ended) >= count else None

        async with asyncio.timeout(WITHIN):
            while (jobs := await all_ended()) is None:
                await self.env.settle()
                await asyncio.sleep(0.01)
        return jobs


@asynccontextmanager
async def staged(folder: Path, caplog: pytest.LogCaptureFixture, **limits: Any) -> AsyncIterator[Stage]:
    """Run a stage; at the end nothing may have broken that the test did not break on purpose."""
    caplog.set_level(logging.INFO)
    async with ScriptedGemini() as gemini:
        stage = Stage(settings_of(gemini, folder / "data", **limits), gemini, folder)
        await stage.begin()
        try:
            yield stage
        finally:
            await stage.stop()
            await stage.env.shutdown()
    if not stage.may_break:
        causes = [getattr(error, "original", error) for error in stage.env.errors]
        assert [error for error in causes if not isinstance(error, ANSWERED)] == []
        assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@contextmanager
def held_back(stage: Stage) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Keep from the bot what Discord would send: pairs of an event and its payload."""
    kept: list[tuple[str, dict[str, Any]]] = []
    backend: Any = stage.env.backend
    emit = backend.emit
    backend.emit = lambda event, payload: kept.append((event, payload))
    try:
        yield kept
    finally:
        backend.emit = emit
