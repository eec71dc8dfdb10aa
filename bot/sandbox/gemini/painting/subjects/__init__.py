"""Things that stand, float or fly in a picture: one table of painters.

Every painter takes the middle of the base (x, y), the height in pixels and the main colour.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.gemini.painting.canvas import Canvas
from bot.sandbox.gemini.painting.colours import Colour
from bot.sandbox.gemini.painting.subjects import buildings, creatures, pets, plants, shapes, vehicles

Painter = Callable[[Canvas, float, float, float, Colour], None]

PAINTERS: dict[str, tuple[Painter, Colour, float]] = {
    # name: (painter, its colour where the prompt names none, its height relative to the picture)
    "lighthouse": (buildings.lighthouse, (200, 60, 52), 1.0),
    "cat": (pets.cat, (56, 48, 62), 0.72),
    "dog": (pets.dog, (166, 112, 66), 0.72),
    "fox": (pets.fox, (218, 110, 48), 0.7),
    "robot": (creatures.robot, (110, 160, 178), 0.82),
    "fish": (creatures.fish, (236, 122, 62), 0.5),
    "birds": (creatures.birds, (40, 38, 54), 0.5),
    "house": (buildings.house, (176, 78, 62), 0.56),
    "castle": (buildings.castle, (72, 92, 150), 0.78),
    "boat": (vehicles.boat, (178, 62, 54), 0.66),
    "tree": (plants.tree, (92, 148, 78), 0.96),
    "balloon": (vehicles.balloon, (220, 76, 66), 0.7),
    "rocket": (vehicles.rocket, (216, 66, 58), 0.78),
    "flower": (plants.flower, (232, 96, 120), 0.72),
    "mushroom": (plants.mushroom, (206, 58, 50), 0.66),
    "planet": (shapes.planet, (222, 160, 104), 0.8),
    "arch": (shapes.arch, (214, 104, 78), 0.78),
    "discs": (shapes.discs, (196, 120, 96), 0.74),
    "totem": (shapes.totem, (222, 124, 72), 0.84),
}
