"""What the studio needs from the outside, as protocols: clock, store, blobs, provider, notifier.

Implementations live in `storage`, `bot.providers`, `bot.imaging` and `cogs`; `bot.app` puts them together.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeVar

from bot.domain.answers import Answer
from bot.domain.audit import AuditEntry, AuditFilter, ChainReport
from bot.domain.calls import Call
from bot.domain.caps import Period, Use
from bot.domain.characters import Character
from bot.domain.conversations import Turn
from bot.domain.deliveries import Delivery, Way
from bot.domain.gallery import Filter, Found, Tile
from bot.domain.images import FittedFile, Image, Inspected, Withheld
from bot.domain.jobs import Job, JobState
from bot.domain.ledger import Account, Difference, Entry, Loss
from bot.domain.outlook import NOTHING_KNOWN, Outlook
from bot.domain.postings import Posting
from bot.domain.presets import ServerPreset
from bot.domain.progress import Stage
from bot.domain.requests import Origin
from bot.domain.server_settings import MemberSettings, ServerState
from bot.studio.conversation_ports import ConversationStore
from bot.studio.lane_ports import Lanes
from bot.studio.limits_ports import Grants, Limits
from bot.studio.moderation_ports import Cases, Members, Notices
from bot.studio.privacy_ports import Privacy
from bot.studio.rules_ports import Attempts, BlockedPictures, WordLists
from bot.studio.usage_ports import SpendingNotes, Usage

T = TypeVar("T")


class Clock(Protocol):
    """Time, so that tests can set it."""

    def now(self) -> int:
        """UTC milliseconds."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Waits(Protocol):
    """How to wait for the outside. A test world has to know which waits are meant."""

    async def __call__(self, awaitable: Awaitable[T], reason: str) -> T:
        """Await `awaitable`; `reason` says for what."""
        ...


# --- storage ----------------------------------------------------------------------------------------------


class Jobs(Protocol):
    """Jobs and their events."""

    async def insert(self, job: Job) -> None:
        """Write a new job and its first event; StaleState where the origin key or the id exists."""
        ...

    async def get(self, job_id: str) -> Job | None: ...

    async def by_origin(self, key: str) -> Job | None: ...

    async def save(self, job: Job, expected: JobState, note: str = "") -> None:
        """Write a changed job and its event where it is still in `expected`; raise StaleState otherwise.

        StaleState too where somebody claimed it since `job` was read: `attempts` must be what is stored, and
        `claim` alone counts it. Request and origin never change and are not written.
        """
        ...

    async def claim(
        self, owner: str, *, now: int, lease_until: int, max_running: int, max_per_member: int
    ) -> Job | None:
        """Admission: take the job that may run next to RUNNING with a lease and one more attempt.

        None where nothing waits, or where no bound allows it: of all jobs at work, of one member's, of a
        model that is paused or slowed down. Who goes first: `bot.domain.queue`.
        """
        ...

    async def renew_leases(self, owner: str, *, until: int) -> None: ...

    async def abandoned(self, now: int) -> Sequence[Job]:
        """RUNNING and STORING jobs whose lease has ended."""
        ...

    async def ahead_of(self, job_id: str, now: int) -> int:
        """How many waiting jobs will probably begin before this one; 0 where it does not wait."""
        ...

    async def waiting(self, limit: int, now: int) -> Sequence[Job]:
        """CREATED jobs in the order in which they will probably begin."""
        ...

    async def waiting_since(self, before: int) -> Sequence[Job]:
        """CREATED jobs that are older than a time, the oldest first, some at once."""
        ...

    async def cancel_running(self, job_id: str, now: int) -> Job | None:
        """Note that nobody wants more of a job that is at work; None where it is not, or was noted before."""
        ...

    async def cancelled_of(self, owner: str) -> Sequence[str]:
        """Ids of the jobs that an owner works on and that somebody cancelled."""
        ...

    async def latencies(self, model: str, size: str, *, since: int, limit: int) -> Sequence[int]:
        """How many milliseconds the latest successes of a model took; size "" is the model's own."""
        ...

    async def forget_tokens(self, before: int) -> None:
        """Remove interaction tokens that were issued before a time (UTC milliseconds)."""
        ...

    async def in_state(self, state: JobState) -> int:
        """How many jobs are in a state."""
        ...


class Images(Protocol):
    """Kept pictures, and the answers that they came from."""

    async def insert(self, image: Image) -> None: ...

    async def insert_answer(self, job_id: str, position: int, answer: Answer, image_id: str | None) -> None:
        """Keep what the provider sent for picture number `position` of a job."""
        ...

    async def get(self, image_id: str) -> Image | None: ...

    async def of_job(self, job_id: str) -> Sequence[Image]:
        """All images of a job by position, deleted ones too."""
        ...

    async def notes_of(self, job_id: str) -> Sequence[str]:
        """What the provider wrote beside the pictures of a job, by position; empty texts left out."""
        ...

    async def mark_deleted(self, image_id: str, *, now: int, by: int) -> bool:
        """Delete an image for everybody; False where it was deleted before."""
        ...

    async def withhold(self, image_id: str, withheld: Withheld | None) -> None:
        """Show an image to nobody from now on, or (None) again to those who may see it."""
        ...

    async def is_withheld(self, sha256: str) -> bool:
        """Whether an image with these bytes is withheld."""
        ...

    async def answer_for(self, image: Image) -> Answer | None:
        """What the provider sent for an image."""
        ...


class Ledger(Protocol):
    """The append-only record of what was reserved, settled, released."""

    async def append(self, entry: Entry) -> None:
        """Write an entry; a second reservation or a second close of the same job raises StaleState."""
        ...

    async def reservation_of(self, job_id: str) -> Entry | None:
        """The RESERVE entry of a job."""
        ...

    async def append_loss(self, loss: Loss) -> None:
        """Write what a job cost that made nothing; StaleState the second time."""
        ...

    async def images_used(self, member_id: int, *, since: int, until: int) -> int:
        """Reserved and settled images of a member in a period."""
        ...

    async def use_of(self, account: Account, account_id: int, *, since: int, until: int) -> Use:
        """What was reserved and settled in a period; 0 is the id of everybody and of strangers.

        Losses count for all accounts but a member's.
        """
        ...

    async def left_open(self) -> Sequence[Entry]:
        """Reservations of jobs that have ended and that nothing closed."""
        ...

    async def unreserved(self) -> Sequence[str]:
        """Ids of unfinished jobs without a reservation."""
        ...

    async def differences(self, limit: int) -> Sequence[Difference]:
        """Sums that are not what the entries amount to; it reads all of them."""
        ...

    async def sum_up_again(self) -> None:
        """Make the sums anew from the entries."""
        ...

    async def open_reservations(self) -> Sequence[Entry]:
        """Reservations that nothing closed yet."""
        ...


class Deliveries(Protocol):
    """Deliveries, one for each job."""

    async def insert(self, delivery: Delivery) -> None: ...

    async def get(self, job_id: str) -> Delivery | None: ...

    async def save(self, delivery: Delivery) -> None: ...

    async def set_card(self, job_id: str, message_id: int) -> None:
        """Remember which message is the job's card."""
        ...

    async def pending(self) -> Sequence[str]:
        """Ids of jobs whose answer is still to be delivered, oldest first."""
        ...

    async def latest_sent(self, limit: int) -> Sequence[Delivery]:
        """The latest deliveries that succeeded, oldest first."""
        ...

    async def kept_for(self, member_id: int) -> Sequence[str]:
        """Ids of jobs whose answer could not be delivered to this member, oldest first."""
        ...


class Settings(Protocol):
    """What servers and members have set."""

    async def of_server(self, guild_id: int) -> ServerState:
        """What a server has set; version 0 with the defaults where nothing is kept."""
        ...

    async def save_server(self, state: ServerState) -> None:
        """Write settings whose version is one more than what is kept; StaleState where it is not."""
        ...

    async def of_member(self, member_id: int) -> MemberSettings:
        """What a member has set, or the defaults."""
        ...

    async def save_member(self, member_id: int, settings: MemberSettings, *, now: int) -> None: ...

    async def forget_member(self, member_id: int) -> None:
        """Remove what a member has set."""
        ...


class Presets(Protocol):
    """The presets that servers made. Names are compared without regard to case."""

    async def insert(self, kept: ServerPreset) -> None:
        """Write a new preset; StaleState where its server has one of that name."""
        ...

    async def save(self, kept: ServerPreset) -> None:
        """Write a changed preset whose version is one more than what is kept; StaleState otherwise."""
        ...

    async def get(self, guild_id: int, name: str) -> ServerPreset | None: ...

    async def of_server(self, guild_id: int) -> Sequence[ServerPreset]:
        """All presets of a server by name."""
        ...

    async def delete(self, guild_id: int, name: str) -> bool:
        """Remove a preset; False where there is none of that name."""
        ...


class Characters(Protocol):
    """Characters. Their pictures are what may still be used of them."""

    async def insert(self, character: Character) -> None:
        """Write a new character; StaleState where its owner, or its server, has one of that name."""
        ...

    async def get(self, character_id: str) -> Character | None: ...

    async def of_owner(self, owner_id: int) -> Sequence[Character]:
        """All characters of a person by name."""
        ...

    async def of_server(self, guild_id: int) -> Sequence[Character]:
        """All characters that are shared with a server, by name."""
        ...

    async def share(self, character_id: str, guild_id: int | None) -> None:
        """Share a character with a server, or with nobody (None); StaleState where the name is taken."""
        ...

    async def delete(self, character_id: str) -> bool:
        """Remove a character; False where it was gone already."""
        ...


class Audit(Protocol):
    """What people with a say changed: append-only."""

    async def append(self, entry: AuditEntry) -> None:
        """Write the next link of the chain. Nothing else is to be locked after it in its transaction."""
        ...

    async def of_server(
        self,
        guild_id: int,
        *,
        limit: int,
        before: AuditEntry | None = None,
        wanted: AuditFilter = AuditFilter(),  # noqa: B008 - frozen
    ) -> Sequence[AuditEntry]:
        """The latest entries of a server, newest first; `before` is the last one of the page before."""
        ...

    async def verify(self) -> ChainReport:
        """Whether every link of the chain holds."""
        ...


class Gallery(Protocol):
    """Finding kept pictures again. What was deleted is never found."""

    async def older(
        self, owner_id: int, wanted: Filter, period: Period, before: Image, limit: int
    ) -> Sequence[Found]:
        """A member's pictures that were made before one of them, the newest first."""
        ...

    async def newer(
        self, owner_id: int, wanted: Filter, period: Period, after: Image, limit: int
    ) -> Sequence[Found]:
        """A member's pictures that were made right after one of them, the newest first."""
        ...

    async def from_place(
        self, owner_id: int, wanted: Filter, period: Period, skip: int, limit: int
    ) -> Sequence[Found]:
        """A member's pictures without the first `skip`, the newest first."""
        ...

    async def count(
        self, owner_id: int, wanted: Filter, period: Period, newer_than: Image | None = None
    ) -> int:
        """How many of a member's pictures match, in all or after one of them."""
        ...

    async def like(self, owner_id: int, typed: str, limit: int) -> Sequence[Found]:
        """A member's pictures whose id begins with what was typed, or whose prompt holds it, newest first."""
        ...

    async def children(self, image_id: str, limit: int) -> Sequence[Found]:
        """What was made from a picture, by anybody, the oldest first."""
        ...


class Postings(Protocol):
    """Copies of pictures in Discord."""

    async def insert(self, posting: Posting) -> None:
        """Remember where a copy was posted. The same message twice is one."""
        ...

    async def of_job(self, job_id: str) -> Sequence[Posting]:
        """Copies of a job's pictures, the oldest first."""
        ...

    async def remove(self, message_id: int) -> None:
        """Forget a copy that is not there any more."""
        ...


class Transaction(Protocol):
    """All repositories on one connection. What is written becomes visible together, or not at all."""

    @property
    def jobs(self) -> Jobs: ...

    @property
    def images(self) -> Images: ...

    @property
    def ledger(self) -> Ledger: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def grants(self) -> Grants: ...

    @property
    def deliveries(self) -> Deliveries: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def presets(self) -> Presets: ...

    @property
    def characters(self) -> Characters: ...

    @property
    def audit(self) -> Audit: ...

    @property
    def gallery(self) -> Gallery: ...

    @property
    def postings(self) -> Postings: ...

    @property
    def cases(self) -> Cases: ...

    @property
    def members(self) -> Members: ...

    @property
    def lanes(self) -> Lanes: ...

    @property
    def usage(self) -> Usage: ...

    @property
    def spending_notes(self) -> SpendingNotes: ...

    @property
    def notices(self) -> Notices: ...

    @property
    def conversations(self) -> ConversationStore: ...

    @property
    def words(self) -> WordLists: ...

    @property
    def attempts(self) -> Attempts: ...

    @property
    def blocked(self) -> BlockedPictures: ...

    @property
    def privacy(self) -> Privacy: ...

    async def lock_member(self, member_id: int) -> None:
        """Let no other transaction decide about this member's caps until this one ends."""
        ...


class Store(Protocol):
    """The database."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that may write: committed at the end, rolled back on an exception."""
        ...

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a coroutine function as one transaction and return what it returns.

        It may run on another thread, in one step: it waits for nothing but its transaction, and whatever
        else it reads does not change meanwhile. The way for what every job does.
        """
        ...

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a coroutine function on a snapshot, under the same terms as `write`."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """A snapshot that only reads; it waits for no writer."""
        ...


class Blobs(Protocol):
    """Files: pictures addressed by SHA-256, and answers until their job is finished."""

    def path(self, sha256: str) -> Path:
        """Where a picture's bytes are."""
        ...

    async def keep_answer(self, job_id: str, position: int, answer: Answer) -> None:
        """Put an answer on disk, durably: when this returns, a crash cannot lose it."""
        ...

    async def kept_answers(self, job_id: str) -> dict[int, Answer]:
        """The answers of a job that are on disk, by position."""
        ...

    async def ensure_room(self) -> None:
        """Raise StorageFull when the disk has no room for an answer: better to know before it is paid."""
        ...

    async def drop_answers(self, job_id: str) -> None:
        """Remove a finished job's answers; their content is in the database now."""
        ...


# --- provider and pictures --------------------------------------------------------------------------------


class Provider(Protocol):
    """What makes images."""

    async def generate(
        self,
        call: Call,
        *,
        timeout: float,  # noqa: ASYNC109 - the provider is told, too
        arriving: Callable[[], None],
    ) -> Answer:
        """Make one call and return its answer, pictures already kept as blobs.

        `arriving` is called once when the answer begins to come in. A refusal or an empty answer is an
        Answer with that verdict; a failed call raises a ProviderError. Never retries by itself.
        """
        ...


class Imaging(Protocol):
    """Work on pictures, off the event loop."""

    async def inspect(self, path: Path) -> Inspected | None:
        """Decode a picture fully and say what it is; None where the bytes are no whole picture."""
        ...

    async def fit(self, path: Path, limit: int) -> FittedFile:
        """Re-encode a picture so that it has at most `limit` bytes and at least half its pixels."""
        ...


class ContactSheets(Protocol):
    """Several pictures on one, off the event loop."""

    async def contact_sheet(self, tiles: Sequence[Tile]) -> FittedFile:
        """Return the tiles in rows, each with its label; what cannot be shown has a sign in its place."""
        ...


# --- telling people ---------------------------------------------------------------------------------------


class Showing(StrEnum):
    """Why pictures are shown. It decides which buttons stand under them."""

    RESULT = "result"  # the answer to a request
    COPY = "copy"  # one of its pictures, brought back by somebody
    OPENED = "opened"  # one of its pictures, privately, for somebody who looks for something
    ORIGINAL = "original"  # the same, for somebody who wants the best that fits


@dataclass(frozen=True, slots=True)
class Attachment:
    """One picture as it is posted: the stored original, or a copy that fits the upload limit."""

    image: Image
    path: Path
    smaller: FittedFile | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the owner of a finished job gets."""

    job: Job
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()  # what the models said beside the pictures
    short_of: int = 0  # pictures that were asked for and not made
    withdrawn: bool = False  # it was made, but everything in it has been deleted since
    withheld: Withheld | None = None  # why pictures of it are not shown, where moderators or reports say so
    showing: Showing = Showing.RESULT  # any other has exactly one attachment
    turn: Turn | None = None  # it is a step of a conversation
    posted_at: str = ""  # the address of the message that the pictures were posted in
    parent_at: str = ""  # the same of the picture that they were made from

    def evolve(self, **changes: Any) -> Outcome:
        """Return a copy with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Posted:
    """Where an answer was put."""

    channel_id: int
    message_id: int


class Notifier(Protocol):
    """Tells people. The only implementation that reaches people is Discord's, in `cogs.notifier`."""

    def progress(self, job: Job, stage: Stage, ahead: int = 0, outlook: Outlook = NOTHING_KNOWN) -> None:
        """Say how far a job is, while it waits how many go first, and what is known about the time it takes.

        Returns at once, never fails.
        """
        ...

    async def acknowledged(self) -> None:
        """Return when few people wait to be told that their request was accepted, or after a moment.

        Whoever begins work waits for this first: of many requests at once, none is left without an answer
        for the sake of another's picture.
        """
        ...

    async def deliver(
        self, outcome: Outcome, way: Way, origin: Origin, card_message_id: int | None
    ) -> Posted:
        """Get an outcome to a member by one way; raise DeliveryError where that fails. Safe to repeat.

        `origin` is the job's own, or a later one of the same member for Way.FOLLOW_UP.
        """
        ...

    async def update(self, outcome: Outcome, delivery: Delivery) -> None:
        """Make a message that was posted agree with what is there now; raise DeliveryError otherwise."""
        ...
