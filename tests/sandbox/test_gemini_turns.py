"""Conversations with the look-alike: signatures come back verbatim, or the request is refused."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
from google import genai
from google.genai import errors, types
from PIL import ImageOps

from bot.sandbox.gemini import LookAlike
from tests.fakes.gemini import make_jpeg
from tests.sandbox.look_alike import (
    LITE,
    PRO,
    connect,
    content_of,
    decoded,
    difference,
    file_of,
    files_of,
    generate,
    user,
)

PROMPT = "a red lighthouse at dusk"


@pytest.fixture
async def client() -> AsyncIterator[genai.Client]:
    async with LookAlike(latency=0) as gemini, connect(gemini) as client:
        yield client


def through_storage(content: types.Content) -> types.Content:
    """The content as it comes back from JSON."""
    return types.Content.model_validate(content.model_dump(mode="json", exclude_none=True))


def image_part(content: types.Content) -> types.Part:
    return next(part for part in content.parts or [] if part.inline_data and not part.thought)


async def test_later_turns_work_on_the_picture_of_the_earlier(client: genai.Client) -> None:
    first = await generate(client, user(PROMPT))
    history = [user(PROMPT), through_storage(content_of(first)), user("make it night")]
    second = await generate(client, history)
    assert difference(file_of(first), file_of(second)) > 5
    history += [through_storage(content_of(second)), user("mirror it")]
    third = await generate(client, history)
    mirrored = ImageOps.mirror(decoded(file_of(third))).crop((0, 0, 1024, 800)).resize((64, 50))
    earlier = decoded(file_of(second)).crop((0, 0, 1024, 800)).resize((64, 50))
    pairs = zip(mirrored.tobytes(), earlier.tobytes(), strict=True)
    assert max(abs(one - other) for one, other in pairs) < 40


async def test_words_and_drafts_go_back_as_well(client: genai.Client) -> None:
    first = await generate(client, user(f"{PROMPT} !text"), model=PRO)
    assert len(content_of(first).parts or []) == 4
    history = [user(PROMPT), through_storage(content_of(first)), user("brighter")]
    assert len(files_of(await generate(client, history, model=PRO))) == 1


async def test_signatures_hold_over_a_restart(client: genai.Client) -> None:
    answer = content_of(await generate(client, user(PROMPT)))
    async with LookAlike(latency=0) as other, connect(other) as again:
        assert file_of(await generate(again, [user(PROMPT), answer, user("darker")]))
    async with LookAlike(latency=0, signing_key=b"another") as other, connect(other) as again:
        with pytest.raises(errors.ClientError, match="signature"):
            await generate(again, [user(PROMPT), answer, user("darker")])


async def test_a_missing_signature_is_named_with_its_place(client: genai.Client) -> None:
    answer = content_of(await generate(client, user(f"{PROMPT} !text")))
    image_part(answer).thought_signature = None
    sentence = "Image part is missing a thought_signature in content position 2, part position 2"
    with pytest.raises(errors.ClientError, match=sentence) as caught:
        await generate(client, [user(PROMPT), answer, user("darker")])
    assert (caught.value.code, caught.value.status) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("signature", "sentence"),
    [
        (b"\x12" + bytes(128), "not valid"),
        (b"garbage", "Corrupted thought signature"),
        (base64.b64decode("Y29udGV4dA=="), "Corrupted thought signature"),
    ],
)
async def test_an_altered_signature_is_refused(client: genai.Client, signature: bytes, sentence: str) -> None:
    answer = content_of(await generate(client, user(PROMPT)))
    image_part(answer).thought_signature = signature
    with pytest.raises(errors.ClientError, match=sentence) as caught:
        await generate(client, [user(PROMPT), answer, user("darker")])
    assert caught.value.code == 400


async def test_one_bit_of_a_signature_is_enough(client: genai.Client) -> None:
    answer = content_of(await generate(client, user(PROMPT)))
    part = image_part(answer)
    assert part.thought_signature
    part.thought_signature = part.thought_signature[:-1] + bytes([part.thought_signature[-1] ^ 1])
    with pytest.raises(errors.ClientError, match="not valid"):
        await generate(client, [user(PROMPT), answer, user("darker")])


async def test_other_image_bytes_under_the_signature_are_refused(client: genai.Client) -> None:
    answer = content_of(await generate(client, user(PROMPT)))
    part = image_part(answer)
    assert part.inline_data is not None
    part.inline_data.data = make_jpeg(1024, 1024)
    with pytest.raises(errors.ClientError, match="not valid"):
        await generate(client, [user(PROMPT), answer, user("darker")])


async def test_a_signature_belongs_to_the_family_that_made_it(client: genai.Client) -> None:
    answer = content_of(await generate(client, user(PROMPT)))
    with pytest.raises(errors.ClientError, match="not valid"):
        await generate(client, [user(PROMPT), answer, user("darker")], model=LITE)


async def test_a_new_picture_goes_before_the_one_in_the_history(client: genai.Client) -> None:
    answer = content_of(await generate(client, user(PROMPT)))
    other = make_jpeg(1200, 896)
    made = await generate(client, [user(PROMPT), answer, user("brighter", other)])
    assert decoded(file_of(made)).size == (1200, 896)


async def test_a_picture_that_was_broken_cannot_be_worked_on(client: genai.Client) -> None:
    answer = content_of(await generate(client, user(f"{PROMPT} !broken")))
    with pytest.raises(errors.ClientError, match="Unable to process input image"):
        await generate(client, [user(PROMPT), answer, user("darker")])
