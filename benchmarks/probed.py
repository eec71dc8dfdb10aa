"""Runs a bot as it is, with a probe on its event loop: python -m benchmarks.probed plantain|bare FILE

The product has no hook for this: the probe is one more task beside the bot's.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from benchmarks.probe import probing


async def run_bare(path: Path) -> int:
    """Run the bare bot."""
    from benchmarks.bare import make

    async with make() as bot:
        await probing(bot.start(os.environ["DISCORD_TOKEN"]), path)
    return 0


async def run_plantain(path: Path) -> int:
    """Run Plantain as ``python -m bot run`` does."""
    from bot.config import load_settings
    from bot.log import configure
    from bot.serve import serve

    settings = load_settings(None, require={"discord", "gemini"})
    configure(settings.log.level, settings.log.format, settings.secrets())
    return await probing(serve(settings, lambda: settings), path)


def main() -> int:
    """Run the bot that is named, until it is stopped."""
    _, name, path = sys.argv
    run = run_plantain if name == "plantain" else run_bare
    return asyncio.run(run(Path(path)))


if __name__ == "__main__":
    sys.exit(main())
