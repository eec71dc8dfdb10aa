"""The operator's caps and tiers: as tables, as variables, and what is wrong with them all at once."""

from __future__ import annotations

import pytest

from bot.catalogue import load_catalogue
from bot.domain.operator_limits import OperatorLimits, Outsiders, Served
from bot.domain.tiers import Tier
from bot.errors import ConfigurationError
from bot.limits import operator_limits
from tests.house.working_directory import House

ARTISTS = """
[tiers.Artists]
daily_images = 100
daily_dollars = 2.5
carry_over = 50
largest_size = "4K"
models = ["pro", "gemini-nano-banana-2.1"]
concurrency = 4
priority = 5
thread_turns = 100
fallback = "draft"
boosters = true
roles = [11, 12]
members = [13]
"""


def test_without_anything_a_members_day_is_bounded_and_what_strangers_use(house: House) -> None:
    operator = operator_limits(house.load(), load_catalogue(None))
    assert operator.zone.utcoffset(None) is not None
    assert operator == OperatorLimits(zone=operator.zone)
    assert operator.outsiders == Outsiders(Served.EVERYBODY, frozenset(), 20, 5_000_000)
    assert (operator.daily_images, operator.daily_descriptions) == (20, 50)


def test_a_tier_is_a_table_and_its_models_may_be_named_by_their_tier(house: House) -> None:
    settings = house.load(ARTISTS + '[limits]\nbot_daily_dollars = 10\nbot_daily_images = "unlimited"\n')
    operator = operator_limits(settings, load_catalogue(None))
    assert operator.tiers == (
        Tier(
            "artists", 100, 2_500_000, 50, "4K", ("gemini-3-pro-image", "gemini-nano-banana-2.1"),
            4, 5, 100, True, (11, 12), (13,), "gemini-3.1-flash-lite-image",
        ),
    )  # fmt: skip
    assert (operator.bot_daily_images, operator.bot_daily_micros) == (None, 10_000_000)


def test_a_tier_and_a_cap_can_be_variables(house: House) -> None:
    settings = house.load(
        ARTISTS,
        {
            "PLANTAIN_TIERS__ARTISTS": '{"daily_images": 3}',
            "PLANTAIN_TIERS__guests": '{"roles": [5]}',
            "PLANTAIN_LIMITS__BOT_DAILY_IMAGES": "500",
            "PLANTAIN_LIMITS__SERVER_MONTHLY_DOLLARS": "12.5",
            "PLANTAIN_OUTSIDE__STRANGERS_DAILY_IMAGES": "unlimited",
        },
    )
    assert (settings.tiers["artists"].daily_images, settings.tiers["artists"].priority) == (3, None)
    assert settings.tiers["guests"].roles == (5,)
    assert (settings.limits.bot_daily_images, settings.limits.server_monthly_dollars) == (500, 12.5)
    assert settings.outside.strangers_daily_images is None


@pytest.mark.parametrize(
    ("toml", "key"),
    [
        ("[limits]\nbot_daily_images = -1", "limits.bot_daily_images"),
        ("[limits]\nbot_daily_images = 1.5", "limits.bot_daily_images"),
        ("[limits]\nbot_daily_images = 10000000000000000000000", "limits.bot_daily_images"),
        ('[limits]\nbot_daily_images = "many"', "limits.bot_daily_images"),
        ("[limits]\nbot_daily_dollars = -0.01", "limits.bot_daily_dollars"),
        ("[limits]\nserver_monthly_dollars = nan", "limits.server_monthly_dollars"),
        ("[limits]\nserver_monthly_dollars = inf", "limits.server_monthly_dollars"),
        ('[limits]\nunpriced = "free"', "limits.unpriced"),
        ('[limits]\ntimezone = "Europe/Atlantis"', "limits.timezone"),
        ('[outside]\nserved = "friends"', "outside.served"),
        ("[outside]\nallowed = [-5]", "outside.allowed"),
        ("tiers = 5", "tiers"),
        ("[tiers]\nartists = 5", "tiers.artists"),
        ("[tiers.artists]\ndaily_images = -1", "tiers.artists.daily_images"),
        ("[tiers.artists]\ndaily_images = 2.5", "tiers.artists.daily_images"),
        ("[tiers.artists]\npriority = 11", "tiers.artists.priority"),
        ("[tiers.artists]\nroles = [1, -2]", "tiers.artists.roles"),
        ('[tiers.artists]\nlargest_size = "very large"', "tiers.artists.largest_size"),
        ('[tiers.artists]\nfallback = ""', "tiers.artists.fallback"),
        ("[tiers.artists]\nfallback = 5", "tiers.artists.fallback"),
        ("[tiers.artists]\ncolour = 1", "tiers.artists.colour"),
        ('[tiers."two words"]\npriority = 1', "tiers.two words"),
    ],
)
def test_what_is_wrong_is_said_with_a_remedy(house: House, toml: str, key: str) -> None:
    faults = house.faults(toml)
    assert set(faults) == {key}
    assert faults[key].problem and faults[key].remedy[0].isupper()


def test_a_variable_that_is_no_tier_is_said_by_its_name(house: House) -> None:
    faults = house.faults(environ={"PLANTAIN_TIERS__ARTISTS": '{"daily_images": -1}'})
    assert set(faults) == {"PLANTAIN_TIERS__ARTISTS"}
    assert set(house.faults(environ={"PLANTAIN_TIERS__ARTISTS": "fifty"})) == {"PLANTAIN_TIERS__ARTISTS"}


def test_a_model_of_a_tier_has_to_be_in_the_catalogue(house: House) -> None:
    settings = house.load('[tiers.artists]\nmodels = ["pro", "dall-e"]\nfallback = "dall-e"\n')
    with pytest.raises(ConfigurationError) as caught:
        operator_limits(settings, load_catalogue(None))
    assert [(fault.key, fault.problem) for fault in caught.value.faults] == [
        ("tiers.artists.models", "item 2 is not in the model catalogue"),
        ("tiers.artists.fallback", "it is not in the model catalogue"),
    ]
