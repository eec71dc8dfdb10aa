"""Discord's surface: commands, buttons, cards. A cog authorises, calls one service method, and renders."""
