"""Who may come in where: every command, picker, button, menu and form, with everybody.

`NEEDS` says for each what somebody has to be. A new entrance without an entry fails; a new action of a button
or menu that is there needs what its siblings need. What people find behind a door is for other tests.
"""

from __future__ import annotations

import pytest

from bot.domain.cases import Action, CaseState
from cogs.desk_cards import CaseButton
from tests.cogs import forged
from tests.cogs.matrix import ALLOWED, STAFF, Need, Who, came_in, done_by, people
from tests.cogs.reporting import report, the_case
from tests.cogs.stage import Stage
from tests.cogs.test_entrances import ENTRANCES, PICKERS

NEEDS: dict[Need, tuple[str, ...]] = {
    Need.NOTHING: (
        *("/settings", "SettingMenu", "ResetSettings", "/style list", "/style preview", "StylesPage"),
        *(
            "/gallery",
            "PageButton",
            "/show",
            "GalleryButton",
            "/usage me",
            "/help",
            "FinishButton",
            "ImagineButton",
        ),
        *("/character list", "/character delete", "/privacy show", "/privacy export", "/privacy erase"),
        # It names a ban by its id, and these name none: the tests of appeals have real ones.
        *("EraseButton", "AppealButton", "/tree", "/undo", "/head", "/participants", "/end", "TurnButton"),
        "RedoButton",
    ),
    Need.NO_BAN: ("/imagine", "/edit", "/blend", "/describe", "/thread", "/character save"),
    # A form is shown to whoever may see the picture; what is sent with it is checked as a request.
    Need.PICTURE: (
        *(
            "menu Edit image",
            "PictureButton edit",
            "PictureButton finish",
            "PictureButton original",
        ),
    ),
    Need.PICTURE_NO_BAN: ("PictureButton vary", "menu Start thread", "PictureButton thread"),
    Need.OTHERS_PICTURE: ("menu Report image", "PictureButton report"),
    Need.DELETE: ("PictureButton delete", "PictureButton confirm", "CancelButton"),
    Need.BAN: ("/appeal",),
    Need.OPERATE: ("/config reload",),
    Need.MODERATE: (
        *("/mod queue", "/mod case", "/mod resolve", "/mod member", "/mod ban", "/mod unban", "/mod strike"),
        *("/mod pardon", "/mod note", "/mod log", "/mod stats", "/mod evidence"),
        *("CaseButton", "QueueButton", "OpenCase", "LogButton"),
        *("/mod words add", "/mod words remove", "/mod words list", "/mod words test", "/mod words import"),
        *("/mod words export", "/mod words refused"),
        *("/mod pictures block", "/mod pictures list", "/mod pictures unblock"),
    ),
    Need.MANAGE: (
        *("/config show", "/config consent", "/config spoiler", "/config age_restricted", "/config brand"),
        *("/config text", "/config unit", "/config confirm", "/config rules", "/config safety"),
        *("/config language", "/config log", "/config budget", "/config fallback"),
        "/config threads",
        *("/config caps", "/config tiers", "/config roles", "/config models", "/config channels"),
        *("/config grant", "/config revoke", "/config reset", "LimitMenu", "LimitButton"),
        *("/config moderation show", "/config moderation channel", "/config moderation threshold"),
        *("/config moderation reminders", "/config moderation roles", "/config moderation strikes"),
        *("/style create", "/style edit", "/style delete", "/character share"),
        *("/usage server", "/usage export"),
    ),
}
NEED_OF = {name: need for need, names in NEEDS.items() for name in names}
# Offered to everybody: names of models, styles and sizes, and what is one's own.
PICKERS_OF_MODERATORS = ("/mod case case", "/mod resolve case")
# What these do changes what others find: they come last, in this order.
LAST = ("/config", "LimitMenu", "LimitButton", "PictureButton confirm", "EraseButton")


def need_of(name: str) -> Need | None:
    """What an entrance needs: its own entry, its action's, or that of its kind of item."""
    words = name.split()
    found = [" ".join(words[:count]) for count in range(len(words), 0, -1)]
    if name.startswith(("/", "menu ")):
        found = found[:1]
    return next((NEED_OF[entry] for entry in found if entry in NEED_OF), None)


def test_every_entrance_has_an_entry_and_every_entry_an_entrance() -> None:
    doors = [name for name in ENTRANCES if name not in PICKERS]
    assert [name for name in doors if need_of(name) is None] == []
    left = [entry for entry in NEED_OF if not any(f"{name} ".startswith(f"{entry} ") for name in doors)]
    assert left == []


@pytest.mark.parametrize("who", list(Who))
async def test_who_may_come_in(stage: Stage, who: Who, caplog: pytest.LogCaptureFixture) -> None:
    place = await people(stage, who)
    doors = [name for name in ENTRANCES if name not in PICKERS]
    late = {name: order for name in doors for order, last in enumerate(LAST) if name.startswith(last)}
    card = await stage.picture()
    outcomes, expected = {}, {}
    for name in sorted(doors, key=lambda name: late.get(name, -1)):
        if name in late and "Vary" not in (card.buttons if not card.gone else ()):
            continue  # a setting that somebody made does not allow another picture: see below
        if card.gone or "Vary" not in card.buttons:
            card = await stage.picture()
        need = need_of(name)
        assert need is not None
        outcomes[name] = await done_by(stage, place, ENTRANCES[name], card, caplog)
        expected[name] = who in ALLOWED[need]
    found = {name: came_in(outcome, need_of(name) or Need.NOTHING) for name, outcome in outcomes.items()}
    wrong = {name: outcomes[name] for name in found if found[name] != expected[name]}
    assert wrong == {}


@pytest.mark.parametrize("who", list(Who))
async def test_pickers_show_cases_to_moderators_alone(
    stage: Stage, who: Who, caplog: pytest.LogCaptureFixture
) -> None:
    card = await stage.picture()
    place = await people(stage, who)
    await report(stage, stage.mona, card)
    for name in PICKERS_OF_MODERATORS:
        outcome = await done_by(stage, place, ENTRANCES[name], card, caplog)
        sees = who in STAFF
        assert outcome == ("offers 1" if sees else "offers nothing"), name


@pytest.mark.parametrize("who", [Who.STRANGER, Who.DIRECT, Who.MEMBER])
async def test_a_case_of_a_server_is_nothing_elsewhere(
    stage: Stage, who: Who, caplog: pytest.LogCaptureFixture
) -> None:
    """With the true id of a case, and the true version of its card."""
    card = await stage.picture(prompt="a boat that nobody else knows")
    await report(stage, stage.ben, card)
    case = await the_case(stage)
    place = await people(stage, who)
    for action in Action:
        custom_id = CaseButton(action, case.id, case.turn).custom_id
        caplog.clear()
        result = await forged.press(
            stage, place.person, card, custom_id, channel=place.channel, guild_id=place.guild_id
        )
        assert "refused" in caplog.text, action
        assert "boat" not in stage.said(result), action
    assert await the_case(stage) == case
    assert case.state is CaseState.OPEN
