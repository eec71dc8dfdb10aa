"""Presets: the packaged ones, how they are named and found, and what a server may make."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalogue import load_catalogue
from bot.domain.composition import compose
from bot.domain.lettering import asks_for_text
from bot.domain.preset_tables import PACKAGED_LIMIT, parse_presets
from bot.domain.presets import (
    AVOID_LIMIT,
    DESCRIPTION_LIMIT,
    MAX_AVOID,
    NAME_LIMIT,
    Preset,
    checked_name,
    checked_slots,
    find_preset,
    folded,
    parse_choice,
)
from bot.domain.templates import Template
from bot.errors import ConfigurationError, InvalidRequest, Problem
from bot.presets import PACKAGED, load_presets

CATALOGUE = load_catalogue()
PRESETS = load_presets()


def make(name: str = "Harbour", **changes: object) -> Preset:
    values: dict[str, Any] = {
        "title": name,
        "description": "Our harbour",
        "template": Template(prefix="A harbour."),
    }
    return Preset(name, **(values | changes))


def problem_of(preset: Preset) -> Problem:
    with pytest.raises(InvalidRequest) as caught:
        preset.checked(CATALOGUE)
    return caught.value.problem


# --- the packaged ones ------------------------------------------------------------------------------------


def test_what_people_come_for_is_there() -> None:
    assert {preset.name for preset in PRESETS} >= {
        "product-shot", "app-icon", "sticker", "cinematic", "portrait", "isometric-room", "infographic",
        "logo-sketch", "pixel-art", "watercolour", "colouring-page", "comic-panel", "poster", "wallpaper",
        "avatar", "texture",
    }  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_packaged_preset_is_sound(preset: Preset) -> None:
    assert preset.checked(CATALOGUE) == preset
    assert preset.template.length <= PACKAGED_LIMIT
    assert preset.template.goal and preset.template.scene and preset.template.style
    assert preset.template.slots, "there is something to choose"
    for model in CATALOGUE.models:
        assert preset.ratio in model.ratios, "every model makes its ratio"
    frame = compose("a lighthouse", preset).texts[0]
    assert "{" not in frame and "}" not in frame and "=" not in frame
    assert len(frame) <= 1_000


def test_only_presets_for_lettering_take_the_dearer_model() -> None:
    assert {preset.name for preset in PRESETS if preset.lettering} == {"poster", "infographic"}
    assert {preset.name for preset in PRESETS if preset.model} == {"poster", "infographic"}
    for preset in PRESETS:
        if not preset.lettering:  # what stands in a slot by itself asks for no words
            assert not any(map(asks_for_text, preset.template.slots.values()))


def test_names_and_titles_are_different() -> None:
    keys = [folded(text) for preset in PRESETS for text in {preset.name, preset.title.lower()}]
    assert len(keys) == len(set(keys))


def test_every_fault_of_a_file_is_reported() -> None:
    text = """
["Bad Name"]
title = ""
description = "x"
category = "photo"
goal = "{open"
colour = 1

[good]
title = "Good"
description = "x"
category = "art"
lettering = "yes"
goal = "G"
"""
    with pytest.raises(ConfigurationError) as caught:
        parse_presets(tomllib.loads(text))
    assert [fault.key for fault in caught.value.faults] == [
        "Bad Name", "Bad Name.title", "Bad Name.template", "Bad Name.colour", "good.lettering",
    ]  # fmt: skip


def test_a_template_that_is_too_long_for_a_package_is_reported() -> None:
    table = {"title": "A", "description": "A", "category": "art"}
    parts = dict.fromkeys(("goal", "scene"), "x" * 400)
    with pytest.raises(ConfigurationError, match="has 800 characters"):
        parse_presets({"a": table | parts})


def test_the_packaged_file_is_read_from_its_place() -> None:
    assert load_presets(PACKAGED) == PRESETS


# --- naming and finding -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["product-shot", "PRODUCT-SHOT", " studio  product shot", "Studio Product Shot"]
)
def test_a_style_is_found_by_name_and_title(name: str) -> None:
    assert find_preset(name, PRESETS).name == "product-shot"


def test_a_name_goes_before_a_title() -> None:
    own = make("poster with text")
    assert find_preset("Poster with text", [*PRESETS, own]) is own
    assert find_preset("POSTER", [*PRESETS, own]).name == "poster"


def test_an_unknown_style_is_refused_with_what_is_like_it() -> None:
    with pytest.raises(InvalidRequest) as caught:
        find_preset("watercolor", PRESETS)
    assert caught.value.problem is Problem.STYLE_UNKNOWN
    near = caught.value.values["near"]
    assert isinstance(near, list) and near[0] == "watercolour"
    with pytest.raises(InvalidRequest) as caught:
        find_preset("x" * 5_000, PRESETS)
    assert caught.value.values["near"] == []


def test_slots_are_written_behind_the_name() -> None:
    choice = parse_choice(
        " Product-Shot ; Background: white  marble; surface:oak; light:; nonsense ;; time: 12:30"
    )
    assert choice.name == "Product-Shot"
    assert choice.slots == {"background": "white marble", "surface": "oak", "time": "12:30"}
    assert parse_choice("").name == ""


def test_a_slot_that_is_not_there_is_refused_with_those_that_are() -> None:
    preset = find_preset("avatar", PRESETS)
    assert checked_slots(preset, {"look": " pencil \n"}) == {"look": "pencil"}
    with pytest.raises(InvalidRequest) as caught:
        checked_slots(preset, {"surface": "oak"})
    assert caught.value.problem is Problem.SLOT_UNKNOWN
    assert caught.value.values["allowed"] == ["background", "light", "look"]


@given(st.text(max_size=60))
def test_names_are_kept_as_they_can_be_typed(name: str) -> None:
    try:
        kept = checked_name(name, "style")
    except InvalidRequest as error:
        assert error.problem is Problem.NAME_NOT_TAKEN
        return
    assert checked_name(kept, "style") == kept
    assert parse_choice(f"{kept}; a: b").name == kept
    assert folded(kept) == folded(kept.upper()) or kept.upper().casefold() != kept.casefold()


@given(st.text(max_size=60))
def test_folding_is_done_once_and_for_all(name: str) -> None:
    assert folded(folded(name)) == folded(name)


# --- what a server makes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "problem"),
    [
        (make(""), Problem.NAME_NOT_TAKEN),
        (make("x" * (NAME_LIMIT + 1)), Problem.NAME_NOT_TAKEN),
        (make("a;b"), Problem.NAME_NOT_TAKEN),
        (make("***"), Problem.NAME_NOT_TAKEN),
        (make(ratio="5:6"), Problem.RATIO_NOT_TAKEN),
        (make(ratio="1:8", model="pro"), Problem.RATIO_NOT_TAKEN),
        (make(model="dall-e"), Problem.MODEL_UNKNOWN),
        (make(description="x" * (DESCRIPTION_LIMIT + 1)), Problem.TEXT_TOO_LONG),
        (make(avoid=("x" * (AVOID_LIMIT + 1),)), Problem.TEXT_TOO_LONG),
        (make(avoid=tuple(f"thing {number}" for number in range(MAX_AVOID + 1))), Problem.TEXT_TOO_LONG),
        (make(template=Template()), Problem.STYLE_EMPTY),
    ],
)
def test_what_makes_no_preset_is_refused(preset: Preset, problem: Problem) -> None:
    assert problem_of(preset) is problem


def test_a_ratio_is_one_that_some_model_makes() -> None:
    assert make(ratio="1:8").checked(CATALOGUE).ratio == "1:8"
    assert make(ratio="1:8", model="standard").checked(CATALOGUE).ratio == "1:8"


def test_a_preset_comes_back_from_json_in_this_version_and_another() -> None:
    preset = make(ratio="16:9", model="pro", avoid=("crowds",), lettering=True).checked(CATALOGUE)
    assert Preset.from_json(preset.to_json()) == preset
    assert Preset.from_json({"name": "Old", "mood": 3}) == Preset("Old", "Old", "", Template())
