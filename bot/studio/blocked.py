"""Pictures that may not come back: blocked by moderators, recognised by what they look like."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from bot.domain.audit import PICTURE_BLOCKED, PICTURE_UNBLOCKED, AuditEntry, entry_id
from bot.domain.blocked import BlockedPicture
from bot.domain.images import Image
from bot.domain.picture_hashes import looks_like
from bot.errors import Gone, ImageError, InvalidRequest, NotAllowed, Problem
from bot.studio.pictures import Person, Pictures
from bot.studio.ports import Blobs, Clock
from bot.studio.rules_ports import Hashing
from bot.studio.store_ports import Store

MOST_BLOCKED = 1_000  # by one server, and everywhere
MOST_SERVERS = 256  # whose lists are held at once
REASON_LIMIT = 300  # characters


class RecognisesBlocked(Protocol):
    """What knows blocked pictures again."""

    async def which(self, sha256s: Iterable[str], guild_id: int | None) -> Mapping[str, BlockedPicture]:
        """Return which of these kept pictures may not be in a server, with what each looks like."""
        ...


def moderated_server(person: Person) -> int:
    """Return the server that a person moderates from where they are, or raise NotAllowed."""
    if person.guild_id is None:
        raise NotAllowed("server_only")
    if not (person.moderator or person.manager):
        raise NotAllowed("moderate")
    return person.guild_id


class BlockList:
    """Blocks pictures for one server, or everywhere, and recognises them and their copies.

    What is compared: pictures that members send, references, and what providers make, before it is shown.
    """

    def __init__(
        self,
        *,
        store: Store,
        blobs: Blobs,
        hashing: Hashing,
        pictures: Pictures,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._hashing = hashing
        self._pictures = pictures
        self._clock = clock
        self._new_id = new_id
        self._held: OrderedDict[int | None, tuple[str, tuple[BlockedPicture, ...]]] = OrderedDict()

    # --- by moderators ------------------------------------------------------------------------------------

    async def block(self, image_id: str, person: Person, reason: str) -> BlockedPicture:
        """Block a picture and what looks like it in the server that a moderator is in.

        Raises NotAllowed, Gone for a picture that is not there for this person, InvalidRequest where there
        are too many already.
        """
        guild_id = moderated_server(person)
        image = (await self._pictures.of_image(image_id, person)).images[0]
        return await self.add(image, guild_id, reason=reason, by=person.id)

    async def add(self, image: Image, guild_id: int | None, *, reason: str, by: int) -> BlockedPicture:
        """Block a picture in a server, or (None) everywhere; who may is the caller's to check.

        The same picture again is the same entry. Raises Gone where its bytes are gone or broken.
        """
        try:
            hashes = await self._hashing.hashes_to_block(self._blobs.path(image.sha256))
        except ImageError as error:
            raise Gone(image.id) from error
        now = self._clock.now()
        blocked = BlockedPicture(
            self._new_id(), guild_id, image.sha256, hashes, reason[:REASON_LIMIT], now, by
        )
        async with self._store.transaction() as tx:
            own = [item for item in await tx.blocked.holding_for(guild_id) if item.guild_id == guild_id]
            for item in own:
                if item.sha256 == image.sha256:
                    return item
            if len(own) >= MOST_BLOCKED:
                raise InvalidRequest(Problem.TOO_MANY_BLOCKED, limit=MOST_BLOCKED)
            await tx.blocked.insert(blocked)
            await tx.audit.append(self._entry(blocked, by, now, PICTURE_BLOCKED))
        return blocked

    async def unblock(self, blocked_id: str, person: Person) -> BlockedPicture:
        """Take one of a server's own off the list; raise InvalidRequest where there is none."""
        guild_id = moderated_server(person)
        async with self._store.transaction() as tx:
            for item in await tx.blocked.holding_for(guild_id):
                if (item.id, item.guild_id) == (blocked_id, guild_id):
                    await tx.blocked.delete(blocked_id, guild_id)
                    await tx.audit.append(self._entry(item, person.id, self._clock.now(), PICTURE_UNBLOCKED))
                    return item
        raise InvalidRequest(Problem.BLOCKED_UNKNOWN, id=blocked_id)

    async def listed(self, person: Person) -> Sequence[BlockedPicture]:
        """Return what a moderator's server blocks itself, the newest first."""
        guild_id = moderated_server(person)
        return [item for item in await self._holding_for(guild_id) if item.guild_id == guild_id]

    # --- recognising --------------------------------------------------------------------------------------

    async def which(self, sha256s: Iterable[str], guild_id: int | None) -> Mapping[str, BlockedPicture]:
        """Return which of these kept pictures may not be in a server, with what each looks like."""
        wanted = dict.fromkeys(sha256s)
        blocked = await self._holding_for(guild_id) if wanted else ()
        found: dict[str, BlockedPicture] = {}
        for sha256 in wanted if blocked else ():
            value = await self._hashing.picture_hash(self._blobs.path(sha256))
            for item in blocked:
                if item.sha256 == sha256 or (value is not None and looks_like(value, item.hashes)):
                    found[sha256] = item
                    break
        return found

    async def _holding_for(self, guild_id: int | None) -> tuple[BlockedPicture, ...]:
        """What holds for a server, read anew when it has changed."""
        stamp = await self._store.read(lambda tx: tx.blocked.stamp(guild_id))
        if not stamp:
            return ()
        held = self._held.get(guild_id)
        if held is None or held[0] != stamp:
            held = (stamp, tuple(await self._store.read(lambda tx: tx.blocked.holding_for(guild_id))))
        self._held[guild_id] = held
        self._held.move_to_end(guild_id)
        while len(self._held) > MOST_SERVERS:
            self._held.popitem(last=False)
        return held[1]

    def _entry(self, blocked: BlockedPicture, by: int, now: int, action: str) -> AuditEntry:
        return AuditEntry(
            id=entry_id(now, self._new_id()),
            guild_id=blocked.guild_id,
            actor_id=by,
            at=now,
            action=action,
            target=blocked.id,
            data={"sha256": blocked.sha256, "reason": blocked.reason},
        )
