"""Plantain itself between the two fakes: an installation, its settings, its processes one after the other."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

from jsonschema import ValidationError

from tests.fakes import other_program
from tests.fakes.discord import FakeDiscord, Message, NotSeen, Pending, Recorded, buttons, media, text
from tests.fakes.discord.spec import Specification
from tests.fakes.gemini import Answer, Received, ScriptedGemini
from tests.fakes.process import BotProcess
from tests.providers.discovery import FOLDER, check_request

from .records import DATABASE, Kept, Records

KEY = "gemini-key-0123456789"
FAILED = "No picture this time."
ORIGINAL = "/webhooks/*/messages/@original"
GEMINI_DESCRIPTION = "gemini-v1beta.json"


class Plantain:
    """One installation of the bot. Get it from `installation`, or as the fixture `plantain`.

    `sections` are the settings; a test changes them before `start`. Whatever is started is killed at the end
    when it still runs.
    """

    def __init__(self, discord: FakeDiscord, gemini: ScriptedGemini, folder: Path) -> None:
        self.discord = discord
        self.gemini = gemini
        self.folder = folder
        self.processes: list[BotProcess] = []
        self.breaks = False  # a traceback in the log is what the test is about
        self.refused_by_discord = 0  # how many 400 the test has arranged
        self.removed: set[int] = set()  # messages with results that the test has removed
        self.sections: dict[str, dict[str, object]] = {
            "discord": {"proxy": discord.proxy_url},
            "gemini": {"base_url": gemini.base_url},
            "storage": {},
            "limits": {"daily_images": 1000},
            "server": {"port": 0},
        }
        self._stack = AsyncExitStack()
        self.use_data(folder / "data")

    def use_data(self, folder: Path) -> None:
        """Keep the data in another folder from the next start on."""
        self.data = folder
        self.records = Records(folder)
        self.sections["storage"]["path"] = str(folder)

    # Processes

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "config.toml"

    @property
    def environment(self) -> dict[str, str]:
        """What the bot's process gets: secrets and the trap for whatever avoids the proxy; no settings."""
        given = self.discord.environment() | {"GEMINI_API_KEY": KEY}
        return {name: value for name, value in given.items() if not name.startswith("PLANTAIN_")}

    async def run(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        without: Sequence[str] = (),
        settings: bool = True,
    ) -> BotProcess:
        """Start `python -m bot {arguments}` (by default `run`) and do not wait.

        `environment` is added to the usual one, less the variables named in `without`. With `settings` the
        file is written anew before.
        """
        if settings:
            self.write_settings()
        command = ["-m", "bot", *(arguments or ("run",)), "--config", str(self.config)]
        given = {**self.environment, **(environment or {})}
        process = BotProcess(
            command,
            {name: value for name, value in given.items() if name not in without},
            log_path=self.folder / f"bot-{len(self.processes) + 1}.log",
        )
        self.processes.append(await self._stack.enter_async_context(process))
        return process

    async def start(self) -> BotProcess:
        """Start the bot and wait until it is connected."""
        sessions = len(self.discord.gateway.identifies) + 1
        process = await self.run()
        connecting = asyncio.create_task(self.discord.connected(sessions=sessions))
        ending = asyncio.create_task(process.wait(within=60))
        try:
            await asyncio.wait({connecting, ending}, return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                raise AssertionError(f"the bot ended with {ending.result()} instead of connecting")
            await connecting
        finally:
            for task in (connecting, ending):
                task.cancel()
            await asyncio.gather(connecting, ending, return_exceptions=True)
        return process

    async def restart(self) -> BotProcess:
        """Kill the running bot as `kill -9` does, and start it again on the same data."""
        await self.processes[-1].kill()
        return await self.start()

    async def migrated(self) -> None:
        """Make the database without running a bot."""
        process = await self.run("migrate")
        assert await process.wait() == 0

    def write_settings(self) -> None:
        """Write the settings file. JSON's texts, numbers and lists are TOML's as well."""
        lines: list[str] = []
        for section, values in self.sections.items():
            lines.append(f"[{section}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
        self.config.write_text("\n".join(lines), encoding="utf-8")

    async def aclose(self) -> None:
        """Kill what runs."""
        await self._stack.aclose()

    def locked(self) -> AbstractAsyncContextManager[None]:
        """Hold the database as another program would."""
        return other_program.locked(self.data / DATABASE)

    # Looking

    def job(self, pending: Pending) -> Kept:
        """What is recorded about the job of an interaction."""
        return self.records.job(pending.id)

    def calls(self, prompt: str) -> list[Received]:
        """The provider calls for one prompt."""
        return [got for got in self.gemini.history if got.parts[-1]["text"] == prompt]

    def posted(self) -> list[Message]:
        """The messages that everybody in the channel sees, oldest first."""
        return [message for message in self.discord.messages(self.discord.channel) if not message.ephemeral]

    def results(self, job_id: str) -> list[Message]:
        """The messages, wherever they are, that show a job's result."""
        wanted = f"plantain:vary:job:{job_id}"
        present = self.discord.world.messages.values()
        return [message for message in present if any(each.custom_id == wanted for each in buttons(message))]

    async def quiet(self, *, within: float = 20.0) -> None:
        """Wait until every job has ended and its delivery is recorded."""
        await until(self.records.quiet, within=within, describe=self.discord.describe)

    # The end

    async def finish(self, specification: Specification | None) -> None:
        """Stop the bot in good order where it runs, and check everything that must hold after any test."""
        if self.processes and self.processes[-1].running:
            self.discord.faults.release_all()
            assert await self.processes[-1].terminate() == 0
        faults = self._log_faults() + self._request_faults(specification)
        if (self.data / "blobs").is_dir():
            faults += self.records.faults()
            faults += self._result_faults()
        assert not faults, "\n".join(faults)

    def _log_faults(self) -> list[str]:
        secrets = {KEY, self.discord.world.token, *(pending.token for pending in self.discord.interactions)}
        faults = []
        for number, process in enumerate(self.processes, start=1):
            log = process.log
            if any(secret in log for secret in secrets):
                faults.append(f"the log of process {number} holds a secret")
            if "Traceback" in log and not self.breaks:
                faults.append(f"process {number} broke: {log[log.index('Traceback') :][:3000]}")
        return faults

    def _request_faults(self, specification: Specification | None) -> list[str]:
        discord = self.discord
        faults = [f"past the proxy: {leak}" for leak in discord.leaks]
        faults += [f"no such route: {request}" for request in discord.unrouted]
        if specification is not None:
            faults += specification.problems(discord.requests)
        refused = [str(request) for request in discord.requests if request.status == 400]
        faults += refused if len(refused) > self.refused_by_discord else []
        for got in self.gemini.history:
            if got.headers.get("x-goog-api-key") != KEY:
                faults.append(f"a call without the key: {got}")
        return faults + _gemini_faults(self.gemini.history)

    def _result_faults(self) -> list[str]:
        """Every result stands in exactly one message, the one that is recorded."""
        faults = []
        for kept in self.records.jobs():
            whole = kept.images and not all(image["deleted_at"] or image["withheld"] for image in kept.images)
            if kept.state != "succeeded" or not whole or kept.delivery is None:
                continue
            wanted = [kept.delivery["message_id"]] if kept.delivery["state"] == "sent" else []
            wanted = [message_id for message_id in wanted if message_id not in self.removed]
            found = [message.id for message in self.results(kept.id)]
            if found != wanted:
                faults.append(f"job {kept.id} is shown by the messages {found}, and {wanted} is recorded")
        return faults


@asynccontextmanager
async def installation(folder: Path, discord: FakeDiscord) -> AsyncIterator[Plantain]:
    """An installation in a folder, between a fake Discord and a fresh fake Gemini."""
    async with ScriptedGemini() as gemini:
        plantain = Plantain(discord, gemini, folder)
        try:
            yield plantain
        finally:
            await plantain.aclose()


def by_prompt(script: Mapping[str, Sequence[Answer]]) -> Callable[[Received], Answer]:
    """Answers for `ScriptedGemini.default`: each prompt has its own, the last of them again and again."""
    left = {prompt: list(answers) for prompt, answers in script.items()}

    def answer(got: Received) -> Answer:
        answers = left[got.parts[-1]["text"]]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    return answer


async def until(probe: Callable[[], object], *, within: float, describe: Callable[[], str]) -> None:
    """Wait for something that nobody announces, such as a line in a database of another process."""
    try:
        async with asyncio.timeout(within):
            while not probe():  # noqa: ASYNC110 - another process sets no event here
                await asyncio.sleep(0.05)
    except TimeoutError as exc:
        raise NotSeen(f"not seen within {within:g} s\n{describe()}") from exc


async def until_asked(ask: Callable[[], Awaitable[object]], *, within: float) -> None:
    """Wait for something that has to be asked for, such as a line in the log of another program."""
    async with asyncio.timeout(within):
        while not await ask():  # noqa: ASYNC110 - another process sets no event here
            await asyncio.sleep(0.1)


async def result(pending: Pending, *, within: float = 20.0) -> Message:
    """Wait until the original response shows a picture."""
    return await pending.until(media, within=within)


async def failure(pending: Pending, *, within: float = 20.0) -> str:
    """Wait until the original response says that there is no picture; returns all of its text."""
    return text(await pending.until(lambda message: FAILED in text(message), within=within))


async def refusal(pending: Pending) -> str:
    """Wait for an answer that only the member sees; returns its text."""
    message = await pending.until_answer(lambda message: message.ephemeral)
    assert message.viewer_id == pending.member.id
    return text(message)


def only_button(question: Message) -> str:
    """The custom_id of the one button under a question."""
    (button,) = buttons(question)
    assert button.custom_id is not None
    return button.custom_id


def stages(pending: Pending) -> list[str]:
    """The stages that the card has shown, in order, each once; "result" for a picture."""
    found: list[str] = []
    for state in pending.history:
        named = re.search(r"\*\*(\w+)…\*\*", text(state))
        stage = "result" if media(state) else named[1] if named else text(state)
        if stage not in found[-1:]:
            found.append(stage)
    return found


def is_result(request: Recorded) -> bool:
    """Whether a request posts a picture (for `hold` and `fail`)."""
    return bool(request.files)


def _gemini_faults(history: Sequence[Received]) -> list[str]:
    if not (FOLDER / GEMINI_DESCRIPTION).is_file():
        return []
    faults = []
    for raw in {got.raw for got in history}:
        try:
            check_request(json.loads(raw), file=GEMINI_DESCRIPTION)
        except ValidationError as error:
            faults.append(f"a call that Google's description does not know: {error.message}")
    return faults
