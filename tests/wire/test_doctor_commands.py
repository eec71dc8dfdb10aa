"""Whether what is published is what this version has, down to the last bound and translation."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from bot.doctor.discord_commands import compare_commands
from bot.doctor.findings import Mark

Command = dict[str, Any]

OURS: Command = {
    "name": "imagine",
    "type": 1,
    "description": "Make a picture",
    "description_localizations": {"de": "Ein Bild machen"},
    "name_localizations": {},
    "nsfw": False,
    "dm_permission": True,
    "default_member_permissions": 32,
    "contexts": [0, 1, 2],
    "integration_types": [0, 1],
    "options": [
        {
            "type": 4,
            "name": "count",
            "description": "How many",
            "required": False,
            "min_value": 1,
            "max_value": 4,
            "choices": [{"name": "two", "value": 2, "name_localizations": {"de": "zwei"}}],
        },
        {
            "type": 3,
            "name": "style",
            "description": "A style",
            "required": False,
            "autocomplete": True,
            "min_length": 1,
            "max_length": 32,
            "name_localizations": {"de": "stil"},
        },
    ],
}


def published() -> Command:
    """The same as Discord gives it back: numbers as texts, what was empty as null, and more of its own."""
    command = copy.deepcopy(OURS)
    command |= {"default_member_permissions": "32", "name_localizations": None, "contexts": [2, 0, 1]}
    command |= {"id": "5", "application_id": "6", "version": "7", "dm_permission": True}
    command["options"][0] |= {"autocomplete": False, "name_localizations": None, "min_value": 1.0}
    del command["options"][0]["required"]
    return command


def test_what_discord_fills_in_is_no_difference() -> None:
    assert compare_commands([OURS], [published()], "everywhere").mark is Mark.OK
    of_server = published() | {"guild_id": "9", "contexts": None}
    del of_server["integration_types"]
    assert compare_commands([OURS], [of_server], "in server 9").mark is Mark.OK
    open_ = OURS | {"contexts": None, "integration_types": None, "default_member_permissions": None}
    there = published() | {"contexts": None, "integration_types": [0], "default_member_permissions": None}
    assert compare_commands([open_], [there], "everywhere").mark is Mark.OK


CHANGES: dict[str, Callable[[Command], object]] = {
    "permissions": lambda command: command.update(default_member_permissions=None),
    "other permissions": lambda command: command.update(default_member_permissions="8"),
    "contexts": lambda command: command.update(contexts=[0]),
    "no contexts": lambda command: command.update(contexts=None),
    "integration types": lambda command: command.update(integration_types=[0]),
    "a description's translation": lambda command: command["description_localizations"].update(de="Anders"),
    "a translation that is gone": lambda command: command.update(description_localizations=None),
    "a name's translation": lambda command: command["options"][1].update(name_localizations={"de": "x"}),
    "a choice's translation": lambda command: command["options"][0]["choices"][0].update(
        name_localizations=None
    ),
    "a choice's name": lambda command: command["options"][0]["choices"][0].update(name="deux"),
    "the least value": lambda command: command["options"][0].update(min_value=0),
    "the greatest value": lambda command: command["options"][0].pop("max_value"),
    "the least length": lambda command: command["options"][1].update(min_length=2),
    "the greatest length": lambda command: command["options"][1].update(max_length=100),
    "autocomplete": lambda command: command["options"][1].pop("autocomplete"),
    "channel types": lambda command: command["options"][1].update(channel_types=[0]),
    "age": lambda command: command.update(nsfw=True),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changed_is_another_command(change: Callable[[Command], object]) -> None:
    there = published()
    change(there)
    finding = compare_commands([OURS], [there], "everywhere")
    assert (finding.mark, finding.seen) == (Mark.WARN, "commands everywhere: /imagine is another")
