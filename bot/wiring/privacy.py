"""What is kept of whom, for how long, and how it is shown, exported and erased."""

from __future__ import annotations

from bot.config import Settings
from bot.domain.privacy import Retention
from bot.studio.casework import Casework
from bot.studio.privacy import PrivacyService, Receiver, open_privacy
from bot.studio.service import Studio
from bot.studio.talk import Talk
from bot.wiring.outside import Outside
from cogs.clearing import DiscordThreads
from storage.store import Store


def privacy_of(
    settings: Settings,
    outside: Outside,
    store: Store,
    studio: Studio,
    threads: DiscordThreads,
    talk: Talk,
    casework: Casework,
) -> PrivacyService:
    """Return it; what is due is erased while the studio is open."""
    folder, gemini = settings.storage.path, settings.gemini
    receiver = Receiver.VERTEX if gemini.vertex else Receiver.GEMINI
    privacy = open_privacy(
        store=store,
        blobs=store.blobs,
        withdraws=studio.deliverer,
        clears=threads,
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
    studio.accompany("erasures", privacy.erasures.run)
    studio.accompany("retention", privacy.purges.run)
    studio.accompany("retractions", privacy.retractions.run)
    return privacy
