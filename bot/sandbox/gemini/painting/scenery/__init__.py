"""Everything that is painted before and around the subjects: one function for each step, far to near."""

from __future__ import annotations

from bot.sandbox.gemini.painting.canvas import Canvas, Point
from bot.sandbox.gemini.painting.plan import Plan
from bot.sandbox.gemini.painting.scenery import land, relief, town, water, woods
from bot.sandbox.gemini.painting.scenery.sky import paint_sky, paint_weather

__all__ = ["paint_backdrop", "paint_ground", "paint_sky", "paint_weather"]


def paint_backdrop(canvas: Canvas, plan: Plan, horizon: float) -> None:
    """Far scenery that fades into the haze."""
    match plan.backdrop:
        case "mountains":
            relief.mountains(canvas, horizon)
        case "city":
            town.skyline(canvas, horizon)
        case "hills" | "forest" | "desert":
            relief.hills(canvas, horizon)


def paint_ground(canvas: Canvas, plan: Plan, light: Point, horizon: float) -> None:
    """The ground from the horizon to the bottom edge."""
    match plan.ground:
        case "sea":
            water.sea(canvas, light, horizon)
        case "city":
            town.city(canvas, horizon)
        case "forest":
            woods.forest(canvas, horizon, plan)
        case "desert":
            land.desert(canvas, horizon)
        case "mountains":
            relief.mountains(canvas, horizon)
            land.meadow(canvas, horizon, plan)
        case "space":
            land.cratered(canvas, horizon)
        case _:
            land.meadow(canvas, horizon, plan)
