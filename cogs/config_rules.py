"""/config rules and safety: how strict a server is, within what the operator allows."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.safety import Harm, People, SafetyBounds, Threshold
from bot.domain.server_settings import MOST_PAUSE_MINUTES, ServerSettings
from cogs.config_changes import change_server
from cogs.language import N_, NP_, _, ngettext
from cogs.panels import answer_privately
from cogs.surface import surface_of
from cogs.translator import choices

STRICTNESS_CHOICES = choices(
    {
        "relaxed": NP_("strictness", "relaxed"),
        "standard": NP_("strictness", "standard"),
        "strict": NP_("strictness", "strict"),
        "default": NP_("strictness", "default"),
    },
    "strictness",
)
AGE_RESTRICTED_CHOICES = choices(
    {"same": NP_("strictness", "same"), "relaxed": NP_("strictness", "relaxed")}, "strictness"
)
THRESHOLD_CHOICES = choices(
    {
        "low": NP_("safety", "low"),
        "medium": NP_("safety", "medium"),
        "high": NP_("safety", "high"),
        "none": NP_("safety", "none"),
        "off": NP_("safety", "off"),
        "default": NP_("safety", "default"),
    },
    "safety",
)
PEOPLE_CHOICES = choices(
    {
        "all": NP_("people", "all"),
        "adults": NP_("people", "adults"),
        "none": NP_("people", "none"),
        "default": NP_("people", "default"),
    },
    "people",
)

STRICTNESS = {
    None: N_("what the operator of this bot sets is refused"),
    "relaxed": N_("only what no server allows, gibberish and this server's own list is refused"),
    "standard": N_("also pornography, gore, hate and self-harm are refused"),
    "strict": N_("also nudity, violence, drugs and prompts that say little are refused"),
}
HARMS = {
    Harm.HARASSMENT: N_("harassment"),
    Harm.HATE_SPEECH: N_("hate speech"),
    Harm.SEXUALLY_EXPLICIT: N_("sexual content"),
    Harm.DANGEROUS_CONTENT: N_("dangerous content"),
}
HARM_CHOICES = choices({harm.value: name for harm, name in HARMS.items()})
THRESHOLDS = {
    None: N_("the operator's choice"),
    Threshold.LOW: N_("refused when it is a little likely"),
    Threshold.MEDIUM: N_("refused when it is likely"),
    Threshold.HIGH: N_("refused when it is very likely"),
    Threshold.NONE: N_("never refused"),
    Threshold.OFF: N_("not looked at"),
}
PEOPLE = {
    None: N_("the operator's choice"),
    People.ALL: N_("anybody may be seen in pictures"),
    People.ADULTS: N_("only adults may be seen in pictures"),
    People.NONE: N_("no people may be seen in pictures"),
}


def lines_of_rules(settings: ServerSettings, bounds: SafetyBounds) -> dict[str, str]:
    """Return what is set, in words, by the command that changes it."""
    return {"rules": _rules(settings, bounds), "safety": _safety(settings)}


def _rules(settings: ServerSettings, bounds: SafetyBounds) -> str:
    parts = [_(STRICTNESS[settings.strictness])]
    if settings.relax_age_restricted:
        parts.append(_("pornography, gore, nudity and violence are not refused in age-restricted channels"))
    if settings.longest_prompt is not None:
        parts.append(
            ngettext(
                "prompts have at most {number} character",
                "prompts have at most {number} characters",
                settings.longest_prompt,
            )
        )
    if settings.pause_after:
        parts.append(
            ngettext(
                "who breaks rules {times} within an hour pauses for {number} minute",
                "who breaks rules {times} within an hour pauses for {number} minutes",
                settings.pause_minutes,
                times=ngettext("once", "{number} times", settings.pause_after),
            )
        )
    else:
        parts.append(_("nobody pauses for breaking rules"))
    if bounds.takes_people:
        parts.append(_("people in pictures: {what}", what=_(PEOPLE[settings.people])))
    return "; ".join(parts)


def _safety(settings: ServerSettings) -> str:
    parts = [f"{_(name)}: {_(THRESHOLDS[settings.threshold(harm)])}" for harm, name in HARMS.items()]
    return _("what the image service refuses by itself: {parts}", parts="; ".join(parts))


class RuleSettings(commands.Cog):
    """The commands that `/config` has for rules."""

    @app_commands.command(name="rules", description="How strictly prompts and names are judged")
    @app_commands.describe(
        strictness="How much is refused beside what no server allows",
        age_restricted="Whether less is refused in age-restricted channels",
        longest_prompt="The most characters of a prompt; 0: what the operator allows",
        pause_after="After so many refused tries within an hour somebody pauses; 0: never",
        pause_minutes="How long they pause",
        people="Who may be seen in pictures; not every image service takes such a wish",
    )
    @app_commands.choices(
        strictness=STRICTNESS_CHOICES, age_restricted=AGE_RESTRICTED_CHOICES, people=PEOPLE_CHOICES
    )
    async def rules(
        self,
        interaction: discord.Interaction[Any],
        strictness: str | None = None,
        age_restricted: str | None = None,
        longest_prompt: app_commands.Range[int, 0, 100_000] | None = None,
        pause_after: app_commands.Range[int, 0, 50] | None = None,
        pause_minutes: app_commands.Range[int, 1, MOST_PAUSE_MINUTES] | None = None,
        people: str | None = None,
    ) -> None:
        """Change what was given, and show what holds then."""
        changes: dict[str, object] = {}
        if strictness is not None:
            changes["strictness"] = _or_none(strictness)
        if age_restricted is not None:
            changes["relax_age_restricted"] = age_restricted == "relaxed"
        if longest_prompt is not None:
            changes["longest_prompt"] = longest_prompt or None
        if pause_after is not None:
            changes["pause_after"] = pause_after
        if pause_minutes is not None:
            changes["pause_minutes"] = pause_minutes
        if people is not None:
            changes["people"] = _or_none(people)
        await _change(interaction, "rules", changes)

    @app_commands.command(name="safety", description="What the image service refuses by itself")
    @app_commands.describe(
        harm="The kind of harm", threshold="Low refuses the most; default is the operator's choice"
    )
    @app_commands.choices(harm=HARM_CHOICES, threshold=THRESHOLD_CHOICES)
    async def safety(self, interaction: discord.Interaction[Any], harm: str, threshold: str) -> None:
        """Set from which likelihood on the provider refuses."""
        await _change(interaction, "safety", {harm: _or_none(threshold)})


def _or_none(choice: str) -> str | None:
    return None if choice == "default" else choice


async def _change(interaction: discord.Interaction[Any], command: str, changes: dict[str, object]) -> None:
    changed = await change_server(interaction, **changes)
    lines = lines_of_rules(changed.state.settings, surface_of(interaction).moderation.bounds)
    await answer_privately(interaction, changed.told(lines[command]))
