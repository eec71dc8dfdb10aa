"""Privacy as one thing: what is kept of people, handing it out, forgetting it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.domain.privacy import Retention
from bot.studio.departures import Departures
from bot.studio.erase import Cancels, Erasures
from bot.studio.export import Exports
from bot.studio.ports import Blobs, Clock, Waits
from bot.studio.privacy_ports import Clears, Sweeper, Withdraws
from bot.studio.retention import Purges
from bot.studio.retract import Ends, Retractions
from bot.studio.store_ports import Store


class Receiver(StrEnum):
    """Who gets prompts and reference pictures."""

    GEMINI = "gemini"
    VERTEX = "vertex"
    OTHER = "other"  # an endpoint that the operator has set


@dataclass(frozen=True, slots=True)
class PrivacyService:
    """The services behind /privacy and behind the time that things are kept."""

    exports: Exports
    erasures: Erasures
    purges: Purges
    departures: Departures
    retractions: Retractions
    receiver: Receiver


def open_privacy(
    *,
    store: Store,
    blobs: Blobs,
    withdraws: Withdraws,
    clears: Clears,
    cancels: Cancels,
    ends: Ends,
    notify: Callable[[], None],
    sweeper: Sweeper,
    retention: Retention,
    receiver: Receiver,
    clock: Clock,
    waits: Waits,
    folder: Path,
) -> PrivacyService:
    """Put it together; `erasures.run`, `purges.run` and `retractions.run` are to be run in the background.

    `notify` says that there is a notice to work off.
    """
    erasures = Erasures(
        store=store,
        withdraws=withdraws,
        clears=clears,
        cancels=cancels,
        sweeper=sweeper,
        clock=clock,
        waits=waits,
    )
    return PrivacyService(
        exports=Exports(store=store, blobs=blobs, clock=clock, folder=folder),
        erasures=erasures,
        purges=Purges(
            store=store, sweeper=sweeper, erasures=erasures, retention=retention, clock=clock, waits=waits
        ),
        departures=Departures(store, clock),
        retractions=Retractions(
            store=store, ends=ends, clears=clears, clock=clock, waits=waits, notify=notify
        ),
        receiver=receiver,
    )
