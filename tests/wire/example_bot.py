"""A small bot that uses what Plantain uses of discord.py, to prove the fake Discord with.

DISCORD_TOKEN=… python -m tests.wire.example_bot
"""

from __future__ import annotations

import io
import os
import sys

import discord
from discord import app_commands, ui


class Names(ui.Modal, title="Rename"):
    """A modal with a text and a file."""

    name: ui.Label[Names] = ui.Label(text="New name", component=ui.TextInput(custom_id="name"))
    picture: ui.Label[Names] = ui.Label(
        text="Picture", component=ui.FileUpload(custom_id="picture", required=False)
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Say privately what was filled in."""
        text, upload = self.name.component, self.picture.component
        assert isinstance(text, ui.TextInput) and isinstance(upload, ui.FileUpload)
        sizes = [len(await file.read()) for file in upload.values]
        await interaction.response.send_message(f"renamed to {text.value} {sizes}", ephemeral=True)


class Card(ui.LayoutView):
    """A card as Plantain's: container, text, gallery, buttons."""

    def __init__(self, text: str, filename: str) -> None:
        super().__init__(timeout=None)
        gallery: ui.MediaGallery[Card] = ui.MediaGallery(
            discord.MediaGalleryItem(f"attachment://{filename}", description="alt text")
        )
        rename: ui.Button[Card] = ui.Button(label="Rename", custom_id="rename")
        done: ui.Button[Card] = ui.Button(label="Done", custom_id="done")
        row: ui.ActionRow[Card] = ui.ActionRow(rename, done)
        # The way that discord.py documents for buttons that are made without a decorator.
        rename.callback = self._rename  # type: ignore[method-assign]
        done.callback = self._done  # type: ignore[method-assign]
        self.add_item(ui.Container(ui.TextDisplay(text), gallery, row))

    async def _rename(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Names())

    async def _done(self, interaction: discord.Interaction) -> None:
        await interaction.response.defer()
        view = ui.LayoutView()
        view.add_item(ui.TextDisplay("done"))
        await interaction.edit_original_response(view=view, attachments=[])


class Example(discord.Client):
    """Commands that each touch one rule of the platform."""

    def __init__(self) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = intents.message_content = True
        super().__init__(intents=intents, proxy=os.environ.get("PLANTAIN_DISCORD__PROXY") or None)
        self.tree = app_commands.CommandTree(self)
        for callback in (card, upload, thread):
            self.tree.command(description="An example")(callback)
        self.tree.context_menu(name="Inspect")(inspect)
        self.tree.add_command(Notes())

    async def setup_hook(self) -> None:
        """Register the commands."""
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        """Answer in direct messages and threads."""
        if message.author.bot:
            return
        sizes = [len(await file.read()) for file in message.attachments]
        await message.reply(
            f"you said {message.content} {sizes}", allowed_mentions=discord.AllowedMentions.none()
        )

    async def on_resumed(self) -> None:
        """Say so on the console."""
        print("resumed", flush=True)


@app_commands.allowed_installs(guilds=True, users=True)
class Notes(app_commands.Group, name="notes", description="Private notes"):
    """A group, for everywhere, that answers privately and follows up."""

    @app_commands.command(description="Add a note")
    async def add(self, interaction: discord.Interaction, about: discord.User, kind: str) -> None:
        """Defer privately, follow up twice, and try the channel."""
        await interaction.response.defer(ephemeral=True)
        await interaction.followup.send(f"{kind} about {about.name}", view=Picker())
        try:
            assert isinstance(interaction.channel, discord.abc.Messageable)
            await interaction.channel.send("noted")
        except discord.HTTPException as exc:
            await interaction.followup.send(f"{exc.status} {exc.code}", ephemeral=True)

    @add.autocomplete("kind")
    async def _kinds(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}!", value=typed)]


class Picker(ui.View):
    """A view with a select menu."""

    @ui.select(cls=ui.UserSelect, placeholder="Who?")
    async def pick(self, interaction: discord.Interaction, select: ui.UserSelect[Picker]) -> None:
        """Show who was chosen in place of the menu."""
        await interaction.response.edit_message(content=f"chose {select.values[0].name}", view=None)


async def inspect(interaction: discord.Interaction, message: discord.Message) -> None:
    """Say what is in a message."""
    await interaction.response.send_message(
        f"{message.content} {message.attachments[0].size}", ephemeral=True
    )


async def card(interaction: discord.Interaction, text: str, file: discord.Attachment) -> None:
    """Defer, fetch the attachment, answer with a card that shows it."""
    await interaction.response.defer()
    data = await file.read()
    view = Card(text, "picture.png")
    await interaction.edit_original_response(
        view=view, attachments=[discord.File(io.BytesIO(data), "picture.png")]
    )


async def upload(interaction: discord.Interaction, size: int) -> None:
    """Send a file of a size; where the response refuses, say in the channel how."""
    await interaction.response.defer()
    try:
        await interaction.edit_original_response(
            attachments=[discord.File(io.BytesIO(bytes(size)), "big.bin")]
        )
    except discord.HTTPException as exc:
        assert isinstance(interaction.channel, discord.TextChannel)
        await interaction.channel.send(f"{interaction.user.mention} {exc.status} {exc.code}", nonce="once")


async def thread(interaction: discord.Interaction) -> None:
    """Open a thread under the answer and write in it."""
    await interaction.response.send_message("look below")
    message = await (await interaction.original_response()).fetch()
    opened = await message.create_thread(name="talk")
    await opened.send("hello")


if __name__ == "__main__":
    try:
        Example().run(os.environ["DISCORD_TOKEN"])
    except (discord.LoginFailure, discord.PrivilegedIntentsRequired) as error:
        print(type(error).__name__, flush=True)
        sys.exit(2)
