"""The database as the studio sees it: transactions, and the repositories in each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from bot.studio.conversation_ports import ConversationStore, Drawings, Turns
from bot.studio.job_ports import Answers, Deliveries, Images, Jobs, Ledger, Postings
from bot.studio.lane_ports import Lanes
from bot.studio.library_ports import Characters, Gallery, Presets
from bot.studio.limits_ports import Grants, Limits
from bot.studio.moderation_ports import Cases, Members, Notices
from bot.studio.privacy_ports import Privacy
from bot.studio.retraction_ports import Retractions
from bot.studio.rules_ports import Attempts, BlockedPictures, WordLists
from bot.studio.settings_ports import Audit, Settings
from bot.studio.usage_ports import SpendingNotes, Usage

T = TypeVar("T")


class Transaction(Protocol):
    """All repositories on one connection. What is written becomes visible together, or not at all."""

    @property
    def jobs(self) -> Jobs: ...

    @property
    def images(self) -> Images: ...

    @property
    def answers(self) -> Answers: ...

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
    def drawings(self) -> Drawings: ...

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
    def turns(self) -> Turns: ...

    @property
    def words(self) -> WordLists: ...

    @property
    def attempts(self) -> Attempts: ...

    @property
    def blocked(self) -> BlockedPictures: ...

    @property
    def privacy(self) -> Privacy: ...

    @property
    def retractions(self) -> Retractions: ...

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

    async def checkpoint(self) -> None:
        """Move what the database has logged to where it belongs; every now and then is enough."""
        ...
