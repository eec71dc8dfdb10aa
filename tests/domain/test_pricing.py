"""What a picture costs."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import load_catalogue
from bot.domain.answers import Answer, Charged, Picture, Usage, Verdict
from bot.domain.catalogue import Model, Prices, Size
from bot.domain.pricing import cost, estimate, models_asked, total_cost
from bot.domain.requests import Kind, Options

CATALOGUE = load_catalogue()
COUNT = st.integers(0, 100_000)


def model(model_id: str) -> Model:
    found = CATALOGUE.get(model_id)
    assert found is not None
    return found


STANDARD = model("gemini-nano-banana-2.1")
UNPRICED = Model("x", "X", None, "x", ("1:1",), (Size("1K", 1120),), True, False, 1, None, 300.0)


@pytest.mark.parametrize(
    ("model_id", "size", "usd"),
    [
        ("gemini-nano-banana-2.1", "1K", 0.0336),
        ("gemini-nano-banana-2.1", "2K", 0.0504),
        ("gemini-nano-banana-2.1", "4K", 0.1134),
        ("gemini-3.1-flash-lite-image", "1K", 0.0336),
        ("gemini-3-pro-image", "1K", 0.1344),  # which the price page rounds to 0.134
        ("gemini-3-pro-image", "2K", 0.1344),
        ("gemini-3-pro-image", "4K", 0.24),
    ],
)
def test_a_picture_costs_what_the_price_page_says(model_id: str, size: str, usd: float) -> None:
    assert cost(model(model_id), size, Usage()) == pytest.approx(usd * 1_000_000, abs=1)
    announced = estimate(model(model_id), Options(model_id, size=size), "")
    assert announced == pytest.approx(usd * 1_000_000, abs=3)  # and one token of prompt


def test_without_a_size_the_models_own_is_priced() -> None:
    assert cost(STANDARD, None, Usage()) == cost(STANDARD, "1K", Usage())


def test_an_estimate_counts_words_pictures_and_how_many() -> None:
    one = estimate(STANDARD, Options(STANDARD.id), "x" * 399)
    assert one == 33_600 + 150  # 100 tokens at 1.50 a million
    assert estimate(STANDARD, Options(STANDARD.id, count=4), "x" * 399) == one * 4
    assert estimate(STANDARD, Options(STANDARD.id), "x" * 399, references=2) == one + 2 * 1120 * 3 // 2


def test_what_the_provider_counted_is_what_it_costs() -> None:
    usage = Usage(prompt=1_000, output=1_220, output_images=1_120, thoughts=300, total=2_520)
    assert cost(STANDARD, "1K", usage) == 1_500 + 100 * 7.5 + 300 * 7.5 + 33_600


def test_tokens_that_nobody_explains_cost_what_the_dearest_do() -> None:
    beyond = Usage(prompt=10, output=1_120, output_images=1_120, total=1_230)
    assert cost(STANDARD, "1K", beyond) == 15 + 33_600 + 100 * 30
    undivided = Usage(prompt=10, output=1_200, total=1_210)
    assert cost(STANDARD, "1K", undivided) == 15 + 1_200 * 30


def test_part_of_a_micro_dollar_is_a_whole_one() -> None:
    assert cost(STANDARD, "1K", Usage(prompt=1, total=1)) == 2


@given(st.builds(Usage, COUNT, COUNT, st.none() | COUNT, COUNT, COUNT))
def test_no_cost_is_negative_or_less_than_its_images(usage: Usage) -> None:
    found = cost(STANDARD, "1K", usage)
    assert found >= 0
    if usage.known:
        assert found >= usage.output * 7.5


def test_what_has_no_price_costs_nothing_that_we_know_of() -> None:
    assert estimate(UNPRICED, Options("x"), "words") == 0
    assert cost(UNPRICED, "1K", Usage(output=1120, total=1120)) == 0


def answer(verdict: Verdict, usage: Usage = Usage()) -> Answer:
    pictures = (Picture("a" * 64, "image/jpeg", 9),) if verdict is Verdict.PICTURE else ()
    return Answer(verdict, STANDARD.id, pictures, usage=usage)


COUNTED = Usage(prompt=10, output=1_120, output_images=1_120, total=1_130)


@pytest.mark.parametrize(
    ("answers", "micros"),
    [
        ([], 0),
        ([answer(Verdict.PICTURE, COUNTED)] * 2, 2 * 33_615),
        ([answer(Verdict.PICTURE)], 33_600),
        ([answer(Verdict.BLOCKED, COUNTED), answer(Verdict.BLOCKED)], 0),
        ([answer(Verdict.NO_IMAGE)], 0),
        ([answer(Verdict.TEXT)], 0),
        ([answer(Verdict.NO_IMAGE, Usage(prompt=10, total=10))], 15),
        ([answer(Verdict.PICTURE), answer(Verdict.NO_IMAGE), answer(Verdict.BLOCKED)], 33_600),
    ],
)
def test_only_what_was_made_or_counted_is_paid(answers: list[Answer], micros: int) -> None:
    """An answer without a picture and without counted tokens is not charged as if it had one."""
    assert total_cost({STANDARD.id: STANDARD}, "1K", answers) == micros


def test_a_try_before_an_answer_is_priced_at_its_own_models_prices() -> None:
    dear = replace(STANDARD, id="dear", prices=Prices(prompt=15_000_000, text=0, image=0))
    counted = asdict(Usage(prompt=10, total=10))
    made = replace(
        answer(Verdict.PICTURE, COUNTED), earlier=(Charged(**counted), Charged(**counted, model="dear"))
    )
    assert models_asked([made]) == {STANDARD.id, "dear"}
    assert total_cost({STANDARD.id: STANDARD, "dear": dear}, "1K", [made]) == 33_615 + 15 + 150
    kept = made.to_json()
    assert Answer.from_json(kept) == made
    del kept["earlier"][0]["model"]  # as it was kept before several models could be asked
    assert Answer.from_json(kept) == made


def test_a_description_is_priced_as_text() -> None:
    counted = Usage(prompt=1_000, output=200, output_images=0, thoughts=100, total=1_300)
    vague = Usage(prompt=1_000, output=200, thoughts=100, total=1_300)
    wanted = 1_500 + 300 * 7.5
    assert total_cost({STANDARD.id: STANDARD}, None, [answer(Verdict.TEXT, counted)]) == wanted
    assert total_cost({STANDARD.id: STANDARD}, None, [answer(Verdict.TEXT, vague)]) == wanted
    assert cost(STANDARD, None, vague) > wanted  # of a picture, what is not named is the dearest
    options = Options(STANDARD.id)
    announced = estimate(STANDARD, options, "x" * 399, references=1, kind=Kind.DESCRIBE)
    assert wanted < announced < estimate(STANDARD, options, "x" * 399, references=1) / 4
