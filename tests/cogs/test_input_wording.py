"""What somebody reads whose picture cannot be used, or was changed."""

from __future__ import annotations

import pytest

from bot.domain.images import IntakeNote
from bot.errors import InputProblem, InputRefused
from cogs import intake_words, wording

VALUES: dict[InputProblem, dict[str, str | int | list[str]]] = {
    InputProblem.NOT_A_PICTURE: {"kind": "JPEG"},
    InputProblem.KIND_NOT_TAKEN: {"kind": "SVG", "allowed": ["JPEG", "PNG"]},
    InputProblem.TOO_MANY_BYTES: {"limit": 20 * 2**20},
    InputProblem.TOO_MANY_PIXELS: {"width": 30_000, "height": 30_000, "limit": 80_000_000},
    InputProblem.TOO_MANY_FRAMES: {"limit": 10_000},
    InputProblem.TOO_FEW_PIXELS: {"width": 1, "height": 1},
}


@pytest.mark.parametrize("problem", InputProblem)
@pytest.mark.parametrize("name", [None, "cat.png", "`x` <@1> " * 300])
def test_every_problem_has_a_sentence(problem: InputProblem, name: str | None) -> None:
    error = InputRefused(problem, **VALUES.get(problem, {}))
    text = wording.refusal(error if name is None else error.naming(name))
    assert text.endswith(".")
    assert len(text) < 500
    assert text.startswith("This file " if name is None else "`")
    assert name is None or text.count("`") % 2 == 0
    assert text != wording.CANNOT_BE_DONE


def test_sentences_say_what_is_wrong_in_numbers() -> None:
    said = {problem: wording.refusal(InputRefused(problem, **values)) for problem, values in VALUES.items()}
    assert "20 MB" in said[InputProblem.TOO_MANY_BYTES]
    assert "30,000 × 30,000" in said[InputProblem.TOO_MANY_PIXELS]
    assert "80 million" in said[InputProblem.TOO_MANY_PIXELS]
    assert "`JPEG`, `PNG`" in said[InputProblem.KIND_NOT_TAKEN]
    assert "cut off or damaged" in said[InputProblem.NOT_A_PICTURE]
    assert "is not a picture" in wording.refusal(InputRefused(InputProblem.NOT_A_PICTURE, kind=""))


@pytest.mark.parametrize("note", IntakeNote)
def test_every_note_has_a_sentence(note: IntakeNote) -> None:
    assert intake_words.input_note(note).endswith(".")
