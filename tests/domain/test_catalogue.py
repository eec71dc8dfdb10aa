"""The catalogue: who answers to which name, and what a model takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from bot.domain.calls import MAX_SEED
from bot.domain.catalogue import MAX_COUNT, Catalogue, Model, Prices, Retired, Size
from bot.domain.catalogue_tables import parse_catalogue
from bot.domain.requests import Options
from bot.errors import ConfigurationError, InvalidRequest, Problem

SMALL: dict[str, object] = {"ratios": ["1:1"], "sizes": {"1K": 1120}}
QUICK: dict[str, object] = {
    "label": "Quick",
    "tier": "draft",
    "ratios": ["1:1", "16:9"],
    "sizes": {"1K": 1120},
    "send_size": False,
    "max_inputs": 3,
}
FINE: dict[str, object] = {
    "label": "Fine",
    "tier": "pro",
    "family": "fine-family",
    "ratios": ["1:1", "2:3"],
    "sizes": {"1K": 1120, "4K": 2000},
    "send_size": True,
    "seed": True,
    "search": True,
    "thinking": ["minimal", "high"],
    "max_inputs": 14,
    "timeout_seconds": 240,
    "prices": {"prompt": 2, "text": 12.5, "image": 120},
}
OLD: dict[str, object] = {"on": date(2026, 10, 2), "replaced_by": "quick-1"}


def catalogue() -> Catalogue:
    return parse_catalogue({"quick-1": QUICK, "fine-1": FINE}, {"old-1": OLD})


def faults_of(models: Mapping[str, object], retired: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return key and problem of every fault; each has a remedy."""
    with pytest.raises(ConfigurationError) as caught:
        parse_catalogue(models, retired or {})
    assert all(fault.remedy for fault in caught.value.faults)
    return {fault.key: fault.problem for fault in caught.value.faults}


def model_of(model_id: str, entry: Mapping[str, object]) -> Model:
    [model] = parse_catalogue({model_id: entry}, {}).models
    return model


# --- reading ----------------------------------------------------------------------------------------------


def test_a_model_with_everything_said() -> None:
    model = model_of("fine-1", FINE)
    assert (model.id, model.label, model.tier, model.family) == ("fine-1", "Fine", "pro", "fine-family")
    assert model.ratios == ("1:1", "2:3")
    assert model.sizes == (Size("1K", 1120), Size("4K", 2000))
    assert (model.send_size, model.seed, model.search) == (True, True, True)
    assert model.thinking == ("minimal", "high")
    assert (model.max_inputs, model.timeout) == (14, 240.0)
    assert model.prices == Prices(2_000_000, 12_500_000, 120_000_000)


def test_a_model_with_the_least_said() -> None:
    model = model_of("small-1", SMALL)
    assert (model.label, model.tier, model.family) == ("small-1", None, "small-1")
    assert (model.send_size, model.seed, model.search, model.thinking) == (True, False, False, ())
    assert (model.max_inputs, model.timeout, model.prices) == (1, 300.0, None)
    assert model_of("small-1", {**SMALL, "tier": ""}).tier is None


@pytest.mark.parametrize("day", [date(2026, 10, 2), "2026-10-02"])
def test_a_retired_model(day: object) -> None:
    found = parse_catalogue({"quick-1": QUICK}, {"old-1": {**OLD, "on": day}})
    assert found.retired == (Retired("old-1", "2026-10-02", "quick-1"),)


@pytest.mark.parametrize(
    ("change", "key", "problem"),
    [
        ({"ratios": ...}, "ratios", "is missing"),
        ({"ratios": []}, "ratios", "is []"),
        ({"ratios": "1:1"}, "ratios", "is '1:1'"),
        ({"ratios": ["1:1", "wide"]}, "ratios", "is 'wide'"),
        ({"ratios": ["1:1", 1.5]}, "ratios", "is 1.5"),
        ({"ratios": ["0:1"]}, "ratios", "is '0:1'"),
        ({"ratios": ["1:1", "2:3", "1:1"]}, "ratios", "is ['1:1', '2:3', '1:1']"),
        ({"sizes": ...}, "sizes", "is missing"),
        ({"sizes": {}}, "sizes", "names no size"),
        ({"sizes": ["1K"]}, "sizes", "is ['1K'], not a table"),
        ({"sizes": {"1K": "many"}}, "sizes.1K", "is 'many'"),
        ({"sizes": {"1K": 0}}, "sizes.1K", "is 0"),
        ({"sizes": {"1K": True}}, "sizes.1K", "is True"),
        ({"sizes": {"1 K": 1120}}, "sizes.1 K", "is not the name of a size"),
        ({"label": ""}, "label", "is ''"),
        ({"label": "x" * 61}, "label", f"is '{'x' * 56}..."),
        ({"label": "a\nb"}, "label", r"is 'a\nb'"),
        ({"label": 5}, "label", "is 5"),
        ({"tier": "Pro"}, "tier", "is 'Pro'"),
        ({"family": "../.."}, "family", "is '../..'"),
        ({"send_size": "no"}, "send_size", "is 'no'"),
        (
            {"send_size": False, "sizes": {"1K": 1, "2K": 2}},
            "send_size",
            "is false, and there is more than one size",
        ),
        ({"seed": 1}, "seed", "is 1"),
        ({"search": None}, "search", "is None"),
        ({"thinking": ["HIGH"]}, "thinking", "is 'HIGH'"),
        ({"thinking": "high"}, "thinking", "is 'high'"),
        ({"max_inputs": -1}, "max_inputs", "is -1"),
        ({"max_inputs": 2.5}, "max_inputs", "is 2.5"),
        ({"timeout_seconds": 0}, "timeout_seconds", "is 0"),
        ({"timeout_seconds": 1_000_000}, "timeout_seconds", "is 1000000"),
        ({"prices": 5}, "prices", "is 5, not a table"),
        ({"prices": {"prompt": 1, "text": 1}}, "prices.image", "is missing"),
        ({"prices": {"prompt": 1, "text": 1, "image": -1}}, "prices.image", "is -1"),
        ({"prices": {"prompt": 1, "text": 1, "image": float("nan")}}, "prices.image", "is nan"),
        ({"prices": {"prompt": 1, "text": 1, "image": float("inf")}}, "prices.image", "is inf"),
        ({"prices": {"prompt": 1, "text": 1, "image": "30"}}, "prices.image", "is '30'"),
        ({"prices": {"prompt": 1, "text": 1, "image": True}}, "prices.image", "is True"),
        (
            {"prices": {"prompt": 1, "text": 1, "image": 1, "video": 1}},
            "prices.video",
            "is not known here",
        ),
        ({"price": 3}, "price", "is not known here"),
    ],
)
def test_each_wrong_key_is_named_with_what_is_wrong(change: dict[str, Any], key: str, problem: str) -> None:
    entry = {name: value for name, value in {**SMALL, **change}.items() if value is not ...}
    assert faults_of({"small-1": entry}) == {f'models."small-1".{key}': problem}


@pytest.mark.parametrize(
    ("change", "key", "problem"),
    [
        ({"on": ...}, "on", "is missing"),
        ({"on": "last autumn"}, "on", "is 'last autumn'"),
        ({"on": "2026-02-30"}, "on", "is '2026-02-30'"),
        ({"on": True}, "on", "is True"),
        ({"replaced_by": ...}, "replaced_by", "is missing"),
        ({"replaced_by": 3}, "replaced_by", "is 3"),
        ({"replaced_by": "nobody"}, "replaced_by", "'nobody' is not on offer"),
        ({"replaced_by": "draft"}, "replaced_by", "'draft' is not on offer"),
        ({"replaced_by": "older-1"}, "replaced_by", "'older-1' was shut down itself"),
        ({"why": "old"}, "why", "is not known here"),
    ],
)
def test_each_wrong_key_of_a_retired_model_is_named(change: dict[str, Any], key: str, problem: str) -> None:
    entry = {name: value for name, value in {**OLD, **change}.items() if value is not ...}
    found = faults_of({"quick-1": QUICK}, {"old-1": entry, "older-1": OLD})
    assert found == {f'retired."old-1".{key}': problem}


@pytest.mark.parametrize("entry", ["gemini", 5, ["1:1"], None])
def test_what_is_no_table_is_one_fault(entry: object) -> None:
    assert faults_of({"small-1": entry}) == {'models."small-1"': f"is {entry!r}, not a table"}
    assert faults_of({"small-1": SMALL}, {"old-1": entry}) == {
        'retired."old-1"': f"is {entry!r}, not a table"
    }


@pytest.mark.parametrize("model_id", ["", "../secret", "a b", "ä", "x" * 101, "-x", "models/x?key=1"])
def test_an_id_that_cannot_be_one(model_id: str) -> None:
    assert faults_of({model_id: SMALL}) == {f'models."{model_id}"': "is not a model's id"}
    assert faults_of({"small-1": SMALL}, {model_id: {**OLD, "replaced_by": "small-1"}}) == {
        f'retired."{model_id}"': "is not a model's id"
    }


def test_a_model_may_name_what_takes_its_place_beforehand() -> None:
    found = parse_catalogue({"quick-1": {**QUICK, "replaced_by": "fine-1"}, "fine-1": FINE}, {"old-1": OLD})
    names = ("quick-1", "fine-1", "old-1", "unheard-of")
    assert [found.successor(name) for name in names] == ["fine-1", None, "quick-1", None]
    assert faults_of({"quick-1": {**QUICK, "replaced_by": "quick-1"}}) == {
        'models."quick-1".replaced_by': "'quick-1' is the model itself"
    }
    assert faults_of({"quick-1": {**QUICK, "replaced_by": "x"}}) == {
        'models."quick-1".replaced_by': "'x' is not on offer"
    }


def test_all_faults_are_told_at_once() -> None:
    found = faults_of(
        {"one": {"ratios": ["x"], "seed": "y"}, "two": {**SMALL, "tier": "draft"}, "three": QUICK},
        {"old-1": {"on": "z"}, "one": {"on": "2026-01-01", "replaced_by": "two"}},
    )
    assert set(found) == {
        'models."one".ratios',
        'models."one".sizes',
        'models."one".seed',
        'models."three".tier',
        'retired."old-1".on',
        'retired."old-1".replaced_by',
        'retired."one"',
    }


def test_a_tier_names_one_model_and_is_no_id() -> None:
    assert faults_of({"a": {**SMALL, "tier": "pro"}, "b": {**SMALL, "tier": "pro"}}) == {
        'models."b".tier': "'pro' is the tier of models.\"a\", too"
    }
    assert faults_of({"a": {**SMALL, "tier": "b"}, "b": SMALL}) == {
        'models."a".tier': "'b' is the id of a model"
    }
    assert faults_of({"quick-1": {**QUICK, "tier": "old-1"}}, {"old-1": OLD}) == {
        'models."quick-1".tier': "'old-1' is the id of a model"
    }


def test_one_model_at_least_is_on_offer() -> None:
    assert faults_of({}) == {"models": "there is no model left on offer"}


# --- names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "model_id"), [("quick-1", "quick-1"), ("draft", "quick-1"), ("pro", "fine-1")]
)
def test_a_model_answers_to_its_id_and_its_tier(name: str, model_id: str) -> None:
    found = catalogue().resolve(name)
    assert (found.model.id, found.instead_of) == (model_id, None)


def test_a_retired_id_leads_to_what_replaced_it_and_says_so() -> None:
    found = catalogue().resolve("old-1")
    assert found.model.id == "quick-1"
    assert found.instead_of == Retired("old-1", "2026-10-02", "quick-1")


@pytest.mark.parametrize("name", ["", "Quick", "QUICK-1", "standard", "None", "quick-1 "])
def test_another_name_is_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        catalogue().resolve(name)
    assert caught.value.problem is Problem.MODEL_UNKNOWN
    assert caught.value.values == {"model": name, "allowed": ["quick-1", "fine-1"]}


def test_only_what_is_on_offer_is_got_by_id() -> None:
    found = catalogue().get("fine-1")
    assert found is not None
    assert found.label == "Fine"
    assert catalogue().get("draft") is None
    assert catalogue().get("old-1") is None


def test_a_model_without_tier_does_not_answer_to_none() -> None:
    offered = parse_catalogue({"small-1": SMALL}, {})
    with pytest.raises(InvalidRequest):
        offered.resolve("None")


# --- what a model takes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "model_id"),
    [
        (Options("draft"), "quick-1"),
        (Options("old-1", "16:9", "1K", 4), "quick-1"),
        (Options("fine-1", "2:3", "4K", 1, 0), "fine-1"),
        (Options("pro", None, None, MAX_COUNT, MAX_SEED), "fine-1"),
    ],
)
def test_what_is_taken_comes_back_with_the_models_id(options: Options, model_id: str) -> None:
    checked = catalogue().check(options)
    assert checked == Options(model_id, options.ratio, options.size, options.count, options.seed)


@pytest.mark.parametrize(
    ("options", "references", "problem", "values"),
    [
        (Options("gpt"), 0, Problem.MODEL_UNKNOWN, {"model": "gpt", "allowed": ["quick-1", "fine-1"]}),
        (
            Options("pro", ratio="16:9"),
            0,
            Problem.RATIO_NOT_TAKEN,
            {"ratio": "16:9", "model": "Fine", "allowed": ["1:1", "2:3"]},
        ),
        (
            Options("pro", ratio=""),
            0,
            Problem.RATIO_NOT_TAKEN,
            {"ratio": "", "model": "Fine", "allowed": ["1:1", "2:3"]},
        ),
        (
            Options("draft", size="4K"),
            0,
            Problem.SIZE_NOT_TAKEN,
            {"size": "4K", "model": "Quick", "allowed": ["1K"]},
        ),
        (
            Options("pro", size="4k"),
            0,
            Problem.SIZE_NOT_TAKEN,
            {"size": "4k", "model": "Fine", "allowed": ["1K", "4K"]},
        ),
        (Options("pro", count=0), 0, Problem.COUNT_OUT_OF_RANGE, {"count": 0, "limit": MAX_COUNT}),
        (Options("pro", count=5), 0, Problem.COUNT_OUT_OF_RANGE, {"count": 5, "limit": MAX_COUNT}),
        (Options("draft", seed=1), 0, Problem.SEED_NOT_TAKEN, {"model": "Quick", "allowed": ["Fine"]}),
        (
            Options("pro", seed=-1),
            0,
            Problem.SEED_OUT_OF_RANGE,
            {"seed": -1, "lowest": 0, "highest": MAX_SEED},
        ),
        (
            Options("pro", seed=2**31),
            0,
            Problem.SEED_OUT_OF_RANGE,
            {"seed": 2**31, "lowest": 0, "highest": MAX_SEED},
        ),
        (Options("draft"), 4, Problem.TOO_MANY_REFERENCES, {"count": 4, "limit": 3, "model": "Quick"}),
    ],
)
def test_what_is_not_taken_is_refused_with_what_is(
    options: Options, references: int, problem: Problem, values: dict[str, object]
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        catalogue().check(options, references)
    assert caught.value.problem is problem
    assert caught.value.values == values


def test_as_many_pictures_as_it_takes_are_taken() -> None:
    assert catalogue().check(Options("draft"), 3).model == "quick-1"


def test_the_first_size_is_the_models_own() -> None:
    model = model_of("fine-1", FINE)
    assert model.size_named(None) == Size("1K", 1120)
    assert model.size_named("4K") == Size("4K", 2000)
    assert model.size_names == ("1K", "4K")
