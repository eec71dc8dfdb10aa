"""What styles are called: packaged ones in the language of the moment, a server's own as it wrote them."""

from __future__ import annotations

from bot.domain.presets import OWN, Preset
from cogs.language import N_, _, pgettext

STYLE = "style"  # the context of packaged titles and descriptions in the catalogues

CATEGORIES = {
    OWN: N_("This server's"),
    "photo": N_("Photographs"),
    "design": N_("Design"),
    "art": N_("Drawing and painting"),
}


def title(preset: Preset) -> str:
    """Return what people read as a style's name. What they type (`Preset.name`) is one in all languages."""
    return preset.title if preset.category == OWN else pgettext(STYLE, preset.title)


def description(preset: Preset) -> str:
    """Return what a style is for; empty where nobody wrote it."""
    if preset.category == OWN or not preset.description:
        return preset.description
    return pgettext(STYLE, preset.description)


def described(preset: Preset) -> str:
    """Return title and description as they stand in lists and pickers."""
    texts = [title(preset), description(preset)]
    return ": ".join(text for text in texts if text)


def category(name: str) -> str:
    """Return what a category of styles is called."""
    return _(CATEGORIES.get(name, name))
