"""Skylines and streets."""

from __future__ import annotations

from bot.sandbox.gemini.painting.canvas import Canvas
from bot.sandbox.gemini.painting.colours import Colour, darker, lighter
from bot.sandbox.gemini.painting.scenery.relief import distant


def skyline(canvas: Canvas, horizon: float) -> None:
    """A far town along the horizon."""
    for depth, height in ((0.14, 0.34), (0.34, 0.26)):
        _buildings(canvas, horizon + canvas.unit * 0.01, canvas.unit * height, distant(canvas, depth), depth)


def city(canvas: Canvas, horizon: float) -> None:
    """Three rows of towers above a wet street."""
    unit = canvas.unit
    depth = canvas.height - horizon
    for share, y, tall in ((0.14, 0.0, 0.42), (0.38, 0.2, 0.44), (0.66, 0.52, 0.46)):
        _buildings(canvas, horizon + depth * (y + 0.12), unit * tall, distant(canvas, share), share)
        canvas.gradient_haze(horizon + depth * (y + 0.1), unit * 0.2, canvas.mood.haze, 0.34 * (1 - share))
    street = horizon + depth * 0.64
    canvas.gradient((distant(canvas, 0.8), darker(canvas.mood.near, 0.25)), street, canvas.height)
    for _ in range(60):
        x, near = canvas.rng.uniform(0, canvas.width), canvas.rng.random()
        y = street + (canvas.height - street) * near
        canvas.ellipse(x, y, unit * (0.01 + 0.03 * near), unit * 0.0022, canvas.mood.light, 0.24)


def _buildings(canvas: Canvas, base: float, tall: float, colour: Colour, depth: float) -> None:
    """A row of towers from edge to edge; windows are lit where the mood is dark or dim."""
    rng, unit = canvas.rng, canvas.unit
    x = -unit * rng.uniform(0, 0.08)
    lit = canvas.mood.dark or canvas.mood.sky[0][2] < 150
    while x < canvas.width:
        wide = unit * rng.uniform(0.05, 0.12) * (0.7 + depth)
        high = tall * rng.uniform(0.42, 1.0)
        tone = lighter(colour, rng.uniform(0, 0.06))
        canvas.box(x, base - high, x + wide, base, tone)
        canvas.box(x + wide * 0.72, base - high, x + wide, base, darker(tone, 0.16))
        _roof(canvas, x, base - high, wide, tone)
        if depth > 0.2:
            _windows(
                canvas, (x, base - high, wide * 0.72, high), tone, lit=lit, step=unit * 0.02 * (0.6 + depth)
            )
        x += wide * rng.uniform(0.92, 1.12)


def _roof(canvas: Canvas, x: float, y: float, wide: float, colour: Colour) -> None:
    kind = canvas.rng.random()
    if kind < 0.22:
        canvas.line([(x + wide * 0.5, y), (x + wide * 0.5, y - wide * 0.7)], wide * 0.05, colour)
    elif kind < 0.42:
        canvas.box(x + wide * 0.2, y - wide * 0.28, x + wide * 0.64, y, colour)
    elif kind < 0.56:
        canvas.polygon([(x, y), (x + wide, y), (x + wide * 0.5, y - wide * 0.5)], colour)


def _windows(
    canvas: Canvas, area: tuple[float, float, float, float], colour: Colour, *, lit: bool, step: float
) -> None:
    x, y, wide, high = area
    rng = canvas.rng
    columns, rows = int(wide / step), int(high / (step * 1.35))
    warm: tuple[Colour, ...] = ((255, 214, 130), (255, 232, 170), (250, 188, 104))
    for row in range(rows):
        for column in range(columns):
            if rng.random() < (0.45 if lit else 0.6):
                left, top = x + (column + 0.35) * step, y + (row + 0.5) * step * 1.35
                tone = rng.choice(warm) if lit else lighter(colour, 0.22)
                canvas.box(left, top, left + step * 0.42, top + step * 0.68, tone, 0.92 if lit else 0.7)
