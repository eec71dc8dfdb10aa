"""The packaged catalogue, and an operator's file over it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bot.catalogue import PACKAGED, load_catalogue
from bot.domain.catalogue import Size
from bot.domain.requests import Options
from bot.errors import ConfigurationError, InvalidRequest, Problem

STANDARD, DRAFT, PRO = "gemini-nano-banana-2.1", "gemini-3.1-flash-lite-image", "gemini-3-pro-image"

TEN = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
FOURTEEN = (*TEN, "1:4", "4:1", "1:8", "8:1")


@pytest.fixture
def operators(tmp_path: Path) -> Path:
    return tmp_path / "models.toml"


def faults_of(path: Path) -> dict[str, str]:
    """Return key and problem of every fault. Each key begins with the file, and each fault has a remedy."""
    with pytest.raises(ConfigurationError) as caught:
        load_catalogue(path)
    assert all(fault.remedy for fault in caught.value.faults)
    assert all(fault.key.startswith(f"{path}: ") for fault in caught.value.faults)
    return {fault.key.removeprefix(f"{path}: "): fault.problem for fault in caught.value.faults}


# --- the packaged file ------------------------------------------------------------------------------------


def test_the_packaged_file_has_the_models_of_today() -> None:
    assert [model.id for model in load_catalogue().models] == [STANDARD, DRAFT, PRO]


@pytest.mark.parametrize(("tier", "model_id"), [("standard", STANDARD), ("draft", DRAFT), ("pro", PRO)])
def test_the_three_tiers_that_people_know(tier: str, model_id: str) -> None:
    assert load_catalogue().resolve(tier).model.id == model_id


@pytest.mark.parametrize(
    ("model_id", "ratios", "sizes", "send_size", "seed", "inputs", "seconds", "thinking"),
    [
        (STANDARD, FOURTEEN, ("1K", "2K", "4K"), True, False, 14, 300, ("minimal", "medium", "high")),
        (DRAFT, TEN, ("1K",), False, True, 3, 120, ("minimal", "high")),
        (PRO, TEN, ("1K", "2K", "4K"), True, True, 14, 300, ()),
    ],
)
def test_what_each_model_takes(
    model_id: str,
    ratios: tuple[str, ...],
    sizes: tuple[str, ...],
    send_size: bool,
    seed: bool,
    inputs: int,
    seconds: int,
    thinking: tuple[str, ...],
) -> None:
    model = load_catalogue().get(model_id)
    assert model is not None
    assert model.ratios == ratios
    assert model.size_names == sizes
    assert (model.send_size, model.seed) == (send_size, seed)
    assert (model.max_inputs, model.timeout, model.thinking) == (inputs, seconds, thinking)


def test_no_two_families_read_each_others_signatures() -> None:
    families = [model.family for model in load_catalogue().models]
    assert len(set(families)) == len(families)


@pytest.mark.parametrize(
    ("old", "model_id", "day"),
    [
        ("gemini-2.5-flash-image", STANDARD, "2026-10-02"),
        ("gemini-2.5-flash-image-preview", STANDARD, "2026-01-15"),
        ("gemini-3.1-flash-image", STANDARD, "2026-10-29"),
        ("gemini-3.1-flash-image-preview", STANDARD, "2026-06-25"),
        ("gemini-3-pro-image-preview", PRO, "2026-06-25"),
        ("imagen-4.0-generate-001", STANDARD, "2026-08-17"),
        ("imagen-4.0-fast-generate-001", DRAFT, "2026-08-17"),
        ("imagen-4.0-ultra-generate-001", PRO, "2026-08-17"),
    ],
)
def test_ids_of_models_that_were_shut_down_lead_to_those_of_today(old: str, model_id: str, day: str) -> None:
    found = load_catalogue().resolve(old)
    assert found.model.id == model_id
    assert found.instead_of is not None
    assert found.instead_of.on == day


def test_nano_banana_2_1_refuses_a_seed_and_says_who_takes_one() -> None:
    with pytest.raises(InvalidRequest) as caught:
        load_catalogue().check(Options(STANDARD, seed=7))
    assert caught.value.problem is Problem.SEED_NOT_TAKEN
    assert caught.value.values["allowed"] == ["Nano Banana 2 Lite", "Nano Banana Pro"]


def test_it_says_what_is_known_from_when() -> None:
    assert re.search(r"Facts of \d{4}-\d\d-\d\d", PACKAGED.read_text("utf-8"))


# --- an operator's file -----------------------------------------------------------------------------------


def test_an_empty_file_changes_nothing(operators: Path) -> None:
    operators.write_text("# nothing yet\n")
    assert load_catalogue(operators) == load_catalogue()


def test_single_keys_of_a_known_model_are_overridden(operators: Path) -> None:
    operators.write_text(
        f"""
        [models."{STANDARD}"]
        timeout_seconds = 600
        prices.image = 25
        """
    )
    before, after = load_catalogue().get(STANDARD), load_catalogue(operators).get(STANDARD)
    assert before is not None
    assert after is not None
    assert before.prices is not None
    assert after.prices is not None
    assert (after.timeout, after.prices.image) == (600, 25_000_000)
    assert (after.prices.prompt, after.prices.text) == (before.prices.prompt, before.prices.text)
    assert (after.label, after.ratios, after.sizes) == (before.label, before.ratios, before.sizes)
    assert load_catalogue(operators).models[1:] == load_catalogue().models[1:]


def test_sizes_and_lists_are_replaced_as_a_whole(operators: Path) -> None:
    operators.write_text(
        f"""
        [models."{STANDARD}"]
        ratios = ["1:1"]
        [models."{STANDARD}".sizes]
        2K = 1680
        1K = 1120
        """
    )
    model = load_catalogue(operators).get(STANDARD)
    assert model is not None
    assert model.ratios == ("1:1",)
    assert model.sizes == (Size("2K", 1680), Size("1K", 1120))


def test_a_model_is_added_behind_the_known_ones(operators: Path) -> None:
    operators.write_text(
        """
        [models."gemini-next"]
        ratios = ["1:1"]
        sizes = { 1K = 900 }
        """,
        encoding="utf-8-sig",  # as Windows editors save it
    )
    assert [model.id for model in load_catalogue(operators).models] == [STANDARD, DRAFT, PRO, "gemini-next"]


def test_a_hidden_model_is_not_on_offer(operators: Path) -> None:
    operators.write_text(f'[models."{PRO}"]\nhidden = true\n[models."{DRAFT}"]\nhidden = false\n')
    found = load_catalogue(operators)
    assert [model.id for model in found.models] == [STANDARD, DRAFT]
    for name in (PRO, "pro", "gemini-3-pro-image-preview", "imagen-4.0-ultra-generate-001"):
        with pytest.raises(InvalidRequest):
            found.resolve(name)
    assert found.resolve("imagen-4.0-generate-001").model.id == STANDARD


def test_a_tier_can_be_given_to_another_model(operators: Path) -> None:
    operators.write_text(f'[models."{PRO}"]\ntier = ""\n[models."{STANDARD}"]\ntier = "pro"\n')
    found = load_catalogue(operators)
    assert found.resolve("pro").model.id == STANDARD
    assert found.models[2].tier is None


def test_a_packaged_model_can_be_retired_before_the_next_version(operators: Path) -> None:
    """Models die; one table must be enough. What it had replaced itself is led on."""
    operators.write_text(f'[retired."{PRO}"]\non = 2027-01-31\nreplaced_by = "{STANDARD}"\n')
    found = load_catalogue(operators)
    assert [model.id for model in found.models] == [STANDARD, DRAFT]
    assert found.resolve(PRO).model.id == STANDARD
    assert found.resolve("gemini-3-pro-image-preview").model.id == STANDARD
    assert found.resolve("imagen-4.0-ultra-generate-001").model.id == STANDARD


def test_a_model_that_lives_on_elsewhere_can_be_brought_back(operators: Path) -> None:
    operators.write_text(
        '[models."gemini-2.5-flash-image"]\nratios = ["1:1"]\nsizes = { 1K = 1290 }\nsend_size = false\n'
    )
    found = load_catalogue(operators).resolve("gemini-2.5-flash-image")
    assert (found.model.id, found.instead_of) == ("gemini-2.5-flash-image", None)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (
            f'[models."{STANDARD}"]\ntimeout_seconds = "long"\nspeed = 5\n[models."{PRO}"]\nseed = "yes"\n',
            {
                f'models."{STANDARD}".timeout_seconds': "is 'long'",
                f'models."{STANDARD}".speed': "is not known here",
                f'models."{PRO}".seed': "is 'yes'",
            },
        ),
        (
            '[models."gemini-next"]\nlabel = "Next"\n',
            {
                'models."gemini-next".ratios': "is missing",
                'models."gemini-next".sizes': "is missing",
            },
        ),
        (
            '[models."gemini-next"]\ntier = "draft"\nratios = ["1:1"]\nsizes = { 1K = 1 }\n',
            {'models."gemini-next".tier': f"'draft' is the tier of models.\"{DRAFT}\", too"},
        ),
        (
            '[retired."gemini-4"]\non = 2027-01-01\nreplaced_by = "gemini-5"\n',
            {'retired."gemini-4".replaced_by': "'gemini-5' is not on offer"},
        ),
        (
            f'[retired."{PRO}"]\non = 2027-01-01\nreplaced_by = "{PRO}"\n',
            {f'retired."{PRO}".replaced_by': f"'{PRO}' is the model itself"},
        ),
        (
            f'[retired."{PRO}"]\non = 2027-01-01\nreplaced_by = "{DRAFT}"\n'
            f'[retired."{DRAFT}"]\non = 2027-01-01\nreplaced_by = "{PRO}"\n',
            {
                f'retired."{PRO}".replaced_by': f"'{DRAFT}' was shut down itself",
                f'retired."{DRAFT}".replaced_by': f"'{PRO}' was shut down itself",
            },
        ),
        (
            f'[models."{PRO}"]\nlabel = "Pro"\n[retired."{PRO}"]\non = 2027-01-01\nreplaced_by = "{DRAFT}"\n',
            {f'retired."{PRO}"': "is a model on offer, too"},
        ),
        (
            '[models."gemini-typo"]\nhidden = true\n[models."gemini-3-pro-image"]\nhidden = "yes"\n',
            {
                'models."gemini-typo".hidden': "names no model that there is",
                'models."gemini-3-pro-image".hidden': "is 'yes'",
            },
        ),
        (
            "".join(f'[models."{model_id}"]\nhidden = true\n' for model_id in (STANDARD, DRAFT, PRO)),
            {"models": "there is no model left on offer"},
        ),
        (
            f'retired = 5\ndefault = "pro"\n[model."{PRO}"]\nlabel = "x"\n[models]\n"{PRO}" = "best"\n',
            {
                "retired": "is not known here",
                "default": "is not known here",
                "model": "is not known here",
                f'models."{PRO}"': "is 'best', not a table",
            },
        ),
    ],
)
def test_every_fault_is_told_at_once(operators: Path, text: str, faults: dict[str, str]) -> None:
    tomllib.loads(text)
    operators.write_text(text)
    assert faults_of(operators) == faults


@pytest.mark.parametrize("content", [b"[models", b"\xff\xfe[\x00", b"a = 1\na = 2\n", b"\x00"])
def test_a_file_that_is_no_toml(operators: Path, content: bytes) -> None:
    operators.write_bytes(content)
    problem = faults_of(operators)["the file"]
    assert problem.startswith("is not TOML (")


def test_a_file_that_is_not_there(operators: Path) -> None:
    assert faults_of(operators) == {"the file": "cannot be read (No such file or directory)"}


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "the file" in faults_of(tmp_path)
