"""The catalogues are complete, and nothing that people read goes past them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from cogs.language import (
    CATALOGUE,
    LOCALES,
    N_,
    Languages,
    _,
    display_name,
    ngettext,
    shipped_codes,
    speaking,
)
from cogs.locales.update import extracted, messages_in, update
from cogs.numbers import dollars, mebibytes, number
from tests.house.spoken import built, names, unfilled, untranslated

COGS = LOCALES.parent
SOURCES = sorted(path for path in COGS.rglob("*.py") if LOCALES not in path.parents)
CATALOGUES = sorted(LOCALES.glob(f"*/{CATALOGUE}"))
REPAIR = "run `make lang` and translate what is empty"

# Texts that no catalogue may change, by module and how they begin.
AS_THEY_ARE = {
    ("styles.py", "Goal: …"),  # headings that are read back from what people type
    ("request_words.py", "shared characters"),  # a key
}
MARKS = re.compile(r"^-# |\*\*|`[^`{]*`", re.MULTILINE)

each_catalogue = pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.name)
each_module = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


@cache
def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def entries(path: Path) -> Iterator[Message]:
    return (message for message in read(path) if message.id)


def texts(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (str(value),)


def marks(text: str, path: Path) -> Counter[str]:
    """Small print, bold text and code spans. The names of options are translated, and do not count."""
    options = {
        name
        for message in entries(path)
        if message.context == "option"
        for name in (*texts(message.id), *texts(message.string))
    }
    return Counter(mark for mark in MARKS.findall(text) if mark.strip("`") not in options)


# --- the catalogues ---------------------------------------------------------------------------------------


def test_there_is_a_catalogue_of_german() -> None:
    assert "de" in shipped_codes()
    assert Languages.shipped().of("de").sentences.gettext("Delete") == "Löschen"


@each_catalogue
def test_a_catalogue_has_what_the_code_has_and_no_more(path: Path) -> None:
    kept = {(message.context, texts(message.id)) for message in entries(path)}
    wanted = {(message.context, texts(message.id)) for message in extracted() if message.id}
    assert kept - wanted == set(), f"nothing uses these: {REPAIR}"
    assert wanted - kept == set(), f"these are missing: {REPAIR}"
    assert not read(path).obsolete


@each_catalogue
def test_everything_is_translated(path: Path) -> None:
    forms = read(path).num_plurals
    for message in entries(path):
        assert not message.fuzzy, message.id
        found = texts(message.string)
        assert len(found) == (forms if isinstance(message.id, tuple) else 1), message.id
        assert all(text.strip() for text in found), f"{message.id}: {REPAIR}"


@each_catalogue
def test_a_translation_has_the_same_values_and_marks(path: Path) -> None:
    for message in entries(path):
        originals = texts(message.id)
        for place, text in enumerate(texts(message.string)):
            original = originals[min(place, len(originals) - 1)]
            # A form for one thing need not say the number.
            assert names(text) | {"number"} == names(original) | {"number"}, text
            assert marks(text, path) == marks(original, path), text
            assert text.count("\n") == original.count("\n"), text
            assert text == text.strip(), text


# --- the source -------------------------------------------------------------------------------------------


@each_module
def test_people_read_nothing_that_is_not_translated(path: Path) -> None:
    found = [
        f"{path.name}:{literal.line}: {literal.text!r}"
        for literal in untranslated(path.read_text(encoding="utf-8"))
        if not any(path.name == name and literal.text.startswith(text) for name, text in AS_THEY_ARE)
    ]
    assert found == [], "put them into _(), ngettext() or N_(): see docs/architecture.md"


@each_module
def test_a_sentence_is_whole_where_it_is_translated(path: Path) -> None:
    lines = built(path.read_text(encoding="utf-8"))
    assert lines == [], f"{path.name}: no f-string, + or format() within _(): values fill its {{names}}"


@each_module
def test_a_sentence_gets_the_values_that_it_names(path: Path) -> None:
    assert unfilled(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('ui.TextDisplay("Hello")', ["Hello"]),
        ('ui.Button(label="Vary")', ["Vary"]),
        ('ui.Button(label=f"Make {x}")', ["Make "]),
        ('view = panel("\\n".join(["Hello", x]))', ["Hello"]),
        ('class Form(ui.Modal, title="Edit"): ...', ["Edit"]),
        ('SAVED = "The style is saved."', ["The style is saved."]),
        ('def f():\n    return f"{x} of {y} could not be made"', [" could not be made"]),
        ('await interaction.response.send_message("Hello", ephemeral=True)', ["Hello"]),
        ('_("Hello there, {name}", name="my friend")', ["my friend"]),
        ('ui.TextDisplay(_("Hello"))', []),
        ('SAVED = N_("The style is saved.")', []),
        ('"""What a module is for."""', []),
        ('log.info("the job %s goes on", x)', []),
        ('raise ValueError("this cannot be")', []),
        ('ui.Button(label=f"{x} · {y}", custom_id="plantain:vary:job")', []),
        ('@app_commands.command(name="x", description="Make a picture")\nasync def f(self): ...', []),
    ],
)
def test_the_search_finds_what_it_should(source: str, found: list[str]) -> None:
    assert [literal.text for literal in untranslated(source)] == found


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('_(f"{x} images")', [1]),
        ('_("a " + x)', [1]),
        ('_("a {x}".format(x=x))', [1]),
        ('ngettext("one", f"{x}", 2)', [1]),
        ('_("a {x}", x=f"`{y}`")', []),
        ("_(SAVED, x=x)", []),
        ("_(TEXTS.get(x, OTHER))", []),
        ('_("a" "b")', []),
    ],
)
def test_a_text_that_is_put_together_is_found(source: str, lines: list[int]) -> None:
    assert built(source) == lines


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('_("a {x}")', [1]),
        ('_("a {x}", y=1)', [1]),
        ('_("a", y=1)', [1]),
        ('ngettext("{number} of {x}", "{number} of {x}", 2)', [1]),
        ('ngettext("one of {x}", "{number} of {x}", 2, x=1)', []),
        ('_("a {x}", x=1)', []),
        ('_("a {x}", **values)', []),
    ],
)
def test_a_value_that_is_missing_or_too_many_is_found(source: str, lines: list[int]) -> None:
    assert unfilled(source) == lines


def test_commands_are_read_as_they_are_declared() -> None:
    source = """
@app_commands.command(name="show", description="Bring it back")
@app_commands.rename(image_id="id")
@app_commands.describe(image_id="The picture")
async def show(self, interaction: discord.Interaction, image_id: str, details: bool = False) -> None:
    await say(_("Hello"), ngettext("one", "many", 2), pgettext("tier", "draft"), N_("Later"))
"""
    assert {(message.context, message.text) for message in messages_in(source, "x.py")} == {
        (None, "Bring it back"),
        (None, "The picture"),
        ("option", "id"),
        ("option", "details"),
        (None, "Hello"),
        (None, "one"),
        ("tier", "draft"),
        (None, "Later"),
    }


# --- speaking ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("micros", "text"), [(0, "$0.000"), (33_602, "$0.034"), (134_400, "$0.134"), (12_345_678, "$12.346")]
)
def test_amounts_as_people_read_them(micros: int, text: str) -> None:
    assert dollars(micros) == text


def test_numbers_money_and_plurals_are_the_languages() -> None:
    assert (number(12_345), number(1.25), dollars(34_000)) == ("12,345", "1.2", "$0.034")
    with speaking(Languages.shipped().of("de")):
        assert (number(12_345), dollars(1_234_500_000)) == ("12.345", "1.234,500\xa0$")
        assert mebibytes(3 * 2**19) == "1,5 MiB"
        assert [ngettext("{number} image", "{number} images", count) for count in (0, 1, 1200)] == [
            "0 Bilder",
            "1 Bild",
            "1.200 Bilder",
        ]
    assert _(N_("Delete")) == "Delete"


@pytest.mark.parametrize(
    ("locale", "code"),
    [("de", "de"), ("de-AT", "de"), ("en-GB", "en"), ("pt-BR", "en"), ("", "en"), ("../de", "en")],
)
def test_a_locale_finds_its_language(locale: str, code: str) -> None:
    assert Languages.shipped().of(locale).code == code


def test_what_somebody_wrote_is_never_read_as_a_sentence() -> None:
    text = _("There is no style called {style}. Did you mean {near}?", style="{near}", near="x")
    assert text == "There is no style called {near}. Did you mean x?"


@pytest.mark.parametrize(("folder", "locale"), [("fr", "fr"), ("pt_BR", "pt-BR"), ("ja", "ja")])
def test_a_new_catalogue_is_a_new_language(
    folder: str, locale: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / folder / CATALOGUE
    catalogue = update(path, extracted())
    assert len(catalogue) == len(extracted())
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('msgid "Delete"\nmsgstr ""', 'msgid "Delete"\nmsgstr "×"'), encoding="utf-8")
    update(path, extracted())  # what was translated stays
    monkeypatch.setattr("cogs.language.LOCALES", tmp_path)
    languages = Languages.shipped()
    assert languages.codes == ("en", locale)
    with speaking(languages.of(locale)):
        assert _("Delete") == "×"
        assert _("Edit") == "Edit"  # what is not translated yet is English
        assert number(1.5)
    assert display_name(locale, languages.of(locale))
