"""Plantain, the program: everything but Discord's surface (`cogs`) and SQL (`storage`)."""

__version__ = "0.1.0"  # that of pyproject.toml; a test compares them
