"""Discord's implementation of the studio's notifier: how an answer gets to a person."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import discord

from bot.domain.deliveries import TOKEN_LIFE_MS, Delivery, Way
from bot.domain.jobs import Job
from bot.domain.progress import Stage
from bot.domain.requests import Origin
from bot.errors import DeliveryError
from bot.studio.ports import Clock, Outcome, Posted, Waits
from cogs.cards import Cards
from cogs.progress import Progress

log = logging.getLogger(__name__)

TOO_LARGE = 40005  # Discord: "Request entity too large"


class _Original(int):
    """The word that Discord takes instead of a message id for an interaction's own answer.

    A number to discord.py, which would percent-encode a string in the route.
    """

    def __format__(self, spec: str) -> str:
        return "@original"


ORIGINAL = _Original()


class DiscordNotifier:
    """Edits cards and delivers outcomes. Discord's errors become DeliveryErrors here."""

    def __init__(
        self, client: discord.Client, cards: Cards, *, proxy: str | None, clock: Clock, waits: Waits
    ) -> None:
        self._client = client
        self._cards = cards
        self._proxy = proxy
        self._clock = clock
        self._progress = Progress(self._edit_card, clock, waits)

    def acknowledging(self, key: str) -> AbstractAsyncContextManager[None]:
        """Hold back everything about the job with this origin key until its interaction is acknowledged."""
        return self._progress.acknowledging(key)

    def progress(self, job: Job, stage: Stage, ahead: int = 0) -> None:
        """Say how far a job is."""
        if self._token_lives(job.origin):
            self._progress.show(job, stage, ahead)

    async def deliver(
        self, outcome: Outcome, way: Way, origin: Origin, card_message_id: int | None
    ) -> Posted:
        """Get an outcome to a member by one way. Repeating it changes or duplicates nothing:

        an edit is the same edit, and Discord drops a second message with the same nonce.
        """
        await self._progress.close(outcome.job)
        async with _translated():
            match way:
                case Way.TOKEN:
                    message = await self._edit_original(origin, outcome)
                case Way.CHANNEL:
                    message = await self._post(
                        self._client.get_partial_messageable(origin.channel_id), outcome, card_message_id
                    )
                    await self._remove_card(origin, card_message_id)
                case Way.DIRECT:
                    channel = await self._client.create_dm(discord.Object(origin.member_id))
                    message = await self._post(channel, outcome, None)
                case _:
                    message = await self._follow_up(origin, outcome)
        return Posted(message.channel.id, message.id)

    async def update(self, outcome: Outcome, delivery: Delivery) -> None:
        """Make a message that was posted agree with what is there now; remove it where nothing is left."""
        if delivery.message_id is None or delivery.channel_id is None:
            raise DeliveryError("it was never posted")
        origin = outcome.job.origin
        async with _translated():
            if delivery.way in (Way.TOKEN, Way.FOLLOW_UP) and self._token_lives(origin):
                webhook = self._webhook(origin)
                if outcome.withdrawn:
                    await webhook.delete_message(delivery.message_id)
                else:
                    card = self._cards.outcome(outcome, mention=False)
                    await webhook.edit_message(delivery.message_id, view=card.view, attachments=card.files)
                return
            channel = self._client.get_partial_messageable(delivery.channel_id)
            message = channel.get_partial_message(delivery.message_id)
            if outcome.withdrawn:
                await message.delete()
            else:
                card = self._cards.outcome(outcome, mention=delivery.way is Way.CHANNEL)
                await message.edit(view=card.view, attachments=card.files)

    # --- the ways -----------------------------------------------------------------------------------------

    async def _edit_card(self, job: Job, stage: Stage, ahead: int) -> None:
        async with _translated():
            await self._webhook(job.origin).edit_message(
                ORIGINAL,
                view=self._cards.progress(job, stage, ahead),
                allowed_mentions=discord.AllowedMentions.none(),
            )

    async def _edit_original(self, origin: Origin, outcome: Outcome) -> discord.Message:
        card = self._cards.outcome(outcome, mention=False)
        return await self._webhook(origin).edit_message(
            ORIGINAL,
            view=card.view,
            attachments=card.files,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def _follow_up(self, origin: Origin, outcome: Outcome) -> discord.Message:
        card = self._cards.outcome(outcome, mention=False)
        return await self._webhook(origin).send(
            view=card.view,
            files=card.files,
            ephemeral=True,
            wait=True,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def _post(
        self, channel: discord.abc.Messageable, outcome: Outcome, card_message_id: int | None
    ) -> discord.Message:
        card = self._cards.outcome(outcome, mention=True)
        return await channel.send(
            view=card.view,
            files=card.files,
            nonce=outcome.job.id,
            allowed_mentions=discord.AllowedMentions.none(),
        )

    async def _remove_card(self, origin: Origin, card_message_id: int | None) -> None:
        """Take away the card that would say "Generating…" for ever. It is a courtesy: failing is no fault."""
        if card_message_id is None:
            return
        channel = self._client.get_partial_messageable(origin.channel_id)
        try:
            await channel.get_partial_message(card_message_id).delete()
        except discord.HTTPException as error:
            log.info("the old card %s stays: %s", card_message_id, error)

    def _webhook(self, origin: Origin) -> discord.Webhook:
        """Return the webhook of an interaction token; it works in every process, also after a restart."""
        if origin.token is None:
            raise DeliveryError("the interaction has no token any more")
        webhook = discord.Webhook.partial(origin.application_id, origin.token, client=self._client)
        webhook.proxy = self._proxy  # discord.py 2.7.1 forgets the client's proxy here
        return webhook

    def _token_lives(self, origin: Origin) -> bool:
        return origin.token is not None and self._clock.now() - origin.token_at < TOKEN_LIFE_MS


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    """Turn what discord.py raises into a DeliveryError that says whether another try can help."""
    try:
        yield
    except discord.HTTPException as error:
        too_large = error.status == 413 or error.code == TOO_LARGE
        passing = error.status >= 500 or error.status == 429
        if error.status == 400 and not too_large:
            log.error("Discord does not take a message of ours: %s", error)
        raise DeliveryError(
            f"Discord answered {error.status} (code {error.code})", passing=passing, too_large=too_large
        ) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise DeliveryError(f"Discord is out of reach: {type(error).__name__}", passing=True) from error
