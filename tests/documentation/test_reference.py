"""Every command, setting, metric and model is described, and nothing is described that is not there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.config import sections
from tests.documentation.buttons import labels
from tests.documentation.pages import DOCS, GENERATED, guides, pages, prose, spans
from tests.documentation.reference import Tree, command_tree, commands_of, menus_of, metrics, written

COMMAND = re.compile(r"/[a-z][a-z_]*(?: [a-z_]+)*")
# Addresses of the web server, and folders: they begin with a slash as commands do.
NO_COMMANDS = re.compile(r"/(healthz|readyz|metrics|originals|data|tmp|backups|v1|v1beta)\b")


@pytest.fixture
async def tree() -> AsyncIterator[Tree]:
    async with command_tree() as found:
        yield found


def named_commands(text: str) -> list[str]:
    """What looks like a command in code spans, as far as it can be one."""
    return [
        match[0]
        for span in spans(text)
        if not NO_COMMANDS.match(span) and (match := COMMAND.match(span)) and span[match.end() :][:1] != "/"
    ]


async def test_the_reference_is_up_to_date(tree: Tree) -> None:
    """`make docs` writes it."""
    texts = written(tree)
    assert set(texts) == set(GENERATED)
    for name, text in texts.items():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"docs/{name}: run `make docs`"


async def test_every_command_is_described_in_a_guide(tree: Tree) -> None:
    described = {name for path in guides() for name in named_commands(prose(path))}
    missing = [
        command.qualified_name
        for command in commands_of(tree)
        if not any(re.match(rf"/{command.qualified_name}\b", name) for name in described)
    ]
    assert missing == []


async def test_every_menu_is_described_in_a_guide(tree: Tree) -> None:
    text = "\n".join(prose(path) for path in guides())
    assert [name for name in menus_of(tree) if f"**{name}**" not in text] == []


def test_every_button_is_described_in_a_guide() -> None:
    text = "\n".join(prose(path) for path in guides())
    found = labels()
    assert {"Vary", "Imagine this", "Cancel"} <= set(found)
    assert {label: file for label, file in found.items() if f"**{label}**" not in text} == {}


async def test_every_command_that_a_page_names_exists(tree: Tree) -> None:
    commands = {command.qualified_name for command in commands_of(tree)}
    groups = {name.rsplit(" ", count)[0] for name in commands for count in range(1, name.count(" ") + 1)}

    def exists(name: str) -> bool:
        """A command with anything behind it, or a group with nothing."""
        words = name.removeprefix("/").split(" ")
        parts = [" ".join(words[:count]) for count in range(len(words), 0, -1)]
        return parts[0] in groups or any(part in commands for part in parts)

    wrong = [
        f"{path.name}: {name}" for path in pages() for name in named_commands(prose(path)) if not exists(name)
    ]
    assert wrong == []
    assert not exists("/imagin") and not exists("/config nothing") and exists("/config")


def test_every_setting_is_described() -> None:
    described = set(spans((DOCS / "settings.md").read_text(encoding="utf-8")))
    settings = {f"{section}.{key}" for section, model in sections().items() for key in model.model_fields}
    assert settings and settings - described == set()


def test_every_setting_that_a_page_names_exists() -> None:
    known = {f"{section}.{key}" for section, model in sections().items() for key in model.model_fields}
    named = re.compile(rf"({'|'.join(sections())})\.[a-z_]+")
    wrong = [
        f"{path.name}: {span}"
        for path in pages()
        for span in spans(prose(path))
        if (match := named.fullmatch(span.partition(" = ")[0])) and match[0] not in known
    ]
    assert wrong == []


def test_every_metric_is_described() -> None:
    described = set(spans((DOCS / "metrics.md").read_text(encoding="utf-8")))
    names = {name for name, _kind, _text in metrics()}
    assert names and names - described == set()
