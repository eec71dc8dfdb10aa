"""The entrances to what is kept of people, for the tests that break what is behind each one."""

from __future__ import annotations

from cogs.privacy import EraseButton
from tests.cogs.library_entrances import Entrance, button, command, component

TABLES = ("erasures", "exports")
PRESSES: dict[str, list[str]] = {EraseButton.__name__: ["press"]}
ENTRANCES: dict[str, Entrance] = {
    "/privacy show": command("privacy show"),
    "/privacy export": command("privacy export"),
    "/privacy erase": command("privacy erase"),
    "EraseButton press": component(button("plantain:privacy:erase")),
}
