"""Who may know whom, as data, and how a module's imports are read. `test_imports` puts the two together.

The rules are those of docs/architecture.md. A package that is not in a room's table may not be imported
there: adding one is a decision, made here.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
OURS = ("bot", "cogs", "storage")

DATABASES = ("sqlite3", "aiosqlite", "asyncpg")
# The standard library's doors to the outside and to the time: what is pure has no use for them.
OUTSIDE = (
    *("asyncio", "concurrent", "ftplib", "glob", "http", "imaplib", "io", "logging", "multiprocessing", "os"),
    *("random", "secrets", "select", "selectors", "shutil", "signal", "smtplib", "socket", "socketserver"),
    *("sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request", "uuid"),
)


@dataclass(frozen=True, slots=True)
class Room:
    """What the modules of a room may import: our modules, packages, and what not of the standard library."""

    ours: tuple[str, ...]
    packages: tuple[str, ...] = ()
    never: tuple[str, ...] = DATABASES

    def allows(self, name: str) -> bool:
        if _within(name, self.never):
            return False
        if _within(name, OURS):
            return _within(name, self.ours)
        return name.partition(".")[0] in sys.stdlib_module_names or _within(name, self.packages)


_PURE = ("bot.errors", "bot.domain")
_SECTIONS = ("bot.config_base", "bot.config_sections", "bot.config_limits")
_SETTINGS = ("bot.__version__", "bot.config", "bot.config_reading", *_SECTIONS, "bot.log")

ROOMS = {
    "bot.errors": Room((), never=OUTSIDE),
    "bot.domain": Room(_PURE, never=OUTSIDE),
    "bot.studio": Room((*_PURE, "bot.studio"), never=(*DATABASES, "socket", "http", "urllib.request")),
    "bot.background": Room(()),
    "bot.imaging": Room(
        (*_PURE, "bot.background", "bot.imaging"), ("PIL", "matplotlib", "pillow_heif", "numpy")
    ),
    "bot.providers": Room((*_PURE, "bot.providers"), ("google.genai", "google.auth", "aiohttp", "pybase64")),
    "storage": Room((*_PURE, "bot.background", "storage"), ("aiosqlite", "asyncpg", "filelock"), never=()),
    "cogs": Room((*_PURE, "bot.studio", "cogs"), ("discord", "babel")),
    # discord.py lets the failures of its HTTP library through as they are.
    "cogs.faults": Room((*_PURE, "bot.studio", "cogs"), ("discord", "aiohttp")),
    "cogs.mapped": Room((), ("aiohttp",)),
    "bot.client": Room((*_PURE, *_SETTINGS, "bot.publishing", "bot.studio", "cogs"), ("discord", "aiohttp")),
    "bot.publishing": Room(_PURE, ("discord",)),
    "bot.sandbox": Room(
        (
            *(*_PURE, *_SETTINGS, "bot.studio", "bot.app", "bot.client", "bot.sandbox", "bot.signals"),
            *("bot.wiring.outside", "cogs"),
        ),
        ("discord", "simcord", "aiohttp", "PIL", "pydantic"),
    ),
    "bot.metrics": Room((*_PURE, "bot.metrics"), ("prometheus_client", "aiohttp")),
    "bot.serve": Room(
        (
            *(*_PURE, *_SETTINGS, "bot.app", "bot.client", "bot.collecting", "bot.doctor"),
            *(
                "bot.error_reports",
                "bot.metrics",
                "bot.reload",
                "bot.signals",
                "bot.web",
                "bot.web_originals",
            ),
        )
    ),
    "bot.doctor": Room((*_PURE, *_SETTINGS, "bot.doctor")),
    "bot.doctor.data_side": Room((*_PURE, "bot.doctor", "storage")),
    "bot.doctor.ledger_side": Room((*_PURE, "bot.clock", "bot.doctor", "bot.studio", "storage")),
    "bot.doctor.discord_asking": Room((*_PURE, "bot.doctor"), ("discord", "aiohttp")),
    "bot.doctor.discord_channels": Room((*_PURE, "bot.doctor"), ("discord",)),
    "bot.doctor.discord_commands": Room((*_PURE, "bot.doctor"), ("discord",)),
    "bot.doctor.discord_side": Room((*_PURE, "bot.doctor"), ("discord",)),
    "bot.doctor.command": Room((*_PURE, *_SETTINGS, "bot.doctor", "bot.sandbox")),
    "bot.doctor.examine": Room(OURS, ("discord", "aiohttp")),
    "bot.app": Room(OURS),
    "bot.wiring": Room(OURS),  # pieces of the composition root
    "bot.wiring.outside": Room((*_PURE, "bot.clock", "bot.studio")),
    "bot.keeping": Room((*_PURE, *_SETTINGS, "storage")),
    "bot.__main__": Room(OURS),
    "bot.usage_report": Room((*_PURE, *_SETTINGS, "bot.studio", "storage")),
    # yarl has the type in which aiohttp takes an address that must not be written in another way.
    "bot.fetching": Room((*_PURE, "bot.background"), ("aiohttp", "yarl")),
    "bot.lookalikes": Room((), ("confusable_homoglyphs",)),
    "bot.rules": Room((*_PURE, "bot.lookalikes")),
    # Every other module of the program: settings, log, clock, web server.
    "bot": Room((*_PURE, *_SETTINGS, "bot.studio"), ("aiohttp", "dotenv", "pydantic", "pydantic_settings")),
}


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name, written out: `from bot.domain import jobs` is `bot.domain.jobs`."""

    name: str
    line: int


def modules() -> dict[str, Path]:
    """Every module of the program by its dotted name."""
    found = {}
    for package in OURS:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room_of(module: str) -> Room:
    """The rule for a module: that of the longest name it stands in."""
    names = [name for name in ROOMS if _within(module, (name,))]
    return ROOMS[max(names, key=len)]


def imports(source: str, module: str, *, package: bool = False) -> Iterator[Import]:
    """Every import anywhere in `source`: in functions, under TYPE_CHECKING, by a constant name."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (Import(alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(names=names):
                base = _absolute(node, module, package)
                yield from (Import(f"{base}.{alias.name}", node.lineno) for alias in names)
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
                called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                if called in {"import_module", "__import__"}:
                    yield Import(name, node.lineno)


def violations(source: str, module: str, *, package: bool = False) -> list[str]:
    """What `source` imports although `module` may not."""
    room = room_of(module)
    return [
        f"{module}:{item.line} may not import {item.name}"
        for item in imports(source, module, package=package)
        if not room.allows(item.name)
    ]


def reads_outside(source: str) -> list[int]:
    """Lines that read the clock or open a file by what needs no forbidden import."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="now" | "utcnow" | "today", value=ast.Name(id=name))):
                if name in {"datetime", "date"}:
                    lines.append(node.lineno)
            case ast.Call(func=ast.Attribute(attr="now" | "utcnow" | "today", value=ast.Attribute())):
                lines.append(node.lineno)
            case ast.Call(func=ast.Name(id="open" | "print" | "input")):
                lines.append(node.lineno)
            case ast.Call(
                func=ast.Attribute(attr="read_text" | "read_bytes" | "write_text" | "write_bytes" | "iterdir")
            ):
                lines.append(node.lineno)
    return lines


def _absolute(node: ast.ImportFrom, module: str, package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = module.split(".")
    kept = parts[: len(parts) - node.level + package]
    return ".".join([*kept, *([node.module] if node.module else [])])


def _within(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)
