"""Who is spoken to in which language: members in theirs, everybody in the server's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import app_commands, ui

from bot.domain.gallery import Filter
from bot.domain.server_settings import InForce, MemberSettings, ServerSettings
from bot.errors import StorageBusy
from bot.studio.pictures import Shown
from cogs.forms import EditForm
from cogs.gallery_items import ReuseForm
from cogs.gallery_pages import JumpForm
from cogs.language import Languages, speaking
from cogs.pictures_in import Found
from cogs.styles import StyleForm
from cogs.translator import Translator
from tests.cogs.seen import Seen
from tests.cogs.stage import Person, Stage
from tests.cogs.using import chosen, manager, menus, panel, said
from tests.fakes.gemini import blocked

EMPTY = "Der Prompt ist leer. Schreib, was das Bild zeigen soll."
EMPTY_IN_ENGLISH = "The prompt is empty. Write what the picture should show."
MINUTES = 60.0
MENU = "plantain:setting:locale"


def speak(stage: Stage, *people: Person, server: str = "en-US") -> None:
    """Let these people's Discord be in German, and the server's in the language that is named."""
    germans = {str(person.id) for person in people}
    backend: Any = stage.env.backend
    emit = backend.emit

    def translated(event: str, payload: dict[str, Any], *more: Any, **others: Any) -> None:
        if event == "INTERACTION_CREATE":
            user = payload.get("user") or payload["member"]["user"]
            payload["locale"] = "de" if user["id"] in germans else "en-US"
            if "guild_id" in payload:
                payload["guild_locale"] = server
        emit(event, payload, *more, **others)

    backend.emit = translated


async def refused(stage: Stage, who: Person) -> str:
    return stage.said(await stage.imagine(who, " "))


def labels(seen: Seen) -> list[str]:
    return list(seen.buttons)


# --- what only the member sees ----------------------------------------------------------------------------


async def test_a_german_member_is_refused_in_german_and_the_others_in_english(stage: Stage) -> None:
    speak(stage, stage.alice)
    assert await refused(stage, stage.alice) == EMPTY
    assert await refused(stage, stage.ben) == EMPTY_IN_ENGLISH


async def test_a_german_members_panel_is_german(stage: Stage) -> None:
    speak(stage, stage.alice)
    seen = panel(stage, await stage.alice.slash(stage.channel, "settings"))
    assert seen.text.startswith("**Deine Einstellungen**")
    assert chosen(seen)["count"] == "Wie viele auf einmal: 1 Bild"
    assert chosen(seen)["locale"] == "Sprache: Wie in meinem Discord"
    assert "Modell: Nano Banana Pro · Pro · 0,134\xa0$" in [
        option["label"] for option in menus(seen)["plantain:setting:model"]["options"]
    ]
    assert labels(seen) == ["Auf Vorgaben zurücksetzen"]


async def test_a_members_own_setting_goes_before_their_discord(stage: Stage) -> None:
    seen = panel(stage, await stage.alice.slash(stage.channel, "settings"))
    await stage.alice.select(seen.message, ["de"], custom_id=MENU)
    assert seen.text.startswith("**Deine Einstellungen**")
    assert chosen(seen)["locale"] == "Sprache: Deutsch"
    assert await refused(stage, stage.alice) == EMPTY
    await stage.alice.click(seen.message, label="Auf Vorgaben zurücksetzen")
    assert seen.text.startswith("**Your settings**")
    settings = await stage.app.client.surface.settings.member(stage.alice.id)
    assert settings == MemberSettings()
    assert await refused(stage, stage.alice) == EMPTY_IN_ENGLISH


async def test_a_private_result_is_the_members(stage: Stage) -> None:
    speak(stage, stage.alice)
    seen = await stage.finished(await stage.imagine(private=True))
    assert "-# KI-generiertes Bild" in seen.text
    assert "„a lighthouse“" in seen.text
    assert labels(seen) == ["Variieren", "Bearbeiten", "Thread", "Ausarbeiten", "Melden", "Löschen"]


async def test_who_presses_is_asked_in_their_language_under_a_card_in_another(stage: Stage) -> None:
    speak(stage, stage.alice)
    card = await stage.picture()
    result = await stage.alice.click(card.message, label="Delete")
    question = stage.answer(result)
    assert question is not None
    assert question.text.endswith("löschen? Es verschwindet für alle.")
    await stage.alice.click(question.message, label="Ja, löschen")
    assert re.fullmatch(r"Das Bild `\w+` ist gelöscht\.", question.text)
    assert card.gone


async def test_pickers_are_the_members(stage: Stage) -> None:
    speak(stage, stage.alice)
    offers = await stage.alice.autocomplete(stage.channel, "imagine", "style", "aquarell")
    (offer,) = offers
    assert offer["name"] == "Aquarell: Lockere Lasuren auf rauem Papier"
    assert offer["value"] == "watercolour"


async def test_a_style_may_be_named_by_its_title(stage: Stage) -> None:
    """A server's own style of that name goes before."""
    speak(stage, stage.alice)
    surface = stage.app.client.surface
    text = await said(stage, stage.alice, "style preview", style="aquarell; palette: blau")
    assert text.startswith("**Aquarell** · `watercolour`")
    assert "blau" in text
    gina = manager(stage)
    form = await gina.slash(stage.channel, "style create", name="Aquarell")
    await gina.submit_modal(form, {"instructions": "Nur in Grün."})
    assert [preset.name for preset in await surface.library.styles.all(stage.guild.id)][:1] == ["Aquarell"]
    text = await said(stage, stage.alice, "style preview", style="aquarell")
    assert text.startswith("**Aquarell** · `Aquarell`")
    await stage.picture(prompt="ein Boot", style="Aquarell")
    assert "Nur in Grün." in str(stage.gemini.history[-1].body)


async def test_a_gallery_that_somebody_opens_is_theirs(stage: Stage) -> None:
    speak(stage, stage.ben)
    card = await stage.picture()
    image = re.search(r"`(\w{7})`", card.text)
    assert image is not None
    details = stage.answer(await stage.ben.slash(stage.channel, "show", id=image[1], details=True))
    assert details is not None
    assert details.text.startswith(f"**Einstellungen von `{image[1]}`**")
    copy = await stage.finished(await stage.ben.slash(stage.channel, "show", id=image[1]))
    assert "-# AI-made image" in copy.text  # everybody sees it


# --- what everybody sees ----------------------------------------------------------------------------------


async def test_the_public_card_of_a_german_member_stays_english_in_an_english_server(stage: Stage) -> None:
    speak(stage, stage.alice)
    hold = stage.gemini.hold()
    result = await stage.imagine()
    await hold.arrived()
    card = stage.answer(result)
    assert card is not None
    assert "**Generating…**" in card.text or "**Preparing…**" in card.text
    hold.release()
    seen = await stage.finished(result)
    assert "-# AI-made image" in seen.text
    assert labels(seen) == ["Vary", "Edit", "Thread", "Finish", "Report", "Delete"]
    assert (seen.media[0].description or "").startswith("AI-made image: ")


async def test_in_a_german_server_everybody_sees_german(stage: Stage) -> None:
    speak(stage, server="de")
    seen = await stage.picture()
    assert "-# KI-generiertes Bild" in seen.text
    assert "0,035\xa0$" in seen.text
    assert labels(seen) == ["Variieren", "Bearbeiten", "Thread", "Ausarbeiten", "Melden", "Löschen"]
    assert (seen.media[0].description or "").startswith("KI-generiertes Bild: ")
    assert await refused(stage, stage.alice) == EMPTY_IN_ENGLISH


async def test_the_server_sets_its_language(stage: Stage) -> None:
    gina = manager(stage)
    assert (
        await said(stage, gina, "config language", language="de")
        == "**Saved.** Now public answers are in German."
    )
    assert "-# KI-generiertes Bild" in (await stage.picture()).text
    await said(stage, gina, "config language", language="discord")
    assert "-# AI-made image" in (await stage.picture()).text


async def test_a_failure_is_said_in_the_servers_language(stage: Stage) -> None:
    speak(stage, server="de")
    stage.gemini.enqueue(blocked())
    seen = await stage.picture()
    assert seen.text.startswith("**Diesmal kein Bild.**\nDie Sicherheitsregeln des Modells")


async def test_an_unknown_language_is_english(stage: Stage) -> None:
    speak(stage, server="ja")
    assert "-# AI-made image" in (await stage.picture()).text


# --- elsewhere and later ----------------------------------------------------------------------------------


async def test_direct_messages_are_in_the_members_language(stage: Stage) -> None:
    dora = stage.env.create_user("dora")
    speak(stage, dora)
    seen = await stage.finished(await stage.imagine(dora))
    assert "-# KI-generiertes Bild" in seen.text
    assert await refused(stage, dora) == EMPTY


@pytest.mark.parametrize("private", [False, True])
async def test_a_restart_between_request_and_delivery_keeps_the_language(stage: Stage, private: bool) -> None:
    """In the channel it is the server's, by direct message the member's; the other one is English."""
    if private:
        speak(stage, stage.alice)
    else:
        speak(stage, server="de")
    hold = stage.gemini.hold()
    await stage.imagine(private=private)
    await hold.arrived()
    await stage.env.advance_time(15 * MINUTES)
    await stage.restart()
    hold.release()
    if private:
        (seen, *_) = await stage.until(lambda: stage.messages(stage.alice.user.dm_channel), "a message")
    else:
        seen = await stage.posted()
    assert "-# KI-generiertes Bild" in seen.text
    assert labels(seen)[0] == "Variieren"


async def test_languages_that_cannot_be_looked_up_are_those_of_discord(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> InForce:
        raise StorageBusy("locked")

    monkeypatch.setattr(stage.app.client.surface.settings, "in_force", broken)
    speak(stage, stage.alice, server="de")
    assert await refused(stage, stage.alice) == EMPTY
    assert "-# KI-generiertes Bild" in (await stage.picture()).text


# --- commands ---------------------------------------------------------------------------------------------


def published(command: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """A command or option and everything below it, each with its English path."""
    here = f"{path} {command['name']}".strip()
    yield here, command
    for option in command.get("options", ()):
        yield from published(option, here)


async def commands(stage: Stage) -> list[dict[str, Any]]:
    tree = stage.app.client.tree
    translator = Translator(Languages.shipped())
    found = [*tree.get_commands(), *tree.get_commands(type=discord.AppCommandType.message)]
    return [dict(await command.get_translated_payload(tree, translator)) for command in set(found)]


async def test_discord_shows_commands_in_german(stage: Stage) -> None:
    items = dict(item for command in await commands(stage) for item in published(command))
    assert items["imagine"]["description_localizations"]["de"] == "Ein Bild nach einer Beschreibung erstellen"
    assert items["imagine size"]["name_localizations"]["de"] == "größe"
    assert items["Edit image"]["name_localizations"]["de"] == "Bild bearbeiten"
    (never, *_) = items["config spoiler where"]["choices"]
    assert never["name_localizations"]["de"] == "nirgends"
    assert never["value"] == "never"
    # A short word means something else in another option.
    for path, names in {
        "config safety threshold": {"none": "nichts ablehnen", "off": "nicht bewerten", "low": "niedrig"},
        "config rules people": {"none": "keine", "all": "alle"},
        "config consent required": {"off": "aus", "on": "an"},
    }.items():
        found = {choice["name"]: choice["name_localizations"]["de"] for choice in items[path]["choices"]}
        assert {name: found[name] for name in names} == names
    for path, item in items.items():
        if "description" in item:
            assert "de" in item["description_localizations"], path
        # Documentation and answers name commands as they are in English.
        if item.get("type") == 1 and " " not in path:
            assert not item.get("name_localizations"), path


async def test_translated_names_are_what_discord_takes(stage: Stage) -> None:
    """Discord: names of 1 to 32 letters, digits, - and _, in lower case, each once in a command."""
    for command in await commands(stage):
        for path, item in published(command):
            menu = command.get("type") == discord.AppCommandType.message.value
            for name in item.get("name_localizations", {}).values():
                assert 1 <= len(name) <= 32, path
                assert menu or re.fullmatch(r"[-_\w]{1,32}", name), path
                assert menu or name == name.lower(), path
            for text in item.get("description_localizations", {}).values():
                assert 1 <= len(text) <= 100, path
            for choice in item.get("choices", ()):
                assert all(1 <= len(text) <= 100 for text in choice.get("name_localizations", {}).values()), (
                    path
                )
            for language in Languages.shipped().codes:
                names = [
                    (option.get("name_localizations") or {}).get(language, option["name"])
                    for option in item.get("options", ())
                ]
                assert len(names) == len(set(names)), path


async def test_the_translator_is_asked_when_commands_are_published(stage: Stage) -> None:
    assert isinstance(stage.app.client.tree.translator, app_commands.Translator)
    registered = [item for scope in stage.env.backend.commands.values() for item in scope.values()]
    (imagine,) = [item for item in registered if item["name"] == "imagine"]
    assert "de" in str(imagine["description_localizations"])


async def test_forms_are_the_members(stage: Stage) -> None:
    speak(stage, stage.alice)
    seen = await stage.picture(private=True)
    form = (await stage.alice.click(seen.message, label="Bearbeiten")).modal
    assert form is not None
    assert form["title"] == "Bild bearbeiten"
    fields = [part["label"] for part in form["components"]]
    assert fields == ["Was soll sich ändern?", "Noch ein Bild als Vorlage", "Modell", "Größe"]


async def test_forms_fit_into_what_discord_shows_in_every_language(stage: Stage) -> None:
    """Discord: 45 characters for titles and labels, 100 for descriptions and placeholders."""
    card = await stage.picture(private=True)
    async with stage.app.store.reading() as tx:
        job = await tx.jobs.get(card.buttons["Vary"].rpartition(":")[2])
        assert job is not None
        shown = Shown(job, tuple(await tx.images.of_job(job.id)), None)
    catalogue = stage.app.studio.catalogue
    found = [Found("a.png", image_id="aaaaaaa"), Found("b.png", image_id="bbbbbbb")]
    for code in Languages.shipped().codes:
        with speaking(Languages.shipped().of(code)):
            for form in (
                EditForm(found[:1], catalogue, ServerSettings()),
                EditForm(found, catalogue, ServerSettings(consent_required=True)),
                StyleForm("x" * 40, catalogue),
                JumpForm(Filter()),
                ReuseForm(shown),
            ):
                assert len(form.title) <= 45, (code, form.title)
                for label in form.walk_children():
                    if isinstance(label, ui.Label):
                        assert len(label.text) <= 45, (code, label.text)
                        assert len(label.description or "") <= 100, (code, label.description)


async def test_days_are_typed_in_the_members_language(stage: Stage) -> None:
    speak(stage, stage.alice)
    await stage.picture()
    offers = await stage.alice.autocomplete(stage.channel, "gallery", "day", "heu")
    assert [offer["name"].split()[0] for offer in offers] == ["heute"]
    page = stage.answer(await stage.alice.slash(stage.channel, "gallery", day="Heute"))
    assert page is not None
    assert page.text.startswith("**Deine Bilder** · Seite 1 von 1 · 1 Bild")
