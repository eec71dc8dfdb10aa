"""Cards as they are put together: within Discord's limits, whatever people, models and operators write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st
from simcord.components import walk_components

from bot.catalogue import load_catalogue
from bot.domain.catalogue import Catalogue
from bot.domain.images import FittedFile, Image
from bot.domain.jobs import Failure, FailureCode, Job, JobState
from bot.domain.progress import Stage
from bot.domain.requests import Kind, Options, Origin, Request
from bot.errors import Problem
from bot.studio.notifier_ports import Attachment, Outcome
from cogs.came import differs, nearest_ratio, nearest_size
from cogs.cards import Cards
from cogs.failure_words import _FAILURES
from cogs.language import Languages
from cogs.limit_words import _PROBLEMS as LIMIT_PROBLEMS
from cogs.request_words import _PROBLEMS
from cogs.text import code, escape_within, quote
from cogs.uploads import PictureFile

CATALOGUE = load_catalogue()
LANGUAGES = Languages.shipped()
LOCALES = st.sampled_from(LANGUAGES.codes)
CARDS = Cards(CATALOGUE, LANGUAGES, lambda image, viewer: None)
MODEL = CATALOGUE.models[0]
NASTY = st.text(alphabet=st.sampled_from("*_`<@&:#|[]\\ ab\n“é👩\u200d🇩"), min_size=1, max_size=4000)
ORIGIN = Origin("interaction:1", 1, 2**62, 3, 4, "token", 0, 10**7)


def job(prompt: str, options: Options, state: JobState = JobState.SUCCEEDED, **changes: object) -> Job:
    request = Request(Kind.VARY, prompt, options, parent="bbbbbbb", variation=1)
    return Job("ccccccc", state, request, ORIGIN, 0, 0, started_at=1, cost_micros=10**9).evolve(**changes)


def image(position: int = 0, width: int = 1024, height: int = 1024) -> Image:
    return Image(
        "ddddddd", "ccccccc", position, 2**62, 3, False, "0" * 64, "image/jpeg", width, height, 2**33, 0
    )


def attachments(path: Path, count: int, *, smaller: bool) -> tuple[Attachment, ...]:
    copy = FittedFile(b"copy", "image/jpeg", 8000, 4000) if smaller else None
    size = path.stat().st_size if path.exists() else 0
    return tuple(
        Attachment(replace(image(number, 300, 4000), size=size), path, copy) for number in range(count)
    )


def parts(view: ui.LayoutView) -> list[dict[str, Any]]:
    return list(walk_components(view.to_components()))


def texts(view: ui.LayoutView) -> list[str]:
    return [part["content"] for part in parts(view) if part["type"] == 10]


def check(view: ui.LayoutView) -> None:
    assert sum(map(len, texts(view))) <= 4000
    assert all(texts(view))
    assert len(parts(view)) <= 40


@pytest.mark.parametrize("conversation", [None, "eeeeeee"])
def test_pictures_of_conversations_are_about_to_be_read_again(
    tmp_path: Path, conversation: str | None
) -> None:
    (tmp_path / "blob").write_bytes(b"a picture")
    done = job("a lighthouse", Options(MODEL.id))
    done = done.evolve(request=replace(done.request, conversation=conversation))
    outcome = Outcome(done, attachments=attachments(tmp_path / "blob", 1, smaller=False))
    (file,) = CARDS.outcome(outcome, mention=False, late=False, locale="en-GB").files
    assert isinstance(file, PictureFile)
    assert file.once is (conversation is None)
    file.close()


@settings(deadline=None, max_examples=60)
@given(
    prompt=NASTY,
    notes=st.lists(NASTY, max_size=4),
    count=st.integers(1, 4),
    smaller=st.booleans(),
    locale=LOCALES,
)
def test_a_result_is_within_the_limits(
    prompt: str, notes: list[str], count: int, smaller: bool, locale: str
) -> None:
    options = Options(MODEL.id, "16:9", "4K", 4, 2**31 - 1)
    made = Outcome(
        job(prompt, options),
        attachments(Path(__file__), count, smaller=smaller),
        tuple(notes),
        short_of=4 - count,
    )
    card = CARDS.outcome(made, mention=True, late=True, locale=locale)
    check(card.view)
    for file in card.files:
        assert len(file.description or "") <= 1024
        file.close()


@settings(deadline=None, max_examples=60)
@given(prompt=NASTY, message=NASTY, code=st.sampled_from(FailureCode), locale=LOCALES)
def test_a_failure_and_its_progress_are_within_the_limits(
    prompt: str, message: str, code: FailureCode, locale: str
) -> None:
    failed = job(
        prompt,
        Options("x" * 100),
        JobState.FAILED,
        failure=Failure(code, message, "0a1b2c3d"),
        origin=replace(ORIGIN, place_locale=locale),
    )
    check(CARDS.outcome(Outcome(failed), mention=True, late=True).view)
    for stage in Stage:
        check(CARDS.progress(failed, stage, 10**6))


@given(text=NASTY, limit=st.integers(20, 300))
def test_what_is_escaped_keeps_its_limit(text: str, limit: int) -> None:
    assert len(escape_within(text, limit)) <= limit
    assert len(quote(text, limit)) <= limit
    assert not escape_within(text, limit).endswith("\\") or escape_within(text, limit).endswith("\\\\")


def test_code_shows_what_was_typed_and_stays_code() -> None:
    assert code("a`b\n<@1>") == "`a'b <@1>`"


def test_every_failure_and_every_problem_has_a_sentence_of_its_own() -> None:
    assert set(_FAILURES) == set(FailureCode)
    assert len(set(_FAILURES.values())) == len(FailureCode)
    assert set(_PROBLEMS) | set(LIMIT_PROBLEMS) == set(Problem)
    assert not set(_PROBLEMS) & set(LIMIT_PROBLEMS)


def test_a_file_that_is_not_there_is_an_error_of_the_file(tmp_path: Path) -> None:
    made = Outcome(job("x", Options(MODEL.id)), attachments(tmp_path / "gone", 1, smaller=False))
    with pytest.raises(FileNotFoundError):
        CARDS.outcome(made, mention=False)


def test_a_model_without_a_price_shows_no_cost() -> None:
    free = Catalogue((replace(MODEL, prices=None),))
    made = Outcome(job("x", Options(MODEL.id)), attachments(Path(__file__), 1, smaller=False))
    for catalogue, shown in ((CATALOGUE, True), (free, False)):
        card = Cards(catalogue, LANGUAGES, lambda image, viewer: None).outcome(made, mention=False)
        assert ("$1,000.000" in "".join(texts(card.view))) is shown
        for file in card.files:
            file.close()


# --- what came --------------------------------------------------------------------------------------------

PIXELS = {  # of Nano Banana Pro at 1K (facts of Google's documentation)
    "1:1": (1024, 1024),
    "16:9": (1376, 768),
    "3:2": (1264, 848),
    "4:3": (1200, 896),
    "5:4": (1152, 928),
    "21:9": (1584, 672),
}


@pytest.mark.parametrize("ratio", PIXELS)
@pytest.mark.parametrize(("size", "scale"), [("1K", 1), ("2K", 2), ("4K", 4)])
def test_ratio_and_size_are_told_from_the_pixels(ratio: str, size: str, scale: int) -> None:
    width, height = (side * scale for side in PIXELS[ratio])
    turned = ":".join(reversed(ratio.split(":")))
    for asked, picture in ((ratio, image(0, width, height)), (turned, image(0, height, width))):
        if asked in MODEL.ratios:
            assert nearest_ratio(MODEL, picture) == asked
            assert nearest_size(MODEL, picture) == size
            assert differs(Options(MODEL.id, asked, size), picture) == ""


@pytest.mark.parametrize(
    ("ratio", "size", "sides", "said"),
    [
        ("16:9", None, (1024, 1024), "16:9"),
        ("4:5", None, (896, 1200), "4:5"),  # it is 3:4
        (None, "4K", (2048, 2048), "4K"),
        ("1:1", "2K", (768, 1376), "1:1 at 2K"),
        (None, None, (17, 4000), ""),
        ("1:1", "own", (1024, 1024), ""),
    ],
)
def test_what_differs_from_what_was_asked(
    ratio: str | None, size: str | None, sides: tuple[int, int], said: str
) -> None:
    assert differs(Options(MODEL.id, ratio, size), image(0, *sides)) == said
