"""Discord on real sockets, for tests that run the bot as a process of its own.

Start at `FakeDiscord`. What it knows of the platform's rules is in `rules` and the `routes_*` modules.

    async with FakeDiscord() as discord:
        async with BotProcess(["-m", "bot", "run"], discord.environment()):
            await discord.connected()
            anna = discord.add_member("anna")
            pending = await discord.slash(anna, discord.channel, "imagine", prompt="a lighthouse")
            message = await pending.until(lambda message: media(message))
            assert media(message)[0].data == picture
"""

from __future__ import annotations

from .fake import FakeDiscord
from .faults import Fault, Hold
from .pending import Ack, Pending
from .proxy import Leak
from .reading import Button, Media, buttons, media, selects, text, texts
from .rest import Recorded
from .signals import NotSeen
from .values import Attachment, Channel, Guild, Member, Message, Role, SentFile, Upload

__all__ = [
    "Ack",
    "Attachment",
    "Button",
    "Channel",
    "FakeDiscord",
    "Fault",
    "Guild",
    "Hold",
    "Leak",
    "Media",
    "Member",
    "Message",
    "NotSeen",
    "Pending",
    "Recorded",
    "Role",
    "SentFile",
    "Upload",
    "buttons",
    "media",
    "selects",
    "text",
    "texts",
]
