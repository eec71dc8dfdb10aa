"""The bare bot that Plantain is measured against: defer, ask, send the file. It stores nothing.

DISCORD_TOKEN=… GEMINI_API_KEY=… PLANTAIN_GEMINI__BASE_URL=… python -m benchmarks.bare
"""

from __future__ import annotations

import io
import os

import discord
from google import genai
from google.genai import types

MODEL = "gemini-nano-banana-2.1"


class Bare(discord.Client):
    """A client with one command."""

    def __init__(self, gemini: genai.Client) -> None:
        super().__init__(
            intents=discord.Intents.none(), proxy=os.environ.get("PLANTAIN_DISCORD__PROXY") or None
        )
        self.gemini = gemini
        self.tree = discord.app_commands.CommandTree(self)
        self.tree.command(name="imagine", description="Make a picture")(self.imagine)

    async def setup_hook(self) -> None:
        """Register the command."""
        await self.tree.sync()

    async def imagine(self, interaction: discord.Interaction, prompt: str) -> None:
        """Answer with a picture."""
        await interaction.response.defer()
        answer = await self.gemini.aio.models.generate_content(model=MODEL, contents=prompt)
        image = next(part.inline_data for part in answer.parts or () if part.inline_data)
        file = discord.File(io.BytesIO(image.data or b""), "image.jpg")
        await interaction.edit_original_response(attachments=[file])


def make() -> Bare:
    """Return the bot, as the environment says."""
    options = types.HttpOptions(base_url=os.environ.get("PLANTAIN_GEMINI__BASE_URL"), api_version="v1beta")
    return Bare(genai.Client(api_key=os.environ["GEMINI_API_KEY"], http_options=options))


def main() -> None:
    """Run until stopped."""
    make().run(os.environ["DISCORD_TOKEN"])


if __name__ == "__main__":
    main()
