"""/config reload: what an operator changed in the settings file counts, and nobody else may ask for it."""

from __future__ import annotations

import pytest

from bot.config import LimitsSettings, ModerationSettings
from bot.domain.audit import SETTINGS_RELOADED, AuditEntry, AuditFilter
from bot.errors import ConfigurationError, Fault
from tests.cogs.matrix import Who, people
from tests.cogs.stage import Person, Stage
from tests.cogs.using import force, manager

WORD = "hunter2"
SECRET = f"postgresql://bot:{WORD}@host/plantain"


async def reload(stage: Stage, who: Person) -> str:
    return stage.said(await force(stage, who, "config reload", {}))


async def noted(stage: Stage) -> list[AuditEntry]:
    async with stage.app.store.reading() as tx:
        entries = await tx.audit.of_server(stage.guild.id, limit=10, wanted=AuditFilter(subject="settings"))
    return [entry for entry in entries if entry.action == SETTINGS_RELOADED]


def change(stage: Stage, **sections: object) -> None:
    stage.settings = stage.settings.model_copy(update=sections)


async def test_what_can_change_counts_and_what_cannot_is_named(stage: Stage) -> None:
    oscar = (await people(stage, Who.OPERATOR)).person
    assert "Nothing that counts at once was changed." in await reload(stage, oscar)

    limits = stage.settings.limits
    change(
        stage,
        limits=LimitsSettings(shutdown_seconds=0.0, daily_images=1, max_concurrent=3),
        storage=stage.settings.storage.model_copy(update={"url": SECRET}),
    )
    told = await reload(stage, oscar)
    assert "These count from now on: `limits.daily_images`" in told
    assert "These count only after a restart: `storage.url`, `limits.max_concurrent`" in told
    assert WORD not in told
    assert limits.daily_images != 1
    await stage.picture()
    assert "1 image" in stage.said(await stage.imagine())

    assert {entry.actor_id for entry in await noted(stage)} == {oscar.id}
    assert {"now": ["limits.daily_images"], "later": ["storage.url", "limits.max_concurrent"]} in [
        entry.data for entry in await noted(stage)
    ]


async def test_every_fault_is_told_at_once_and_nothing_changes(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    oscar = (await people(stage, Who.OPERATOR)).person
    faults = [
        Fault("limits.daily_images", "is too small: -1", "Write a whole number"),
        Fault(
            "PLANTAIN_LOG__LEVEL", "is none of the possible values", "Write `debug`, ```info``` or *error*"
        ),
    ]

    def fail() -> None:
        raise ConfigurationError(faults)

    monkeypatch.setattr(stage, "read_settings", fail)
    stage.may_break = True  # the log says the same, as errors
    told = await reload(stage, oscar)
    assert "**The settings stay as they are.** 2 things in the file have to be changed first:" in told
    for text in (
        "limits.daily_images: is too small: -1. Write a whole number",
        "PLANTAIN_LOG__LEVEL: is none",
    ):
        assert text in told
    assert told.count("```") == 2
    assert (await noted(stage))[0].data == {"faults": 2}

    faults *= 100
    told = await reload(stage, oscar)
    assert "The bot's log has all of them." in told
    assert len(told) < 4000


async def test_only_operators_may(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[None] = []
    monkeypatch.setattr(stage, "read_settings", lambda: read.append(None))
    change(stage, moderation=ModerationSettings(operators=(1,)))
    for who in (stage.alice, stage.mona, manager(stage)):
        assert (await reload(stage, who)).startswith("Only the operators of this bot can do this")
    assert (read, await noted(stage)) == ([], [])
