"""The look-alike answers as the Gemini API does, and draws what it was asked for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from google import genai
from google.genai import errors, types

from bot.sandbox.gemini import LookAlike
from bot.sandbox.gemini.models import MODELS, pixels
from tests.fakes.gemini import make_jpeg
from tests.sandbox.look_alike import (
    LITE,
    MODEL,
    PRO,
    check_answer,
    connect,
    content_of,
    decoded,
    difference,
    file_of,
    files_of,
    generate,
    picture,
    user,
)

PROMPT = "a red lighthouse at dusk"
TEXT = {"text": PROMPT}
HIGH = types.ThinkingConfig(thinking_level=types.ThinkingLevel.HIGH)
SEARCH = types.Tool(google_search=types.GoogleSearch())
VISIBLE = 4.0  # mean difference of a channel that anybody sees


@pytest.fixture
async def gemini() -> AsyncIterator[LookAlike]:
    async with LookAlike(latency=0) as gemini:
        yield gemini


@pytest.fixture
async def client(gemini: LookAlike) -> AsyncIterator[genai.Client]:
    async with connect(gemini) as client:
        yield client


async def post(gemini: LookAlike, body: object, *, model: str = MODEL, key: str = "k") -> tuple[int, bytes]:
    """Send any body, as JSON unless it is bytes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    url = f"{gemini.base_url}/v1beta/models/{model}:generateContent"
    headers = {"x-goog-api-key": key} if key else {}
    async with aiohttp.ClientSession() as session, session.post(url, data=raw, headers=headers) as response:
        return response.status, await response.read()


async def test_an_answer_has_googles_shape(client: genai.Client) -> None:
    response = await generate(client, PROMPT)
    assert response.candidates
    assert response.candidates[0].finish_reason == types.FinishReason.STOP
    (part,) = content_of(response).parts or []
    assert part.inline_data is not None
    assert part.inline_data.mime_type == "image/jpeg"
    assert part.thought_signature
    assert response.model_version == MODEL
    assert response.response_id
    usage = response.usage_metadata
    assert usage is not None
    assert usage.candidates_token_count == 1120
    assert usage.prompt_token_count == len(PROMPT) // 4
    assert usage.total_token_count == len(PROMPT) // 4 + 1120 + (usage.thoughts_token_count or 0)


@pytest.mark.parametrize(
    "prompt", [PROMPT, f"{PROMPT} !text", "!refuse", "!block", "!noimage", "!several", "!empty"]
)
@pytest.mark.parametrize("model", [MODEL, PRO])
async def test_answers_agree_with_googles_description(gemini: LookAlike, prompt: str, model: str) -> None:
    status, raw = await post(
        gemini, {"contents": [{"role": "user", "parts": [{"text": prompt}]}]}, model=model
    )
    assert status == 200
    check_answer(json.loads(raw))


@pytest.mark.parametrize(
    ("ratio", "size", "expected"),
    [
        ("1:1", "1K", (1024, 1024)),
        ("16:9", "1K", (1376, 768)),
        ("21:9", "1K", (1584, 672)),
        ("9:16", "2K", (1536, 2752)),
        ("8:1", "1K", (3072, 384)),
        ("1:8", "1K", (384, 3072)),
    ],
)
async def test_the_picture_has_the_pixels_asked_for(
    client: genai.Client, ratio: str, size: str, expected: tuple[int, int]
) -> None:
    response = await generate(client, PROMPT, picture(aspect_ratio=ratio, image_size=size))
    assert decoded(file_of(response)).size == expected


async def test_4k_costs_more_tokens_and_has_four_times_the_pixels_a_side(client: genai.Client) -> None:
    response = await generate(client, PROMPT, picture(aspect_ratio="3:2", image_size="4K"))
    assert decoded(file_of(response)).size == (5056, 3392)
    assert response.usage_metadata is not None
    assert response.usage_metadata.candidates_token_count == 2520


def test_every_ratio_has_about_the_pixels_that_its_name_says() -> None:
    for ratio in MODELS[MODEL].ratios:
        width, height = pixels(ratio, "1K")
        wide, high = map(int, ratio.split(":"))
        assert width / height == pytest.approx(wide / high, rel=0.03)


async def test_other_words_make_another_picture(client: genai.Client) -> None:
    lighthouse = file_of(await generate(client, PROMPT))
    cat = file_of(await generate(client, "a black cat in a forest at night"))
    assert difference(lighthouse, cat) > 5 * VISIBLE


async def test_asking_again_gives_a_variation_and_a_restart_begins_anew(client: genai.Client) -> None:
    first, second = [file_of(await generate(client, PROMPT)) for _ in range(2)]
    assert difference(first, second) > VISIBLE
    async with LookAlike(latency=0) as other, connect(other) as again:
        assert file_of(await generate(again, PROMPT)) == first


async def test_the_same_seed_gives_the_same_picture_and_another_seed_another(client: genai.Client) -> None:
    def seeded(seed: int) -> types.GenerateContentConfig:
        return types.GenerateContentConfig(response_modalities=["IMAGE"], seed=seed)

    first, second = [file_of(await generate(client, PROMPT, seeded(7), model=LITE)) for _ in range(2)]
    assert first == second
    assert difference(first, file_of(await generate(client, PROMPT, seeded(8), model=LITE))) > VISIBLE


async def test_models_do_not_make_the_same_file(client: genai.Client) -> None:
    config = types.GenerateContentConfig(response_modalities=["IMAGE"], seed=7)
    assert file_of(await generate(client, PROMPT, config, model=LITE)) != file_of(
        await generate(client, PROMPT, config, model=PRO)
    )


@pytest.mark.parametrize("prompt", ["🎨🐈", "\x00\x07", "x" * 10_000, "שלום", "猫" * 300, "\n", "%s {0}"])
async def test_any_prompt_is_drawn(client: genai.Client, prompt: str) -> None:
    assert decoded(file_of(await generate(client, user(prompt)))).size == (1024, 1024)


async def test_another_text_part_makes_a_variation(client: genai.Client) -> None:
    plain = file_of(await generate(client, user(PROMPT)))
    assert difference(plain, file_of(await generate(client, user(PROMPT, "Another variation.")))) > VISIBLE


async def test_pro_thinks_in_a_draft(client: genai.Client) -> None:
    response = await generate(client, PROMPT, model=PRO)
    (draft,) = files_of(response, thoughts=True)
    assert decoded(draft).size == (512, 512)
    assert decoded(file_of(response)).size == (1024, 1024)
    parts = content_of(response).parts or []
    assert [bool(part.thought_signature) for part in parts] == [False, False, True]


@pytest.mark.parametrize(
    "instruction",
    [
        "make it black and white",
        "at night",
        "blur it",
        "invert it",
        "brighter",
        "add a black cat",
        "mirror it",
        "sepia, with a frame",
        "rotate it",
        "pixel art",
        "as a pencil sketch",
        "surprise me",
    ],
)
async def test_an_edit_changes_the_given_picture(client: genai.Client, instruction: str) -> None:
    before = file_of(await generate(client, PROMPT))
    after = file_of(await generate(client, user(instruction, before)))
    assert difference(before, after) > 1.0


async def test_black_and_white_has_no_colour_left(client: genai.Client) -> None:
    before = file_of(await generate(client, PROMPT))
    image = decoded(file_of(await generate(client, user("black and white please", before))))
    pixel = image.crop((0, 0, 1024, 800)).resize((1, 1)).getpixel((0, 0))
    assert isinstance(pixel, tuple)
    assert max(pixel) - min(pixel) <= 2


async def test_an_edit_keeps_the_ratio_of_its_picture_unless_told(client: genai.Client) -> None:
    wide = make_jpeg(1600, 900)
    assert decoded(file_of(await generate(client, user("brighter", wide)))).size == (1376, 768)
    square = await generate(client, user("brighter", wide), picture(aspect_ratio="1:1"))
    assert decoded(file_of(square)).size == (1024, 1024)


@pytest.mark.parametrize("count", [2, 3, 5])
async def test_several_pictures_are_put_together(client: genai.Client, count: int) -> None:
    files = [make_jpeg(400, 300, seed=seed) for seed in range(count)]
    response = await generate(client, user("blend these", *files))
    assert decoded(file_of(response)).size == (1200, 896)
    assert response.usage_metadata is not None
    details = {d.modality: d.token_count for d in response.usage_metadata.prompt_tokens_details or []}
    assert details[types.MediaModality.IMAGE] == 1120 * count


async def test_describing_answers_in_words(client: genai.Client) -> None:
    config = types.GenerateContentConfig(response_modalities=["TEXT"])
    response = await generate(client, user("Describe this picture", make_jpeg(640, 480)), config)
    assert response.text is not None
    assert "640 × 480" in response.text
    assert files_of(response) == []


async def test_models_are_listed_page_by_page(client: genai.Client) -> None:
    names = [model.name async for model in await client.aio.models.list(config={"page_size": 2})]
    assert names == [f"models/{name}" for name in MODELS]
    model = await client.aio.models.get(model=PRO)
    assert model.display_name == "Nano Banana Pro"
    assert model.supported_actions == ["generateContent"]


async def test_a_call_without_a_key_is_not_registered(gemini: LookAlike) -> None:
    status, raw = await post(gemini, {}, key="")
    assert status == 403
    assert b"PERMISSION_DENIED" in raw


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("gemini-9-image", "is not found for API version v1beta"),
        ("gemini-2.5-flash-image", "no longer available"),
    ],
)
async def test_models_that_are_not_there(client: genai.Client, model: str, sentence: str) -> None:
    with pytest.raises(errors.ClientError, match=sentence) as caught:
        await generate(client, PROMPT, model=model)
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("model", "config", "sentence"),
    [
        (MODEL, types.GenerateContentConfig(seed=1), "seed is not supported"),
        (MODEL, types.GenerateContentConfig(temperature=0.5), "temperature is not supported"),
        (MODEL, picture(image_size="512"), "image_size must be one of"),
        (MODEL, picture(aspect_ratio="7:5"), "aspect_ratio must be one of"),
        (PRO, picture(aspect_ratio="1:8"), "aspect_ratio must be one of"),
        (LITE, picture(image_size="1K"), "image_size is not supported"),
        (PRO, types.GenerateContentConfig(thinking_config=HIGH), "Thinking level"),
        (MODEL, types.GenerateContentConfig(candidate_count=2), "Multiple candidates"),
        (MODEL, types.GenerateContentConfig(response_modalities=["AUDIO"]), "response modalities"),
        (LITE, types.GenerateContentConfig(tools=[SEARCH]), "Search Grounding"),
    ],
)
async def test_what_a_model_does_not_take_is_refused(
    client: genai.Client, model: str, config: types.GenerateContentConfig, sentence: str
) -> None:
    with pytest.raises(errors.ClientError, match=sentence) as caught:
        await generate(client, PROMPT, config, model=model)
    assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"{", b"Invalid JSON payload"),
        pytest.param(b"[" * 100_000, b"Invalid JSON payload", id="nesting"),
        (b"[]", b"Root element must be a message"),
        ({}, b"contents is not specified"),
        ({"contents": "x"}, b"Invalid value at 'contents'"),
        ({"contents": [7]}, b"Invalid value at 'contents[0]'"),
        ({"contents": [{"parts": []}]}, b"must not be empty"),
        ({"contents": [{"parts": [{}]}]}, b"required oneof field 'data'"),
        ({"contents": [{"parts": [{"text": 5}]}]}, b"TYPE_STRING"),
        ({"contents": [{"parts": [{"text": "\ud83d"}]}]}, b"not valid UTF-8"),
        ({"contents": [{"role": "system", "parts": [TEXT]}]}, b"valid role"),
        ({"contents": [{"role": "model", "parts": [TEXT]}]}, b"end with a user role"),
        ({"contents": [{"parts": [TEXT]}], "generationConfig": {"aspectRatio": "1:1"}}, b"generation_config"),
        ({"contents": [{"parts": [TEXT]}], "prompt": "x"}, b'Unknown name \\"prompt\\"'),
    ],
)
async def test_requests_that_make_no_sense(gemini: LookAlike, body: object, sentence: bytes) -> None:
    status, raw = await post(gemini, body)
    assert status == 400
    assert sentence in raw


@pytest.mark.parametrize(
    ("mime", "data", "sentence"),
    [
        ("image/gif", "AAAA", b"Unsupported MIME type: image/gif"),
        ("image/png", "*", b"Base64 decoding failed"),
        ("image/png", "AAAA", b"Unable to process input image"),
        ("image/heic", "AAAA", b"Unable to process input image"),
    ],
)
async def test_input_pictures_that_are_none(gemini: LookAlike, mime: str, data: str, sentence: bytes) -> None:
    part = {"inlineData": {"mimeType": mime, "data": data}}
    status, raw = await post(gemini, {"contents": [{"parts": [TEXT, part]}]})
    assert status == 400
    assert sentence in raw


async def test_a_cut_off_input_picture_is_refused(client: genai.Client) -> None:
    with pytest.raises(errors.ClientError, match="Unable to process input image"):
        await generate(client, user("brighter", make_jpeg(640, 480)[:-2000]))


async def test_an_unknown_path_is_answered_in_googles_shape(gemini: LookAlike) -> None:
    async with (
        aiohttp.ClientSession(headers={"x-goog-api-key": "k"}) as session,
        session.get(f"{gemini.base_url}/v1/elsewhere") as response,
    ):
        assert response.status == 404
        assert (await response.json())["error"]["status"] == "NOT_FOUND"
