"""What the studio needs of the database for jobs: the jobs, their pictures, their money, their deliveries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.domain.answers import Answer
from bot.domain.caps import Use
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.images import Image, Sender, Withheld
from bot.domain.jobs import Job, JobState
from bot.domain.ledger import Account, Difference, Entry, Loss
from bot.domain.postings import Posting


class Jobs(Protocol):
    """Jobs and their events."""

    async def insert(self, job: Job) -> None:
        """Write a new job and its first event; StaleState where the origin key or the id exists."""
        ...

    async def get(self, job_id: str) -> Job | None: ...

    async def by_origin(self, key: str) -> Job | None: ...

    async def latest_answered(self, member_id: int, *, since: int, limit: int) -> Sequence[tuple[int, bool]]:
        """Return when a member's latest requests that a provider answered ended, and whether with a picture.

        The latest first, by when they were begun; descriptions are none.
        """
        ...

    async def save(self, job: Job, expected: JobState, note: str = "") -> None:
        """Write a changed job and its event where it is still in `expected`; raise StaleState otherwise.

        StaleState too where somebody claimed it since `job` was read: `attempts` must be what is stored, and
        `claim` alone counts it. Request and origin never change and are not written.
        """
        ...

    async def claim(
        self,
        owner: str,
        *,
        now: int,
        lease_until: int,
        max_running: int,
        max_per_member: int,
        only: str | None = None,
    ) -> Job | None:
        """Admission: take the job that may run next to RUNNING with a lease and one more attempt.

        None where nothing waits, or where no bound allows it: of all jobs at work, of one member's, of a
        model that is paused or slowed down. Who goes first: `bot.domain.queue`.
        `only` is the id of a job that this transaction has written: that one is taken if it is the next, or
        none. Then no other claim is waited for; it is the last thing in its transaction.
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

    async def waiting_of(self, member_id: int, guild_id: int) -> Sequence[Job]:
        """CREATED jobs of a member in a server, or (0) everywhere, the oldest first."""
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

    async def unfinished(self) -> Mapping[JobState, int]:
        """How many jobs there are in each state that is not the end; 0 for any other."""
        ...


class Images(Protocol):
    """Kept pictures."""

    async def insert(self, image: Image) -> None:
        """Write a new image; IdTaken where its id is another's, StaleState where its place is taken."""
        ...

    async def get(self, image_id: str) -> Image | None: ...

    async def at_message(self, message_id: int) -> str | None:
        """Return the id of the first image that a message of ours shows."""
        ...

    async def of_job(self, job_id: str) -> Sequence[Image]:
        """All images of a job by position, deleted ones too."""
        ...

    async def result_of(self, job_id: str) -> tuple[Sequence[Image], Sequence[str]]:
        """Return what a settled job shows: its images and the provider's notes (`Answers.notes_of`)."""
        ...

    async def mark_deleted(self, image_id: str, *, now: int, by: int) -> bool:
        """Delete an image for everybody; False where it was deleted before."""
        ...

    async def withhold(self, image_id: str, judged: Withheld | None) -> Sequence[str]:
        """Show an image, and all of its server with the same bytes, to nobody from now on, or (None) again to
        those who may see them, unless another of them is judged more strictly; return the ids of those for
        which that changes something."""
        ...

    async def twins(self, image_id: str) -> Sequence[Image]:
        """Return the other images of its server with the bytes of one."""
        ...

    async def is_withheld(self, sha256: str, sender: Sender) -> bool:
        """Whether an image with these bytes is withheld from somebody (`Sender` says from whom)."""
        ...


class Answers(Protocol):
    """What the provider sent for the pictures of jobs. A place has one answer: the first that is kept."""

    async def keep(self, job_id: str, position: int, answer: Answer) -> None:
        """Keep what the provider sent for picture number `position` of a job that is at work.

        StaleState where an answer is kept already: the first one is what the job ends with.
        """
        ...

    async def settle(self, job_id: str, position: int, answer: Answer, image_id: str | None) -> None:
        """Say which image came of an answer, and keep it where it is not kept yet; StaleState where one did
        already. What is kept stays as it is, also where somebody's words were taken away meanwhile."""
        ...

    async def of_job(self, job_id: str) -> Mapping[int, Answer]:
        """What the provider sent for each picture of a job so far, by position."""
        ...

    async def notes_of(self, job_id: str) -> Sequence[str]:
        """What the provider wrote beside the pictures of a job, by position; empty texts left out."""
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

    async def descriptions_used(self, member_id: int, *, since: int, until: int) -> int:
        """Descriptions of a member in a period; what ended without costing anything is none."""
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


class Deliveries(Protocol):
    """Deliveries, one for each job."""

    async def insert(self, delivery: Delivery) -> None: ...

    async def get(self, job_id: str) -> Delivery | None: ...

    async def with_job(self, job_id: str, state: DeliveryState) -> tuple[Job, Delivery] | None:
        """Return a job and its delivery; None where that is in another state."""
        ...

    async def save(self, delivery: Delivery) -> None: ...

    async def set_state(self, job_id: str, state: DeliveryState, *, now: int) -> None:
        """Say of a delivery that nobody has in hand what becomes of it; StaleState where the job has none."""
        ...

    async def set_card(self, job_id: str, message_id: int) -> None:
        """Remember which message is the job's card."""
        ...

    async def pending(self) -> Sequence[str]:
        """Ids of jobs whose answer is still to be delivered, oldest first."""
        ...

    async def abandoned(self, *, now: int, grace: int) -> Sequence[str]:
        """Those of `pending` whose lease has ended, or that nobody took within `grace` milliseconds."""
        ...

    async def claim(self, job_id: str, state: DeliveryState, owner: str, *, now: int, until: int) -> bool:
        """Take a delivery in this state in hand; False where it is in another, or somebody else has it."""
        ...

    async def renew_leases(self, owner: str, *, until: int) -> None:
        """Keep what somebody has in hand."""
        ...

    async def release_leases(self, owner: str) -> None:
        """Let others take at once what somebody had in hand."""
        ...

    async def latest_sent(self, limit: int) -> Sequence[Delivery]:
        """The latest deliveries that succeeded, oldest first."""
        ...

    async def kept_for(self, member_id: int) -> Sequence[str]:
        """Ids of jobs whose answer could not be delivered to this member, oldest first."""
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
