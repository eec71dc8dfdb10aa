"""A planet, and the sculptures that stand where a prompt names nothing that is known here."""

from __future__ import annotations

import math

from bot.sandbox.gemini.painting.canvas import Canvas, smooth
from bot.sandbox.gemini.painting.colours import WHITE, Colour, darker, lighter, mix


def planet(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A banded planet with rings."""
    radius, middle = tall * 0.34, y - tall * 0.5
    tone = mix(colour, canvas.mood.sky[1], 0.12)
    canvas.glow(x, middle, radius * 1.7, tone, 0.6)
    _ring(canvas, x, middle, radius, tone, front=False)
    canvas.ellipse(x, middle, radius, radius, tone)
    for level, share in ((-0.5, 0.16), (-0.1, 0.26), (0.3, 0.14), (0.6, 0.3)):
        half = radius * math.sqrt(1 - level**2)
        canvas.ellipse(x, middle + level * radius, half, radius * 0.07, darker(tone, share), 0.8)
    for step in range(14):
        turn = 0.1 + step * 0.05
        canvas.ellipse(
            x + radius * turn * 0.45,
            middle + radius * turn * 0.2,
            radius * (1 - turn * 0.5),
            radius * (1 - turn * 0.28),
            tone,
            0.03,
        )
    canvas.glow(x - radius * 0.4, middle - radius * 0.4, radius * 0.9, WHITE, 0.3)
    _ring(canvas, x, middle, radius, tone, front=True)


def _ring(canvas: Canvas, x: float, y: float, radius: float, tone: Colour, *, front: bool) -> None:
    start, end = (0.0, math.pi) if front else (math.pi, math.tau)
    for reach, share in ((1.9, 0.3), (1.72, 0.5), (1.56, 0.4)):
        arc = [
            (
                x + math.cos(a) * radius * reach,
                y + math.sin(a) * radius * reach * 0.27 + math.cos(a) * radius * -0.22,
            )
            for a in (start + (end - start) * i / 60 for i in range(61))
        ]
        canvas.line(arc, radius * 0.07, lighter(tone, share), 0.85)


def arch(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A doorway of nested arches, one colour inside the next."""
    stops = (
        darker(colour, 0.2),
        colour,
        lighter(colour, 0.28),
        mix(colour, canvas.mood.light, 0.6),
        canvas.mood.light,
    )
    canvas.ellipse(x, y, tall * 0.5, tall * 0.035, darker(canvas.mood.near, 0.3), 0.5)
    for index, tone in enumerate(stops):
        half = tall * (0.4 - 0.075 * index)
        spring = y - tall + tall * 0.075 * index + half
        canvas.box(x - half, spring, x + half, y, tone)
        canvas.ellipse(x, spring, half, half, tone)


def discs(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A tower of balanced stones."""
    rng = canvas.rng
    top, wide = y, tall * 0.34
    canvas.ellipse(x, y, wide * 1.15, tall * 0.035, darker(canvas.mood.near, 0.3), 0.5)
    tones = (
        colour,
        mix(colour, canvas.mood.light, 0.5),
        darker(colour, 0.25),
        mix(colour, canvas.mood.haze, 0.55),
        lighter(colour, 0.35),
    )
    for index in range(5):
        high = tall * (0.13 - 0.012 * index)
        cx = x + rng.uniform(-0.12, 0.12) * wide
        tone = tones[index]
        outline = smooth(
            [
                (cx - wide, top - high),
                (cx - wide * 0.7, top - high * 1.85),
                (cx + wide * 0.1, top - high * 2.05),
                (cx + wide * 0.75, top - high * 1.8),
                (cx + wide, top - high * 0.9),
                (cx + wide * 0.6, top - high * 0.1),
                (cx - wide * 0.6, top),
            ]
        )
        canvas.polygon(outline, tone)
        canvas.ellipse(cx - wide * 0.3, top - high * 1.5, wide * 0.4, high * 0.24, lighter(tone, 0.3), 0.5)
        top -= high * 1.86
        wide *= 0.78


def totem(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A sculpture of a circle, a half circle and a triangle, one upon the other."""
    light, dark = mix(colour, canvas.mood.light, 0.6), darker(colour, 0.3)
    canvas.ellipse(x, y, tall * 0.3, tall * 0.03, darker(canvas.mood.near, 0.3), 0.5)
    canvas.polygon([(x - tall * 0.24, y), (x + tall * 0.24, y), (x, y - tall * 0.42)], dark)
    canvas.polygon([(x + tall * 0.05, y), (x + tall * 0.24, y), (x, y - tall * 0.42)], darker(dark, 0.25))
    canvas.draw.pieslice(
        (x - tall * 0.27, y - tall * 0.62, x + tall * 0.27, y - tall * 0.08), 180, 360, fill=colour
    )
    canvas.ellipse(x, y - tall * 0.79, tall * 0.2, tall * 0.2, light)
    canvas.draw.pieslice(
        (x - tall * 0.2, y - tall * 0.99, x + tall * 0.2, y - tall * 0.59),
        -70,
        110,
        fill=mix(light, colour, 0.4),
    )
    canvas.ellipse(x, y - tall * 0.79, tall * 0.07, tall * 0.07, dark)
