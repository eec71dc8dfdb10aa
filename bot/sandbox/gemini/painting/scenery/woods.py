"""Conifers in the mist."""

from __future__ import annotations

from bot.sandbox.gemini.painting.canvas import Canvas
from bot.sandbox.gemini.painting.colours import Colour, darker, lighter, mix
from bot.sandbox.gemini.painting.plan import Plan
from bot.sandbox.gemini.painting.scenery.relief import distant, rolling, vegetation


def forest(canvas: Canvas, horizon: float, plan: Plan) -> None:
    """Three rows of conifers with haze between them, and a clearing in front."""
    rng, unit = canvas.rng, canvas.unit
    green = mix(vegetation(plan), (24, 84, 70), 0.45)
    depth = canvas.height - horizon
    for depth_share, y, tall in ((0.2, 0.0, 0.17), (0.45, 0.14, 0.25), (0.72, 0.34, 0.34)):
        colour = distant(canvas, depth_share, green)
        line = rolling(canvas, horizon + depth * y, unit * 0.035, colour)
        x = -unit * 0.05
        while x < canvas.width + unit * 0.05:
            base = line[min(64, max(0, round(x / canvas.width * 64)))][1] + unit * 0.02
            _conifer(
                canvas, x, base, unit * tall * rng.uniform(0.55, 1.1), lighter(colour, rng.uniform(0, 0.06))
            )
            x += unit * tall * rng.uniform(0.16, 0.34)
        canvas.gradient_haze(
            horizon + depth * y + unit * 0.05, unit * 0.12, canvas.mood.haze, 0.3 * (1 - depth_share)
        )
    rolling(canvas, horizon + depth * 0.6, unit * 0.04, distant(canvas, 0.92, green))


def _conifer(canvas: Canvas, x: float, base: float, tall: float, colour: Colour) -> None:
    tiers = 5
    for tier in range(tiers):
        top = base - tall + tall * 0.17 * tier
        bottom = top + tall * 0.3
        half = tall * (0.07 + 0.036 * tier)
        canvas.polygon([(x, top), (x - half, bottom), (x + half, bottom)], colour)
        canvas.polygon([(x, top), (x + half * 0.15, bottom), (x + half, bottom)], darker(colour, 0.12))
    canvas.box(x - tall * 0.018, base - tall * 0.1, x + tall * 0.018, base, darker(colour, 0.3))
