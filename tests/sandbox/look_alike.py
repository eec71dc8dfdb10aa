"""The look-alike as tests talk to it: through google-genai, over real HTTP."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import jsonschema
import pytest
from google import genai
from google.genai import types
from PIL import Image, ImageChops, ImageStat

from bot.sandbox.gemini import LookAlike
from tests.providers.discovery import FOLDER, _as_json_schema

MODEL = "gemini-nano-banana-2.1"
LITE = "gemini-3.1-flash-lite-image"
PRO = "gemini-3-pro-image"
SPEC = "gemini-v1beta.json"


@asynccontextmanager
async def connect(gemini: LookAlike) -> AsyncIterator[genai.Client]:
    """google-genai, pointed at the look-alike, without retries of its own.

    The session is ours: the one that google-genai makes for itself warns of a deprecation in aiohttp.
    """
    async with aiohttp.ClientSession() as session:
        options = types.HttpOptions(
            base_url=gemini.base_url,
            api_version="v1beta",
            timeout=60_000,
            retry_options=types.HttpRetryOptions(attempts=1),
            aiohttp_client=session,
        )
        client = genai.Client(api_key="any key", vertexai=False, http_options=options)
        try:
            yield client
        finally:
            await client.aio.aclose()
            client.close()


def picture(*, aspect_ratio: str | None = None, image_size: str | None = None) -> types.GenerateContentConfig:
    """A configuration that asks for words and a picture."""
    image = types.ImageConfig(aspect_ratio=aspect_ratio, image_size=image_size)
    return types.GenerateContentConfig(response_modalities=["TEXT", "IMAGE"], image_config=image)


async def generate(
    client: genai.Client,
    contents: Any,
    config: types.GenerateContentConfig | None = None,
    *,
    model: str = MODEL,
) -> types.GenerateContentResponse:
    return await client.aio.models.generate_content(
        model=model, contents=contents, config=config or picture()
    )


def user(*parts: str | bytes) -> types.Content:
    """A user turn of words and JPEG files."""
    return types.Content(
        role="user",
        parts=[
            types.Part.from_text(text=part)
            if isinstance(part, str)
            else types.Part.from_bytes(data=part, mime_type="image/jpeg")
            for part in parts
        ],
    )


def content_of(response: types.GenerateContentResponse) -> types.Content:
    assert response.candidates
    content = response.candidates[0].content
    assert content is not None
    return content


def files_of(response: types.GenerateContentResponse, *, thoughts: bool = False) -> list[bytes]:
    """The image files of an answer in order, without drafts or only those."""
    parts = content_of(response).parts or []
    return [
        part.inline_data.data
        for part in parts
        if part.inline_data is not None and part.inline_data.data and bool(part.thought) is thoughts
    ]


def file_of(response: types.GenerateContentResponse) -> bytes:
    (file,) = files_of(response)
    return file


def decoded(file: bytes) -> Image.Image:
    with Image.open(io.BytesIO(file)) as image:
        assert image.format == "JPEG"
        return image.convert("RGB")


def difference(one: bytes, other: bytes) -> float:
    """How much two pictures of one size differ above the band: the mean over all channels, 0 to 255."""
    first, second = (decoded(file) for file in (one, other))
    assert first.size == second.size
    area = (0, 0, first.width, round(first.height * 0.8))
    means: Sequence[float] = ImageStat.Stat(ImageChops.difference(first, second).crop(area)).mean
    return sum(means) / len(means)


def check_answer(body: Any) -> None:
    """Check a body against Google's description of answers; skip where that is not there."""
    path = FOLDER / SPEC
    if not path.is_file():
        pytest.skip(f"{path} is not there: answers are not checked against it")
    schemas = json.loads(path.read_text())["schemas"]
    definitions = {name: _as_json_schema(schema) for name, schema in schemas.items()}
    schema = {"$ref": "#/$defs/GenerateContentResponse", "$defs": definitions}
    jsonschema.Draft202012Validator(schema).validate(body)
