"""The sections of the settings: each table of the file with its keys, defaults and what a value must be.

Those about how much stand in `bot.config_limits`. The defaults are those of `config.example.toml`; a test
compares them. A field's description finishes the sentence "Write …" that an operator reads when the value is
wrong.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, Strict, ValidationInfo, field_validator

from bot.config_base import DiscordId, Section, expanded, site_url, split_url


class DiscordSettings(Section):
    """How the bot reaches Discord."""

    proxy: str = Field("", description="http://host:port, or nothing for no proxy")
    guild_ids: Annotated[tuple[DiscordId, ...], Strict(False)] = Field(
        (), description="a list of server ids without quotes, such as [123456789012345678]"
    )
    message_content: bool = Field(True, description="true or false")
    message_content_optional: bool = Field(False, description="true or false")

    @field_validator("proxy")
    @classmethod
    def _proxy(cls, value: str) -> str:
        if not value:
            return value
        url = split_url(value)
        if url.scheme != "http" or not url.hostname or url.port is None:
            raise ValueError("is not of the form http://host:port")
        if url.username is not None or url.path.rstrip("/") or url.query or url.fragment:
            raise ValueError("holds more than host and port")
        return value.rstrip("/")


class GeminiSettings(Section):
    """How the bot reaches Google's image models."""

    base_url: str = Field("", description="http://… or https://… without /v1beta, or nothing for Google's")
    default_model: str = Field(
        "gemini-nano-banana-2.1", min_length=1, description="the id or the tier of a model in the catalogue"
    )
    vertex: bool = Field(False, description="true (Vertex AI) or false (Gemini API)")
    project: str = Field(
        "", validate_default=True, description="the id of the Google Cloud project that Vertex AI bills"
    )
    location: str = Field("global", min_length=1, description="a Vertex AI location such as global")
    timeout_seconds: float = Field(300, gt=0, le=3600, description="seconds above 0, at most 3600")
    retry_seconds: float = Field(30, ge=0, le=3600, description="seconds from 0 to 3600")
    max_concurrent: int = Field(
        0, ge=0, le=10_000, description="a whole number from 1 to 10000, or 0 for no bound of its own"
    )
    catalogue: Annotated[Path | None, Strict(False)] = Field(
        None, description="the path of a TOML file with models, or nothing"
    )

    @field_validator("base_url")
    @classmethod
    def _base_url(cls, value: str) -> str:
        if not value:
            return value
        if site_url(value).path.rstrip("/").endswith(("/v1", "/v1beta")):
            raise ValueError("ends in an API version, which Plantain adds itself")
        return value.rstrip("/")

    @field_validator("project")
    @classmethod
    def _project(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("vertex") and not value:
            raise ValueError("is missing, and gemini.vertex = true needs it")
        return value

    @field_validator("catalogue", mode="before")
    @classmethod
    def _no_catalogue(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("catalogue")
    @classmethod
    def _catalogue(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        path = expanded(value)
        if not os.path.isfile(path):
            raise ValueError("names no file")
        return path


class StorageSettings(Section):
    """Where data is kept."""

    url: str = Field("", repr=False, description="postgresql://user:password@host/database, or nothing")
    path: Annotated[Path, Strict(False)] = Field(Path("data"), description="the path of a folder")

    @field_validator("url")
    @classmethod
    def _url(cls, value: str) -> str:
        if value and split_url(value).scheme != "postgresql":
            raise ValueError("does not begin with postgresql://")
        return value

    @field_validator("path", mode="before")
    @classmethod
    def _some_path(cls, value: object) -> object:
        if value == "":
            raise ValueError("is empty")
        return value

    @field_validator("path")
    @classmethod
    def _folder(cls, value: Path) -> Path:
        path = expanded(value)
        if os.path.isfile(path):  # not Path.is_file: it raises where this user may not look
            raise ValueError("names a file, not a folder")
        return path


_THRESHOLDS = '"low", "medium", "high", "none" or "off"'
ThresholdName = Literal["low", "medium", "high", "none", "off"]


class ModerationSettings(Section):
    """Who has the last word, what is refused, and how much of it servers may decide."""

    operators: Annotated[tuple[DiscordId, ...], Strict(False)] = Field(
        (), description="a list of user ids without quotes, such as [123456789012345678]"
    )
    strictness: Literal["relaxed", "standard", "strict"] = Field(
        "standard", description='"relaxed", "standard" or "strict"'
    )
    safety: Literal["provider", "low", "medium", "high", "none", "off"] = Field(
        "provider", description=f'"provider", {_THRESHOLDS}'
    )
    loosest_harassment: ThresholdName = Field("high", description=_THRESHOLDS)
    loosest_hate_speech: ThresholdName = Field("high", description=_THRESHOLDS)
    loosest_sexually_explicit: ThresholdName = Field("high", description=_THRESHOLDS)
    loosest_dangerous_content: ThresholdName = Field("high", description=_THRESHOLDS)
    people: Literal["provider", "all", "adults", "none"] = Field(
        "provider", description='"provider", "all", "adults" or "none"'
    )


class ServerSettings(Section):
    """The small web server for health checks, metrics and links to originals."""

    host: str = Field("127.0.0.1", min_length=1, description="an address of this machine, such as 127.0.0.1")
    port: int = Field(8080, ge=0, le=65535, description="a port from 1 to 65535, or 0 for no server")
    public_url: str = Field("", description="http://… or https://… as people reach it, or nothing")

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        if not value:
            return value
        site_url(value)
        if any(char.isspace() or char in "()<>[]\\`" for char in value):
            raise ValueError("holds a character that does not belong into a link")
        return value.rstrip("/")


class RetentionSettings(Section):
    """For how many days what is kept."""

    images_days: int = Field(365, ge=0, le=36_500, description="days from 1 to 36500, or 0 for no end")
    evidence_days: int = Field(30, ge=1, le=3650, description="days from 1 to 3650")
    cases_days: int = Field(180, ge=1, le=3650, description="days from 1 to 3650")
    events_days: int = Field(90, ge=0, le=36_500, description="days from 1 to 36500, or 0 for no end")
    audit_days: int = Field(730, ge=0, le=36_500, description="days from 1 to 36500, or 0 for no end")
    ledger_days: int = Field(400, ge=0, le=36_500, description="days from 1 to 36500, or 0 for no end")
    server_days: int = Field(30, ge=0, le=36_500, description="days from 1 to 36500, or 0 for no end")

    @field_validator("ledger_days")
    @classmethod
    def _longer_than_caps(cls, value: int) -> int:
        if 0 < value < 62:
            raise ValueError("is less than the two months for which caps and usage look back")
        return value


class LogSettings(Section):
    """What the log says, and how."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description='"DEBUG", "INFO", "WARNING" or "ERROR"'
    )
    format: Literal["text", "json"] = Field("text", description='"text" or "json"')
    channel: int = Field(
        0, ge=0, lt=2**63, description="the id of a Discord channel without quotes, or 0 for none"
    )


class SandboxSettings(Section):
    """The look-alikes that the bot talks to in the sandbox."""

    latency_seconds: float = Field(4.0, ge=0, le=600, description="seconds from 0 to 600")
    port: int = Field(0, ge=0, le=65535, description="a port from 1 to 65535, or 0 for any that is free")
