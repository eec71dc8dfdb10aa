"""/config: what holds for a whole server. For its managers.

Discord hides the commands from everybody else by default, but a server may show them to anybody: whoever
uses one is checked again by the service.
"""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.safety import SafetyBounds
from bot.domain.server_settings import BRAND_LIMIT, ServerSettings, ServerState, Unit
from bot.studio.settings import managed_server
from cogs.config_changes import change_server
from cogs.config_limits import LimitCommands
from cogs.config_moderation import ModerationConfig
from cogs.config_reload import ReloadConfig
from cogs.config_rules import RuleSettings, lines_of_rules
from cogs.config_spending import SpendingConfig, spending_lines
from cogs.language import N_, _, check_language, display_name, shipped_codes, spoken
from cogs.numbers import MICROS, dollars
from cogs.panels import answer_privately
from cogs.people import person_of
from cogs.surface import surface_of
from cogs.text import mention, moment, quote
from cogs.translator import choices

HIGHEST = 1_000.0  # dollars

TITLE = N_("**Settings of this server**")
NEVER_CHANGED = N_("-# Nobody has changed anything yet.")
LAST_CHANGED = N_("-# Last changed by {member}, {when}")

SPOILER = {
    "never": N_("pictures are shown openly"),
    "age_restricted": N_("pictures are spoilers in age-restricted channels"),
    "always": N_("every picture is a spoiler"),
}
AGE_RESTRICTED = {
    "allowed": N_("pictures are made in age-restricted channels, too"),
    "spoiler": N_("pictures in age-restricted channels are spoilers"),
    "refused": N_("no pictures are made in age-restricted channels"),
}
CONSENT = {
    True: N_("members confirm that people in pictures they upload agree"),
    False: N_("members are not asked about people in pictures they upload"),
}
TEXT = {
    True: N_("pictures show no words unless the prompt asks for some"),
    False: N_("prompts say nothing about words in pictures"),
}
UNIT = {
    Unit.IMAGES: N_("prices are shown in images"),
    Unit.CREDITS: N_("prices are shown in credits; one credit is {amount}"),
    Unit.DOLLARS: N_("prices are shown in dollars"),
}

PARTICIPANTS = {
    "owner": N_("only the person who starts a conversation takes part in it"),
    "invited": N_("the person who starts a conversation, and whom they invite, take part in it"),
    "everybody": N_("everybody who can write in a conversation's thread takes part in it"),
}


SWITCH = choices({"on": N_("on"), "off": N_("off")})
SPOILER_CHOICES = choices(
    {
        "never": N_("nowhere"),
        "age_restricted": N_("in age-restricted channels"),
        "always": N_("everywhere"),
    }
)
AGE_CHOICES = choices(
    {
        "allowed": N_("pictures are made"),
        "spoiler": N_("pictures are spoilers"),
        "refused": N_("no pictures are made"),
    }
)
UNIT_CHOICES = choices({"images": N_("images"), "credits": N_("credits"), "dollars": N_("dollars")})
WHO_CHOICES = choices(
    {
        "owner": N_("only who starts it"),
        "invited": N_("whom they invite, too"),
        "everybody": N_("everybody there"),
    }
)
DISCORDS_OWN = "discord"  # the value of the choice that takes a server's language back
LANGUAGE_CHOICES = [
    *choices({DISCORDS_OWN: N_("as the server's settings in Discord say")}),
    *(app_commands.Choice(name=display_name(code), value=code) for code in shipped_codes()[:24]),
]


def lines_of(settings: ServerSettings) -> dict[str, str]:
    """Return what each setting says, in words, by the command that changes it."""
    confirm, brand = settings.confirm_above_micros, settings.brand_prefix
    return {
        "consent": _(CONSENT[settings.consent_required]),
        "spoiler": _(SPOILER[settings.spoiler]),
        "age_restricted": _(AGE_RESTRICTED[settings.age_restricted]),
        "text": _(TEXT[settings.no_text_default]),
        "brand": _("every new picture begins with {text}", text=quote(brand, 500))
        if brand
        else _("no brand text"),
        "threads": _(PARTICIPANTS[settings.participants]),
        "unit": _(UNIT[settings.unit], amount=dollars(settings.credit_micros)),
        "confirm": _("no request needs a confirmation")
        if confirm is None
        else _("a request above {amount} is confirmed first", amount=dollars(confirm)),
        "language": _("public answers are in {language}", language=display_name(settings.locale, spoken()))
        if settings.locale
        else _("public answers are in the language that the server has in Discord"),
        **spending_lines(settings),
    }


def _overview(state: ServerState, bounds: SafetyBounds) -> list[str]:
    settings = state.settings
    told = {**lines_of(settings), **lines_of_rules(settings, bounds)}
    lines = [f"`/config {name}` · {text}" for name, text in told.items()]
    changed = _(NEVER_CHANGED)
    if state.version:
        changed = _(LAST_CHANGED, member=mention(state.updated_by), when=moment(state.updated_at))
    return [_(TITLE), "\n".join(lines), changed]


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class Config(
    SpendingConfig,
    LimitCommands,
    RuleSettings,
    ReloadConfig,
    commands.GroupCog,
    group_name="config",
    group_description="What holds for this server",
):
    """The commands, one for each setting; those about caps, rules and spending are in its other bases."""

    moderation = ModerationConfig()

    @app_commands.command(name="show", description="Show what is set for this server")
    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Show everything that can be set."""
        guild_id = managed_server(person_of(interaction))
        state = await surface_of(interaction).settings.server(guild_id)
        await answer_privately(interaction, *_overview(state, surface_of(interaction).moderation.bounds))

    @app_commands.command(
        name="consent", description="Ask members to confirm that people in their pictures agree"
    )
    @app_commands.describe(required="On: every upload needs the confirmation")
    @app_commands.choices(required=SWITCH)
    async def consent(self, interaction: discord.Interaction[Any], required: str) -> None:
        """Ask for consent, or not."""
        await _change(interaction, "consent", consent_required=required == "on")

    @app_commands.command(name="spoiler", description="Hide pictures until somebody clicks on them")
    @app_commands.describe(where="Where pictures are hidden")
    @app_commands.choices(where=SPOILER_CHOICES)
    async def spoiler(self, interaction: discord.Interaction[Any], where: str) -> None:
        """Set where pictures are spoilers."""
        await _change(interaction, "spoiler", spoiler=where)

    @app_commands.command(name="age_restricted", description="What happens in age-restricted channels")
    @app_commands.describe(rule="Whether pictures are made there, and whether they are hidden")
    @app_commands.choices(rule=AGE_CHOICES)
    async def age_restricted(self, interaction: discord.Interaction[Any], rule: str) -> None:
        """Set what happens in age-restricted channels."""
        await _change(interaction, "age_restricted", age_restricted=rule)

    @app_commands.command(name="brand", description="A text that leads the prompt of every new picture")
    @app_commands.describe(text="For example your colours; leave it out to remove the text")
    async def brand(
        self,
        interaction: discord.Interaction[Any],
        text: app_commands.Range[str, 1, BRAND_LIMIT] | None = None,
    ) -> None:
        """Set or remove the brand text."""
        await _change(interaction, "brand", brand_prefix=text or "")

    @app_commands.command(
        name="text", description="Ask for pictures without words unless a prompt wants some"
    )
    @app_commands.describe(default="On: no words in pictures, unless the prompt asks for them")
    @app_commands.choices(default=SWITCH)
    async def text(self, interaction: discord.Interaction[Any], default: str) -> None:
        """Set whether prompts say that no words are wanted."""
        await _change(interaction, "text", no_text_default=default == "on")

    @app_commands.command(name="threads", description="Who takes part in conversations, unless they say so")
    @app_commands.describe(participants="Who may take part")
    @app_commands.choices(participants=WHO_CHOICES)
    async def threads(self, interaction: discord.Interaction[Any], participants: str) -> None:
        """Set who takes part in a conversation where nobody says who."""
        await _change(interaction, "threads", participants=participants)

    @app_commands.command(name="unit", description="In what prices are shown")
    @app_commands.describe(unit="The unit", credit="What one credit is worth, in dollars")
    @app_commands.choices(unit=UNIT_CHOICES)
    async def unit(
        self,
        interaction: discord.Interaction[Any],
        unit: str,
        credit: app_commands.Range[float, 0.000_001, HIGHEST] | None = None,
    ) -> None:
        """Set the unit of prices."""
        changes: dict[str, object] = {"unit": unit}
        if credit is not None:
            changes["credit_micros"] = round(credit * MICROS)
        await _change(interaction, "unit", **changes)

    @app_commands.command(name="confirm", description="Ask before a request that costs more than this")
    @app_commands.describe(above="In dollars; leave it out to never ask")
    async def confirm(
        self,
        interaction: discord.Interaction[Any],
        above: app_commands.Range[float, 0.0, HIGHEST] | None = None,
    ) -> None:
        """Set from which price on a request is confirmed."""
        micros = None if above is None else round(above * MICROS)
        await _change(interaction, "confirm", confirm_above_micros=micros)

    @app_commands.command(name="language", description="In which language everybody is spoken to here")
    @app_commands.describe(language="The language; members see private answers in their own")
    @app_commands.choices(language=LANGUAGE_CHOICES)
    async def language(self, interaction: discord.Interaction[Any], language: str) -> None:
        """Set the language of what everybody sees."""
        locale = None if language == DISCORDS_OWN else language
        check_language(locale, surface_of(interaction).audiences.languages.codes)
        await _change(interaction, "language", locale=locale)


async def _change(interaction: discord.Interaction[Any], command: str, **changes: object) -> None:
    changed = await change_server(interaction, **changes)
    await answer_privately(interaction, changed.told(lines_of(changed.state.settings)[command]))
