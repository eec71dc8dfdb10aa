"""gateway.discord.gg: sessions, heartbeats, events, resuming; compressed as the client asks in its query."""

from __future__ import annotations

import asyncio
import importlib
import json
import secrets
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from . import payloads
from .routes_application import GATEWAY
from .signals import Signal
from .values import Json
from .world import INTENT_GUILDS, INTENT_MESSAGE_CONTENT, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = (
    0,
    1,
    2,
    6,
    7,
    8,
    9,
    10,
    11,
)
HEARTBEAT_MS = 41_250
_TURNS = 4
ACK_AFTER = 0.05
"""discord.py takes an acknowledgement that comes at once for a late one."""
AUTHENTICATION_FAILED, DISALLOWED_INTENTS = 4004, 4014

_BLANK = {"content": "", "attachments": [], "embeds": [], "components": []}


@dataclass(eq=False)
class Session:
    """What the gateway remembers of one IDENTIFY: it outlives its connection when it may be resumed."""

    id: str
    intents: int
    sent: list[str] = field(default_factory=list)
    """Every event as JSON; the sequence number is the index plus one."""
    socket: _Socket | None = None
    expects_resume: bool = False

    def dispatch(self, event: str, data: Json) -> None:
        """Number an event, remember it, and send it where the connection stands."""
        text = json.dumps({"op": DISPATCH, "t": event, "s": len(self.sent) + 1, "d": data})
        self.sent.append(text)
        if self.socket is not None:
            self.socket.send(text)


class _Socket:
    """One WebSocket; frames leave in the order of `send`."""

    def __init__(self, websocket: web.WebSocketResponse, compression: str) -> None:
        self.websocket = websocket
        self._compress = _compressor(compression)
        self._outgoing: asyncio.Queue[str] = asyncio.Queue()

    def send(self, text: str) -> None:
        self._outgoing.put_nowait(text)

    def send_op(self, op: int, data: Any = None) -> None:
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def write(self) -> None:
        """Send until cancelled or cut."""
        try:
            while True:
                text = await self._outgoing.get()
                if self._compress is None:
                    await self.websocket.send_str(text)
                else:
                    await self.websocket.send_bytes(self._compress(text.encode()))
        except ConnectionError:
            return  # the reading side notices as well, and ends the connection


class Gateway:
    """Serves one bot. Interactions and messages come from `dispatch`."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sessions: dict[str, Session] = {}
        self.current: Session | None = None
        self.identifies: list[Json] = []
        self.resumes = 0
        self.compressions: list[str] = []
        """What each connection asked for in its query."""
        self.changed = Signal()
        self._heartbeats = 0
        self._kept_back: list[tuple[str, Json]] | None = None

    @property
    def connected(self) -> bool:
        """A bot has identified (or resumed) and its connection stands."""
        return self.current is not None and self.current.socket is not None

    @property
    def listening(self) -> bool:
        """Events arrive: now, or when the bot resumes as the test has asked it to."""
        return self.current is not None and (self.current.socket is not None or self.current.expects_resume)

    def dispatch(self, event: str, data: Json, *, intent: int = 0, private: bool = False) -> None:
        """Send an event to the bot if its intents ask for it."""
        session = self.current
        if session is None or (intent and not session.intents & intent):
            return
        if private and not session.intents & INTENT_MESSAGE_CONTENT:
            data = data | _BLANK
        if self._kept_back is not None:
            self._kept_back.append((event, data))
            return
        session.dispatch(event, data)

    def keep_back(self) -> None:
        """Send no event until `let_go`."""
        self._kept_back = []

    def let_go(self, order: Callable[[list[tuple[str, Json]]], Iterable[tuple[str, Json]]]) -> None:
        """Send what was kept back in the order that `order` gives it; what it drops is never sent."""
        kept, self._kept_back = self._kept_back or [], None
        if self.current is not None:
            for event, data in order(kept):
                self.current.dispatch(event, data)

    def ask_to_reconnect(self) -> None:
        """Tell the bot to come again and resume (op 7)."""
        self._socket_of_bot().send_op(RECONNECT)

    def invalidate(self, *, resumable: bool) -> None:
        """Tell the bot that its session is invalid (op 9): it may resume it, or has to identify anew."""
        socket = self._socket_of_bot()
        if not resumable:
            self._sessions.clear()
        socket.send_op(INVALID_SESSION, resumable)

    def _socket_of_bot(self) -> _Socket:
        if self.current is None or self.current.socket is None:
            raise RuntimeError("no bot is connected")
        return self.current.socket

    async def caught_up(self, *, within: float = 20.0) -> None:
        """Return when the bot has dealt with what was sent to it before, by whatever connection.

        Each heartbeat that is asked for (op 1) takes its loop some turns; an answer to a request that came
        before takes fewer than several of them.
        """
        for _ in range(_TURNS):
            before = self._heartbeats
            self._socket_of_bot().send_op(HEARTBEAT)
            await self.changed.until(
                lambda before=before: self._heartbeats > before,  # type: ignore[misc]
                within=within,
                describe=lambda: "the bot does not answer to heartbeats",
            )

    async def disconnect(self, *, resumable: bool) -> None:
        """Cut the bot's connection; it may resume the session, or has to identify anew."""
        session = self.current
        if session is None or session.socket is None:
            raise RuntimeError("no bot is connected")
        session.expects_resume = resumable
        if not resumable:
            del self._sessions[session.id]
        socket, session.socket = session.socket, None
        await socket.websocket.close(code=4000)
        self.changed.notify()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Serve one connection until it ends."""
        websocket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await websocket.prepare(request)
        self.compressions.append(request.query.get("compress", ""))
        socket = _Socket(websocket, self.compressions[-1])
        writer = asyncio.create_task(socket.write(), name="gateway writer")
        try:
            socket.send_op(HELLO, {"heartbeat_interval": HEARTBEAT_MS, "_trace": []})
            async for frame in websocket:
                if frame.type is WSMsgType.TEXT:
                    await self._receive(socket, json.loads(frame.data))
        finally:
            writer.cancel()
            if self.current is not None and self.current.socket is socket:
                self.current.socket = None
            self.changed.notify()
        return websocket

    async def _receive(self, socket: _Socket, frame: Json) -> None:
        op: int = frame["op"]
        data: Any = frame.get("d")
        if op == HEARTBEAT:
            self._heartbeats += 1
            self.changed.notify()
            asyncio.get_running_loop().call_later(ACK_AFTER, socket.send_op, HEARTBEAT_ACK)
        elif op == IDENTIFY:
            await self._identify(socket, data)
        elif op == RESUME:
            self._resume(socket, data)
        elif op == REQUEST_MEMBERS:
            self._send_members(data)

    async def _identify(self, socket: _Socket, data: Json) -> None:
        self.identifies.append(data)
        if data["token"] != self._world.token:
            await socket.websocket.close(code=AUTHENTICATION_FAILED, message=b"Authentication failed.")
            return
        if data["intents"] & INTENT_MESSAGE_CONTENT and not self._world.message_content:
            await socket.websocket.close(code=DISALLOWED_INTENTS, message=b"Disallowed intent(s).")
            return
        session = Session(secrets.token_hex(16), data["intents"], socket=socket)
        self._sessions = {session.id: session}
        guilds = [guild for guild in self._world.guilds.values() if guild.has_bot]
        session.dispatch("READY", self._ready(session))
        self.current = session
        for guild in guilds:
            self.dispatch("GUILD_CREATE", payloads.guild_create(self._world, guild), intent=INTENT_GUILDS)
        self.changed.notify()

    def _ready(self, session: Session) -> Json:
        world = self._world
        return {
            "v": 10,
            "user": payloads.user(world.bot)
            | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
            "guilds": [{"id": str(g.id), "unavailable": True} for g in world.guilds.values() if g.has_bot],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": GATEWAY,
            "application": payloads.application(world),
            "private_channels": [],
            "relationships": [],
            "presences": [],
        }

    def _resume(self, socket: _Socket, data: Json) -> None:
        session = self._sessions.get(data["session_id"])
        if session is None or data["token"] != self._world.token:
            socket.send_op(INVALID_SESSION, False)
            return
        self.resumes += 1
        session.socket = socket
        session.expects_resume = False
        for text in session.sent[data["seq"] or 0 :]:
            socket.send(text)
        session.dispatch("RESUMED", {"_trace": []})
        self.current = session
        self.changed.notify()

    def _send_members(self, data: Json) -> None:
        guild_id = int(data["guild_id"])
        people = [each for each in self._world.members.values() if each.guild_id == guild_id]
        wanted = data.get("user_ids")
        if wanted:
            ids = {int(each) for each in (wanted if isinstance(wanted, list) else [wanted])}
            people = [each for each in people if each.id in ids]
        chunk: Json = {
            "guild_id": str(guild_id),
            "members": [payloads.member(self._world, each) for each in people],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": [],
        }
        if data.get("nonce"):
            chunk["nonce"] = data["nonce"]
        self.dispatch("GUILD_MEMBERS_CHUNK", chunk)


def _compressor(name: str) -> Callable[[bytes], bytes] | None:
    """A compressor for the life of one connection, each message flushed so that it can be read at once."""
    if name == "zlib-stream":
        stream = zlib.compressobj(1)
        return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)
    if name == "zstd-stream":
        # Only asked for by clients that can import zstandard themselves, which share our environment.
        zstandard = importlib.import_module("zstandard")

        writer = zstandard.ZstdCompressor(level=1).compressobj()
        return lambda data: writer.compress(data) + writer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None
