"""What servers and members set: defaults, checks, and what other versions wrote."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.server_settings import (
    BRAND_LIMIT,
    MAX_MICROS,
    AgeRestricted,
    MemberSettings,
    ServerSettings,
    Spoiler,
    Unit,
)
from bot.errors import InvalidRequest, NotAllowed, Problem

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["always", "credits", "en", "2K"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@pytest.mark.parametrize("kind", [ServerSettings, MemberSettings])
def test_every_setting_has_a_check_and_its_default_passes_it(
    kind: type[ServerSettings] | type[MemberSettings],
) -> None:
    defaults = kind()
    for field in fields(kind):
        assert defaults.change(**{field.name: getattr(defaults, field.name)}) == defaults


def test_values_are_checked_and_put_in_order() -> None:
    settings = ServerSettings().change(
        spoiler="always", unit="credits", brand_prefix="  In our\n colours ", confirm_above_micros=0
    )
    assert settings.spoiler is Spoiler.ALWAYS
    assert settings.unit is Unit.CREDITS
    assert settings.brand_prefix == "In our colours"
    assert settings.change(confirm_above_micros=None, locale="de").confirm_above_micros is None
    assert MemberSettings().change(model="", ratio=" 16:9 ").ratio == "16:9"


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"spoiler": "sometimes"}, ["never", "age_restricted", "always"]),
        ({"age_restricted": None}, ["allowed", "spoiler", "refused"]),
        ({"unit": "EUR"}, ["images", "credits", "dollars"]),
        ({"consent_required": "yes"}, ["on", "off"]),
        ({"no_text_default": 1}, ["on", "off"]),
        ({"credit_micros": 0}, [f"1–{MAX_MICROS}"]),
        ({"credit_micros": True}, [f"1–{MAX_MICROS}"]),
        ({"confirm_above_micros": -1}, [f"0–{MAX_MICROS}"]),
        ({"locale": "../de"}, ["en"]),
    ],
)
def test_what_is_not_taken_is_refused_with_what_is(changes: dict[str, Any], allowed: list[str]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        ServerSettings().change(**changes)
    assert caught.value.problem is Problem.SETTING_NOT_TAKEN
    (name,) = changes
    assert caught.value.values == {"setting": name, "value": changes[name], "allowed": allowed}


def test_a_long_brand_is_refused_with_the_limit() -> None:
    with pytest.raises(InvalidRequest) as caught:
        ServerSettings().change(brand_prefix="x" * (BRAND_LIMIT + 1))
    assert caught.value.problem is Problem.TEXT_TOO_LONG
    assert caught.value.values["limit"] == BRAND_LIMIT


@pytest.mark.parametrize("count", [0, 5, "2", 1.5, True])
def test_a_member_gets_one_to_four_pictures(count: object) -> None:
    with pytest.raises(InvalidRequest):
        MemberSettings().change(count=count)


@given(
    st.one_of(anything, st.dictionaries(st.sampled_from([f.name for f in fields(ServerSettings)]), anything))
)
def test_whatever_is_kept_can_be_read(data: object) -> None:
    for kind in (ServerSettings, MemberSettings):
        settings = kind.from_json(data)
        assert kind.from_json(settings.to_json()) == settings


def test_a_sound_value_survives_beside_an_unsound_one() -> None:
    data = {"spoiler": "always", "unit": "bananas", "from_the_future": {"a": 1}}
    assert ServerSettings.from_json(data) == ServerSettings(spoiler=Spoiler.ALWAYS)


@pytest.mark.parametrize(
    ("spoiler", "rule", "age_restricted", "wanted", "hidden"),
    [
        (Spoiler.NEVER, AgeRestricted.ALLOWED, True, False, False),
        (Spoiler.NEVER, AgeRestricted.ALLOWED, False, True, True),
        (Spoiler.ALWAYS, AgeRestricted.ALLOWED, False, False, True),
        (Spoiler.AGE_RESTRICTED, AgeRestricted.ALLOWED, True, False, True),
        (Spoiler.AGE_RESTRICTED, AgeRestricted.ALLOWED, False, False, False),
        (Spoiler.NEVER, AgeRestricted.SPOILER, True, False, True),
        (Spoiler.NEVER, AgeRestricted.SPOILER, False, False, False),
    ],
)
def test_when_a_picture_is_hidden(
    spoiler: Spoiler, rule: AgeRestricted, age_restricted: bool, wanted: bool, hidden: bool
) -> None:
    settings = ServerSettings(spoiler=spoiler, age_restricted=rule)
    assert settings.hides(age_restricted=age_restricted, wanted=wanted) is hidden


def test_a_server_may_refuse_pictures_in_age_restricted_channels() -> None:
    settings = ServerSettings(age_restricted=AgeRestricted.REFUSED)
    settings.check_channel(age_restricted=False)
    with pytest.raises(NotAllowed):
        settings.check_channel(age_restricted=True)
    ServerSettings().check_channel(age_restricted=True)


def test_a_dearer_request_is_confirmed() -> None:
    assert not ServerSettings().needs_confirmation(MAX_MICROS)
    settings = ServerSettings(confirm_above_micros=50_000)
    assert not settings.needs_confirmation(50_000)
    assert settings.needs_confirmation(50_001)
