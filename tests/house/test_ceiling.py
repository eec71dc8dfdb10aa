"""What bounds a day's costs, as `doctor` says it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.config import LimitsSettings, Settings
from bot.doctor.configuration import look_at_settings
from bot.doctor.findings import Mark


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({}, "nothing bounds what everybody together costs in a day"),
        ({"bot_daily_dollars": 2.5}, "the ceiling of a day is $2.5 "),
        ({"bot_daily_dollars": 0, "bot_daily_images": 9}, "the ceiling of a day is $0 "),
        ({"bot_daily_images": 900}, "the ceiling of a day is 900 images"),
    ],
    ids=["none", "dollars", "both", "images"],
)
def test_doctor_says_whether_there_is_a_ceiling(limits: dict[str, Any], said: str) -> None:
    findings = look_at_settings(Settings(limits=LimitsSettings(**limits)))
    assert [finding.mark for finding in findings if said in finding.seen] == [Mark.OK]
