"""What is kept of whom, for how long, and how it is shown, exported and erased."""

from __future__ import annotations

from bot.config import Settings
from bot.domain.privacy import Retention
from bot.studio.casework import Casework
from bot.studio.privacy import PrivacyDesk, Receiver, open_privacy
from bot.studio.service import Studio
from bot.studio.talk import Talk
from bot.wiring.outside import Outside
from storage.store import Store


def privacy_of(
    settings: Settings, outside: Outside, store: Store, studio: Studio, talk: Talk, casework: Casework
) -> PrivacyDesk:
    """Return it; what is due is erased while the studio is open."""
    folder, gemini = settings.storage.path, settings.gemini
    receiver = Receiver.VERTEX if gemini.vertex else Receiver.GEMINI
    desk = open_privacy(
        store=store,
        blobs=store.blobs,
        withdraws=studio.deliverer,
        cancels=studio.cancellations,
        ends=talk.endings,
        notify=casework.worker.wake,
        sweeper=store.orphans(),
        retention=Retention(**settings.retention.model_dump()),
        receiver=Receiver.OTHER if gemini.base_url else receiver,
        clock=outside.clock,
        waits=outside.waits,
        folder=folder / "exports",
    )
    studio.accompany("erasures", desk.erasures.run)
    studio.accompany("retention", desk.purges.run)
    studio.accompany("retractions", desk.retractions.run)
    return desk
