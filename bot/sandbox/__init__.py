"""The sandbox: a simulated Discord server in the browser and a local look-alike of the Gemini API.

Nothing in here leaves the machine. The real bot runs inside it unchanged: it speaks to SimCord's
in-memory Discord and, over real HTTP, to :mod:`bot.sandbox.gemini`.
"""
