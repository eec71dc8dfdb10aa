"""What the sandbox's page has beside SimCord's: the menu of a message, and files with a message.

SimCord's page knows slash commands, buttons and forms. The bot also has commands in the menu of a message
(*Apps*), and in a conversation an attachment is part of what is said. `page.js` asks for both, and here the
simulated member does it. What is used beside SimCord's public interface is that of simcord 3.2.1; the browser
tests see to it.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import simcord
from aiohttp import BodyPartReader, web
from simcord.backend.errors import BackendError
from simcord.enums import AppCommandType
from simcord.preview._server import PreviewServer
from simcord.results import ResponseMessage

from bot.sandbox.languages import Languages

SCRIPT, STYLE, MENUS = "/plantain.js", "/plantain.css", "/api/menus"
TAGS = f'<link rel="stylesheet" href="{STYLE}"><script type="module" src="{SCRIPT}"></script></body>'
FOLDER = Path(__file__).parent
MOST_BYTES = 25 * 1024 * 1024  # of all files of a message, as in SimCord's forms
SECONDS_TO_WAIT = 15.0  # for what somebody else does just then: SimCord does one thing at a time


class PageServer(PreviewServer):
    """Serves SimCord's page, and answers what was added to it. Give it to a preview before that starts."""

    _STATIC_FILES: ClassVar[dict[str, str]] = {
        **PreviewServer._STATIC_FILES,
        SCRIPT: str(FOLDER / "page.js"),
        STYLE: str(FOLDER / "page.css"),
        MENUS: "",
    }
    _STATIC_CONTENT_TYPES: ClassVar[dict[str, str]] = {
        **PreviewServer._STATIC_CONTENT_TYPES,
        str(FOLDER / "page.css"): "text/css",
    }

    def __init__(self, preview: simcord.Preview, port: int, languages: Languages) -> None:
        super().__init__(preview, port)
        self._languages = languages

    async def _static(self, request: web.Request) -> web.Response:
        if request.path == MENUS:
            return self._menus(request)
        response: web.Response = await super()._static(request)
        if request.path == "/":
            response.text = (response.text or "").replace("</body>", TAGS)
        return response

    async def _action(self, request: web.Request) -> web.Response:
        name, said = request.query.get("menu"), "said" in request.query
        if name is None and not said:
            response: web.Response = await super()._action(request)
            return response
        page = self._page(request)
        try:
            async with _alone(self.preview):
                if name is not None:
                    await self._use_menu(page, name, int(request.query.get("message", "0")))
                else:
                    await self._say(page, request)
                publish(self.preview)
        except (simcord.SetupError, BackendError, ValueError) as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response({}, headers=self._SECURITY_HEADERS)

    def _menus(self, request: web.Request) -> web.Response:
        """Name the commands that whoever looks finds in the menu of a message, as Discord would."""
        page = self._page(request)
        found = self.preview.env.backend.visible_commands(
            user_id=page.viewer.id, channel_id=page.channel_id, type=AppCommandType.MESSAGE
        )
        locale = self._languages.of(page.viewer.id)
        menus = [
            {"name": item["name"], "label": (item.get("name_localizations") or {}).get(locale, item["name"])}
            for item in found
        ]
        return web.json_response(menus, headers=self._SECURITY_HEADERS)

    def _page(self, request: web.Request) -> Any:
        """Return the page that asks, as SimCord keeps it."""
        context = request.headers.get("X-Simcord-Context")
        if not self._authorized(request, context=context):
            raise web.HTTPUnauthorized()
        try:
            return self.preview._get_page(context)
        except simcord.SetupError as error:
            raise web.HTTPGone(text=json.dumps(str(error))) from error

    async def _use_menu(self, page: Any, name: str, message_id: int) -> None:
        """Let the viewer use a command of a message's menu; a form that answers is shown."""
        preview = self.preview
        message = ResponseMessage(preview.env, preview.env.backend.get_message(page.channel_id, message_id))
        result = await page.viewer.context_menu(preview.channel, name, message)
        if result.modal is not None:
            page.modal = result
            page.modal_handle = "m_" + secrets.token_urlsafe(12)

    async def _say(self, page: Any, request: web.Request) -> None:
        """Let the viewer write a message with files."""
        text, files, size = "", [], 0
        reader = await request.multipart()
        while isinstance(part := await reader.next(), BodyPartReader):
            data = bytearray()
            while chunk := await part.read_chunk(1 << 16):
                data += chunk
                size += len(chunk)
                if size > MOST_BYTES:
                    raise ValueError("these files are too large")
            if part.name == "content":
                text = data.decode()
            else:
                files.append((part.filename or "upload", bytes(data)))
        await page.viewer.send(self.preview.channel, text, attachments=files)


def publish(preview: simcord.Preview, channel: simcord.ChannelHandle | None = None) -> None:
    """Show the present state in every open page, from now on of another channel where one is given.

    What `Preview.refresh` does, but at once, and under the number of the state before: that one waits until
    the bot is at rest, and SimCord turns away whoever presses or types something meanwhile, or before their
    page has fetched the new number. To be called within an operation.
    """
    preview._advance_presentation_time()
    if channel is not None:
        preview.channel = channel
    for opened in tuple(preview._pages.values()):
        if opened.id in preview._pages:  # publishing one removes those that were closed
            if channel is not None:
                opened.channel_id = channel.id
                opened.target_id = opened.window_end_id = None
            opened.revision -= 1
            preview._publish(opened, reason="refresh")


@asynccontextmanager
async def _alone(preview: simcord.Preview) -> AsyncIterator[None]:
    """Do something as one operation, after what is under way."""
    async with asyncio.timeout(SECONDS_TO_WAIT):
        while True:
            try:
                preview.env._begin_operation("sandbox page")
                break
            except simcord.SetupError:
                await asyncio.sleep(0.05)
    try:
        yield
    finally:
        preview.env._end_operation()
