"""The command: `doctor [--json] [--repair] [--sandbox]`."""

from __future__ import annotations

import os
import sys

from bot.config import Settings
from bot.doctor.configuration import fault_findings
from bot.doctor.examine import Wanted, examine
from bot.doctor.findings import Finding, as_json, as_text, exit_code
from bot.errors import ConfigurationError


async def run_doctor(settings: Settings, *, json: bool, repair: bool) -> int:
    """Examine an installation, print the report and return the exit code."""
    return _report(await examine(settings, Wanted(repair=repair)), json)


async def run_sandbox_doctor(settings: Settings, *, json: bool, repair: bool) -> int:
    """The same for the sandbox: its folder, and its look-alike of Gemini, which is started for that."""
    from bot.sandbox.run import standing_in

    async with standing_in(settings) as sandboxed:
        return _report(await examine(sandboxed, Wanted(repair=repair, sandbox=True)), json)


def report_faults(error: ConfigurationError, *, json: bool) -> int:
    """Report settings that cannot be read: there is nothing else to look at then."""
    return _report(fault_findings(error), json)


def _report(findings: list[Finding], json: bool) -> int:
    try:
        print(as_json(findings) if json else as_text(findings), flush=True)
    except BrokenPipeError:
        # `doctor | head -1`: whoever has read enough still wants the exit code. Python flushes once more at
        # its end, and would complain then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return exit_code(findings)
