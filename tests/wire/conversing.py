"""A provider that refuses any altered or missing signature, and a member who converses with the bot."""

from __future__ import annotations

import base64
import copy
import json
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.gemini.checks import find_model, read_question
from bot.sandbox.gemini.errors import ApiError
from bot.sandbox.gemini.signatures import Signer
from tests.fakes.discord import Channel, FakeDiscord, Member, Message, Upload, media
from tests.fakes.gemini import Answer, JsonAnswer, Picture, Received, make_jpeg

from .plantain import Plantain

Json = dict[str, Any]


@dataclass
class Strict:
    """Answers like Google's models: what is wrong with a history is refused with a 400.

    Made for `ScriptedGemini.default`. Every picture is another file with a signature of its own.
    """

    signer: Signer = field(default_factory=lambda: Signer(b"wire"))
    refused: list[str] = field(default_factory=list)
    answered: list[Json] = field(default_factory=list)  # the content of each answer, as it was sent
    bytes: int | None = None  # of each picture

    def __call__(self, got: Received) -> Answer:
        model = find_model(got.model)
        try:
            read_question(model, got.raw, self.signer)
        except ApiError as error:
            self.refused.append(error.message)
            return JsonAnswer(json.loads(error.body()), error.code)
        data = make_jpeg(32, 32, self.bytes, seed=len(self.answered))
        signature = self.signer.sign(model.family, data)
        part = {"inlineData": {"mimeType": "image/jpeg", "data": base64.b64encode(data).decode()}}
        self.answered.append({"parts": [{**part, "thoughtSignature": signature}], "role": "model"})
        return Picture(data, signature=signature)


@dataclass
class Made:
    """One turn as the test knows it: the contents that a child of it has to be sent with."""

    contents: list[Json]
    message: Message
    parent: int | None


class Talker:
    """Somebody in a thread, and what the provider has to get."""

    def __init__(self, plantain: Plantain, strict: Strict, member: Member) -> None:
        self.plantain = plantain
        self.strict = strict
        self.member = member
        self.made: list[Made] = []
        self.head = 0
        self.thread: Channel

    @property
    def discord(self) -> FakeDiscord:
        return self.plantain.discord

    async def start(self, prompt: str, photo: bytes | None = None, *, check: bool = True) -> None:
        """Use /thread in the channel; the conversation goes on in the thread on its answer."""
        attachments = {} if photo is None else {"image": Upload("photo.jpg", photo)}
        pending = await self.discord.slash(
            self.member, self.discord.channel, "thread", prompt=prompt, attachments=attachments
        )
        message = await pending.until(media)
        self.thread = await self.discord.until(
            lambda: next(
                (each for each in self.discord.threads() if each.id == message.id and self.opened(each)), None
            )
        )
        if check:
            self.remember(message, None)
        else:
            self.made.append(Made([], message, None))

    def opened(self, thread: Channel) -> bool:
        """Whether the bot has said what a thread is for."""
        return bool(self.discord.messages(thread))

    async def say(
        self,
        words: str,
        *,
        reply_to: int | None = None,
        photo: bytes | None = None,
        check: bool = True,
    ) -> Message:
        """Write a message and wait for the picture that answers it.

        `check`: nobody else converses meanwhile, so that the newest request has to be this one.
        """
        target = None if reply_to is None else self.made[reply_to].message
        files = [] if photo is None else [Upload("more.jpg", photo)]
        asked = await self.discord.send_message(self.member, self.thread, words, files, reply_to=target)
        message = await self.answer_to(asked)
        parent = self.head if reply_to is None else reply_to
        if check:
            self.remember(message, parent)
        else:
            self.made.append(Made([], message, parent))
            self.head = len(self.made) - 1
        return message

    async def answer_to(self, asked: Message) -> Message:
        return await self.discord.until(
            lambda: next((each for each in self.answers_to(asked) if media(each)), None)
        )

    def answers_to(self, asked: Message) -> list[Message]:
        return [each for each in self.discord.messages(self.thread) if each.reference_id == asked.id]

    def remember(self, message: Message, parent: int | None) -> None:
        """Check that the newest request was exactly the path, and add its turn to it."""
        before = [] if parent is None else self.made[parent].contents
        got = self.latest()
        contents = got.body["contents"]
        assert contents[:-1] == before
        self.made.append(Made([*contents, copy.deepcopy(self._answer_of(message))], message, parent))
        self.head = len(self.made) - 1

    def remember_from(self, message: Message) -> None:
        """Add the next turn of a queue, without looking at its request."""
        self.made.append(Made([], message, self.head))
        self.head = len(self.made) - 1

    def latest(self) -> Received:
        return self.plantain.gemini.history[-1]

    def _answer_of(self, message: Message) -> Json:
        """The provider's answer whose picture a message shows."""
        data = base64.b64encode(media(message)[0].data).decode()
        return next(item for item in self.strict.answered if item["parts"][0]["inlineData"]["data"] == data)

    async def undo(self) -> None:
        """Use /undo."""
        await self.command("undo")
        parent = self.made[self.head].parent
        assert parent is not None
        self.head = parent

    async def use(self, number: int) -> None:
        """Press Use this under a picture."""
        pending = await self.discord.click(self.member, self.made[number].message, "Use this")
        await pending.until_answer(lambda message: "goes on from" in str(message.components))
        self.head = number

    async def command(self, name: str, **options: Any) -> Message:
        pending = await self.discord.slash(self.member, self.thread, name, **options)
        return await pending.until_answer(lambda message: not message.loading)
