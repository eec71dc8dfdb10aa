"""Work on pictures with Pillow, off the event loop: what they are, and copies that fit an upload limit."""

from bot.imaging.service import Imaging

__all__ = ["Imaging"]
