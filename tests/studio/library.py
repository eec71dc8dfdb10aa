"""The library on a world's data, with attachments that lie on a shelf instead of Discord's file server."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.audit import AuditEntry
from bot.domain.requests import Source
from bot.errors import InputProblem, InputRefused, InvalidRequest
from bot.presets import load_presets
from bot.studio.consequences import WithheldFiles
from bot.studio.intake import Intake
from bot.studio.library import Library, open_library
from bot.studio.pictures import Person, Pictures
from bot.studio.settings import SettingsService
from tests.storage.samples import make_image, make_job, put
from tests.studio.world import GUILD, MEMBER, STANDARD, World

MANAGER = 500
OTHER_GUILD = 701


@dataclass
class Shelf:
    """Attachments by address. What is not there has expired."""

    files: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)

    def put(self, data: bytes, name: str = "photo.png") -> Source:
        url = f"https://cdn.discordapp.com/attachments/{len(self.files)}/{name}"
        self.files[url] = data
        return Source(url, name, len(data), "image/png")

    @asynccontextmanager
    async def fetch(self, url: str) -> AsyncIterator[Path]:
        self.fetched.append(url)
        if url not in self.files:
            raise InputRefused(InputProblem.EXPIRED)
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.files[url])
            file.flush()
            yield Path(file.name)


def counted(prefix: str = "id") -> Callable[[], str]:
    numbers = itertools.count(1)
    return lambda: f"{prefix}{next(numbers):05}"


def library_of(world: World, shelf: Shelf | None = None) -> Library:
    """Put a library together on a world's store."""
    return open_library(
        store=world.store,
        catalogue=world.catalogue,
        presets=load_presets(),
        pictures=Pictures(world.store, world.catalogue, world.clock, lambda bound: bound - 1, world.new_id),
        intake=Intake(shelf or Shelf(), world.imaging, world.blobs, WithheldFiles(world.store)),
        clock=world.clock,
        new_id=counted(),
        default_model=STANDARD,
        rules=world.moderation().rulebook,
    )


def settings_of(world: World) -> SettingsService:
    """The service for what servers and members set, on a world's store."""
    rulebook = world.moderation().rulebook
    return SettingsService(world.store, world.catalogue, world.clock, counted("set"), rulebook)


def person(member_id: int = MEMBER, guild_id: int | None = GUILD, **changes: Any) -> Person:
    values: dict[str, Any] = {"channel_id": 600, "moderator": False, "manager": False}
    return Person(member_id, guild_id, **(values | changes))


def manager(guild_id: int = GUILD, member_id: int = MANAGER) -> Person:
    return person(member_id, guild_id, manager=True)


async def audit_of(world: World, guild_id: int = GUILD) -> list[AuditEntry]:
    """What was recorded for a server, oldest first."""
    async with world.store.reading() as tx:
        return list(reversed(await tx.audit.of_server(guild_id, limit=100)))


async def keep_image(world: World, number: int = 1, *, owner: int = MEMBER, **changes: Any) -> str:
    """Keep a picture that was made here, and return its id."""
    job = make_job(number, member=owner)
    await put(world.store, job)
    image = make_image(job.id, id=f"k7f3q9{number}", owner_id=owner, **({"private": False} | changes))
    async with world.store.transaction() as tx:
        await tx.images.insert(image)
    return image.id


def problem(error: Any) -> str:
    """Which problem a caught InvalidRequest is about."""
    assert isinstance(error.value, InvalidRequest)
    return error.value.problem.value
