"""The command line: ``python -m bot run | sandbox | migrate | doctor``.

Without a command it runs the bot when a Discord token is configured, and the sandbox otherwise: what
``make run`` does. Exit codes: 0 fine, 1 a failure at run time, 2 something that the operator has to change.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.config import Settings, load_settings
from bot.errors import ConfigurationError, StorageError
from bot.log import configure

log = logging.getLogger("bot")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _dispatch(options)
    except ConfigurationError as error:
        print("Plantain cannot start. Please change:", file=sys.stderr)
        for fault in error.faults:
            print(f"  {fault}", file=sys.stderr)
        return 2
    except StorageError as error:
        print(f"Plantain cannot use its data: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Plantain, a Discord image studio.")
    commands = parser.add_subparsers(dest="command")
    run = commands.add_parser("run", help="run the bot against Discord and Gemini")
    sandbox = commands.add_parser("sandbox", help="try the bot in a browser; nothing leaves the machine")
    migrate = commands.add_parser("migrate", help="bring the database up to date")
    doctor = commands.add_parser("doctor", help="examine the data and put it right; stop the bot before")
    for command in (run, sandbox, migrate, doctor):
        command.add_argument("--config", type=Path, metavar="FILE", help="settings (default: config.toml)")
    sandbox.add_argument("--port", type=int, help="port of the page (default: any free one)")
    sandbox.add_argument("--no-browser", action="store_true", help="only print the page's address")
    sandbox.add_argument("--reset", action="store_true", help="begin with an empty sandbox")
    return parser


def _dispatch(options: argparse.Namespace) -> int:
    if options.command is None:
        found = load_settings(None)
        options = _parser().parse_args(["run" if found.discord_token else "sandbox"])
    if options.command == "sandbox":
        settings = load_settings(options.config)
        _configure_log(settings)
        try:
            from bot.sandbox.run import run_sandbox
        except ModuleNotFoundError as error:
            if error.name != "simcord":
                raise
            print("The sandbox needs the package simcord. `make venv` installs it.", file=sys.stderr)
            return 2

        return asyncio.run(
            run_sandbox(settings, port=options.port, open_browser=not options.no_browser, reset=options.reset)
        )
    if options.command == "migrate":
        settings = load_settings(options.config)
        _configure_log(settings)
        return asyncio.run(_migrate(settings))
    if options.command == "doctor":
        settings = load_settings(options.config)
        _configure_log(settings)
        return asyncio.run(_doctor(settings))
    settings = load_settings(options.config, require={"discord", "gemini"})
    _configure_log(settings)
    from bot.serve import serve

    return asyncio.run(serve(settings))


def _configure_log(settings: Settings) -> None:
    configure(settings.log.level, settings.log.format, settings.secrets())


async def _migrate(settings: Settings) -> int:
    from storage.store import open_store

    async with open_store(settings.storage.url, settings.storage.path):
        print("The database is up to date.")
    return 0


async def _doctor(settings: Settings) -> int:
    from bot.clock import SystemClock
    from bot.doctor import examine
    from storage.store import open_store

    async with open_store(settings.storage.url, settings.storage.path) as store:
        lines, well = await examine(store, SystemClock())
    print("\n".join(lines))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
