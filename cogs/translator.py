"""What Discord shows of the commands in other languages: it asks once, when they are published.

Names of slash commands stay as they are everywhere: documentation and answers name them, and members tell
them to each other. Names of options, of message menus and of choices are translated, and every description.
"""

from __future__ import annotations

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Where

from cogs.language import ENGLISH, Languages

OPTION = "option"  # the context of names of options in the catalogues


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
        if context.location is Where.parameter_name:
            translated = language.sentences.pgettext(OPTION, message)
        else:
            translated = language.sentences.gettext(message)
        return None if translated == message else translated
