"""What moderation needs from the outside: its stores, and Discord."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.cases import Case, CaseState, Reason, Report
from bot.domain.consequences import Ban, Note, Strike
from bot.domain.images import FittedFile, Image
from bot.domain.notices import Notice, NoticeKind
from bot.domain.records import CaseFile, QueueFilter


class Cases(Protocol):
    """Cases and their reports."""

    async def insert(self, case: Case) -> bool:
        """Write a new case; False where there is one for its image."""
        ...

    async def save(self, case: Case, *, expected: int) -> None:
        """Write a changed case that is still at turn `expected`; StaleState otherwise."""
        ...

    async def get(self, case_id: str) -> Case | None: ...

    async def of_image(self, image_id: str) -> Case | None: ...

    async def by_number(self, guild_id: int, number: int) -> Case | None: ...

    async def last_number(self, guild_id: int) -> int:
        """The highest number of a server's cases, 0 where there is none. Lock the server before."""
        ...

    async def listed(self, guild_id: int, wanted: QueueFilter, skip: int, limit: int) -> Sequence[Case]: ...

    async def count(self, guild_id: int, wanted: QueueFilter) -> int: ...

    async def latest(self, guild_id: int, limit: int) -> Sequence[Case]: ...

    async def of_member(self, guild_id: int, member_id: int) -> dict[CaseState, int]:
        """How many cases there are about a member's pictures, by state."""
        ...

    async def servers_waiting(self, before: int) -> Sequence[int]:
        """The servers with open cases from before a time."""
        ...

    async def overdue(self, guild_id: int, before: int, limit: int) -> Sequence[Case]:
        """A server's open cases from before a time."""
        ...

    async def mark_reminded(self, guild_id: int, before: int, *, now: int) -> None: ...

    async def since(self, guild_id: int, since: int) -> Sequence[Case]:
        """A server's cases that were opened or decided since a time."""
        ...

    async def open_ids(self, guild_id: int) -> Sequence[str]: ...

    async def set_card(self, case_id: str, channel_id: int | None, message_id: int | None) -> None: ...

    async def add_report(self, report: Report) -> bool:
        """Write a report; False where this person has reported this picture before."""
        ...

    async def reports_of(self, case_id: str) -> Sequence[Report]: ...

    async def report_times(self, reporter_id: int, since: int) -> Sequence[int]:
        """When somebody reported something after a time."""
        ...

    async def reports_by(self, guild_id: int, reporter_id: int) -> int: ...


class Members(Protocol):
    """Strikes, bans and notes."""

    async def add_strike(self, strike: Strike) -> None: ...

    async def strikes_of(self, guild_id: int, member_id: int) -> Sequence[Strike]: ...

    async def pardon(self, guild_id: int, strike_id: str, *, now: int, by: int) -> Strike | None:
        """Let a strike count no more; None where there is none of that id in this server that does."""
        ...

    async def add_ban(self, ban: Ban) -> None:
        """Write a new ban; StaleState where one holds that was not lifted before."""
        ...

    async def lift_bans(self, guild_id: int, member_id: int, *, now: int, by: int) -> Sequence[Ban]:
        """Lift what keeps a member from this server; return those bans, ended ones too."""
        ...

    async def ban(self, ban_id: str) -> Ban | None: ...

    async def bans_of(self, guild_id: int, member_id: int) -> Sequence[Ban]: ...

    async def holding(self, guild_id: int, member_id: int, now: int) -> Sequence[Ban]:
        """The bans that keep a member from a server now; those everywhere first."""
        ...

    async def appeal(self, ban_id: str, text: str, *, now: int) -> bool:
        """Write the appeal against a ban; False where there is one already."""
        ...

    async def answer_appeal(self, ban_id: str, *, now: int, by: int) -> bool:
        """Write that an appeal was answered; False where it was before, or there is none."""
        ...

    async def waiting_appeals(self, guild_id: int, now: int) -> Sequence[Ban]:
        """The bans of a server that hold and whose appeals nobody has answered, the oldest appeal first."""
        ...

    async def add_note(self, note: Note) -> None: ...

    async def notes_of(self, guild_id: int, member_id: int) -> Sequence[Note]: ...

    async def images_made(self, guild_id: int, member_id: int, since: int) -> tuple[int, int]:
        """How many images a member made in a server: in all, and since a time."""
        ...


class Notices(Protocol):
    """What has to happen in Discord."""

    async def put(self, notice: Notice) -> None:
        """Ask for something; asked for before, it is asked for once more."""
        ...

    async def take(self, *, now: int, until: int) -> Notice | None:
        """Take what is due for so long; None where nothing is."""
        ...

    async def done(self, notice: Notice) -> None:
        """Forget what was brought about, unless it was asked for again meanwhile."""
        ...

    async def put_off(self, notice: Notice, due_at: int | None, failure: str) -> None:
        """Try again later, or (None) never: it stays with the reason."""
        ...

    async def make_due(self, now: int) -> None:
        """Let everything that is not given up be due."""
        ...

    async def next_due(self) -> int | None: ...

    async def failures(self, kind: NoticeKind, subject: str) -> Sequence[str]:
        """Why something could not be brought about."""
        ...

    async def known(self, kind: NoticeKind, subject: str) -> bool:
        """Whether something is asked for, or could not be brought about."""
        ...

    async def forget(self, kind: NoticeKind, subject: str) -> None: ...


class SimilarPictures(Protocol):
    """The list of pictures that are refused together with all that look like them."""

    async def add(self, image: Image, guild_id: int | None, *, reason: str, by: int) -> object:
        """Refuse pictures that look like this one in a server from now on. Twice is once.

        Raises Gone where its bytes are gone.
        """
        ...


# --- telling people ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What one person is told about a decision. `guild_id` is where it was made, 0 everywhere."""

    guild_id: int
    member_id: int


@dataclass(frozen=True, slots=True)
class OutcomeTold(Told):
    """To a reporter who asked for it: what became of the report."""

    image_id: str
    removed: bool


@dataclass(frozen=True, slots=True)
class SanctionTold(Told):
    """To a member: what moderators did, and what follows. Texts are moderators' own."""

    image_id: str | None = None  # a picture that was removed
    reason: str = ""
    case_reason: Reason | None = None
    strikes: int = 0  # that count now, where one was given
    strike_until: int | None = None
    cap: int | None = None
    cooldown_until: int | None = None
    banned: bool = False
    banned_until: int | None = None
    lifted: bool = False  # a ban
    declined: bool = False  # an appeal
    restored: bool = False  # the picture


@dataclass(frozen=True, slots=True)
class AppealFile:
    """An appeal as the desk sees it."""

    ban: Ban
    strikes: int
    earlier_bans: int


class DeskMessages(Protocol):
    """The desk in Discord. Each raises DeliveryError; each is safe to repeat.

    `key` is the same when the same message is posted once more, so that Discord can drop the second.
    """

    async def put_card(
        self, channel_id: int, message_id: int | None, file: CaseFile, picture: FittedFile | None
    ) -> int:
        """Post a case's card, or change it; return the message's id. A card that is gone is posted anew."""
        ...

    async def put_appeal(self, channel_id: int | None, member_id: int | None, file: AppealFile) -> None:
        """Post an appeal in a channel, or to one operator."""
        ...

    async def remind(self, channel_id: int, cases: Sequence[Case], more: int, key: str) -> None:
        """Post which cases wait too long."""
        ...

    async def tell(self, told: Told, key: str) -> None:
        """Send a direct message about a decision."""
        ...

    async def tell_trouble(self, guild_id: int, member_id: int, channel_id: int) -> None:
        """Tell those who can change it that the desk's channel cannot be written to; `member_id` set it."""
        ...
