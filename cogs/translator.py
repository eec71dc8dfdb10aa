"""What Discord shows of the commands in other languages: it asks once, when they are published.

Names of slash commands stay as they are everywhere: documentation and answers name them, and members tell
them to each other. Names of options, of message menus and of choices are translated, and every description.
"""

from __future__ import annotations

from collections.abc import Mapping

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Where

from cogs.language import ENGLISH, Languages

OPTION = "option"  # the context of names of options in the catalogues
_CONTEXT = "context"  # what a choice's name carries


def choices(names: Mapping[str, str], context: str = "") -> list[app_commands.Choice[str]]:
    """Return the values of an option and what they are called: texts that `NP_` marked with this context,
    without one those that `N_` marked. A short word means something else in another option."""
    return [
        app_commands.Choice(name=app_commands.locale_str(name, **{_CONTEXT: context}), value=value)
        for value, name in names.items()
    ]


class Translator(app_commands.Translator):
    """Looks a command's texts up in the catalogues."""

    def __init__(self, languages: Languages) -> None:
        self._languages = languages

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Return a text in a locale; None where it is the English one there."""
        language = self._languages.of(locale.value)
        message = string.message
        if language is ENGLISH:
            return None
        if context.location is Where.group_name or (
            context.location is Where.command_name and isinstance(context.data, app_commands.Command)
        ):
            return None
        if within := string.extras.get(_CONTEXT):
            translated = language.sentences.pgettext(within, message)
        elif context.location is Where.parameter_name:
            translated = language.sentences.pgettext(OPTION, message)
        else:
            translated = language.sentences.gettext(message)
        return None if translated == message else translated
