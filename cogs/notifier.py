"""Discord's implementation of the studio's notifier: how an answer gets to a person."""

from __future__ import annotations

import logging
from contextlib import AbstractAsyncContextManager

import discord

from bot.domain.deliveries import TOKEN_LIFE_MS, Delivery, Way
from bot.domain.jobs import Job
from bot.domain.outlook import NOTHING_KNOWN, Outlook
from bot.domain.progress import Stage
from bot.domain.requests import Origin
from bot.errors import DeliveryError
from bot.studio.notifier_ports import Outcome, Posted, Showing
from bot.studio.ports import Clock, Waits
from cogs.audience import locale_of_delivery
from cogs.cards import Card, Cards
from cogs.faults import translated
from cogs.first_answers import FirstAnswers
from cogs.progress import Progress
from cogs.uploads import map_small
from cogs.working import Working

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()


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
        self._waits = waits
        self._progress = Progress(self._edit_card, clock, waits)
        self.first_answers = FirstAnswers(waits)
        self.working = Working(client, clock, waits)

    def acknowledging(self, key: str) -> AbstractAsyncContextManager[None]:
        """Hold back everything about the job with this origin key until its interaction is acknowledged."""
        return self._progress.acknowledging(key)

    @property
    def calm(self) -> bool:
        """Whether few interactions wait to be acknowledged."""
        return self.first_answers.calm

    async def acknowledged(self) -> None:
        """Return when few interactions wait to be acknowledged, at the latest after a moment."""
        await self.first_answers.settled()

    def progress(self, job: Job, stage: Stage, ahead: int = 0, outlook: Outlook = NOTHING_KNOWN) -> None:
        """Say how far a job is, and what is known about how long it takes."""
        if job.origin.message_id is not None:
            self.working.progress(job, stage)
        elif self._token_lives(job.origin):
            self._progress.show(job, stage, ahead, outlook)

    def say_first(self, job: Job, ahead: int, outlook: Outlook) -> None:
        """Say how far a job is on the message of its interaction, which shows nothing yet."""
        self._progress.show_first(job, ahead, outlook)

    async def deliver(
        self, outcome: Outcome, way: Way, origin: Origin, card_message_id: int | None
    ) -> Posted:
        """Get an outcome to a member by one way. Repeating it changes or duplicates nothing:

        an edit is the same edit, and Discord drops a second message with the same nonce.
        """
        await self._progress.close(outcome.job)
        card = self._card(outcome, way, origin)
        try:
            await map_small(card.files)
        except OSError as error:
            for file in card.files:
                file.close()
            raise _unreadable(outcome.job) from error
        async with translated():
            match way:
                case Way.TOKEN:
                    message = await self._edit(origin, ORIGINAL, card)
                case Way.FOLLOW_UP:
                    message = await self._follow_up(origin, card)
                case Way.REPLY:
                    message = await self._reply(origin, card, outcome)
                case Way.CHANNEL:
                    channel = self._client.get_partial_messageable(origin.channel_id)
                    message = await self._post(channel, card, outcome.job)
                case Way.DIRECT:
                    direct = await self._client.create_dm(discord.Object(origin.member_id))
                    message = await self._post(direct, card, outcome.job)
        if origin.message_id is not None and outcome.showing is Showing.RESULT:
            await self.working.end(outcome.job)
        elif way in (Way.CHANNEL, Way.DIRECT):
            await self._remove_card(origin, card_message_id)
        return Posted(message.channel.id, message.id)

    async def update(self, outcome: Outcome, delivery: Delivery) -> None:
        """Make a message that was posted agree with what is there now; remove it where nothing is left."""
        if delivery.way is Way.FOLLOW_UP:
            raise DeliveryError("it is an answer to another interaction, which is over")
        if delivery.way is Way.TOKEN and self._token_lives(outcome.job.origin):
            try:
                await self._update_by_token(outcome, delivery)
            except DeliveryError as error:
                if error.passing or outcome.job.request.private:
                    raise
                log.info("the message of job %s not updated by token: %s", outcome.job.id, error)
            else:
                return
        await self._update_in_channel(outcome, delivery)

    # --- the ways -----------------------------------------------------------------------------------------

    def _card(self, outcome: Outcome, way: Way | None, origin: Origin) -> Card:
        """Render an outcome for a way; a file that cannot be opened closes it."""
        try:
            return self._cards.outcome(
                outcome,
                mention=way is Way.CHANNEL,
                late=way is Way.FOLLOW_UP,
                locale=locale_of_delivery(outcome, way, origin),
            )
        except OSError as error:
            raise _unreadable(outcome.job) from error

    async def _edit_card(self, job: Job, stage: Stage, ahead: int, outlook: Outlook) -> None:
        async with translated():
            view = self._cards.progress(job, stage, ahead, outlook)
            await self._edit(job.origin, ORIGINAL, Card(view, []))

    async def _edit(self, origin: Origin, message_id: int, card: Card) -> discord.Message:
        return await self._webhook(origin).edit_message(
            message_id, view=card.view, attachments=card.files, allowed_mentions=NOBODY
        )

    async def _follow_up(self, origin: Origin, card: Card) -> discord.Message:
        return await self._webhook(origin).send(
            view=card.view, files=card.files, ephemeral=True, wait=True, allowed_mentions=NOBODY
        )

    async def _post(self, channel: discord.abc.Messageable, card: Card, job: Job) -> discord.Message:
        return await channel.send(view=card.view, files=card.files, nonce=job.id, allowed_mentions=NOBODY)

    async def _reply(self, origin: Origin, card: Card, outcome: Outcome) -> discord.Message:
        """Answer a message where it stands; where it was deleted meanwhile, as a message of its own."""
        reference = discord.MessageReference(
            message_id=origin.message_id or 0, channel_id=origin.channel_id, fail_if_not_exists=False
        )
        return await self._client.get_partial_messageable(origin.channel_id).send(
            view=card.view,
            files=card.files,
            # A copy of a picture is another message than the answer that it came with, each time. discord.py
            # leaves its own default, None, out of the overloads.
            nonce=outcome.job.id if outcome.showing is Showing.RESULT else None,  # type: ignore[arg-type]
            reference=reference,
            allowed_mentions=NOBODY,
        )

    async def _remove_card(self, origin: Origin, card_message_id: int | None) -> None:
        """Take away the card that would say "Generating…" for ever. It is a courtesy: failing is no fault."""
        if card_message_id is None:
            return
        channel = self._client.get_partial_messageable(origin.channel_id)
        try:
            async with translated():
                await channel.get_partial_message(card_message_id).delete()
        except DeliveryError as error:
            log.info("the old card %s stays: %s", card_message_id, error)

    async def _update_by_token(self, outcome: Outcome, delivery: Delivery) -> None:
        origin, message_id = outcome.job.origin, _posted(delivery).message_id
        card = None if outcome.withdrawn else self._card(outcome, delivery.way, outcome.job.origin)
        async with translated():
            if card is None:
                await self._webhook(origin).delete_message(message_id)
            else:
                await self._edit(origin, message_id, card)

    async def _update_in_channel(self, outcome: Outcome, delivery: Delivery) -> None:
        posted, job = _posted(delivery), outcome.job
        if job.request.private and delivery.way is Way.TOKEN and not job.origin.direct:
            raise DeliveryError("a private answer is in no channel")
        channel = self._client.get_partial_messageable(posted.channel_id)
        message = channel.get_partial_message(posted.message_id)
        card = None if outcome.withdrawn else self._card(outcome, delivery.way, outcome.job.origin)
        async with translated():
            try:
                if card is None:
                    await message.delete()
                else:
                    await message.edit(view=card.view, attachments=card.files, allowed_mentions=NOBODY)
            except discord.NotFound:
                log.info("the message of job %s was removed before", job.id)

    def _webhook(self, origin: Origin) -> discord.Webhook:
        """Return the webhook of an interaction token; it works in every process, also after a restart."""
        if origin.token is None:
            raise DeliveryError("the interaction has no token any more")
        webhook = discord.Webhook.partial(origin.application_id, origin.token, client=self._client)
        webhook.proxy = self._proxy  # discord.py 2.7.1 forgets the client's proxy here
        webhook.type = discord.WebhookType.application  # else it sends nothing that only one member sees
        return webhook

    def _token_lives(self, origin: Origin) -> bool:
        return origin.token is not None and self._clock.now() - origin.token_at < TOKEN_LIFE_MS


def _unreadable(job: Job) -> DeliveryError:
    return DeliveryError(f"a picture of job {job.id} cannot be read")


def _posted(delivery: Delivery) -> Posted:
    if delivery.message_id is None or delivery.channel_id is None:
        raise DeliveryError("it was never posted")
    return Posted(delivery.channel_id, delivery.message_id)
