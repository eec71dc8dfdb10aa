"""/config: what holds for a whole server. For its managers.

Discord hides the commands from everybody else by default, but a server may show them to anybody: whoever
uses one is checked again by the service.
"""

from __future__ import annotations

from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.pricing import dollars
from bot.domain.server_settings import BRAND_LIMIT, ServerSettings, ServerState, Unit
from bot.studio.settings import managed_server
from cogs.language import N_, _
from cogs.panels import answer_privately
from cogs.people import person_of
from cogs.surface import surface_of
from cogs.wording import moment, quote

MICROS = 1_000_000
HIGHEST = 1_000.0  # dollars

TITLE = "**Settings of this server**"
SAVED = "**Saved.**"
NEVER_CHANGED = "-# Nobody has changed anything yet."

SPOILER = {
    "never": "pictures are shown openly",
    "age_restricted": "pictures are spoilers in age-restricted channels",
    "always": "every picture is a spoiler",
}
AGE_RESTRICTED = {
    "allowed": "pictures are made in age-restricted channels, too",
    "spoiler": "pictures in age-restricted channels are spoilers",
    "refused": "no pictures are made in age-restricted channels",
}
CONSENT = {
    True: "members confirm that people in pictures they upload agree",
    False: "members are not asked about people in pictures they upload",
}
TEXT = {
    True: "pictures show no words unless the prompt asks for some",
    False: "prompts say nothing about words in pictures",
}

PARTICIPANTS = {
    "owner": N_("only the person who starts a conversation takes part in it"),
    "invited": N_("the person who starts a conversation, and whom they invite, take part in it"),
    "everybody": N_("everybody who can write in a conversation's thread takes part in it"),
}

SpoilerChoice = Literal["never", "age_restricted", "always"]
AgeChoice = Literal["allowed", "spoiler", "refused"]
UnitChoice = Literal["images", "credits", "dollars"]
WhoChoice = Literal["owner", "invited", "everybody"]
Switch = Literal["on", "off"]


def lines_of(settings: ServerSettings) -> dict[str, str]:
    """Return what each setting says, in words, by the command that changes it."""
    confirm, unit = settings.confirm_above_micros, f"prices are shown in {settings.unit.value}"
    if settings.unit is Unit.CREDITS:
        unit += f"; one credit is {dollars(settings.credit_micros)}"
    return {
        "consent": CONSENT[settings.consent_required],
        "spoiler": SPOILER[settings.spoiler],
        "age_restricted": AGE_RESTRICTED[settings.age_restricted],
        "text": TEXT[settings.no_text_default],
        "brand": "no brand text"
        if not settings.brand_prefix
        else f"every new picture begins with {quote(settings.brand_prefix, 500)}",
        "threads": _(PARTICIPANTS[settings.participants]),
        "unit": unit,
        "confirm": "no request needs a confirmation"
        if confirm is None
        else f"a request above {dollars(confirm)} is confirmed first",
    }


def _overview(state: ServerState) -> list[str]:
    lines = [f"`/config {name}` · {text}" for name, text in lines_of(state.settings).items()]
    changed = NEVER_CHANGED
    if state.version:
        changed = f"-# Last changed by <@{state.updated_by}>, {moment(state.updated_at)}"
    return [TITLE, "\n".join(lines), changed]


@app_commands.default_permissions(manage_guild=True)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
class Config(commands.GroupCog, group_name="config", group_description="What holds for this server"):
    """The commands, one for each setting."""

    @app_commands.command(name="show", description="Show what is set for this server")
    async def show(self, interaction: discord.Interaction[Any]) -> None:
        """Show everything that can be set."""
        guild_id = managed_server(person_of(interaction))
        state = await surface_of(interaction).desk.settings.server(guild_id)
        await answer_privately(interaction, *_overview(state))

    @app_commands.command(
        name="consent", description="Ask members to confirm that people in their pictures agree"
    )
    @app_commands.describe(required="On: every upload needs the confirmation")
    async def consent(self, interaction: discord.Interaction[Any], required: Switch) -> None:
        """Ask for consent, or not."""
        await _change(interaction, "consent", consent_required=required == "on")

    @app_commands.command(name="spoiler", description="Hide pictures until somebody clicks on them")
    @app_commands.describe(where="Where pictures are hidden")
    async def spoiler(self, interaction: discord.Interaction[Any], where: SpoilerChoice) -> None:
        """Set where pictures are spoilers."""
        await _change(interaction, "spoiler", spoiler=where)

    @app_commands.command(name="age_restricted", description="What happens in age-restricted channels")
    @app_commands.describe(rule="Whether pictures are made there, and whether they are hidden")
    async def age_restricted(self, interaction: discord.Interaction[Any], rule: AgeChoice) -> None:
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
    async def text(self, interaction: discord.Interaction[Any], default: Switch) -> None:
        """Set whether prompts say that no words are wanted."""
        await _change(interaction, "text", no_text_default=default == "on")

    @app_commands.command(name="threads", description="Who takes part in conversations, unless they say so")
    @app_commands.describe(participants="Who may take part")
    async def threads(self, interaction: discord.Interaction[Any], participants: WhoChoice) -> None:
        """Set who takes part in a conversation where nobody says who."""
        await _change(interaction, "threads", participants=participants)

    @app_commands.command(name="unit", description="In what prices are shown")
    @app_commands.describe(unit="The unit", credit="What one credit is worth, in dollars")
    async def unit(
        self,
        interaction: discord.Interaction[Any],
        unit: UnitChoice,
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


async def _change(interaction: discord.Interaction[Any], command: str, **changes: object) -> None:
    person = person_of(interaction)
    settings = surface_of(interaction).desk.settings
    seen = await settings.server(managed_server(person))
    state = await settings.change_server(person, seen, **changes)
    await answer_privately(interaction, f"{SAVED} Now {lines_of(state.settings)[command]}.")
