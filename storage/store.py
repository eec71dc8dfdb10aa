"""The database with its repositories, and the one way to open it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from bot.errors import StorageError, StorageInUse, StorageReadOnly
from storage.answers import AnswerRepository
from storage.archive import Manifest
from storage.attempts import AttemptRepository
from storage.audit import AuditRepository
from storage.backup import Backup, write_backup
from storage.blobs import Blobs
from storage.blocked import BlockedPictureRepository
from storage.cases import CaseRepository
from storage.characters import CharacterRepository
from storage.conversations import ConversationRepository
from storage.deliveries import DeliveryRepository
from storage.drawings import DrawingRepository
from storage.engine import Connection, Engine
from storage.faults import file_faults
from storage.files import disk_sizes, make_folder
from storage.gallery import GalleryRepository
from storage.grants import GrantRepository
from storage.images import ImageRepository
from storage.jobs import JobRepository
from storage.lanes import LaneRepository
from storage.ledger import LedgerRepository
from storage.limits import LimitsRepository
from storage.members import MemberRepository
from storage.migrate import Migration, known_migrations, migrate
from storage.notices import NoticeRepository
from storage.orphans import Orphans
from storage.owner import for_the_owner
from storage.postings import PostingRepository
from storage.presets import PresetRepository
from storage.privacy import PrivacyRepository
from storage.published import PUBLISHED
from storage.restore import restore_backup
from storage.retractions import RetractionRepository
from storage.safety import refuse_half_restored, refuse_without_database
from storage.settings import SettingsRepository
from storage.spending_notes import SpendingNoteRepository
from storage.sqlite import SqliteEngine
from storage.turns import TurnRepository
from storage.uninterrupted import to_the_end
from storage.usage import UsageRepository
from storage.vitals import VitalsRepository
from storage.words import WordListRepository

T = TypeVar("T")

DATABASE = "database.sqlite3"
LOCK = "plantain.lock"
LEFT_ALONE = frozenset(
    {LOCK, PUBLISHED, "sandbox", "incoming", "exports", "lost+found"}
)  # no data of the bot
POSTGRES = ("postgresql://", "postgres://")
BUSY_TIMEOUT = 5.0  # seconds


class Transaction:
    """All repositories on one connection. What is written becomes visible together, or not at all."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.jobs = JobRepository(connection)
        self.images = ImageRepository(connection)
        self.answers = AnswerRepository(connection)
        self.ledger = LedgerRepository(connection)
        self.limits = LimitsRepository(connection)
        self.grants = GrantRepository(connection)
        self.deliveries = DeliveryRepository(connection)
        self.settings = SettingsRepository(connection)
        self.presets = PresetRepository(connection)
        self.characters = CharacterRepository(connection)
        self.audit = AuditRepository(connection)
        self.gallery = GalleryRepository(connection)
        self.postings = PostingRepository(connection)
        self.drawings = DrawingRepository(connection)
        self.cases = CaseRepository(connection)
        self.members = MemberRepository(connection)
        self.notices = NoticeRepository(connection)
        self.conversations = ConversationRepository(connection)
        self.turns = TurnRepository(connection)
        self.words = WordListRepository(connection)
        self.attempts = AttemptRepository(connection)
        self.blocked = BlockedPictureRepository(connection)
        self.vitals = VitalsRepository(connection)
        self.lanes = LaneRepository(connection)
        self.usage = UsageRepository(connection)
        self.spending_notes = SpendingNoteRepository(connection)
        self.privacy = PrivacyRepository(connection)
        self.retractions = RetractionRepository(connection)

    async def lock_member(self, member_id: int) -> None:
        """Let no other transaction decide about this member's caps until this one ends."""
        await self._connection.lock(member_id)


class Store:
    """An open database, migrated, with the files that belong to it."""

    def __init__(self, engine: Engine, blobs: Blobs, folder: Path, migrated: Sequence[str] = ()) -> None:
        self.engine = engine
        self.blobs = blobs
        self._folder = folder
        self.migrated = tuple(migrated)  # names of the migrations that opening applied

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction that may write: committed at the end, rolled back on any exception.

        Only this database is to be waited for inside: on SQLite others wait for their turn meanwhile.
        A task that is cancelled while its transaction ends may find it committed or rolled back.
        """
        async with self.engine.transaction() as connection:
            yield Transaction(connection)

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a coroutine function as one transaction and return what it returns.

        For what happens often: on SQLite it costs one hop to the database's thread instead of one for each
        statement. It runs over there, perhaps twice, so it waits for nothing but its transaction and changes
        nothing else.
        """
        return await self.engine.write(lambda connection: work(Transaction(connection)))

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a coroutine function on a snapshot, under the same terms as `write`."""
        return await self.engine.read(lambda connection: work(Transaction(connection)))

    async def checkpoint(self) -> None:
        """Move what the database has logged to where it belongs; every now and then is enough."""
        await self.engine.checkpoint()

    def orphans(self) -> Orphans:
        """What removes files that nobody needs."""
        return Orphans(self.engine, self._folder)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A snapshot that only reads; it waits for no writer."""
        async with self.engine.reading() as connection:
            yield Transaction(connection)

    async def sizes(self) -> dict[str, int]:
        """Bytes: what is free on the data's disk, and what SQLite's files take."""
        return await asyncio.to_thread(disk_sizes, self._folder, DATABASE)


@asynccontextmanager
async def open_store(
    url: str,
    folder: Path,
    *,
    busy_timeout: float = BUSY_TIMEOUT,
    migrations: Sequence[Migration] | None = None,
) -> AsyncIterator[Store]:
    """Open the database and the files, bring the schema up to date, and close everything at the end.

    `url` is empty for SQLite in `folder`, which is made where it is missing, or a PostgreSQL URL; pictures
    are in `folder` either way. Raises a StorageError that says what is wrong and what to do.
    """
    async with AsyncExitStack() as stack:
        await asyncio.to_thread(_prepare_folder, folder)
        engine: Engine
        if not url:
            await stack.enter_async_context(_only_process(folder))
            await asyncio.to_thread(_check, folder, folder / DATABASE)
            engine = SqliteEngine(folder / DATABASE, busy_timeout=busy_timeout)
        else:
            engine = postgres_engine(url, busy_timeout)
            from storage.postgres_session import at_work  # needs asyncpg, which is optional

            await stack.enter_async_context(at_work(url))
            await asyncio.to_thread(_check, folder, None)
        await stack.enter_async_context(engine)
        if migrations is None:
            migrations = await asyncio.to_thread(known_migrations)

        async def before_first() -> None:
            await asyncio.to_thread(refuse_without_database, folder)

        migrated = await migrate(engine, migrations, before_first=before_first)
        blobs = await stack.enter_async_context(Blobs.open(folder, shared=bool(url)))
        yield Store(engine, blobs, folder, migrated)


def backup(url: str, folder: Path, target: Path, *, version: str) -> Backup:
    """Write a backup of what `open_store` opens, beside a bot that may be at work. It blocks.

    Raises StorageError.
    """
    refuse_half_restored(folder)
    return write_backup(url, folder, folder / DATABASE, target, version=version)


def restore(url: str, folder: Path, archive: Path, *, force: bool = False) -> tuple[Manifest, Path | None]:
    """Put a backup in place of what `open_store` opens; return what it held, and where older data is now.

    It blocks. Raises StorageError, as where a bot is at work (on PostgreSQL: any that shares the database)
    or, without `force`, where there is data.
    """
    _prepare_folder(folder)
    with file_faults(folder), for_the_owner(folder):
        lock = _lock(folder)
        _acquire(lock, folder)
        try:
            return restore_backup(url, folder, DATABASE, archive, force=force, left_alone=LEFT_ALONE)
        finally:
            lock.release()


async def bring_up_to_date(url: str, folder: Path) -> None:
    """Apply the migrations that are due, and nothing else; what root makes is the folder's owner's."""
    await asyncio.to_thread(_prepare_folder, folder)
    with file_faults(folder), for_the_owner(folder):
        async with open_store(url, folder):
            pass


def _prepare_folder(folder: Path) -> None:
    with file_faults(folder):
        make_folder(folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageReadOnly(f"{folder} cannot be written. Make it writable, or set another storage.path")


def _check(folder: Path, database: Path | None) -> None:
    """Raise StorageError where the data is not whole; SQLite would make a file anew that is missing."""
    refuse_half_restored(folder)
    if database is not None and not database.exists():
        refuse_without_database(folder)


@asynccontextmanager
async def _only_process(folder: Path) -> AsyncIterator[None]:
    """Hold the folder for this process; the system lets go of it when the process dies."""
    lock = _lock(folder)
    try:
        await to_the_end(asyncio.to_thread(_acquire, lock, folder))
        yield
    finally:
        await to_the_end(asyncio.to_thread(lock.release))


def _lock(folder: Path) -> FileLock:
    return FileLock(folder / LOCK, timeout=0, mode=0o600, thread_local=False)


def _acquire(lock: FileLock, folder: Path) -> None:
    with file_faults(folder / LOCK):
        try:
            lock.acquire()
        except Timeout as exc:
            raise StorageInUse(
                f"another process works on {folder}. Stop it, or give this one a storage.path of its own"
            ) from exc


def postgres_engine(url: str, busy_timeout: float) -> Engine:
    """Return the engine for a PostgreSQL URL, not entered yet."""
    if not url.startswith(POSTGRES):
        # The URL itself may hold a password.
        raise StorageError("storage.url must be empty (SQLite) or begin with postgresql://")
    try:
        from storage.postgres import PostgresEngine
    except ModuleNotFoundError as exc:
        raise StorageError(
            "PostgreSQL needs the package asyncpg, which is not installed. Install the extra `postgres`"
        ) from exc
    return PostgresEngine(url, busy_timeout=busy_timeout)
