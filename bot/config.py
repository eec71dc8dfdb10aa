"""Settings, and `load_settings`, which reads them and reports every fault at once.

Secrets (`DISCORD_TOKEN`, `GEMINI_API_KEY`) come only from the environment or a `.env` file. Everything else
stands in a TOML file, and each setting can be overridden by an environment variable
`PLANTAIN_SECTION__KEY`. `Settings(...)` itself reads nothing: built by hand it is a plain value.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.config_base import Section
from bot.config_limits import ConversationSettings, LimitsSettings, OutsideSettings, TierSettings
from bot.config_reading import TIERS, Given, describe, read
from bot.config_sections import (
    DiscordSettings,
    GeminiSettings,
    LogSettings,
    ModerationSettings,
    RetentionSettings,
    SandboxSettings,
    ServerSettings,
    StorageSettings,
)
from bot.errors import ConfigurationError, Fault
from bot.log import forms_of, redact

__all__ = [
    "DiscordSettings",
    "GeminiSettings",
    "LimitsSettings",
    "LogSettings",
    "ModerationSettings",
    "OutsideSettings",
    "RetentionSettings",
    "SandboxSettings",
    "Secret",
    "Section",
    "ServerSettings",
    "Settings",
    "StorageSettings",
    "TierSettings",
    "load_settings",
    "sections",
]

Secret = Literal["discord", "gemini"]
"""What a command cannot do without: the bot's token, access to the image models."""


class Settings(BaseSettings):
    """Everything an operator can set. `None` for a secret means that it is not configured."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    discord: DiscordSettings = DiscordSettings()
    gemini: GeminiSettings = GeminiSettings()
    storage: StorageSettings = StorageSettings()
    limits: LimitsSettings = LimitsSettings()
    conversations: ConversationSettings = ConversationSettings()
    outside: OutsideSettings = OutsideSettings()
    moderation: ModerationSettings = ModerationSettings()
    server: ServerSettings = ServerSettings()
    retention: RetentionSettings = RetentionSettings()
    log: LogSettings = LogSettings()
    sandbox: SandboxSettings = SandboxSettings()
    tiers: dict[str, TierSettings] = {}
    discord_token: SecretStr | None = None
    gemini_api_key: SecretStr | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is handed in: `load_settings` reads the outside, and remembers what came whence."""
        return (init_settings,)

    def secrets(self) -> tuple[str, ...]:
        """Every string that no log may show: token, key, the database's password."""
        password = urlsplit(self.storage.url).password or ""
        held = [secret.get_secret_value() for secret in (self.discord_token, self.gemini_api_key) if secret]
        return tuple(text for text in (*held, password, unquote(password)) if text)


def sections() -> dict[str, type[Section]]:
    """The tables of the file by name, in the order of the example."""
    return {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
    }


def load_settings(
    config: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    require: Collection[Secret] = (),
    directory: Path = Path(),
) -> Settings:
    """Read the file, `.env` and the environment; raise ConfigurationError with every fault at once.

    `config` must exist, as must the file that `PLANTAIN_CONFIG` names; without both `config.toml` in
    `directory` is read where there is one. `.env` is looked for in `directory` too. The environment
    (`environ`, else the process's) counts more than `.env`, and both more than the file. `require` names what
    the caller cannot do without.
    """
    given = read(sections(), config, os.environ if environ is None else environ, directory)
    faults = [*given.faults, *_missing(given, require)]
    try:
        settings = Settings.model_validate(
            {
                **given.values,
                "discord_token": _secret(given.secrets.get("DISCORD_TOKEN")),
                "gemini_api_key": _secret(given.secrets.get("GEMINI_API_KEY")),
            }
        )
    except ValidationError as error:
        # It holds the values themselves: nothing of it may travel on but what `describe` says.
        faults += [_fault(item["loc"], item, given) for item in error.errors(include_url=False)]
    else:
        if not faults:
            return settings
    hide = forms_of(given.secrets.values())
    raise ConfigurationError(
        [Fault(redact(fault.key, hide), redact(fault.problem, hide), fault.remedy) for fault in faults]
    )


def _missing(given: Given, require: Collection[Secret]) -> list[Fault]:
    faults = []
    if "discord" in require and "DISCORD_TOKEN" not in given.secrets:
        faults.append(
            Fault(
                "DISCORD_TOKEN",
                "is not set",
                "Set it in the environment or in .env to the bot's token, which Discord's developer portal"
                " shows under your application, Bot",
            )
        )
    vertex = given.values.get("gemini", {}).get("vertex") is True
    if "gemini" in require and not vertex and "GEMINI_API_KEY" not in given.secrets:
        faults.append(
            Fault(
                "GEMINI_API_KEY",
                "is not set",
                "Set it in the environment or in .env to a key of Google AI Studio,"
                " or use Vertex AI: gemini.vertex = true",
            )
        )
    return faults


def _fault(location: tuple[int | str, ...], item: Mapping[str, Any], given: Given) -> Fault:
    section, key, *rest = (*map(str, location), "")
    if section == TIERS:
        return _tier_fault(key, rest, item, given)
    field = sections()[section].model_fields[key]
    item_number = f"item {int(rest[0]) + 1} " if rest and rest[0] else ""
    origin = given.origins.get((section, key), f"{section}.{key}")
    return Fault(origin, f"{item_number}{describe(item)}", f"Write {field.description}")


def _tier_fault(name: str, rest: list[str], item: Mapping[str, Any], given: Given) -> Fault:
    """The fault for one key of one tier."""
    key = rest[0]
    fields = TierSettings.model_fields
    origin = given.origins.get((TIERS, name), f"{TIERS}.{name}" + f".{key}" * bool(key))
    if item["type"] == "extra_forbidden":
        return Fault(
            origin, f"{key} is no setting of a tier", f"Remove it, or write one of: {', '.join(fields)}"
        )
    if key not in fields:
        return Fault(origin, describe(item), f"Write [{TIERS}.{name}] and its settings below it")
    number = f"item {int(rest[1]) + 1} " if len(rest) > 1 and rest[1].isdecimal() else ""
    return Fault(origin, f"{number}{describe(item)}", f"Write {fields[key].description}")


def _secret(value: str | None) -> SecretStr | None:
    return None if value is None else SecretStr(value)
