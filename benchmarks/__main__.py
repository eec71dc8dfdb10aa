"""Plantain beside a bare bot: python -m benchmarks [NAME …] [--quick] [--json FILE]

Prints a table for each benchmark as soon as it is done. Exit code 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from benchmarks.blocks import longest_block
from benchmarks.conversation import conversation
from benchmarks.database import database
from benchmarks.fairness import fairness
from benchmarks.idle import idle
from benchmarks.ledger import ledger
from benchmarks.memory import memory
from benchmarks.report import Section, machine, table
from benchmarks.speed import many_commands, one_command, storm_of_commands
from benchmarks.starting import start
from benchmarks.usage import usage

BENCHMARKS: Mapping[str, Callable[[bool], Awaitable[Section]]] = {
    "one": one_command,
    "many": many_commands,
    "storm": storm_of_commands,
    "block": longest_block,
    "memory": memory,
    "database": database,
    "fairness": fairness,
    "usage": usage,
    "conversation": conversation,
    "ledger": ledger,
    "start": start,
    "idle": idle,
}


def main() -> int:
    """Run what is asked for and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(BENCHMARKS)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {names} (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: to try, not to judge by")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    sections = asyncio.run(_run(options.names or list(BENCHMARKS), quick=options.quick))
    if options.json:
        report = {"machine": machine(), "sections": [section.to_json() for section in sections]}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return _verdict(sections)


async def _run(names: list[str], *, quick: bool) -> list[Section]:
    where = machine()
    print(f"Python {where['python']}, {where['system']}, {where['cores']} cores", flush=True)
    sections = []
    for name in names:
        before = os.getloadavg()[0]
        section = await BENCHMARKS[name](quick)
        section = replace(section, load=(before, os.getloadavg()[0]))
        print(f"\n{table(section)}", flush=True)
        sections.append(section)
    return sections


def _verdict(sections: list[Section]) -> int:
    missed = [
        f"{section.name}: {figure.what}"
        for section in sections
        for figure in section.figures
        if figure.missed
    ]
    print(f"\nMISSED: {'; '.join(missed)}" if missed else "\nEvery target is met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
