"""Whether a prompt asks for words in the picture."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lettering import asks_for_text


@pytest.mark.parametrize(
    "prompt",
    [
        'a mug with "Hello"',
        '"Hello" on a mug with "world"',
        '"a mug that says Hello"',
        "a mug with “Hello”",
        "ein T-Shirt mit „Moin“",
        "ein T-Shirt mit »Moin«",
        "une tasse avec « Bonjour »",
        "a sign with 'closed' on it",
        "「こんにちは」 on a wall",
        "a neon sign that says OPEN",
        "a shop sign that reads Bakery",
        "a banner reading: sale",
        "text: moin",
        "a poster titled Summer",
        "a book cover with title and author",
        "a cake with the name Anna",
        "big letters over the door",
        "an infographic about bees",
        "hand-drawn lettering of a recipe",
        "a comic with speech bubbles",
        "no text except the title Moon",
        "ein Schild, auf dem steht: Hallo",
        "ein Schild, darauf steht Willkommen",
        "ein Plakat mit Schriftzug Jazz",
        "eine Torte mit dem Namen Anna",
        "die Überschrift oben, die Beschriftung unten",
        "ein Bild mit Text",
        "EIN PLAKAT MIT DEM WORT RUHE",
    ],
)
def test_words_are_asked_for(prompt: str) -> None:
    assert asks_for_text(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "a red lighthouse at dusk",
        "a girl reads a book",
        'a 12" record beside a 7" single',
        "the rough texture of stone, in the context of war",
        "a dog's life and a cat's tail, the girls' room and the boys' room",
        "rock 'n' roll",
        "eine Katze, die auf dem Dach steht",
        "ein Mann steht am Fenster",
        "no text",
        "without any words or letters",
        "do not add text or logos",
        '"a red lighthouse at dusk"',
        "'a red lighthouse at dusk'.",
        "ohne Text",
        "kein Text, keine Schrift und keine Wasserzeichen",
        "",
    ],
)
def test_words_are_not_asked_for(prompt: str) -> None:
    assert not asks_for_text(prompt)


@given(st.text(alphabet="\"'„“«»‘’ aßtext,noschild steht:\n", max_size=400))
def test_any_prompt_has_an_answer(prompt: str) -> None:
    assert asks_for_text(prompt) in (True, False)


@pytest.mark.parametrize("part", ['"', "„a", "'a ", "no text, ", "schild ", "« a", "no any ", "with the "])
def test_a_long_prompt_is_answered(part: str) -> None:
    """Patterns that try every way to read a prompt would take hours for these."""
    asks_for_text(part * 5_000)
