"""The rooms: who may know whom, where SQL may be, and that importing does nothing."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.import_rules import ROOT, modules, reads_outside, violations

SQL = re.compile(r"\b(SELECT\s[^;]*\sFROM|INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET|CREATE\s+TABLE)\b")


@pytest.mark.parametrize("module", modules())
def test_a_module_knows_only_whom_it_may(module: str) -> None:
    path = modules()[module]
    package = path.name == "__init__.py"
    assert violations(path.read_text("utf-8"), module, package=package) == []


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("bot.domain")])
def test_the_domain_reads_neither_clock_nor_files(module: str) -> None:
    assert reads_outside(modules()[module].read_text("utf-8")) == []


@pytest.mark.parametrize("module", [name for name in modules() if not name.startswith("storage")])
def test_sql_stays_in_storage(module: str) -> None:
    tree = ast.parse(modules()[module].read_text("utf-8"))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert [text for text in texts if isinstance(text, str) and SQL.search(text)] == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.domain.jobs", "import discord"),
        ("bot.domain.jobs", "import time"),
        ("bot.domain.jobs", "from urllib.request import urlopen"),
        ("bot.domain.jobs", "import pydantic"),
        ("bot.domain.jobs", "import bot"),
        ("bot.domain.jobs", "from bot import studio"),
        ("bot.domain.jobs", "from ..studio import submit"),
        ("bot.domain.jobs", "from .. import config"),
        ("bot.errors", "import bot.domain.jobs"),
        ("bot.studio.submit", "if TYPE_CHECKING:\n    import discord"),
        ("bot.studio.submit", "def f():\n    from google import genai"),
        ("bot.studio.submit", "import aiohttp"),
        ("bot.studio.submit", "from storage.jobs import Jobs"),
        ("bot.studio.submit", "from bot.providers import gemini"),
        ("bot.imaging.intake", "from bot.studio import ports"),
        ("bot.providers.gemini", "import storage"),
        ("bot.providers.gemini", "import discord.ext.commands"),
        ("storage.jobs", "from bot.studio.job_ports import Jobs"),
        ("storage.jobs", "import PIL.Image"),
        ("cogs.imagine", "import storage"),
        ("cogs.imagine", "import sqlite3"),
        ("cogs.imagine", "from bot.providers.gemini import Gemini"),
        ("cogs.imagine", "import google.genai"),
        ("cogs.imagine", "importlib.import_module('storage.engine')"),
        ("cogs.imagine", "__import__('aiosqlite')"),
        ("bot.client", "from storage import engine"),
        ("bot.web", "import discord"),
        ("bot.config", "from bot.app import App"),
        ("bot.sandbox.world", "import storage.engine"),
        ("bot.sandbox.gemini.wire", "from google.genai import types"),
        ("bot.app", "import discord"),
        ("bot.app", "import google.genai"),
    ],
)
def test_a_breach_is_found(module: str, source: str) -> None:
    (found,) = violations(source, module)
    assert found.startswith(f"{module}:")


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("bot.domain.jobs", "import dataclasses, bot.errors\nfrom bot.domain.images import Image"),
        ("bot.domain.jobs", "from .images import Image\nfrom . import images"),
        ("bot.studio.submit", "import asyncio\nfrom bot.domain import jobs\nfrom . import ports"),
        ("bot.providers.gemini", "from google import genai\nimport aiohttp\nfrom google.genai import types"),
        ("storage.engine", "import sqlite3, aiosqlite\nfrom bot.errors import StorageBusy"),
        (
            "cogs.imagine",
            "import discord\nfrom discord import app_commands\nfrom bot.studio.service import Studio",
        ),
        ("bot.app", "import storage.engine, bot.providers.gemini, cogs.imagine, bot.imaging"),
    ],
)
def test_what_is_allowed_is_not_found(module: str, source: str) -> None:
    assert violations(source, module) == []


def test_relative_imports_of_a_package_start_at_the_package() -> None:
    assert violations("from .jobs import Job", "bot.domain", package=True) == []
    assert violations("from . import studio", "bot", package=True) == []
    assert len(violations("from ..studio import submit", "bot.domain", package=True)) == 1


@pytest.mark.parametrize(
    "source",
    ["datetime.now(UTC)", "datetime.datetime.now()", "date.today()", "open('x')", "Path('x').read_text()"],
)
def test_reading_the_outside_is_found(source: str) -> None:
    assert reads_outside(source) == [1]


def test_importing_needs_no_settings_and_does_nothing(tmp_path: Path) -> None:
    program = (
        "import importlib, json, logging, sys, threading\n"
        "failed = {}\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except BaseException as error:\n"
        "        failed[name] = repr(error)\n"
        "print(json.dumps({'failed': failed, 'handlers': len(logging.getLogger().handlers),"
        " 'threads': threading.active_count()}))\n"
    )
    # Nothing of the environment but what Python itself may need to start (Windows' system folder).
    environ = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", program, *modules()],
        env={**environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert json.loads(done.stdout) == {"failed": {}, "handlers": 0, "threads": 1}
    assert list(tmp_path.iterdir()) == []
