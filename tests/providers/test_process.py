"""A provider in a process of its own: it answers as one in ours does, and its death costs a call at most."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pickle
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import bot.providers.process as process_module
from bot.domain.answers import Answer, Verdict
from bot.domain.calls import Call, ModelContent, UserContent
from bot.domain.requests import Reference
from bot.errors import (
    BadAnswer,
    Busy,
    CallLost,
    PlantainError,
    ProviderError,
    RequestRefused,
    StorageError,
    Throttled,
)
from bot.providers.pipe import LENGTH, Ask, Failed, framed, unframed
from bot.providers.process import ProviderProcess
from bot.wiring.greeting import Greeting
from bot.wiring.provider_main import log_as_told
from storage.blobs import Blobs
from tests.fakes.gemini import Picture, ScriptedGemini, SlowDrip, error, make_jpeg, refused
from tests.providers.breaking_process import HANGS
from tests.providers.calls import KEY, PROMPT, SIMPLE, Arrivals

JPEG = make_jpeg(320, 240, 60_000)
BREAKING = "tests.providers.breaking_process"


@pytest.fixture
async def gemini() -> AsyncIterator[ScriptedGemini]:
    async with ScriptedGemini() as server:
        yield server


def greeting_to(url: str, folder: Path | None) -> Greeting:
    return Greeting(
        api_key=KEY,
        base_url=url,
        vertex=False,
        project=None,
        location=None,
        folder=folder,
        log_level="INFO",
        log_format="text",
        secrets=(KEY,),
    )


@asynccontextmanager
async def started(gemini: ScriptedGemini, folder: Path | None) -> AsyncIterator[ProviderProcess]:
    async with ProviderProcess(greeting_to(gemini.base_url, folder)) as provider:
        await provider.ready()
        yield provider


@pytest.fixture
async def provider(gemini: ScriptedGemini, tmp_path: Path) -> AsyncIterator[ProviderProcess]:
    async with Blobs.open(tmp_path), started(gemini, tmp_path) as running:
        yield running


def pid_of(provider: ProviderProcess) -> int:
    assert provider.pid is not None
    return provider.pid


async def test_a_picture_is_in_the_store_when_the_answer_is_here(
    gemini: ScriptedGemini, provider: ProviderProcess, tmp_path: Path
) -> None:
    gemini.enqueue(Picture(JPEG))
    arrivals = Arrivals()
    answer = await provider.generate(SIMPLE, timeout=20.0, arriving=arrivals)
    assert answer.result is not None
    async with Blobs.open(tmp_path, shared=True) as blobs:
        assert blobs.path(answer.result.sha256).read_bytes() == JPEG
    assert (arrivals.count, len(gemini.history)) == (1, 1)


async def test_pictures_and_what_was_said_before_go_out(
    gemini: ScriptedGemini, provider: ProviderProcess
) -> None:
    gemini.enqueue(Picture(JPEG))
    first = await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())
    assert first.result is not None and first.content is not None
    sent = Reference(first.result.sha256, "image/jpeg", first.result.size)
    contents = (UserContent((PROMPT,)), ModelContent(first.content), UserContent(("bluer",), (sent,)))
    second = await provider.generate(Call(SIMPLE.model, contents), timeout=20.0, arriving=Arrivals())
    assert second.verdict is Verdict.PICTURE
    assert gemini.history[1].raw.count(b'"data"') == 2  # the earlier answer's, and the reference


async def test_many_at_once(gemini: ScriptedGemini, provider: ProviderProcess) -> None:
    holding = gemini.hold()
    asked = [
        asyncio.create_task(provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())) for _ in range(30)
    ]
    await gemini.received(30)
    holding.release()
    answers = await asyncio.gather(*asked)
    assert len({answer.result.sha256 for answer in answers if answer.result}) == 30


async def test_a_refusal_is_an_answer(gemini: ScriptedGemini, provider: ProviderProcess) -> None:
    gemini.enqueue(refused())
    answer = await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())
    assert answer.verdict is Verdict.BLOCKED


async def test_a_failure_is_the_error_that_it_was(gemini: ScriptedGemini, provider: ProviderProcess) -> None:
    gemini.enqueue(error(400, "INVALID_ARGUMENT", "No."))
    with pytest.raises(RequestRefused) as caught:
        await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())
    assert caught.value.message == "No."


def errors_that_travel() -> Iterator[PlantainError]:
    classes = [ProviderError, StorageError]
    while classes:
        found = classes.pop()
        classes += found.__subclasses__()
        yield found("detail")
    yield Throttled("quota", message="Wait.", retry_after=12.5, daily=True, limit=70)


@pytest.mark.parametrize("left", list(errors_that_travel()), ids=lambda left: type(left).__name__)
def test_every_error_arrives_as_it_left(left: PlantainError) -> None:
    arrived = unframed(framed(Failed(7, left))[LENGTH:])
    assert isinstance(arrived, Failed) and isinstance(arrived.error, PlantainError)
    assert type(arrived.error) is type(left)
    assert (str(arrived.error), vars(arrived.error)) == (str(left), vars(left))


async def test_what_nobody_expected_is_named_here_and_told_there(capfd: pytest.CaptureFixture[str]) -> None:
    async with ProviderProcess("hello", module=BREAKING) as provider:
        with pytest.raises(RuntimeError, match="KeyError in the provider's process"):
            await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())
        with pytest.raises(RuntimeError, match="ValueError in the provider's process"):
            await provider.models()
    assert "ValueError: no models" in capfd.readouterr().err  # with its traceback


async def test_the_models(provider: ProviderProcess) -> None:
    assert SIMPLE.model in await provider.models()


async def test_without_a_folder_it_lists_models_and_takes_no_picture(gemini: ScriptedGemini) -> None:
    async with started(gemini, None) as provider:
        assert SIMPLE.model in await provider.models()
        with pytest.raises(StorageError):
            await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())


async def test_what_nobody_waits_for_any_more_is_given_up(
    gemini: ScriptedGemini, provider: ProviderProcess
) -> None:
    holding = gemini.hold()
    asked = asyncio.create_task(provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals()))
    await holding.arrived()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await gemini.left_alone()  # the connection was closed
    holding.release()
    await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())


async def test_its_timeout_counts(gemini: ScriptedGemini, provider: ProviderProcess) -> None:
    holding = gemini.hold()
    with pytest.raises(Busy):
        await provider.generate(SIMPLE, timeout=0.3, arriving=Arrivals())
    holding.release()


# --- its life ---------------------------------------------------------------------------------------------


async def test_when_it_dies_calls_fail_and_the_next_are_made_by_another(
    gemini: ScriptedGemini, provider: ProviderProcess
) -> None:
    holding = gemini.hold()
    asked = asyncio.create_task(provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals()))
    await holding.arrived()
    first = pid_of(provider)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(CallLost, match="ended"):
        await asked
    holding.release()
    answer = await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())  # waits for the next one
    assert answer.result is not None and pid_of(provider) != first


async def arriving(
    gemini: ScriptedGemini,
    provider: ProviderProcess,
    timeout: float,  # noqa: ASYNC109 - passed on
) -> asyncio.Task[Answer]:
    """A call whose answer has begun to come in, and goes on for a minute."""
    gemini.enqueue(SlowDrip(Picture(JPEG), size=1_000, pause=1.0))
    begun = asyncio.Event()
    asked = asyncio.create_task(provider.generate(SIMPLE, timeout=timeout, arriving=begun.set))
    await begun.wait()
    return asked


async def test_when_it_dies_within_an_answer_that_is_a_broken_answer(
    gemini: ScriptedGemini, provider: ProviderProcess
) -> None:
    """It is paid for, as where the line breaks: whoever hears of it may not ask again."""
    asked = await arriving(gemini, provider, 60.0)
    os.kill(pid_of(provider), signal.SIGKILL)
    with pytest.raises(BadAnswer, match="broke off: the provider's process ended"):
        await asked


async def test_when_it_hangs_within_an_answer_that_is_a_broken_answer(
    gemini: ScriptedGemini, provider: ProviderProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "SECONDS_BEYOND", 0.0)
    first = pid_of(provider)
    asked = await arriving(gemini, provider, 3.0)
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(BadAnswer, match="broke off: the provider's process did not answer"):
        await asked


async def test_a_list_that_is_lost_may_be_asked_for_again(provider: ProviderProcess) -> None:
    os.kill(pid_of(provider), signal.SIGKILL)
    with pytest.raises(Busy, match="ended"):
        await provider.models()
    assert SIMPLE.model in await provider.models()


async def test_one_that_does_not_answer_is_replaced(
    gemini: ScriptedGemini, provider: ProviderProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "SECONDS_BEYOND", 0.5)
    first = pid_of(provider)
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(CallLost, match="did not answer"):
        await provider.generate(SIMPLE, timeout=0.1, arriving=Arrivals())
    monkeypatch.undo()
    answer = await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())
    assert answer.result is not None and pid_of(provider) != first
    assert len(gemini.history) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_signals_to_all_processes_do_not_end_a_call(
    gemini: ScriptedGemini, provider: ProviderProcess, number: signal.Signals
) -> None:
    holding = gemini.hold()
    asked = asyncio.create_task(provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals()))
    await holding.arrived()
    os.kill(pid_of(provider), number)
    holding.release()
    assert (await asked).result is not None
    assert len(gemini.history) == 1


async def test_it_ends_with_the_bot(gemini: ScriptedGemini, tmp_path: Path) -> None:
    async with started(gemini, tmp_path) as provider:
        pid = pid_of(provider)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_no_secret_stands_in_its_arguments_or_its_environment(
    gemini: ScriptedGemini, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISCORD_TOKEN", "GEMINI_API_KEY", "PLANTAIN_STORAGE__URL"):
        monkeypatch.setenv(name, KEY)
    async with started(gemini, tmp_path) as provider:
        shown = told_of(pid_of(provider))
    assert b"PATH=" in shown and KEY.encode() not in shown


def told_of(pid: int) -> bytes:
    """What anybody on the machine, or its administrator, sees of a process."""
    folder = Path("/proc") / str(pid)
    if not folder.is_dir():
        pytest.skip("there is no /proc here to look into")
    return (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()


async def test_one_that_cannot_start_is_an_error_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    async with ProviderProcess("not the greeting") as provider:
        with pytest.raises(RuntimeError, match="ended with 1"):
            await provider.ready()
    assert "started by it" in capfd.readouterr().err


async def test_one_that_is_not_needed_after_all_touches_nothing(
    gemini: ScriptedGemini, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    async with ProviderProcess(greeting_to(gemini.base_url, folder)) as provider:
        pass
    assert not folder.exists()
    with pytest.raises(RuntimeError, match="outside of"):
        await provider.models()


async def test_one_that_babbles_is_replaced(capfd: pytest.CaptureFixture[str]) -> None:
    async with ProviderProcess("hello", module=BREAKING) as provider:
        await provider.ready()
        first = pid_of(provider)
        asked = asyncio.create_task(
            provider.generate(replace(SIMPLE, model=HANGS), timeout=60.0, arriving=Arrivals())
        )
        await asyncio.sleep(0)  # it is asked
        provider.greet("babble")
        provider.greet("hello again")  # what the next one is told
        with pytest.raises(CallLost, match="ended"):
            await asked
        with pytest.raises(RuntimeError, match="ValueError"):
            await provider.models()
        assert pid_of(provider) != first
    assert "greeted: hello again" in capfd.readouterr().err


async def test_a_listener_that_breaks_costs_nobody_an_answer(
    gemini: ScriptedGemini, provider: ProviderProcess
) -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: told.append(str(context["exception"]))
    )

    def arriving() -> None:
        raise ValueError("a fault of ours")

    answer = await provider.generate(SIMPLE, timeout=20.0, arriving=arriving)
    assert answer.result is not None and told == ["a fault of ours"]
    assert (await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())).result is not None


async def test_it_dies_in_the_moment_in_which_it_is_asked(
    gemini: ScriptedGemini, provider: ProviderProcess
) -> None:
    os.kill(pid_of(provider), signal.SIGKILL)
    with pytest.raises(CallLost, match="ended"):
        await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())
    assert (await provider.generate(SIMPLE, timeout=20.0, arriving=Arrivals())).result is not None


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.mark.usefixtures("logging_as_before")
def test_the_log_is_written_as_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log_as_told(replace(greeting_to("", tmp_path), log_format="json"))
    logging.getLogger("bot.providers").warning("told with %s", KEY)
    line = json.loads(capsys.readouterr().err)
    assert line["message"] == "told with [secret]"


def test_a_greeting_shows_no_secret() -> None:
    greeting = greeting_to("", None)
    assert KEY not in repr(greeting) and KEY.encode() in pickle.dumps(greeting)


def test_a_question_travels_whole() -> None:
    question = Ask(3, SIMPLE, 12.5)
    assert unframed(framed(question)[LENGTH:]) == question
