"""A conversation in SimCord, in words of what people do and see there."""

from __future__ import annotations

import base64
from typing import Any

import discord
import simcord

from bot.domain.conversations import Conversation
from tests.cogs.seen import Seen
from tests.cogs.stage import Stage
from tests.fakes.gemini import Received


class Talk:
    """A thread in which somebody converses with the bot."""

    def __init__(self, stage: Stage, thread: simcord.ChannelHandle) -> None:
        self.stage = stage
        self.thread = thread

    async def say(
        self, words: str, who: Any = None, *, reply_to: Any = None, attachments: Any = ()
    ) -> discord.Message:
        """Write a message; it returns when the bot is at rest, perhaps before there is an answer."""
        who = who or self.stage.alice
        if isinstance(reply_to, Seen):
            reply_to = reply_to.message
        message: discord.Message = await who.send(
            self.thread, words, reply_to=reply_to, attachments=attachments
        )
        return message

    async def turn(self, words: str, who: Any = None, **how: Any) -> Seen:
        """Write a message and wait for its picture."""
        return await self.answer(await self.say(words, who, **how))

    async def answer(self, asked: discord.Message) -> Seen:
        """Wait for the last reply to a message."""
        return await self.stage.until(
            lambda: next(reversed(self.answers(asked)), None), f"answer to {asked.content}"
        )

    def answers(self, asked: discord.Message) -> list[Seen]:
        found = []
        for seen in self.stage.messages(self.thread):
            reference = self.stage.env.backend.get_message(seen.channel_id, seen.id).reference
            if reference is not None and int(reference["message_id"]) == asked.id:
                found.append(seen)
        return found

    async def said(self, words: str, who: Any = None, **how: Any) -> str:
        """Write a message and return what it is answered with."""
        return (await self.turn(words, who, **how)).text

    async def use(self, command: str, who: Any = None, /, **options: Any) -> simcord.InteractionResult:
        who = who or self.stage.alice
        result: simcord.InteractionResult = await who.slash(self.thread, command, **options)
        return result

    async def shown(self, command: str, who: Any = None, /, **options: Any) -> Seen:
        """Use a command and return its answer, whoever sees it."""
        result = await self.use(command, who, **options)
        return await self.stage.until(
            lambda: seen if (seen := self.stage.answer(result)) and seen.text else None, command
        )

    async def press(self, seen: Seen, label: str, who: Any = None) -> simcord.InteractionResult:
        who = who or self.stage.alice
        result: simcord.InteractionResult = await who.click(seen.message, label=label)
        return result

    async def conversation(self) -> Conversation:
        async with self.stage.app.store.reading() as tx:
            found = await tx.conversations.latest_at(self.thread.id)
        assert found is not None
        return found


async def start(stage: Stage, prompt: str = "a lighthouse", who: Any = None, **options: Any) -> Talk:
    """Use /thread and wait for the picture and the thread."""
    who = who or stage.alice
    result = await who.slash(stage.channel, "thread", prompt=prompt, **options)
    seen = await stage.finished(result)
    assert seen.media, seen.text
    thread = await stage.until(
        lambda: next((each for each in stage.channel.threads if each.id == seen.id), None), "the thread"
    )
    await stage.until(lambda: stage.messages(thread), "the introduction")
    return Talk(stage, thread)


def pictures(got: Received) -> list[bytes]:
    """Every picture of a request, in order."""
    return [
        base64.b64decode(part["inlineData"]["data"])
        for content in got.body["contents"]
        for part in content["parts"]
        if "inlineData" in part
    ]


def spoken(got: Received) -> list[str]:
    """The last text of everything that people said in a request."""
    users = [content for content in got.body["contents"] if content["role"] == "user"]
    return [[part["text"] for part in content["parts"] if "text" in part][-1] for content in users]
