"""Short public ids."""

from __future__ import annotations

import random

import pytest

from bot.domain.ids import ALPHABET, LENGTH, is_id, new_id


def test_every_number_is_another_id() -> None:
    base = len(ALPHABET)
    numbers = [0, 1, base - 1, base, base**LENGTH - 1]
    drawn = iter(numbers)
    ids = [new_id(lambda most: next(drawn) % most) for _ in numbers]
    assert ids[0] == ALPHABET[0] * LENGTH
    assert ids[-1] == ALPHABET[-1] * LENGTH
    assert len(set(ids)) == len(ids)


def test_every_new_id_has_the_shape_of_one() -> None:
    below = random.Random(1).randrange
    ids = [new_id(below) for _ in range(500)]
    assert all(map(is_id, ids))
    assert set("".join(ids)) == set(ALPHABET)


def test_no_two_letters_look_or_sound_alike() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 26
    assert not set("01oilauvey") & set(ALPHABET)
    assert ALPHABET.lower() == ALPHABET


@pytest.mark.parametrize(
    "text", ["", "k7f3q9", "k7f3q9zz", "K7F3Q9Z", "k7f3q9o", "k7f3q9z\n", " k7f3q9z", "k7f3q9ž", "../../x"]
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_id(text)
