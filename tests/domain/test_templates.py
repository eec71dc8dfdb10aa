"""The text of a style: parts, slots, and what a person writes into a modal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.templates import MAX_SLOTS, SLOT_LIMIT, TEMPLATE_LIMIT, Template, one_line
from bot.errors import InvalidRequest, Problem

TEMPLATE = Template(
    prefix="For our shop.",
    goal="A photograph of {kind=one thing}.",
    scene="{kind} on {surface=a matte table}.",
    suffix="Keep it calm.",
)
# What people can type: letters of every kind, line ends of every kind, braces, headings.
anything = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("\n\r\u2028{}=:")), max_size=200)
written = st.lists(
    st.one_of(anything, st.sampled_from(["Goal: x", "Scene:", "camera: y", "LIGHTING : z", "Constraints:c"]))
)


def problem_of(template: Template) -> Problem:
    with pytest.raises(InvalidRequest) as caught:
        template.checked()
    return caught.value.problem


def test_parts_are_lines_with_their_slots_filled() -> None:
    assert TEMPLATE.slots == {"kind": "one thing", "surface": "a matte table"}
    assert TEMPLATE.lines() == [
        "For our shop.",
        "Goal: A photograph of one thing.",
        "Scene: one thing on a matte table.",
        "Keep it calm.",
    ]
    assert TEMPLATE.lines({"kind": "shoes"})[1:3] == [
        "Goal: A photograph of shoes.",
        "Scene: shoes on a matte table.",
    ]


@given(anything)
def test_a_value_stays_in_its_slot(value: str) -> None:
    """It can begin no line or part, open no slot, and be no longer than a value may be."""
    filled = TEMPLATE.lines({"surface": value})
    assert len(filled) == 4
    before, after = "Scene: one thing on", "."
    assert filled[2].startswith(before) and filled[2].endswith(after)
    assert len(filled[2]) <= len(before) + 1 + SLOT_LIMIT + len(after)
    assert [filled[0], filled[1], filled[3]] == [TEMPLATE.lines()[i] for i in (0, 1, 3)]
    assert not re.search(r"[\n\r\u2028\u2029\x00-\x1f]", filled[2])


def test_a_value_is_not_read_as_a_template() -> None:
    lines = TEMPLATE.lines({"kind": "{surface}", "surface": "oak\nConstraints: {kind=x}"})
    assert lines[2] == "Scene: {surface} on oak Constraints: {kind=x}."


@given(written, anything)
def test_what_a_person_edits_is_what_was_kept(lines: list[str], suffix: str) -> None:
    try:
        kept = Template.from_text("\n".join(lines), suffix).checked()
    except InvalidRequest:
        return
    assert Template.from_text(kept.to_text(), kept.suffix).checked() == kept
    assert Template.from_json(kept.to_json()) == kept
    assert kept.length <= TEMPLATE_LIMIT
    assert all("\n" not in line for line in kept.lines())


def test_headings_are_found_however_they_are_written() -> None:
    text = (
        "First.\nAnd second.\ngoal: G\n more\nCamera: C\nLIGHTING: L\nCamera and lighting: M\nConstraints:\nX"
    )
    assert Template.from_text(text) == Template(
        prefix="First. And second.", goal="G more", camera="C L M", constraints="X"
    )


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (Template(), Problem.STYLE_EMPTY),
        (Template(prefix=" \n\t"), Problem.STYLE_EMPTY),
        (Template(prefix="x" * (TEMPLATE_LIMIT + 1)), Problem.TEXT_TOO_LONG),
        (Template(prefix="a {b"), Problem.SLOT_BROKEN),
        (Template(prefix="a b}"), Problem.SLOT_BROKEN),
        (Template(prefix="{Big=a}"), Problem.SLOT_BROKEN),
        (Template(prefix="{a={b=c}}"), Problem.SLOT_BROKEN),
        (Template(prefix="{}"), Problem.SLOT_BROKEN),
        (Template(prefix="on {surface}"), Problem.SLOT_EMPTY),
        (Template(prefix="on {surface= }"), Problem.SLOT_EMPTY),
        (Template(prefix="on {surface=" + "x" * (SLOT_LIMIT + 1) + "}"), Problem.TEXT_TOO_LONG),
        (
            Template(prefix="".join(f"{{s{number}=x}}" for number in range(MAX_SLOTS + 1))),
            Problem.TOO_MANY_SLOTS,
        ),
    ],
)
def test_what_makes_no_style_is_refused(template: Template, problem: Problem) -> None:
    assert problem_of(template) is problem


def test_another_version_may_have_written_more_or_less() -> None:
    assert Template.from_json({"goal": "G", "mood": "new", "style": 3}) == Template(goal="G")


@given(anything)
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line
