"""/character: named reference pictures that ``@name`` in a prompt brings in."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.characters import NAME_LIMIT, Character
from bot.domain.ids import is_id
from bot.domain.presets import folded
from bot.errors import Gone
from bot.studio.pictures import Person
from cogs.intake_words import input_note
from cogs.language import N_, _, ngettext
from cogs.offers import CHOICES_LIMIT, Choices, offers
from cogs.panels import answer_privately, fitted
from cogs.people import person_of
from cogs.pictures_in import source_of
from cogs.surface import surface_of
from cogs.text import code

SAVED = N_("{name} is saved with {count}. Write {mention} in a prompt to bring it in.")
DELETED = N_("{name} is deleted. Pictures that were made with it stay.")
SHARED = N_("{name} is shared: everybody in this server can write {mention} in a prompt.")
UNSHARED = N_("{name} is not shared with this server any more.")
LIST_TITLE = N_("**Characters**\nWrite `@name` in a prompt to bring one in.")
NONE_YET = N_("There are none yet. `/character save` keeps one from pictures.")
OWN = N_("yours")
SHARED_BY_ME = N_("yours, shared with this server")
SHARED_HERE = N_("shared with this server")
SHARED_ELSEWHERE = N_("yours, shared with another server")
NO_PICTURES_LEFT = N_("its pictures were removed")


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class CharacterCommands(
    commands.GroupCog, group_name="character", group_description="People and things that you draw often"
):
    """The commands. Every answer is private."""

    @app_commands.command(name="save", description="Keep a character from pictures")
    @app_commands.describe(
        name="What you write behind @ in a prompt",
        image1="A picture that shows it",
        image2="Another one, from another side",
        image3="Another one",
        image4="Another one",
        image_id="The id of an image made here, instead of or beside attachments",
        consent="Everybody who can be recognised in these pictures agrees",
    )
    async def save(
        self,
        interaction: discord.Interaction[Any],
        name: app_commands.Range[str, 1, NAME_LIMIT + 1],
        image1: discord.Attachment | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        image_id: str | None = None,
        consent: bool = False,
    ) -> None:
        """Take the pictures in and keep the character. Fetching may take longer than Discord waits."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await surface_of(interaction).casework.bans.check(person_of(interaction))
        sent = [image for image in (image1, image2, image3, image4) if image is not None]
        saved = await surface_of(interaction).library.characters.save(
            name,
            person_of(interaction),
            sources=[source_of(image) for image in sent],
            image_ids=[] if image_id is None else [_known_id(image_id)],
            consent=consent,
        )
        character = saved.character
        text = _(
            SAVED,
            name=code(character.name),
            count=_pictures(len(character.pictures)),
            mention=code(f"@{character.name}"),
        )
        await answer_privately(
            interaction, "\n".join([text, *(f"-# {input_note(note)}" for note in saved.notes)])
        )

    @app_commands.command(name="list", description="Show the characters that you can use here")
    async def list_(self, interaction: discord.Interaction[Any]) -> None:
        """Show a person's own characters and those of the server."""
        person = person_of(interaction)
        characters = await surface_of(interaction).library.characters.visible(person)
        lines = [_line(character, person) for character in characters]
        await answer_privately(interaction, _(LIST_TITLE), fitted(lines, 3_500) or _(NONE_YET))

    @app_commands.command(name="delete", description="Delete a character of yours")
    @app_commands.describe(name="The character")
    async def delete(self, interaction: discord.Interaction[Any], name: str) -> None:
        """Delete a character."""
        gone = await surface_of(interaction).library.characters.delete(name, person_of(interaction))
        await answer_privately(interaction, _(DELETED, name=code(gone.name)))

    @app_commands.command(
        name="share", description="Share a character of yours with this server (Manage Server)"
    )
    @app_commands.describe(name="The character", shared="False: stop sharing it")
    async def share(self, interaction: discord.Interaction[Any], name: str, shared: bool = True) -> None:
        """Share a character with the server, or stop that."""
        characters, person = surface_of(interaction).library.characters, person_of(interaction)
        if shared:
            await surface_of(interaction).casework.bans.check(person)
            character = await characters.share(name, person)
            text = _(SHARED, name=code(character.name), mention=code(f"@{character.name}"))
        else:
            character = await characters.unshare(name, person)
            text = _(UNSHARED, name=code(character.name))
        await answer_privately(interaction, text)

    @delete.autocomplete("name")
    async def _own(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        return await offers(interaction, _characters(interaction, current, shared=False))

    @share.autocomplete("name")
    async def _shareable(self, interaction: discord.Interaction[Any], current: str) -> Choices:
        unsharing = getattr(interaction.namespace, "shared", True) is False
        return await offers(interaction, _characters(interaction, current, shared=unsharing))


async def _characters(interaction: discord.Interaction[Any], current: str, *, shared: bool) -> Choices:
    """Offer a person's own characters, or those that are shared here."""
    person = person_of(interaction)
    wanted = folded(current.removeprefix("@"))
    characters = await surface_of(interaction).library.characters.visible(person)
    return [
        app_commands.Choice(name=character.name, value=character.name)
        for character in characters
        if wanted in character.key
        and (character.guild_id == person.guild_id if shared else character.owner_id == person.id)
    ][:CHOICES_LIMIT]


def _known_id(typed: str) -> str:
    """Return an image's id as it is kept; whatever is none names nothing."""
    image_id = typed.strip().strip("`").lower()
    if not is_id(image_id):
        raise Gone(image_id)
    return image_id


def _pictures(count: int) -> str:
    return ngettext("{number} picture", "{number} pictures", count)


def _line(character: Character, person: Person) -> str:
    pictures = _pictures(len(character.pictures)) if character.pictures else _(NO_PICTURES_LEFT)
    if character.owner_id != person.id:
        whose = SHARED_HERE
    elif character.guild_id is None:
        whose = OWN
    else:
        whose = SHARED_BY_ME if character.guild_id == person.guild_id else SHARED_ELSEWHERE
    return f"{code(f'@{character.name}')} · {pictures} · {_(whose)}"
