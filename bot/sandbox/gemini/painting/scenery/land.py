"""Meadows with trees and flowers, dunes, and the ground of another planet."""

from __future__ import annotations

from bot.sandbox.gemini.painting.canvas import Canvas, smooth
from bot.sandbox.gemini.painting.colours import Colour, darker, lighter, mix
from bot.sandbox.gemini.painting.plan import Plan
from bot.sandbox.gemini.painting.scenery.relief import distant, rolling, vegetation


def meadow(canvas: Canvas, horizon: float, plan: Plan) -> None:
    """Rolling grass with small trees far away and flowers close by."""
    rng, unit = canvas.rng, canvas.unit
    green = vegetation(plan)
    depth = canvas.height - horizon
    canvas.box(0, horizon, canvas.width, canvas.height, distant(canvas, 0.3, green))
    for depth_share, y in ((0.35, 0.0), (0.58, 0.24), (0.8, 0.5)):
        colour = distant(canvas, depth_share, green)
        line = rolling(canvas, horizon + depth * y, unit * 0.05, colour)
        if depth_share < 0.8:
            for _ in range(rng.randint(5, 9)):
                x, base = rng.choice(line)
                tall = unit * rng.uniform(0.035, 0.075) * (0.6 + depth_share)
                _round_tree(canvas, x, base + tall * 0.1, tall, darker(colour, 0.22))
    _flowers(canvas, horizon + depth * 0.56, plan)


def _round_tree(canvas: Canvas, x: float, base: float, tall: float, colour: Colour) -> None:
    canvas.box(x - tall * 0.04, base - tall * 0.5, x + tall * 0.04, base, darker(colour, 0.25))
    canvas.ellipse(x, base - tall * 0.66, tall * 0.3, tall * 0.36, colour)
    canvas.ellipse(x - tall * 0.07, base - tall * 0.74, tall * 0.18, tall * 0.2, lighter(colour, 0.1))


def _flowers(canvas: Canvas, top: float, plan: Plan) -> None:
    if canvas.mood.dark or plan.weather == "snow":
        return
    rng, unit = canvas.rng, canvas.unit
    tones: tuple[Colour, ...] = ((255, 236, 190), (246, 176, 170), (255, 214, 96), (236, 236, 255))
    for _ in range(70):
        near = rng.random()
        x, y = rng.uniform(0, canvas.width), top + (canvas.height - top) * near
        size = unit * (0.0016 + 0.0034 * near)
        canvas.ellipse(x, y, size, size, rng.choice(tones), 0.8)


def desert(canvas: Canvas, horizon: float) -> None:
    """Dunes with a shaded side."""
    unit, mood = canvas.unit, canvas.mood
    sand = mix((232, 176, 108), mood.sky[-1], 0.3)
    if mood.dark:
        sand = mix(sand, mood.near, 0.66)
    depth = canvas.height - horizon
    for share, y in ((0.1, 0.0), (0.3, 0.18), (0.5, 0.4), (0.7, 0.66)):
        colour = mix(mix(mood.haze, sand, 0.5 + share * 0.5), mood.near, share * 0.5)
        line = rolling(canvas, horizon + depth * y, unit * 0.055, colour, bumps=0.8)
        crest = max(range(8, 57), key=lambda i: -line[i][1])
        shade = line[crest : min(64, crest + 22)]
        start, end = shade[0], shade[-1]
        belly = ((start[0] * 2 + end[0]) / 3, max(start[1], end[1]) + unit * 0.07)
        canvas.polygon([*shade, *smooth([end, belly, start], closed=False)], darker(colour, 0.2), 0.75)


def cratered(canvas: Canvas, horizon: float) -> None:
    """The bare ground of another planet."""
    rng, unit = canvas.rng, canvas.unit
    colour = mix(canvas.mood.haze, (196, 110, 92), 0.45)
    depth = canvas.height - horizon
    for share, y in ((0.2, 0.05), (0.5, 0.3), (0.75, 0.6)):
        tone = mix(colour, canvas.mood.near, share)
        rolling(canvas, horizon + depth * y, unit * 0.03, tone, bumps=1.0)
        for _ in range(6):
            x, cy = rng.uniform(0, canvas.width), horizon + depth * (y + rng.uniform(0.12, 0.26))
            rx = unit * rng.uniform(0.012, 0.05) * (0.5 + share)
            canvas.ellipse(x, cy, rx, rx * 0.3, darker(tone, 0.28))
            canvas.ellipse(x, cy + rx * 0.06, rx * 0.9, rx * 0.22, darker(tone, 0.42))
