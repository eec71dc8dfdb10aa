"""The look-alike's HTTP side: routes, the API key, pacing, and faults that happen on the wire."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.sandbox.gemini import answers
from bot.sandbox.gemini.behaviours import Behaviour, PassingFaults, behaviour_of, standing_fault
from bot.sandbox.gemini.checks import Question, find_model, read_question
from bot.sandbox.gemini.errors import ApiError, bad_request, unregistered
from bot.sandbox.gemini.models import MODELS, Model
from bot.sandbox.gemini.signatures import Signer

_log = logging.getLogger(__name__)

_KEY = "x-goog-api-key"
_MOST_BYTES = 100 * 1024 * 1024  # of an inline request
_MOST_REMEMBERED = 2000  # requests whose repetitions are counted
_CHUNK = 64 * 1024
_ERROR_SHARE = 0.25  # of the latency, after which an error comes
_HEAD_SHARE = 0.8  # of the latency, after which the first bytes of an answer come
_SLOW = 6
# No secret: it only has to stay the same over restarts, so that old conversations go on.
_SIGNING_KEY = b"plantain sandbox thought signatures"
_HTML = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 502 (Server Error)!!1</title>
  <p><b>502.</b> <ins>That's an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.
  <p>Please try again in 30 seconds. <ins>That's all we know.</ins>
</html>
"""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LookAlike:
    """A local server that looks like Google's generativelanguage API and draws sample pictures.

    Use it as `async with LookAlike(latency=4) as gemini:` and hand `gemini.base_url` to the bot.

    Args:
        latency: seconds from a request to the end of its answer; the first bytes come at 80 % of it.
            It may be changed while the server runs. Painting takes its own time where that is longer.
        host: where to listen.
        port: 0 for any free one.
        signing_key: what thought signatures are made with. With the same key, conversations survive a
            restart.
        workers: how many pictures are painted at once.
        clock: seconds; for the faults that pass with time.
    """

    def __init__(
        self,
        latency: float,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        signing_key: bytes = _SIGNING_KEY,
        workers: int = 2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.latency = latency
        self._host, self._port = host, port
        self._signer = Signer(signing_key)
        self._faults = PassingFaults(clock)
        self._asked: OrderedDict[str, int] = OrderedDict()
        self._painters = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="painter")
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        """The endpoint without the API version, such as `http://127.0.0.1:40123`.

        Raises:
            RuntimeError: the server does not run.
        """
        if self._runner is None:
            raise RuntimeError("the look-alike is not running; use it with 'async with'")
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._runner.addresses[0][1]}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_MOST_BYTES, middlewares=[_google_errors, _needs_key])
        app.router.add_get("/v1beta/models", self._list_models)
        app.router.add_get("/v1beta/models/{model}", self._get_model)
        app.router.add_post("/v1beta/models/{model}:generateContent", self._generate)
        # Cancelled handlers: a client that went away does not keep `!hang` or `!slow` alive.
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.5, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        await asyncio.to_thread(self._painters.shutdown, cancel_futures=True)

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        models = list(MODELS.values())
        start, size = _page(request)
        page: dict[str, Any] = {"models": [_described(model) for model in models[start : start + size]]}
        if start + size < len(models):
            page["nextPageToken"] = base64.urlsafe_b64encode(str(start + size).encode()).decode()
        return web.json_response(page)

    async def _get_model(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(_described(find_model(request.match_info["model"])))

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        started = asyncio.get_running_loop().time()
        model = find_model(request.match_info["model"])
        try:
            raw = await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise bad_request(f"Request payload size exceeds the limit: {_MOST_BYTES} bytes.") from None
        question = await asyncio.to_thread(read_question, model, raw, self._signer)
        behaviour = behaviour_of(question.prompt)
        latency = self.latency * (_SLOW if behaviour is Behaviour.SLOW else 1)
        try:
            self._raise_fault(behaviour, question)
        except ApiError:
            await _until(started + latency * _ERROR_SHARE)
            raise
        if behaviour is Behaviour.HTML:
            await _until(started + latency * _ERROR_SHARE)
            return web.Response(status=502, text=_HTML, content_type="text/html")
        if behaviour is Behaviour.HANG:
            await asyncio.Event().wait()
        build = partial(answers.build, question, behaviour, self._repetition(question), self._signer)
        body = await asyncio.get_running_loop().run_in_executor(self._painters, build)
        early = behaviour is Behaviour.BLOCK  # the prompt is looked at before anything is made
        end = started + latency * (_ERROR_SHARE if early else 1)
        return await _send(request, body, started, end, broken=behaviour is Behaviour.TRUNCATED)

    def _raise_fault(self, behaviour: Behaviour, question: Question) -> None:
        fault = standing_fault(behaviour, question.model.id)
        if fault is not None:
            raise fault
        self._faults.check(behaviour, question.prompt, question.model.id)

    def _repetition(self, question: Question) -> int:
        """How often exactly this request was painted before."""
        count = self._asked.pop(question.fingerprint, 0)
        self._asked[question.fingerprint] = count + 1
        if len(self._asked) > _MOST_REMEMBERED:
            self._asked.popitem(last=False)
        return count


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


async def _send(
    request: web.Request, body: bytes, started: float, end: float, *, broken: bool
) -> web.StreamResponse:
    """Headers and the opening of the JSON first, the rest at the end; or half of it and then no more."""
    response = web.StreamResponse(headers={"Content-Type": "application/json; charset=UTF-8"})
    response.headers["Server-Timing"] = "gfet4t7; dur=1"
    await _until(started + (end - started) * _HEAD_SHARE)
    await response.prepare(request)
    opening = body.find(b'"data": "')
    cut = opening + 9 if opening >= 0 else len(body) // 3
    await response.write(body[:cut])
    await _until(end)
    rest = memoryview(body)[cut : (cut + (len(body) - cut) // 2) if broken else None]
    for start in range(0, len(rest), _CHUNK):
        await response.write(bytes(rest[start : start + _CHUNK]))
    if broken:
        if request.transport is not None:
            request.transport.close()
        return response
    await response.write_eof()
    return response


@web.middleware
async def _google_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Whatever goes wrong is answered in Google's shape."""
    try:
        return await handler(request)
    except ApiError as exc:
        return _error(exc)
    except web.HTTPException as exc:
        return _error(ApiError(exc.status, f"{exc.reason}: {request.method} {request.path}"))
    except ConnectionResetError:
        return web.Response()  # the client is gone: nobody reads this, and it is no fault of the server's
    except Exception:
        _log.exception("look-alike: %s %s failed", request.method, request.path)
        return _error(ApiError(500, "An internal error has occurred. Please retry."))


@web.middleware
async def _needs_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not request.headers.get(_KEY, "").strip():
        raise unregistered()
    return await handler(request)


def _error(exc: ApiError) -> web.Response:
    return web.Response(status=exc.code, body=exc.body(), content_type="application/json", charset="utf-8")


def _page(request: web.Request) -> tuple[int, int]:
    """Where the asked page starts and how long it is."""
    try:
        size = int(request.query.get("pageSize") or 50)
        token = request.query.get("pageToken", "")
        start = int(base64.urlsafe_b64decode(token)) if token else 0
    except (ValueError, binascii.Error):
        raise bad_request("Invalid page size or page token.") from None
    if size < 0 or start < 0:
        raise bad_request("Invalid page size or page token.")
    return start, min(size or 50, 1000)


def _described(model: Model) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": model.name,
        "version": "1",
        "displayName": model.label,
        "description": f"{model.label}, as the local look-alike draws it",
        "inputTokenLimit": 65536,
        "outputTokenLimit": 32768,
        "supportedGenerationMethods": ["generateContent"],
        "thinking": True,
    }
    if model.sampling:
        described |= {"temperature": 1, "topP": 0.95, "topK": 64, "maxTemperature": 2}
    return described
