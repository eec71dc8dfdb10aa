"""The rules, and the moderators' desk."""

from __future__ import annotations

import secrets
from zoneinfo import ZoneInfo

from bot.config import Settings
from bot.domain.catalogue import Catalogue
from bot.domain.rules.ruleset import Strictness
from bot.domain.safety import Harm, People, SafetyBounds, Threshold
from bot.imaging import Imaging
from bot.rules import load_ruleset
from bot.studio.casework import Casework, open_casework
from bot.studio.intake import Downloads
from bot.studio.moderation import Moderation, open_moderation
from bot.studio.pictures import Pictures
from bot.studio.service import Studio
from bot.wiring.outside import Outside, fresh_id
from cogs.desk_messages import DiscordDeskMessages
from storage.store import Store


def moderation_of(
    settings: Settings,
    outside: Outside,
    *,
    store: Store,
    imaging: Imaging,
    catalogue: Catalogue,
    downloads: Downloads,
) -> Moderation:
    """Return the rules and what watches over them."""
    wanted = settings.moderation
    return open_moderation(
        store=store,
        blobs=store.blobs,
        hashing=imaging,
        downloads=downloads,
        pictures=Pictures(store, catalogue, outside.clock, secrets.randbelow, fresh_id),
        ruleset=load_ruleset(),
        bounds=SafetyBounds(
            loosest={harm: Threshold(getattr(wanted, f"loosest_{harm}")) for harm in Harm},
            default=None if wanted.safety == "provider" else Threshold(wanted.safety),
            people=None if wanted.people == "provider" else People(wanted.people),
            takes_people=settings.gemini.vertex,
        ),
        strictness=Strictness(wanted.strictness),
        evidence_days=settings.retention.evidence_days,
        clock=outside.clock,
        new_id=fresh_id,
    )


def casework_of(
    settings: Settings,
    outside: Outside,
    *,
    store: Store,
    studio: Studio,
    imaging: Imaging,
    messages: DiscordDeskMessages,
    moderation: Moderation,
) -> Casework:
    """Return the desk; what it has to tell is told while the studio is open."""
    casework = open_casework(
        store=store,
        blobs=store.blobs,
        pictures=studio.pictures,
        deliverer=studio.deliverer,
        messages=messages,
        imaging=imaging,
        clock=outside.clock,
        waits=outside.waits,
        zone=ZoneInfo(settings.limits.timezone),
        new_id=fresh_id,
        operators=settings.moderation.operators,
        sole=not settings.storage.url,
        similar=moderation.blocked,
    )
    studio.accompany("notices", casework.worker.run)
    return casework
