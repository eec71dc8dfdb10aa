"""How the parts are put together, a piece at a time. Only here and in `bot.app` is everything known."""
