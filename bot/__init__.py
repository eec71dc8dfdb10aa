"""Plantain, the program: everything but Discord's surface (`cogs`) and SQL (`storage`)."""
