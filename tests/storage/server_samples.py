"""What servers and members keep beside their pictures, to store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.attempts import Attempt
from bot.domain.audit import STYLE_CREATED, AuditEntry, entry_id
from bot.domain.blocked import BlockedPicture
from bot.domain.characters import Character, CharacterPicture
from bot.domain.presets import Preset, ServerPreset
from bot.domain.requests import Reference
from bot.domain.rules.ruleset import Listed
from bot.domain.rules.words import ServerWords
from bot.domain.server_settings import MemberSettings, ServerSettings, ServerState
from bot.domain.templates import Template
from storage import Transaction
from tests.storage.samples import MEMBER, NOON, SHA256

GUILD = 700
MANAGER = 300


def make_state(version: int = 1, guild_id: int = GUILD, **changes: Any) -> ServerState:
    settings = ServerSettings().change(**({"brand_prefix": "Grüße aus Köln 🍌", "unit": "credits"} | changes))
    return ServerState(guild_id, settings, version, updated_at=NOON + version, updated_by=MANAGER)


def make_preset(name: str = "Harbour", **changes: Any) -> Preset:
    values: dict[str, Any] = {
        "name": name,
        "title": name,
        "description": "Our harbour in the evening",
        "template": Template(
            prefix="For our newsletter.", scene="a {size=small} harbour", suffix="Keep it calm."
        ),
        "ratio": "16:9",
        "model": "pro",
        "avoid": ("crowds",),
    }
    return Preset(**(values | changes))


def make_kept(preset: Preset | None = None, version: int = 1, guild_id: int = GUILD) -> ServerPreset:
    return ServerPreset(
        guild_id, preset or make_preset(), version, NOON, MANAGER, NOON + version, MANAGER + version
    )


def make_character(name: str = "Mia", **changes: Any) -> Character:
    values: dict[str, Any] = {
        "id": f"c{name.lower():b>6}"[:7],
        "owner_id": MEMBER,
        "name": name,
        "guild_id": None,
        "pictures": (
            CharacterPicture(Reference(SHA256, "image/png", 12)),
            CharacterPicture(Reference("cd" * 32, "image/jpeg", 34), "job00001p0"),
        ),
        "created_at": NOON,
        "consent": True,
    }
    return Character(**(values | changes))


def make_entry(number: int = 1, **changes: Any) -> AuditEntry:
    values: dict[str, Any] = {
        "id": entry_id(NOON + number, f"tail{number}"),
        "guild_id": GUILD,
        "actor_id": MANAGER,
        "at": NOON + number,
        "action": STYLE_CREATED,
        "target": "Harbour",
        "data": {"after": {"name": "Häfen"}, "list": [1, None]},
    }
    return AuditEntry(**(values | changes))


def make_words(**changes: Any) -> ServerWords:
    entries = ((Listed.BLOCK, "pine apple"), (Listed.BLOCK, "Grüße 🍍"), (Listed.ALLOW, "pine apple king"))
    return replace(ServerWords(GUILD, entries, 1, NOON, MANAGER), **changes)


def make_attempt(number: int = 1, **changes: Any) -> Attempt:
    values: dict[str, Any] = {
        "id": f"attempt{number}",
        "guild_id": GUILD,
        "channel_id": 600,
        "member_id": MEMBER,
        "at": NOON + number,
        "rule": "server_list",
        "entries": ("pine apple", "Grüße 🍍"),
        "what": "prompt",
        "text": "a p1ne\0apple \ud800",
        "kept_until": NOON + 1000,
    }
    return Attempt(**(values | changes))


def make_blocked(number: int = 1, **changes: Any) -> BlockedPicture:
    values: dict[str, Any] = {
        "id": f"blocked{number}",
        "guild_id": GUILD,
        "sha256": SHA256,
        "hashes": (0, 2**256 - 1, 12345),
        "reason": "not again, bitte 🍍",
        "at": NOON + number,
        "by": MANAGER,
    }
    return BlockedPicture(**(values | changes))


async def fill_server(tx: Transaction) -> None:
    """Write one of each."""
    await tx.settings.save_server(make_state())
    await tx.settings.save_member(MEMBER, MemberSettings(ratio="16:9", private=True), now=NOON)
    await tx.presets.insert(make_kept())
    await tx.characters.insert(make_character(guild_id=GUILD))
    await tx.audit.append(make_entry())
    await tx.words.save(make_words())
    await tx.attempts.add(make_attempt())
    await tx.blocked.insert(make_blocked())
