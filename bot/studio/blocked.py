"""Pictures that may not come back: blocked by moderators, recognised by what they look like."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.audit import PICTURE_BLOCKED, PICTURE_UNBLOCKED, AuditEntry, entry_id
from bot.domain.blocked import BlockedPicture
from bot.domain.images import Image
from bot.domain.picture_hashes import looks_like
from bot.errors import Gone, ImageError, InvalidRequest, NotAllowed, Problem
from bot.studio.pictures import Person, Pictures
from bot.studio.ports import Blobs, Clock
from bot.studio.rules_ports import Hashing
from bot.studio.store_ports import Store, Transaction

MOST_BLOCKED = 1_000  # by one server, and everywhere
MOST_SERVERS = 256  # whose lists are held at once
REASON_LIMIT = 300  # characters


@dataclass(frozen=True, slots=True)
class Compared:
    """Which of some pictures a server blocks, with what each looks like, by its lists with this stamp."""

    guild_id: int | None
    stamp: str
    blocked: Mapping[str, BlockedPicture]

    async def holds(self, tx: Transaction) -> bool:
        """Whether the lists are still the same: asked in the transaction that lets the others be shown."""
        return await tx.blocked.stamp(self.guild_id) == self.stamp


class RecognisesBlocked(Protocol):
    """What knows blocked pictures again."""

    async def which(self, sha256s: Iterable[str], guild_id: int | None) -> Mapping[str, BlockedPicture]:
        """Return which of these kept pictures may not be in a server, with what each looks like."""
        ...


class ComparesResults(Protocol):
    """What compares pictures that were just made, at a moment at which every wait counts."""

    async def compare(self, sha256s: Iterable[str], guild_id: int | None, *, anew: bool) -> Compared:
        """Compare kept pictures with what a server blocks; not `anew`: blocked when that was last read."""
        ...


def moderated_server(person: Person) -> int:
    """Return the server that a person moderates from where they are, or raise NotAllowed."""
    if person.guild_id is None:
        raise NotAllowed("server_only")
    if not (person.moderator or person.manager):
        raise NotAllowed("moderate")
    return person.guild_id


@dataclass(frozen=True, slots=True)
class Lists:
    """What is blocked in a server, its own and the operator's; another stamp says that it has changed."""

    stamp: str
    blocked: tuple[BlockedPicture, ...]


NOTHING = Lists("", ())


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
        self._held: OrderedDict[int | None, Lists] = OrderedDict()

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
        return [item for item in (await self._read(guild_id)).blocked if item.guild_id == guild_id]

    # --- recognising --------------------------------------------------------------------------------------

    async def which(self, sha256s: Iterable[str], guild_id: int | None) -> Mapping[str, BlockedPicture]:
        """Return which of these kept pictures may not be in a server, with what each looks like."""
        wanted = list(sha256s)
        return (await self.compare(wanted, guild_id, anew=True)).blocked if wanted else {}

    async def compare(self, sha256s: Iterable[str], guild_id: int | None, *, anew: bool) -> Compared:
        """Compare kept pictures with what a server blocks; not `anew`: blocked when that was last read."""
        lists = await self._read(guild_id) if anew else self._held.get(guild_id, NOTHING)
        found: dict[str, BlockedPicture] = {}
        for sha256 in dict.fromkeys(sha256s) if lists.blocked else ():
            value = await self._hashing.picture_hash(self._blobs.path(sha256))
            for item in lists.blocked:
                if item.sha256 == sha256 or (value is not None and looks_like(value, item.hashes)):
                    found[sha256] = item
                    break
        return Compared(guild_id, lists.stamp, found)

    async def _read(self, guild_id: int | None) -> Lists:
        """What holds for a server, read anew where it has changed."""
        held = self._held.get(guild_id, NOTHING)

        async def read(tx: Transaction) -> Lists:
            stamp = await tx.blocked.stamp(guild_id)
            if stamp == held.stamp:
                return held
            return Lists(stamp, tuple(await tx.blocked.holding_for(guild_id)) if stamp else ())

        lists = await self._store.read(read)
        if lists.stamp:
            self._held[guild_id] = lists
            self._held.move_to_end(guild_id)
        else:
            self._held.pop(guild_id, None)
        while len(self._held) > MOST_SERVERS:
            self._held.popitem(last=False)
        return lists

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
