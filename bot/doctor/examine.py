"""Which checks there are, in the order of the report. A new one is a line here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import discord

from bot.app import App
from bot.catalogue import load_catalogue
from bot.client import PlantainClient
from bot.config import Settings
from bot.doctor import (
    configuration,
    data_side,
    discord_asking,
    discord_channels,
    discord_side,
    gemini_side,
    ledger_side,
    network,
)
from bot.doctor.data_side import Data
from bot.doctor.discord_channels import SetChannel
from bot.doctor.discord_side import Intent
from bot.doctor.findings import Check, Finding, fail, log_findings
from bot.domain.catalogue import Catalogue
from bot.errors import ConfigurationError, InvalidRequest
from bot.wiring.provider import provider_of
from cogs.commands import cogs_of
from cogs.language import Languages
from cogs.translator import Translator

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """How an examination is made."""

    repair: bool = False
    sandbox: bool = False  # neither token nor key, and no Discord to be asked


async def examine(settings: Settings, wanted: Wanted) -> list[Finding]:
    """Look at an installation, whether a bot is at work on it or not. What is wrong with it is not raised."""
    findings = configuration.look_at_settings(settings, sandbox=wanted.sandbox)
    try:
        catalogue = load_catalogue(settings.gemini.catalogue)
    except ConfigurationError as error:
        return [*findings, *configuration.fault_findings(error)]
    for check in _checks(settings, catalogue, wanted):
        findings += await _looked(check)
    return findings


def _checks(settings: Settings, catalogue: Catalogue, wanted: Wanted) -> list[Check]:
    data = Data(settings.storage.url, settings.storage.path)
    asked_outside = [
        Check("network", lambda: network.look_at_proxies(settings)),
        Check("discord", lambda: _discord(settings, data)),
    ]
    return [
        Check("models", lambda: _now(configuration.look_at_catalogue(settings, catalogue))),
        *(() if wanted.sandbox else asked_outside),
        Check("gemini", lambda: _gemini(settings, catalogue)),
        Check("disk", lambda: data_side.look_at_data_folder(data)),
        Check("database", lambda: data_side.look_at_database(data, thorough=True)),
        Check("ledger", lambda: ledger_side.look_at_ledger(data, repair=wanted.repair)),
        Check("audit", lambda: ledger_side.look_at_audit(data)),
        Check("pictures", lambda: data_side.look_at_blobs(data, repair=wanted.repair)),
    ]


async def examine_briefly(settings: Settings, app: App) -> None:
    """Look at what costs nothing, once the bot is ready, and log what somebody should see to."""
    await app.client.began.wait()
    catalogue = app.studio.catalogue
    default = catalogue.resolve(settings.gemini.default_model).model.id
    data = Data(settings.storage.url, settings.storage.path)
    findings = configuration.look_at_settings(settings)
    checks = [
        Check("models", lambda: _now(configuration.look_at_catalogue(settings, catalogue))),
        Check(
            "gemini",
            lambda: gemini_side.look_at_models(
                app.provider.models, catalogue, default, vertex=settings.gemini.vertex
            ),
        ),
        Check("disk", lambda: data_side.look_at_data_folder(data)),
        Check("database", lambda: data_side.look_at_database(data, thorough=False)),
        Check("discord", lambda: _as_connected(app.client, settings, data)),
    ]
    for check in checks:
        findings += await _looked(check)
    log_findings(log, findings)


async def _looked(check: Check) -> Sequence[Finding]:
    try:
        return await check.look()
    except Exception as error:
        # A doctor that falls over its first patient helps nobody with the others.
        log.error("the check %s broke", check.area, exc_info=error)
        return [fail(check.area, f"it could not be looked at: {type(error).__name__}", "Please report this")]


async def _now(findings: Sequence[Finding]) -> Sequence[Finding]:
    return findings


# --- the outside ------------------------------------------------------------------------------------------


async def _discord(settings: Settings, data: Data) -> Sequence[Finding]:
    token = settings.discord_token
    if token is None:
        return []  # the settings' own findings say so
    skews: list[float] = []
    bot = discord_asking.asking_bot(settings.discord.proxy, skews)
    try:
        translator = Translator(Languages.shipped())
        async with discord_asking.asking(bot, cogs_of(bot), translator, token.get_secret_value()):
            findings = await discord_side.look_at_discord(
                bot, intent=_intent(settings), guild_ids=settings.discord.guild_ids
            )
            findings += await discord_channels.look_at_set_channels(bot, await _channels(settings, data))
    except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as error:
        findings = [discord_asking.login_fault(error)]
    return [*findings, *network.look_at_clock(skews)]


def _intent(settings: Settings) -> Intent:
    return Intent(settings.discord.message_content, settings.discord.message_content_optional)


async def _channels(settings: Settings, data: Data) -> list[SetChannel]:
    return discord_channels.channels_set(settings.log.channel, await data_side.set_channels(data))


async def _as_connected(client: PlantainClient, settings: Settings, data: Data) -> list[Finding]:
    application = client.application
    if application is None:
        return []
    findings = discord_side.look_at_application(application, intent=_intent(settings))
    findings += [discord_side.look_at_server(guild, guild.me, guild.text_channels) for guild in client.guilds]
    unknown = []
    for wanted in await _channels(settings, data):
        channel = client.get_channel(wanted.id)
        if isinstance(channel, discord.abc.GuildChannel):
            findings.append(discord_channels.look_at_channel(wanted, channel, channel.guild.me))
        else:  # gone, or a thread that rests: Discord knows
            unknown.append(wanted)
    return [*findings, *await discord_channels.look_at_set_channels(client, unknown)]


async def _gemini(settings: Settings, catalogue: Catalogue) -> Sequence[Finding]:
    if settings.gemini_api_key is None and not settings.gemini.vertex:
        return []  # the settings' own findings say so
    try:
        default = catalogue.resolve(settings.gemini.default_model).model.id
        provider = provider_of(settings, folder=None)
    except InvalidRequest:
        return []  # the models' own findings say so
    except ConfigurationError as error:
        return configuration.fault_findings(error)
    async with provider:
        return await gemini_side.look_at_models(
            provider.models, catalogue, default, vertex=settings.gemini.vertex
        )
