"""What a member is told when no picture came: another sentence for another reason, and what to do now."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.domain.server_settings import ServerSettings, ServerState
from tests.cogs.stage import Stage
from tests.fakes.gemini import (
    Answer,
    JsonAnswer,
    Picture,
    Raw,
    Reset,
    blocked,
    empty,
    error,
    html_502,
    make_jpeg,
    no_image,
    overloaded,
    quota,
    refused,
    retired,
    words,
)

SAFETY = "safety rules refused this"
NO_IMAGE = "answered, but without a picture"
BUSY = "overloaded or out of reach"
REFUSED = "did not accept this request"
KEY = "does not accept this bot's key"
UNKNOWN = "Something went wrong that should not have"
GONE = "has been shut down"
SENTENCES = (SAFETY, NO_IMAGE, BUSY, REFUSED, KEY, GONE, UNKNOWN)

CASES: dict[str, tuple[Sequence[Answer], str]] = {
    "refused": ([refused()], SAFETY),
    "blocked": ([blocked()], SAFETY),
    "no image": ([no_image()] * 2, NO_IMAGE),
    "empty": ([empty()] * 2, NO_IMAGE),
    "words": ([words("I would rather talk.")] * 2, NO_IMAGE),
    "overloaded": ([overloaded()], BUSY),
    "quota": ([quota("53s")], BUSY),
    "html": ([html_502()], BUSY),
    "cut off": ([Reset()], BUSY),
    "bad request": ([error(400, "INVALID_ARGUMENT", "Request contains an invalid argument.")], REFUSED),
    "no such model": ([error(404, "NOT_FOUND", "models/x is not found")], GONE),
    "key": ([error(403, "PERMISSION_DENIED", "Your API key was reported as leaked.")], KEY),
    "country": (
        [error(400, "FAILED_PRECONDITION", "Image generation is not available in your country.")],
        KEY,
    ),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_failure_is_said_in_its_own_words(stage: Stage, case: str) -> None:
    answers, sentence = CASES[case]
    stage.gemini.enqueue(*answers)
    result = await stage.imagine(prompt="a dragon")
    seen = await stage.finished(result)
    assert seen.text.startswith("**No picture this time.**\n")
    assert [known for known in SENTENCES if known in seen.text] == [sentence]
    assert "Nothing was charged" in seen.text
    assert "“a dragon”" in seen.text
    assert (seen.media, seen.buttons, result.ephemeral) == ([], {}, False)
    assert stage.gemini.waiting == 0
    assert await stage.ledger() == {"reserved": {}, "settled": {}}
    assert len(stage.messages()) == 1


@pytest.mark.parametrize("successor", [None, "gemini-3-pro-image"])
async def test_a_model_that_was_shut_down_is_named_with_what_takes_its_place(
    stage: Stage, successor: str | None
) -> None:
    models = stage.app.studio.catalogue
    asked, *others = models.models
    cards = stage.app.client.surface.cards
    cards._catalogue = replace(models, models=(replace(asked, replaced_by=successor), *others))
    stage.gemini.enqueue(retired(asked.id))
    text = (await stage.picture()).text
    assert f"{asked.label} has been shut down, so it made nothing. Nothing was charged." in text
    if successor is None:
        assert f"choose another model: {', '.join(model.label for model in others)}." in text
    else:
        assert "choose Nano Banana Pro, which takes its place." in text
    assert "The service says" not in text


async def test_a_stand_in_makes_what_a_model_that_was_shut_down_does_not(stage: Stage) -> None:
    async with stage.app.store.transaction() as tx:
        settings = ServerSettings(fallback_model="gemini-3.1-flash-lite-image")
        await tx.settings.save_server(ServerState(stage.guild.id, settings, 1, 1, 1))
    stage.gemini.enqueue(retired("gemini-nano-banana-2.1"))
    assert (
        "Made by Nano Banana 2 Lite, because Nano Banana 2.1 was out of reach."
        in (await stage.picture()).text
    )


async def test_a_refusal_shows_the_sentence_of_the_provider(stage: Stage) -> None:
    stage.gemini.enqueue(refused(message="Unable to show the image. Try rephrasing it."))
    assert "The service says: “Unable to show the image. Try rephrasing it.”" in (await stage.picture()).text


async def test_what_the_model_says_instead_of_a_picture_is_quoted(stage: Stage) -> None:
    asked = "Which of the **two** towers do you mean?" + " Please say." * 200
    stage.gemini.enqueue(words(asked), words(asked))
    text = (await stage.picture()).text
    assert NO_IMAGE in text
    assert "The model says: “Which of the \\*\\*two\\*\\* towers do you mean? Please say." in text
    assert len(text) < 2_000


@pytest.mark.parametrize(
    "answer",
    [
        Picture(b"these bytes are no image"),
        Picture(make_jpeg(64, 64)[:700]),
        Raw(200, b"{not json"),
        JsonAnswer({"candidates": [{"content": {"parts": [{"inlineData": {"data": "???"}}]}}]}),
    ],
    ids=["no image", "half an image", "no JSON", "no base64"],
)
async def test_what_nobody_can_explain_has_a_reference_that_is_in_the_log(
    stage: Stage, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    stage.may_break = True
    stage.gemini.enqueue(answer, answer)
    seen = await stage.picture()
    assert UNKNOWN in seen.text
    match = re.search(r"Reference: `([0-9a-f]{8})`", seen.text)
    assert match is not None
    assert any(match[1] in record.getMessage() for record in caplog.records if record.levelname == "ERROR")
    assert await stage.ledger() == {"reserved": {}, "settled": {}}


async def test_the_failure_of_a_private_request_is_private(stage: Stage) -> None:
    stage.gemini.enqueue(refused())
    result = await stage.imagine(private=True)
    assert result.ephemeral
    assert SAFETY in (await stage.finished(result)).text
    assert stage.messages() == []


async def test_what_is_missing_of_several_is_said_and_not_charged(stage: Stage) -> None:
    stage.gemini.enqueue(Picture(make_jpeg(64, 64)), refused(), refused())
    seen = await stage.picture(count=3)
    assert len(seen.media) == 1
    assert "2 images of 3 could not be made; only 1 is charged." in seen.text
    assert (await stage.ledger())["settled"] == {stage.alice.id: 1}


async def test_words_beside_a_picture_are_shown_as_they_are(stage: Stage) -> None:
    from tests.fakes.gemini import Pictures

    stage.gemini.enqueue(Pictures(["# Here **you** are:\n- <@1>", Picture(make_jpeg(64, 64))]))
    seen = await stage.picture()
    assert "The model says: “\\# Here \\*\\*you\\*\\* are\\: - \\<\\@1\\>”" in seen.text
    assert seen.pings == set()


async def test_a_picture_of_another_size_than_asked_for_is_said_to_be_one(stage: Stage) -> None:
    stage.gemini.enqueue(Picture(make_jpeg(768, 1376)))
    seen = await stage.picture(ratio="16:9", size="2K")
    (job,) = await stage.done(1)
    (image,) = await stage.images(job)
    assert f"The model made `{image.id}` with 768×1376 pixels instead of 16:9 at 2K." in seen.text


async def test_a_picture_as_asked_for_is_not_remarked_upon(stage: Stage) -> None:
    stage.gemini.enqueue(Picture(make_jpeg(1584, 672)))
    assert "instead of" not in (await stage.picture(ratio="21:9", size="1K")).text
