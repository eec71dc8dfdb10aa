"""Forms as a hostile client sends them: by somebody else, from elsewhere, after a right was lost, filled in
with what nobody offered.

`FORMS` says for each how it is shown and filled in. A new form without an entry fails.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import simcord
from discord import ui
from simcord import interactions
from simcord.enums import InteractionType

from cogs.form import Form
from cogs.gallery_items import GalleryButton, Look
from cogs.limit_buttons import Act
from cogs.wording import NOTHING_BEHIND
from tests.cogs import forged, limit_entrances
from tests.cogs.matrix import Place, Who, people
from tests.cogs.reporting import report, the_case, the_image
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.cogs.test_misfits import contents
from tests.cogs.using import use
from tests.fakes.gemini import make_jpeg

Opener = Callable[[Stage, Seen, Place], Awaitable[simcord.InteractionResult]]
Loss = Callable[[Stage, Place], Awaitable[None]]
TEXT, SELECT, USERS, FILES, RADIO, CHECKBOX = 4, 3, 5, 19, 21, 23


@dataclass(frozen=True)
class Shown:
    """How a form comes to be shown to somebody, how it is filled in, and what may be taken from them then."""

    who: Who
    opened: Opener
    filled: Mapping[str, Any] = field(default_factory=dict)
    loses: Loss | None = None
    refused: str = ""  # what they read then


# --- how forms are shown ----------------------------------------------------------------------------------


async def edit(stage: Stage, card: Seen, place: Place) -> simcord.InteractionResult:
    return await place.person.context_menu(stage.channel, "Edit image", card.message)  # type: ignore[union-attr]


async def report_it(stage: Stage, card: Seen, place: Place) -> simcord.InteractionResult:
    return await place.person.context_menu(stage.channel, "Report image", card.message)  # type: ignore[union-attr]


async def thread(stage: Stage, card: Seen, place: Place) -> simcord.InteractionResult:
    message = await stage.alice.send(stage.channel, "mine", attachments=[("a.jpg", make_jpeg(64, 64))])
    return await place.person.context_menu(stage.channel, "Start thread", message)  # type: ignore[union-attr]


async def jump(stage: Stage, card: Seen, place: Place) -> simcord.InteractionResult:
    await stage.picture()  # one picture alone has no other page
    gallery = (
        await stage.until(lambda: stage.answer(result), "the gallery")
        if (result := await use(stage, place.person, "gallery"))
        else None
    )
    assert gallery is not None
    return await forged.press(stage, place.person, gallery, gallery.buttons["Jump to…"])


async def reuse(stage: Stage, card: Seen, place: Place) -> simcord.InteractionResult:
    image = await the_image(stage)
    return await forged.press(stage, place.person, card, GalleryButton(Look.REUSE, image.id).custom_id)


async def ban(stage: Stage, card: Seen, place: Place) -> simcord.InteractionResult:
    await report(stage, stage.ben, card)
    case = await the_case(stage)
    return await forged.press(stage, place.person, card, f"plantain:case:ban:{case.id}:{case.turn}")


async def appeal(stage: Stage, card: Seen, place: Place) -> simcord.InteractionResult:
    return await use(stage, place.person, "appeal")


async def style(stage: Stage, card: Seen, place: Place) -> simcord.InteractionResult:
    return await use(stage, place.person, "style create", name="Harbour")


def limit(act: Act) -> Opener:
    async def opened(stage: Stage, card: Seen, place: Place) -> simcord.InteractionResult:
        return await limit_entrances.press(stage, place.person, card, limit_entrances.button(act))

    return opened


# --- what somebody loses ----------------------------------------------------------------------------------


async def roles(stage: Stage, place: Place) -> None:
    """They moderate and manage nothing any more."""
    stage.env.backend.get_guild(stage.guild.id).members[place.person.id].role_ids.clear()


async def freedom(stage: Stage, place: Place) -> None:
    """They are banned."""
    await use(stage, stage.mona, "mod ban", user=place.person, duration="7d", reason="spam")


async def the_ban(stage: Stage, place: Place) -> None:
    await use(stage, stage.mona, "mod unban", user=place.person)


FORMS: dict[str, Shown] = {
    "EditForm": Shown(Who.MEMBER, edit, {"instruction": "a hat"}, freedom, "banned"),
    "ReportForm": Shown(Who.MEMBER, report_it, {"reason": "spam"}, freedom, "banned"),
    "ThreadForm": Shown(Who.MEMBER, thread, {"prompt": "a hat"}, freedom, "banned"),
    "JumpForm": Shown(Who.OWNER, jump, {"place": "1"}),  # one's own pictures: nothing can be lost
    "ReuseForm": Shown(Who.OWNER, reuse, {"prompt": "a hat"}, freedom, "banned"),
    "BanForm": Shown(Who.MODERATOR, ban, {"length": "7d", "reason": "spam"}, roles, "Only moderators"),
    "AppealForm": Shown(Who.BANNED, appeal, {"why": "please"}, the_ban, "not banned"),
    "StyleForm": Shown(Who.MANAGER, style, {"instructions": "In green"}, roles, "Manage Server"),
    "NumbersForm": Shown(Who.MANAGER, limit(Act.MEMBER_CAPS), {"daily_images": "5"}, roles, "Manage Server"),
    "NewTierForm": Shown(Who.MANAGER, limit(Act.NEW), {"name": "artists"}, roles, "Manage Server"),
    "GiveTierForm": Shown(
        Who.MANAGER, limit(Act.GIVE), {"member": "alice", "days": "5"}, roles, "Manage Server"
    ),
}


def forms(kind: type[ui.Modal] = ui.Modal) -> Iterator[type[ui.Modal]]:
    """Every form of ours that somebody can be shown."""
    for found in kind.__subclasses__():
        if found.__module__.startswith("cogs."):
            below = list(forms(found))
            yield from below or [found]


def test_every_form_has_an_entry_and_belongs_to_somebody() -> None:
    assert {form.__name__ for form in forms()} == set(FORMS)
    assert [form.__name__ for form in forms() if not issubclass(form, Form)] == []


# --- sending them -----------------------------------------------------------------------------------------


def controls(modal: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [label["component"] for label in modal["components"]]


def filled_in(stage: Stage, modal: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What Discord sends for a form."""
    sent: list[dict[str, Any]] = []
    resolved: dict[str, Any] = {}
    for control in controls(modal):
        kind, name = control["type"], control["custom_id"]
        part: dict[str, Any] = {"type": kind, "custom_id": name}
        value = values.get(name)
        if kind == USERS and value == "alice":
            part["values"] = [str(stage.alice.id)]
            interactions.resolve_handle(stage.alice, stage.alice, resolved, channel_id=stage.channel.id)
        elif kind in (SELECT, USERS, FILES):
            part["values"] = [] if value is None else value
        else:
            part["value"] = {CHECKBOX: False, RADIO: None}.get(kind, "") if value is None else value
        sent.append({"type": 18, "component": part})
    return {"custom_id": modal["custom_id"], "components": sent, "resolved": resolved}


async def send(stage: Stage, place: Place, data: Mapping[str, Any]) -> simcord.InteractionResult:
    return await forged.send(
        stage,
        place.person,
        InteractionType.MODAL_SUBMIT,
        copy.deepcopy(dict(data)),
        channel=place.channel,
        guild_id=place.guild_id,
    )


async def opened_by(stage: Stage, name: str, card: Seen, place: Place) -> Mapping[str, Any]:
    shown = await FORMS[name].opened(stage, card, place)
    assert shown.modal is not None, name
    return shown.modal


async def kept(stage: Stage) -> tuple[list[str], int]:
    """What is kept, and how often Google was asked."""
    await stage.env.settle()
    return await contents(stage), len(stage.gemini.history)


@pytest.mark.parametrize("name", list(FORMS))
async def test_nobody_else_can_send_a_form(stage: Stage, name: str) -> None:
    """With its true custom_id, from every role, from another server and from direct messages; and the one to
    whom it was shown still can."""
    order = sorted(Who, key=lambda who: who is not Who.OPERATOR)  # the operator comes with a restart
    places = {who: await people(stage, who) for who in order}
    card = await stage.picture()
    await stage.done(1)
    owner = places[FORMS[name].who]
    modal = await opened_by(stage, name, card, owner)
    data = filled_in(stage, modal, FORMS[name].filled)
    before = await kept(stage)
    elsewhere = places[Who.STRANGER]
    others = [place for who, place in places.items() if who is not FORMS[name].who]
    user = owner.person.user  # type: ignore[union-attr]
    others.append(Place(user, user.dm_channel, None))
    for place in others:
        result = await send(stage, place, data)
        assert stage.said(result) == NOTHING_BEHIND, place
    assert elsewhere.guild_id != stage.guild.id
    assert await kept(stage) == before
    result = await send(stage, owner, data)
    await stage.env.settle()
    assert result.response is not None or result.followups or await kept(stage) != before
    assert not result.response or NOTHING_BEHIND not in stage.seen(result.response).text


@pytest.mark.parametrize("name", [name for name, shown in FORMS.items() if shown.loses])
async def test_a_right_that_was_lost_while_a_form_was_open(stage: Stage, name: str) -> None:
    form = FORMS[name]
    place = await people(stage, form.who)
    card = await stage.picture()
    await stage.done(1)
    modal = await opened_by(stage, name, card, place)
    assert form.loses is not None
    await form.loses(stage, place)
    before = await kept(stage)
    said = stage.said(await send(stage, place, filled_in(stage, modal, form.filled)))
    assert form.refused in said
    assert await kept(stage) == before


ODD: Mapping[int, tuple[Any, ...]] = {
    TEXT: ("", "x" * 6000, "\x00", "'; DROP TABLE jobs; --", "99999999999999999999", 7, None),
    SELECT: ([], ["nonsense"], ["0", "1"], ["99"], ["-1"], "0", None),
    USERS: ([], ["1"], ["nonsense"], None),
    FILES: (["1"], ["nonsense"], None),
    RADIO: ("nonsense", 7, ["spam"], None),
    CHECKBOX: ("yes", 7, None),
}


@pytest.mark.parametrize("name", list(FORMS))
async def test_a_form_filled_in_as_nobody_can(
    stage: Stage, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Answered without a fault of ours in the log. What discord.py itself cannot read (a list that is none)
    it hands to the form's `on_error`, and SimCord notes it."""
    stage.may_break = True
    form = FORMS[name]
    place = await people(stage, form.who)
    card = await stage.picture(count=2 if name in ("EditForm", "ReportForm") else 1)
    await stage.done(1)
    modal = await opened_by(stage, name, card, place)
    for at, control in enumerate(controls(modal)):
        for odd in ODD[control["type"]]:
            data = filled_in(stage, modal, form.filled)
            part = data["components"][at]["component"]
            part["values" if "values" in part else "value"] = odd
            result = await send(stage, place, data)
            assert result.acknowledged, (control["custom_id"], odd)
            again = await opened_again(stage, name, card, place)
            if again is None:
                return  # it was taken after all, and cannot be shown twice
            modal = again
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert {type(error) for error in stage.env.errors} <= {TypeError}


async def opened_again(stage: Stage, name: str, card: Seen, place: Place) -> Mapping[str, Any] | None:
    if name == "BanForm":
        (case,) = [await the_case(stage)] if not await decided(stage) else [None]
        if case is None:
            return None
        custom_id = f"plantain:case:ban:{case.id}:{case.turn}"
        return (await forged.press(stage, place.person, card, custom_id)).modal
    return (await FORMS[name].opened(stage, card, place)).modal


async def decided(stage: Stage) -> bool:
    async with stage.app.store.engine.reading() as connection:
        row = await connection.fetch_one("SELECT COUNT(*) AS n FROM cases WHERE state <> 'open'")
    return bool(row and row["n"])


async def test_pictures_of_another_server_in_a_form(stage: Stage) -> None:
    """Their ids are nobody's secret to guess; a form that names one shows and does nothing."""
    card = await stage.picture(count=2)
    guild = stage.env.create_guild("Elsewhere")
    channel = guild.create_text_channel("there")
    sven = guild.add_member(stage.env.create_user("sven"))
    await stage.finished(await sven.slash(channel, "imagine", prompt="a boat that nobody here knows"))
    theirs = (await the_image(stage, 1)).id
    here = Place(stage.ben, stage.channel, stage.guild.id)
    modal = await opened_by(stage, "ReportForm", card, here)
    before = await kept(stage)
    said = stage.said(
        await send(stage, here, filled_in(stage, modal, {"which": [theirs], "reason": "minors"}))
    )
    assert "boat" not in said
    assert await kept(stage) == before
    alice = Place(stage.alice, stage.channel, stage.guild.id)
    modal = await opened_by(stage, "JumpForm", card, alice)
    before = await kept(stage)
    said = stage.said(await send(stage, alice, filled_in(stage, modal, {"place": theirs})))
    assert "boat" not in said
    assert await kept(stage) == before
