"""The command line: ``python -m bot run | sandbox | doctor | migrate | backup | restore | usage``.

Without a command it runs the bot when a Discord token is configured, and the sandbox otherwise: what
``make run`` does. Exit codes: 0 fine, 1 a failure at run time, 2 something that the operator has to change.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

if find_spec("pydantic") is None:  # one of the packages that everything below needs
    print(
        "Plantain's packages are not installed for this Python. Run `make venv`, and then "
        "`.venv/bin/python -m bot`.",
        file=sys.stderr,
    )
    sys.exit(2)

from bot.config import Settings, load_settings
from bot.errors import ConfigurationError, StorageBusy, StorageError, StorageFull, StorageUnreachable
from bot.log import conclude, configure
from bot.signals import ignore_hangup

log = logging.getLogger("bot")

# What may end by itself: whoever restarts us should try again.
PASSING = (StorageBusy, StorageFull, StorageUnreachable)


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
        conclude(f"Plantain cannot use its data: {error}")
        return 1 if isinstance(error, PASSING) else 2
    except ModuleNotFoundError as error:
        if error.name != "simcord":
            raise
        print("The sandbox needs the package simcord. `make venv` installs it.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception:
        log.critical("Plantain broke. The trace says where; please report it", exc_info=True)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Plantain, a Discord image studio.")
    commands = parser.add_subparsers(dest="command")
    run = commands.add_parser("run", help="run the bot against Discord and Gemini")
    sandbox = commands.add_parser("sandbox", help="try the bot in a browser; nothing leaves the machine")
    migrate = commands.add_parser("migrate", help="bring the database up to date")
    backup = commands.add_parser(
        "backup", help="write database and pictures to a file; the bot may be running"
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="the file to write, such as plantain.tar")
    restore = commands.add_parser("restore", help="put a backup back; the bot must not be running")
    restore.add_argument("file", type=Path, metavar="FILE", help="a file that `backup` wrote")
    restore.add_argument("--force", action="store_true", help="where there is data: move it aside before")
    doctor = commands.add_parser("doctor", help="look at the installation and say what to do")
    doctor.add_argument("--json", action="store_true", help="print the report for programs")
    doctor.add_argument(
        "--repair", action="store_true", help="remove pictures that nothing names, put the ledger right"
    )
    doctor.add_argument("--sandbox", action="store_true", help="look at the sandbox instead")
    usage = commands.add_parser(
        "usage", help="print what was made and what it cost; the bot may run meanwhile"
    )
    for command in (run, sandbox, migrate, backup, restore, doctor, usage):
        command.add_argument(
            "--config",
            type=Path,
            metavar="FILE",
            help="settings (default: $PLANTAIN_CONFIG, config.toml)",
        )
    sandbox.add_argument("--port", type=int, help="port of the page (default: any free one)")
    sandbox.add_argument("--no-browser", action="store_true", help="only print the page's address")
    sandbox.add_argument("--reset", action="store_true", help="begin with an empty sandbox")
    usage.add_argument("--csv", action="store_true", help="every request as a line of CSV, instead of sums")
    usage.add_argument("--from", dest="first", metavar="DAY", help="the first day, such as 2026-11-01")
    usage.add_argument("--to", dest="last", metavar="DAY", help="the last day (default: today)")
    usage.add_argument("--server", type=int, metavar="ID", help="of one server only")
    return parser


def _dispatch(options: argparse.Namespace) -> int:
    if options.command is None:
        found = load_settings(None)
        options = _parser().parse_args(["run" if found.discord_token else "sandbox"])
    if options.command == "sandbox":
        settings = load_settings(options.config)
        _configure_log(settings)
        from bot.sandbox.run import run_sandbox

        return asyncio.run(
            run_sandbox(
                settings,
                lambda: load_settings(options.config),
                port=options.port,
                open_browser=not options.no_browser,
                reset=options.reset,
            )
        )
    if options.command == "migrate":
        settings = load_settings(options.config)
        _configure_log(settings)
        from bot.keeping import run_migrate

        return run_migrate(settings)
    if options.command == "usage":
        from bot.usage_report import print_usage

        settings = load_settings(options.config)
        _configure_log(settings)
        return asyncio.run(
            print_usage(settings, csv=options.csv, days=(options.first, options.last), server=options.server)
        )
    if options.command == "doctor":
        return _doctor(options)
    if options.command in ("backup", "restore"):
        settings = load_settings(options.config)
        _configure_log(settings)
        from bot.keeping import run_backup, run_restore

        if options.command == "backup":
            return run_backup(settings, options.file)
        return run_restore(settings, options.file, force=options.force)

    ignore_hangup()

    def load() -> Settings:
        return load_settings(options.config, require={"discord", "gemini"})

    settings = load()
    _configure_log(settings)
    from bot.serve import serve

    return asyncio.run(serve(settings, load))


def _doctor(options: argparse.Namespace) -> int:
    from bot.doctor.command import report_faults, run_doctor, run_sandbox_doctor

    try:
        settings = load_settings(options.config)
    except ConfigurationError as error:
        return report_faults(error, json=options.json)
    # Libraries have their say only where it is about more than what the report says in plain words.
    configure("ERROR", settings.log.format, settings.secrets())
    examination = run_sandbox_doctor if options.sandbox else run_doctor
    return asyncio.run(examination(settings, json=options.json, repair=options.repair))


def _configure_log(settings: Settings) -> None:
    configure(settings.log.level, settings.log.format, settings.secrets())


if __name__ == "__main__":
    sys.exit(main())
