"""Brings the catalogues up to what stands in the code: ``make lang``, or for a new one ``make lang ARGS=fr``.

Read are the calls of `_`, `ngettext`, `pgettext`, `N_` and `NP_` in `cogs/`, the descriptions and names of
options that commands are declared with, and what people read of the packaged styles and models. Translators
fill what is empty afterwards; what nothing uses any more is removed.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from cogs.language import CATALOGUE, LOCALES
from cogs.prices import TIER
from cogs.style_words import STYLE
from cogs.translator import OPTION

ROOT = LOCALES.parents[1]
PRESETS = Path("bot/presets.toml")
MODELS = Path("bot/catalogue.toml")
WIDTH = 110
# Without dates and numbers of lines, a change of the code changes only what it is about.
HEADER = """# Plantain in {name}.
msgid ""
msgstr ""
"Language: {catalogue.locale_identifier}\\n"
"Plural-Forms: {catalogue.plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


@dataclass(frozen=True, slots=True)
class Message:
    """One text to translate, and the file that it stands in."""

    text: str
    file: str
    plural: str | None = None
    context: str | None = None


def extracted() -> Catalog:
    """Return everything that people can be shown, in the order of the files."""
    template = Catalog(project="Plantain", charset="utf-8")
    for message in messages():
        key = message.text if message.plural is None else (message.text, message.plural)
        template.add(key, locations=[(message.file, 0)], context=message.context)
    return template


def messages() -> Iterator[Message]:
    """Every text with every place that it stands in."""
    for path in sorted((ROOT / "cogs").rglob("*.py")):
        yield from messages_in(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
    for preset in tomllib.loads((ROOT / PRESETS).read_text(encoding="utf-8")).values():
        for key in ("title", "description"):
            yield Message(preset[key], PRESETS.as_posix(), context=STYLE)
    for model in _tables(tomllib.loads((ROOT / MODELS).read_text(encoding="utf-8"))):
        if "tier" in model:
            yield Message(model["tier"], MODELS.as_posix(), context=TIER)


def messages_in(source: str, file: str) -> Iterator[Message]:
    """The texts of one module."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="_" | "N_"), args=[ast.Constant(value=str(text)), *_rest]):
                yield Message(text, file)
            case ast.Call(
                func=ast.Name(id="ngettext"),
                args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_rest],
            ):
                yield Message(one, file, plural=many)
            case ast.Call(
                func=ast.Name(id="pgettext" | "NP_"),
                args=[ast.Constant(value=str(context)), ast.Constant(value=str(text))],
            ):
                yield Message(text, file, context=context)
            case ast.ClassDef(keywords=keywords):
                yield from _texts_of(keywords, ("group_description",), file)
            case ast.AsyncFunctionDef(decorator_list=decorators) if any(map(_is_command, decorators)):
                yield from _command(node, file)


def _command(function: ast.AsyncFunctionDef, file: str) -> Iterator[Message]:
    """The description of a command, the names of its options and their descriptions."""
    renamed: dict[str, str] = {}
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        name = decorator.func.attr if isinstance(decorator.func, ast.Attribute) else ""
        if name == "command":
            yield from _texts_of(decorator.keywords, ("description",), file)
        elif name == "describe":
            yield from _texts_of(decorator.keywords, None, file)
        elif name == "rename":
            renamed = {message.context or "": message.text for message in _renames(decorator, file)}
    for argument in function.args.args:
        if argument.arg not in {"self", "interaction"}:
            yield Message(renamed.get(argument.arg, argument.arg), file, context=OPTION)


def _renames(decorator: ast.Call, file: str) -> Iterator[Message]:
    for keyword in decorator.keywords:
        if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            yield Message(keyword.value.value, file, context=keyword.arg)


def _texts_of(keywords: list[ast.keyword], names: tuple[str, ...] | None, file: str) -> Iterator[Message]:
    for keyword in keywords:
        if names is not None and keyword.arg not in names:
            continue
        if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            yield Message(keyword.value.value, file)


def _is_command(decorator: ast.expr) -> bool:
    return (
        isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Attribute)
        and decorator.func.attr == "command"
    )


def _tables(value: object) -> Iterator[dict[str, str]]:
    """Every table within a TOML document."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _tables(item)
    elif isinstance(value, list):
        for item in value:
            yield from _tables(item)


def update(path: Path, template: Catalog) -> Catalog:
    """Write a catalogue with all texts of the template and no others; return it."""
    locale = path.parent.name
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=locale)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = Catalog(locale=locale, project="Plantain", charset="utf-8")
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with path.open("wb") as file:
        file.write(HEADER.format(name=Locale.parse(locale).english_name, catalogue=catalogue).encode())
        write_po(file, catalogue, width=WIDTH, omit_header=True, include_lineno=False, ignore_obsolete=True)
    return catalogue


def main(arguments: list[str]) -> int:
    """Update every catalogue and those that are named; say what is left to translate."""
    template = extracted()
    paths = {*LOCALES.glob(f"*/{CATALOGUE}"), *(LOCALES / name / CATALOGUE for name in arguments)}
    for path in sorted(paths):
        catalogue = update(path, template)
        empty = [message for message in catalogue if message.id and not all(_strings(message.string))]
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} texts, {len(empty)} to translate")
    return 0


def _strings(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (str(value or ""),)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
