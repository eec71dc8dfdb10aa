"""The buttons and menus that work after a restart: discord.py finds them by their custom_ids."""

from __future__ import annotations

from cogs.appeal import AppealButton
from cogs.buttons import PictureButton
from cogs.cancel import CancelButton
from cogs.describe import ImagineButton
from cogs.desk_cards import CaseButton
from cogs.finish import FinishButton
from cogs.gallery_items import GalleryButton
from cogs.gallery_pages import PageButton
from cogs.limit_buttons import LimitButton
from cogs.limit_menus import LimitMenu
from cogs.mod_queue import OpenCase, QueueButton
from cogs.mod_record import LogButton
from cogs.privacy import EraseButton
from cogs.redo import RedoButton
from cogs.settings import ResetSettings, SettingMenu
from cogs.styles import StylesPage
from cogs.turn_buttons import TurnButton

ITEMS = (
    *(PictureButton, FinishButton, SettingMenu, ResetSettings, StylesPage),
    *(PageButton, GalleryButton, ImagineButton, CancelButton, TurnButton, RedoButton),
    EraseButton,
    *(LimitMenu, LimitButton),
    *(CaseButton, QueueButton, OpenCase, LogButton, AppealButton),
)
