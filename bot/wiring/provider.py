"""The provider that the settings name, and the model that is used when nobody names one."""

from __future__ import annotations

import logging
from pathlib import Path

from bot.config import Settings
from bot.domain.catalogue import Catalogue
from bot.errors import ConfigurationError, Fault, InvalidRequest
from bot.providers.account import check_account
from bot.providers.process import ProviderProcess
from bot.wiring.greeting import Greeting

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


def greeting_of(settings: Settings, folder: Path | None) -> Greeting:
    """Return what the settings say to the process that makes the calls."""
    key = settings.gemini_api_key
    return Greeting(
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


def provider_of(settings: Settings, folder: Path | None) -> ProviderProcess:
    """Return the provider that the settings name, to be entered; ConfigurationError where it cannot work."""
    greeting = greeting_of(settings, folder)
    check_account(
        api_key=greeting.api_key,
        vertex=greeting.vertex,
        project=greeting.project,
        location=greeting.location,
    )
    return ProviderProcess(greeting)
