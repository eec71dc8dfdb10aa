"""Google's image models, on the Gemini API or on Vertex AI. The only user of google-genai.

What google-genai 3.4.0 does by itself and must not (measured against a local server):

- it uses API version v1, where imageConfig is not confirmed: the version is pinned;
- it sends a request again 1-10 s after the server hung up, which may pay twice:
  ``HttpRetryOptions(attempts=1)`` makes it raise instead;
- it follows continuations with more paid requests: ``automatic_continuation=False``;
- it waits forever: every call has a timeout, ours around its own;
- it follows redirects, with the key in the headers: ``allow_redirects=False``.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from ipaddress import ip_address
from types import TracebackType
from urllib.parse import urlsplit
from urllib.request import getproxies

from google import genai
from google.auth.credentials import Credentials
from google.genai import types
from google.genai.errors import APIError
from google.genai.models import AsyncModels

from bot.domain.answers import Answer
from bot.domain.calls import Call
from bot.domain.safety import Harm, People, Threshold
from bot.errors import PlantainError
from bot.providers.account import check_account
from bot.providers.base import Limits, PictureStore
from bot.providers.body import contents_of
from bot.providers.exchange import Exchange
from bot.providers.failures import translate
from bot.providers.reading import read_answer
from bot.providers.transport import Transport

_GEMINI_URL = "https://generativelanguage.googleapis.com/"
_GEMINI_VERSION, _VERTEX_VERSION = "v1beta", "v1beta1"
_HARMS = {
    Harm.HARASSMENT.value: types.HarmCategory.HARM_CATEGORY_HARASSMENT,
    Harm.HATE_SPEECH.value: types.HarmCategory.HARM_CATEGORY_HATE_SPEECH,
    Harm.SEXUALLY_EXPLICIT.value: types.HarmCategory.HARM_CATEGORY_SEXUALLY_EXPLICIT,
    Harm.DANGEROUS_CONTENT.value: types.HarmCategory.HARM_CATEGORY_DANGEROUS_CONTENT,
}
_THRESHOLDS = {
    Threshold.LOW.value: types.HarmBlockThreshold.BLOCK_LOW_AND_ABOVE,
    Threshold.MEDIUM.value: types.HarmBlockThreshold.BLOCK_MEDIUM_AND_ABOVE,
    Threshold.HIGH.value: types.HarmBlockThreshold.BLOCK_ONLY_HIGH,
    Threshold.NONE.value: types.HarmBlockThreshold.BLOCK_NONE,
    Threshold.OFF.value: types.HarmBlockThreshold.OFF,
}
# google-genai says ALLOW_NONE in its documentation and DONT_ALLOW in an enum; Vertex AI's own description of
# its API has the former.
_PEOPLE = {
    People.ALL.value: "ALLOW_ALL",
    People.ADULTS.value: "ALLOW_ADULT",
    People.NONE.value: "ALLOW_NONE",
}
_ONE_TRY = types.HttpRetryOptions(attempts=1)
_MOST_MODELS = 1000
_LISTING_TIMEOUT = 30.0
_PARSED_ON_LOOP = 256 * 1024  # characters; more is parsed in a thread


class Gemini:
    """A provider (`bot.studio.ports.Provider`). Use with ``async with``.

    With `vertex` it speaks to Vertex AI: `project` and `location` instead of a key, and Google's default
    credentials where none are given. `base_url` replaces Google's address in both cases.
    """

    def __init__(
        self,
        store: PictureStore,
        *,
        api_key: str | None = None,
        vertex: bool = False,
        project: str | None = None,
        location: str | None = None,
        credentials: Credentials | None = None,
        base_url: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        check_account(api_key=api_key, vertex=vertex, project=project, location=location)
        self._store = store
        self._api_key = "" if vertex else api_key or ""
        self._vertex = vertex
        self._project, self._location, self._credentials = project, location, credentials
        self._base_url = base_url
        self._limits = limits or Limits()
        self._transport = Transport(trust_env=bool(getproxies()) and not _is_local(base_url))
        self._client: genai.Client | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Gemini:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._transport)
            # In a thread: it reads certificates and sets up more HTTP clients than it will use.
            client = await asyncio.to_thread(self._new_client)
            stack.callback(client.close)
            stack.push_async_callback(client.aio.aclose)
            self._stack = stack.pop_all()
        self._client = client
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        # google-genai would open a session of its own without a word when it is used after closing.
        self._client = None
        await self._stack.aclose()

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - it is sent to Google, too
        arriving: Callable[[], None],
    ) -> Answer:
        """Make one call within `timeout` seconds; return its answer with the pictures kept in the store.

        `arriving` is called once when the answer begins to come in. Raises a ProviderError, or the
        StorageError of the store. One HTTP request is made, never more.
        """
        models = self._models()
        with self._transport.exchange(self._store, self._limits, arriving) as exchange:
            try:
                async with asyncio.timeout(timeout):
                    asked = call if self._vertex else replace(call, people=None)  # only Vertex AI takes that
                    text = await _text_of_answer(models, asked, exchange, timeout)
                    return await self._read(text, call, exchange)
            except PlantainError:
                raise
            except Exception as exc:
                raise self._translated(exc, exchange) from _printable(exc)

    async def models(self) -> list[str]:
        """Return the ids of the models that this key or project may generate with."""
        models = self._models()
        with self._transport.exchange(self._store, self._limits, lambda: None) as exchange:
            try:
                async with asyncio.timeout(_LISTING_TIMEOUT):
                    return await _ids_of(models, exchange)
            except PlantainError:
                raise
            except Exception as exc:
                raise self._translated(exc, exchange) from _printable(exc)

    async def _read(self, text: str, call: Call, exchange: Exchange) -> Answer:
        def read() -> Answer:
            return read_answer(
                text,
                exchange.received,
                model=call.model,
                want_image=call.want_image,
                secret=self._api_key,
            )

        return read() if len(text) < _PARSED_ON_LOOP else await asyncio.to_thread(read)

    def _translated(self, exc: Exception, exchange: Exchange) -> PlantainError:
        return translate(exc, exchange, secret=self._api_key)

    # --- the client ---------------------------------------------------------------------------------------

    def _models(self) -> AsyncModels:
        if self._client is None:
            raise RuntimeError("Gemini is used outside of `async with`")
        return self._client.aio.models

    def _new_client(self) -> genai.Client:
        _build_types()
        options = types.HttpOptions(
            base_url=self._base_url or (None if self._vertex else _GEMINI_URL),
            api_version=_VERTEX_VERSION if self._vertex else _GEMINI_VERSION,
            aiohttp_client=self._transport.session,
            async_client_args={"allow_redirects": False},
            retry_options=_ONE_TRY,
        )
        if not self._vertex:
            return genai.Client(vertexai=False, api_key=self._api_key, http_options=options)
        return genai.Client(
            vertexai=True,
            project=self._project,
            location=self._location,
            credentials=self._credentials,
            http_options=options,
        )


async def _text_of_answer(
    models: AsyncModels,
    call: Call,
    exchange: Exchange,
    timeout: float,  # noqa: ASYNC109 - it is sent to Google, too
) -> str:
    response = await models.generate_content(
        model=call.model,
        # What goes out is `contents` of the extra body: as plain JSON it may have fields that google-genai
        # does not know.
        contents="see extra_body",
        config=_config(
            call,
            types.HttpOptions(
                timeout=math.ceil(timeout * 1000),
                headers=Transport.headers_of(exchange),
                extra_body={"contents": contents_of(call, exchange)},
                retry_options=_ONE_TRY,
            ),
        ),
    )
    raw = response.sdk_http_response
    return (raw.body if raw is not None else None) or ""


async def _ids_of(models: AsyncModels, exchange: Exchange) -> list[str]:
    ids: list[str] = []
    options = types.HttpOptions(headers=Transport.headers_of(exchange), retry_options=_ONE_TRY)
    async for model in await models.list(config=types.ListModelsConfig(page_size=200, http_options=options)):
        if "generateContent" in (model.supported_actions or ["generateContent"]):
            ids.append((model.name or "").rpartition("/")[2])
        if len(ids) >= _MOST_MODELS:
            break
    return ids


def _config(call: Call, http_options: types.HttpOptions) -> types.GenerateContentConfig:
    people = None if call.people is None else _PEOPLE[call.people]
    image = types.ImageConfig(aspect_ratio=call.ratio, image_size=call.size, person_generation=people)
    return types.GenerateContentConfig(
        response_modalities=["TEXT", "IMAGE"] if call.want_image else ["TEXT"],
        image_config=image if call.want_image and (call.ratio or call.size or people) else None,
        seed=call.seed,
        safety_settings=[
            types.SafetySetting(category=_HARMS[harm], threshold=_THRESHOLDS[threshold])
            for harm, threshold in call.safety
        ]
        or None,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        automatic_continuation=False,
        should_return_http_response=True,  # the raw body: see `reading`
        http_options=http_options,
    )


def _build_types() -> None:
    """Let pydantic build the types of a call now: the first call would block the event loop for 40 ms."""
    call = Call(model="", contents=(), ratio="1:1", safety=(("harassment", "high"),))
    _config(call, types.HttpOptions(retry_options=_ONE_TRY))
    types.UserContent("")
    types.GenerateContentResponse(sdk_http_response=types.HttpResponse())


def _is_local(base_url: str | None) -> bool:
    """Return whether an address is this machine: a proxy of the environment is not for that."""
    host = urlsplit(base_url or "").hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _printable(exc: Exception) -> Exception | None:
    """Return an exception as a cause, unless its text quotes what was sent or what came.

    google-genai's own errors hold the whole body, errors of validation and parsing the value.
    """
    return None if isinstance(exc, APIError | ValueError) else exc
