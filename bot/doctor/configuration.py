"""Settings, the shape of the secrets, and what of them is unwise. No secret is ever shown."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from bot.config import Settings
from bot.doctor.findings import Finding, fail, ok, warn
from bot.domain.catalogue import Catalogue
from bot.errors import ConfigurationError, InvalidRequest

AREA = "settings"
# Discord's bot tokens (developer documentation): base64 of the application's id, a time, a signature.
_TOKEN = re.compile(r"(?P<id>[A-Za-z0-9_-]{18,32})\.[A-Za-z0-9_-]{6,7}\.[A-Za-z0-9_-]{27,}")
# Google: API keys, and the newer authorisation keys.
_KEY = re.compile(r"AIza[\w-]{35}|AQ\.[\w-]{20,}")

# What Docker, Podman and Kubernetes leave where a process runs in a container of theirs.
CONTAINER_FILES = (Path("/.dockerenv"), Path("/run/.containerenv"))
_KUBERNETES = "KUBERNETES_SERVICE_HOST"

PORTAL = "Discord's developer portal, your application, Bot, Reset Token"
STUDIO = "https://aistudio.google.com/apikey"


def fault_findings(error: ConfigurationError) -> list[Finding]:
    """Return what `load_settings` or the catalogue does not take."""
    return [fail(AREA, f"{fault.key} {fault.problem}", fault.remedy) for fault in error.faults]


def look_at_settings(settings: Settings, *, sandbox: bool = False) -> list[Finding]:
    """Return what can be said about the settings by looking at them."""
    valid = ok(AREA, "the settings can be read and are valid")
    if sandbox:
        return [valid, ok(AREA, "the sandbox needs no secrets, and nothing of it leaves this machine")]
    return [
        valid,
        _token(settings),
        _key(settings),
        _ceiling(settings),
        *_exposed(settings),
    ]


def look_at_catalogue(settings: Settings, catalogue: Catalogue) -> list[Finding]:
    """Return what is to be said about the models without asking Google."""
    area = "models"
    wanted = settings.gemini.default_model
    try:
        found = catalogue.resolve(wanted)
    except InvalidRequest:
        known = ", ".join(model.id for model in catalogue.models)
        return [
            fail(area, f"gemini.default_model {wanted!r} is not in the catalogue", f"Write one of: {known}")
        ]
    findings = []
    if found.instead_of:
        findings.append(
            warn(
                area,
                f"gemini.default_model {wanted!r} was shut down on {found.instead_of.on}; "
                f"{found.model.id} is used instead",
                f'Write default_model = "{found.model.id}"',
            )
        )
    priceless = [model.id for model in catalogue.models if model.prices is None]
    if priceless:
        findings.append(
            warn(
                area,
                f"no prices are known for {', '.join(priceless)}: limits.unpriced says what becomes of them",
                "Add a prices table for each in the file that gemini.catalogue names",
            )
        )
    count = len(catalogue.models)
    return findings or [
        ok(area, f"{count} models in the catalogue, all with prices; default: {found.model.id}")
    ]


def _token(settings: Settings) -> Finding:
    if settings.discord_token is None:
        return fail(
            AREA,
            "DISCORD_TOKEN is not set",
            f"Set it to the token of {PORTAL}. `doctor --sandbox` needs none",
        )
    text = settings.discord_token.get_secret_value()
    found = _TOKEN.fullmatch(text)
    if found is None or not _decoded(found["id"]).isdecimal():
        return warn(
            AREA,
            f"DISCORD_TOKEN does not look like a bot's token ({len(text)} characters)",
            f"Copy it again from {PORTAL}; the client secret and the public key are others",
        )
    return ok(AREA, f"DISCORD_TOKEN looks like a token of application {_decoded(found['id'])}")


def _key(settings: Settings) -> Finding:
    if settings.gemini.vertex:
        return ok(
            AREA, f"Vertex AI, project {settings.gemini.project}, {settings.gemini.location}: no key needed"
        )
    if settings.gemini_api_key is None:
        return fail(AREA, "GEMINI_API_KEY is not set", f"Set it to a key from {STUDIO}")
    text = settings.gemini_api_key.get_secret_value()
    if not _KEY.fullmatch(text):
        return warn(
            AREA,
            f"GEMINI_API_KEY does not look like one of Google's keys ({len(text)} characters)",
            f"Copy it again from {STUDIO}",
        )
    return ok(AREA, "GEMINI_API_KEY looks like one of Google's keys")


def _ceiling(settings: Settings) -> Finding:
    """Say what bounds a day's costs. To go without one is no fault, but nobody should do so unknowingly."""
    limits = settings.limits
    if limits.bot_daily_dollars is not None:
        return ok(AREA, f"the ceiling of a day is ${limits.bot_daily_dollars:g} (limits.bot_daily_dollars)")
    if limits.bot_daily_images is not None:
        return ok(AREA, f"the ceiling of a day is {limits.bot_daily_images} images (limits.bot_daily_images)")
    return ok(
        AREA,
        "nothing bounds what everybody together costs in a day: limits.bot_daily_dollars would, also where "
        "managers give their members more than limits.daily_images",
    )


def _exposed(settings: Settings) -> Sequence[Finding]:
    server = settings.server
    if server.port == 0:
        return [
            warn(AREA, "the health server is switched off (server.port = 0)", "Give it a port for monitoring")
        ]
    if not is_loopback(server.host):
        if _in_a_container():
            where = f"{server.host}:{server.port} of the container's network"
            return [ok(AREA, f"health checks and metrics on {where}; let only your monitoring reach it")]
        return [
            warn(
                AREA,
                f"/metrics and the health checks listen on {server.host}, without a login",
                'Write server.host = "127.0.0.1", or see to it that only your monitoring reaches the port',
            )
        ]
    return [ok(AREA, f"health checks and metrics only on {server.host}:{server.port}")]


def _in_a_container() -> bool:
    """Whether we have a network of our own, in which others can ask us only at another address."""
    return _KUBERNETES in os.environ or any(path.exists() for path in CONTAINER_FILES)


def is_loopback(host: str) -> bool:
    """Whether an address is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _decoded(part: str) -> str:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
