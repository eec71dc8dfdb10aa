"""Short public ids."""

from __future__ import annotations

import itertools
import random

import pytest

from bot.domain.ids import ALPHABET, LENGTH, is_id, new_id


def test_an_id_is_made_of_what_the_chooser_picks() -> None:
    letters = itertools.cycle(ALPHABET)
    assert new_id(lambda _: next(letters)) == ALPHABET[:LENGTH]


def test_every_new_id_has_the_shape_of_one() -> None:
    choose = random.Random(1).choice
    assert all(is_id(new_id(choose)) for _ in range(500))


def test_no_two_letters_look_or_sound_alike() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 26
    assert not set("01oilauvey") & set(ALPHABET)
    assert ALPHABET.lower() == ALPHABET


@pytest.mark.parametrize(
    "text", ["", "k7f3q9", "k7f3q9zz", "K7F3Q9Z", "k7f3q9o", "k7f3q9z\n", " k7f3q9z", "k7f3q9ž", "../../x"]
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_id(text)
