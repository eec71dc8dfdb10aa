"""What the bot can do, as services; they know the outside only by `bot.studio.ports`."""
