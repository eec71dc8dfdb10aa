"""Writes the reference pages of `docs/` from the code: ``python -m tests.documentation.reference``.

Commands come from the real tree, settings from their model and `config.example.toml`, metrics from their
registry. `make docs` writes the pages before it builds; a test fails for one that is out of date.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import discord
from discord import app_commands
from pydantic import SecretStr

from bot.app import open_app
from bot.catalogue import load_catalogue
from bot.config import Settings, StorageSettings, TierSettings, sections
from bot.metrics import Meters
from tests.documentation.pages import DOCS, ROOT

Tree = app_commands.CommandTree[Any]

NOTE = "<!-- Written by `make docs` from the code: changes belong there. -->\n"
SETTINGS = """\
Every setting stands in `config.toml`, which can be left out, and is an environment variable as well:
`daily_images` in `[limits]` is `PLANTAIN_LIMITS__DAILY_IMAGES`. The environment counts more than `.env`,
and both more than the file. `--config`, or for every command `PLANTAIN_CONFIG`, names another file. The two
secrets, `DISCORD_TOKEN` and `GEMINI_API_KEY`, stand in the environment or in `.env` only. A fault is reported
with its remedy before anything starts."""
METRICS = """\
What `/metrics` says, beside the usual `process_…`. No label names a member, a server or a job. Histograms
have the series `_bucket`, `_count` and `_sum`. How to watch them: [Operating](operating.md#watching-it)."""
MODELS = """\
Prices are the catalogue's, for the tokens of one picture as it comes out; the prompt and the pictures that
go with it add to them. A request is settled by the tokens that were counted."""
EXAMPLE = ROOT / "config.example.toml"


@asynccontextmanager
async def command_tree() -> AsyncIterator[Tree]:
    """The commands of a bot that is wired and not logged in."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            storage=StorageSettings(path=Path(folder)),
            discord_token=SecretStr("none"),
            gemini_api_key=SecretStr("none"),
        )
        async with open_app(settings) as app:
            for cog in app.client._cogs:
                await app.client.add_cog(cog)
            yield app.client.tree


def commands_of(tree: Tree) -> list[app_commands.Command[Any, ..., Any]]:
    """Return every slash command that can be typed, by name."""
    found = [item for item in tree.walk_commands() if isinstance(item, app_commands.Command)]
    return sorted(found, key=lambda command: command.qualified_name)


def menus_of(tree: Tree) -> list[str]:
    """Return the names in the menu of a message."""
    return sorted(menu.name for menu in tree.get_commands(type=discord.AppCommandType.message))


def commands_page(tree: Tree) -> str:
    """Return the page about commands."""
    lines = ["# Commands", "", NOTE]
    lines += ["Options in *italics* can be left out. What each is good for: [Members](members.md),"]
    lines += ["[Moderators](moderators.md), [Managers](managers.md).", ""]
    lines += ["In the menu of every message (*Apps*):"]
    lines += [", ".join(f"**{name}**" for name in menus_of(tree)) + ".", ""]
    top = ""
    for command in commands_of(tree):
        first = command.qualified_name.partition(" ")[0]
        if first != top:
            lines += [f"## /{first}", ""]
            top = first
        if " " in command.qualified_name:
            lines += [f"### /{command.qualified_name}", ""]
        lines += [f"{command.description}.", ""]
        if command.parameters:
            lines += ["| option | |", "|---|---|"]
            lines += [_option(parameter) for parameter in command.parameters]
            lines += [""]
    return "\n".join(lines)


def _option(parameter: app_commands.Parameter) -> str:
    name = f"`{parameter.display_name}`" if parameter.required else f"*`{parameter.display_name}`*"
    text = _cell(str(parameter.description))
    if parameter.choices:
        text += ": " + ", ".join(f"“{_cell(choice.name)}”" for choice in parameter.choices)
    lowest, highest = parameter.min_value, parameter.max_value
    if lowest is not None and highest is not None:
        unit = " characters" if parameter.type is discord.AppCommandOptionType.string else ""
        text += f" ({_plain(lowest)} to {_plain(highest)}{unit})"
    return f"| {name} | {text} |"


def _plain(bound: float) -> str:
    """Return a number as people write it."""
    return f"{bound:.6f}".rstrip("0").rstrip(".")


def settings_page() -> str:
    """Return the page about settings."""
    lines = ["# Settings", "", NOTE, SETTINGS, ""]
    explained = _explained()
    for section, model in sections().items():
        lines += [f"## {section}", "", _cell(" ".join((model.__doc__ or "").split())), ""]
        lines += ["| setting | default | |", "|---|---|---|"]
        for key, field in model.model_fields.items():
            default, comment = explained[section, key]
            text = f"{_cell(comment)} *Write {_cell(field.description or '')}.*"
            lines += [f"| `{section}.{key}` | `{_cell(default)}` | {text} |"]
        lines += [""]
    lines += ["## tiers", "", "A table `[tiers.NAME]` for each; what one leaves out it says nothing about."]
    lines += ["What each setting means: [Caps, tiers and grants](limits.md#tiers).", ""]
    lines += ["| setting | write |", "|---|---|"]
    for key, field in TierSettings.model_fields.items():
        lines += [f"| `tiers.NAME.{key}` | {_cell(field.description or '')} |"]
    return "\n".join(lines)


def metrics_page() -> str:
    """Return the page about metrics."""
    lines = ["# Metrics", "", NOTE, METRICS, ""]
    lines += ["| metric | kind | |", "|---|---|---|"]
    for name, kind, text in metrics():
        lines += [f"| `{name}` | {kind} | {_cell(text)} |"]
    return "\n".join(lines)


def metrics() -> list[tuple[str, str, str]]:
    """Return name, kind and meaning of every metric; counters by the name that is asked for."""
    registry = Meters(lambda: 0, version="0").registry
    found = [
        (
            f"{metric.name}_total" if metric.type == "counter" else metric.name,
            metric.type,
            metric.documentation,
        )
        for metric in registry.collect()
        if metric.name.startswith("plantain_")  # what is known of the process depends on the system
    ]
    return sorted(found)


def models_page() -> str:
    """Return the page about models."""
    lines = ["# Models", "", NOTE, MODELS, ""]
    lines += ["| model | size | a picture |", "|---|---|---|"]
    catalogue = load_catalogue(None)
    for model in catalogue.models:
        for size in model.sizes:
            price = f"${size.tokens * model.prices.image / 10**12:.4f}" if model.prices else "unknown"
            lines += [f"| {model.label} | {size.name} | {price} |"]
    for model in catalogue.models:
        lines += ["", f"## {model.label}", "", f"`{model.id}`, or `{model.tier}`", ""]
        lines += [f"- ratios: {', '.join(model.ratios)}"]
        lines += [f"- sizes: {', '.join(model.size_names)}; the first is its own"]
        lines += [f"- pictures that can be sent along: {model.max_inputs}"]
        lines += [f"- seed: {'yes' if model.seed else 'no'}"]
    lines += ["", "## Shut down", "", "Whoever names one of these gets what takes its place.", ""]
    lines += ["| model | ended | instead |", "|---|---|---|"]
    lines += [f"| `{item.id}` | {item.on} | `{item.replaced_by}` |" for item in catalogue.retired]
    return "\n".join(lines)


def _explained() -> dict[tuple[str, str], tuple[str, str]]:
    """The default as it is written, and the comment above it, of every setting of the example."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    section = ""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif " = " in line and not line.startswith("#"):
            key, _, default = line.partition(" = ")
            above = takewhile(lambda text: text.startswith("# "), reversed(lines[:number]))
            comment = " ".join(text[2:].strip() for text in reversed(list(above)))
            found[section, key] = (default, comment)
    return found


def _cell(text: str) -> str:
    """A text in a table: a bar would end the cell, and what looks like a tag would vanish."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def written(tree: Tree) -> dict[str, str]:
    """Return the reference pages by their files' names."""
    texts = {"commands.md": commands_page(tree), "settings.md": settings_page(), "metrics.md": metrics_page()}
    texts["models.md"] = models_page()
    return {name: text.rstrip("\n") + "\n" for name, text in texts.items()}


async def _now() -> dict[str, str]:
    async with command_tree() as tree:
        return written(tree)


def main() -> None:
    """Write the pages."""
    for name, text in asyncio.run(_now()).items():
        (DOCS / name).write_text(text, encoding="utf-8")
    print("The reference pages are up to date with the code.")


if __name__ == "__main__":
    main()
