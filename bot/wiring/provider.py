"""The provider that the settings name, and the model that is used when nobody names one."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bot.config import Settings
from bot.domain.catalogue import Catalogue
from bot.errors import ConfigurationError, Fault, InvalidRequest
from bot.providers.account import check_account
from bot.providers.process import ProviderProcess

log = logging.getLogger(__name__)


def default_model_of(settings: Settings, catalogue: Catalogue) -> str:
    """Return the id of the model that is used when nobody names one; warn where it was retired."""
    wanted = settings.gemini.default_model
    try:
        found = catalogue.resolve(wanted)
    except InvalidRequest as error:
        known = ", ".join(model.id for model in catalogue.models)
        fault = Fault(
            "gemini.default_model", f"{wanted!r} is not in the model catalogue", f"Write one of: {known}"
        )
        raise ConfigurationError([fault]) from error
    if found.instead_of:
        log.warning(
            "gemini.default_model = %s was shut down on %s; %s is used instead. Write that in the settings.",
            wanted,
            found.instead_of.on,
            found.model.id,
        )
    return found.model.id


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the process that makes the calls is told first (`bot.wiring.provider_main`).

    `folder` is where its pictures go; None: it is only asked for models.
    """

    api_key: str | None = field(repr=False)
    base_url: str | None
    vertex: bool
    project: str | None
    location: str | None
    folder: Path | None
    log_level: str
    log_format: Literal["text", "json"]
    secrets: tuple[str, ...] = field(repr=False)


def provider_of(settings: Settings, folder: Path | None) -> ProviderProcess:
    """Return the provider that the settings name, to be entered; ConfigurationError where it cannot work."""
    key = settings.gemini_api_key
    greeting = Greeting(
        api_key=key.get_secret_value() if key else None,
        base_url=settings.gemini.base_url or None,
        vertex=settings.gemini.vertex,
        project=settings.gemini.project or None,
        location=settings.gemini.location,
        folder=folder,
        log_level=settings.log.level,
        log_format=settings.log.format,
        secrets=settings.secrets(),
    )
    check_account(
        api_key=greeting.api_key,
        vertex=greeting.vertex,
        project=greeting.project,
        location=greeting.location,
    )
    return ProviderProcess(greeting)
