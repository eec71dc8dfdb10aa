"""What discord.py raises when Discord does not take something, as our own error."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord

from bot.errors import DeliveryError

log = logging.getLogger(__name__)

TOO_LARGE = 40005  # Discord: "Request entity too large"
GONE = (10003, 10008)  # Discord: "Unknown channel", "Unknown message"
INTERACTION_TOKEN_ENDED = 50027  # Discord: "Invalid Webhook Token"


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn what a call to Discord raises into a DeliveryError that says whether another try can help."""
    try:
        yield
    except discord.HTTPException as error:
        too_large = error.status == 413 or error.code == TOO_LARGE
        passing = error.status >= 500 or error.status == 429 or _is_about_our_token(error)
        if error.status == 400 and not too_large:
            log.error("Discord does not take a message of ours: %s", error)
        raise DeliveryError(
            f"Discord answered {error.status} (code {error.code})",
            passing=passing,
            too_large=too_large,
            gone=error.code in GONE,
        ) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DeliveryError(f"Discord is out of reach: {type(error).__name__}", passing=True) from error
    except RuntimeError as error:
        if "closed" not in str(error):  # aiohttp's word for a session after `close`, without a class for it
            raise
        raise DeliveryError("the bot has logged out", passing=True) from error


def _is_about_our_token(error: discord.HTTPException) -> bool:
    """Whether Discord refuses the bot's own token: with a new one the same way works."""
    return error.status == 401 and error.code != INTERACTION_TOKEN_ENDED
