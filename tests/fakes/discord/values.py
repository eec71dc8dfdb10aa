"""What the world of the fake is made of: files, messages, and the things that messages live in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

EPHEMERAL = 1 << 6
LOADING = 1 << 7
COMPONENTS_V2 = 1 << 15

# Discord's documentation, Permissions: the bits that a bot of this kind meets.
PERMISSIONS = {
    "kick_members": 1 << 1,
    "ban_members": 1 << 2,
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "manage_roles": 1 << 28,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
    "moderate_members": 1 << 40,
}
ALL_PERMISSIONS = (1 << 53) - 1


def permission_bits(permissions: int | Iterable[str]) -> int:
    """Turn names like "manage_guild" into Discord's bits; a number passes through."""
    if isinstance(permissions, int):
        return permissions
    bits = 0
    for name in permissions:
        bits |= PERMISSIONS[name]
    return bits


MEMBER_PERMISSIONS = permission_bits(
    (
        "add_reactions",
        "view_channel",
        "send_messages",
        "embed_links",
        "attach_files",
        "read_message_history",
        "use_application_commands",
        "create_public_threads",
        "send_messages_in_threads",
    )
)
BOT_PERMISSIONS = MEMBER_PERMISSIONS | permission_bits(("create_private_threads", "manage_threads"))


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a member attaches. Type, size and pixels are Discord's claims; None is the truth."""

    filename: str
    data: bytes = field(repr=False)
    content_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as the bot sent it: form field, name, size, SHA-256, and the bytes if they were kept."""

    name: str
    filename: str
    content_type: str
    size: int
    digest: str
    head: bytes = field(repr=False)
    kept: bytes | None = field(repr=False)

    @property
    def data(self) -> bytes:
        """The bytes; raises LookupError when the fake was told not to keep them."""
        return _kept(self.filename, self.kept)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on a message, as the CDN serves it. `digest` is the SHA-256 of the true bytes."""

    id: int
    filename: str
    content_type: str | None
    size: int
    digest: str
    url: str
    proxy_url: str
    width: int | None
    height: int | None
    description: str | None = None
    ephemeral: bool = False
    kept: bytes | None = field(default=None, repr=False)

    @property
    def data(self) -> bytes:
        """The true bytes; raises LookupError when the fake was told not to keep them."""
        return _kept(self.filename, self.kept)


@dataclass(frozen=True, slots=True)
class Message:
    """One state of one message. An edit makes a new state; `at` is its monotonic time in seconds."""

    id: int
    channel_id: int
    guild_id: int | None
    author_id: int
    created_ms: int
    at: float
    type: int = 0
    content: str = ""
    embeds: tuple[Json, ...] = ()
    components: tuple[Json, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    embedded: frozenset[int] = frozenset()
    """Attachments that components or embeds show: Discord leaves them out of `attachments` on the wire."""
    flags: int = 0
    edited_ms: int | None = None
    nonce: str | None = None
    reference_id: int | None = None
    thread_id: int | None = None
    pings: frozenset[str] = frozenset()
    """Whom the message notifies: user and role ids as text, "everyone"; empty for allowed_mentions none."""
    interaction_id: int | None = None
    viewer_id: int | None = None
    """The only user who sees it, for an ephemeral message."""

    @property
    def ephemeral(self) -> bool:
        """Only one member sees it."""
        return bool(self.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        """Still the "thinking…" state of a deferred response."""
        return bool(self.flags & LOADING)

    @property
    def v2(self) -> bool:
        """Made of Components V2."""
        return bool(self.flags & COMPONENTS_V2)


@dataclass(slots=True, eq=False)
class Role:
    """A role of a server; `permissions` are Discord's bits."""

    id: int
    name: str
    permissions: int
    position: int


@dataclass(slots=True, eq=False)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    has_bot: bool = True
    attachment_size_limit: int = 10 * 2**20
    roles: dict[int, Role] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Member:
    """A person (or the bot): in one server with roles, or in none (`guild_id` None)."""

    id: int
    name: str
    guild_id: int | None = None
    role_ids: list[int] = field(default_factory=list)
    bot: bool = False
    dms_open: bool = True

    @property
    def mention(self) -> str:
        """What a message contains to name this person."""
        return f"<@{self.id}>"


@dataclass(slots=True, eq=False)
class Channel:
    """A text channel (type 0), direct messages (1), a public (11) or private (12) thread."""

    id: int
    type: int
    name: str
    guild_id: int | None = None
    parent_id: int | None = None
    recipient_id: int | None = None
    owner_id: int | None = None
    archived: bool = False
    locked: bool = False
    denied: int = 0
    """Permissions that the bot lacks here (a channel overwrite for the bot)."""
    member_ids: set[int] = field(default_factory=set)
    topic: str | None = None

    @property
    def is_thread(self) -> bool:
        """A thread, public or private."""
        return self.type in (10, 11, 12)


def _kept(filename: str, kept: bytes | None) -> bytes:
    if kept is None:
        raise LookupError(f"{filename}: bytes were not kept (FakeDiscord(keep_bytes=False))")
    return kept
