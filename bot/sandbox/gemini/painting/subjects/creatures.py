"""A robot, a fish, a flock of birds."""

from __future__ import annotations

import math

from bot.sandbox.gemini.painting.canvas import Canvas, smooth
from bot.sandbox.gemini.painting.colours import BLACK, WHITE, Colour, darker, lighter
from bot.sandbox.gemini.painting.subjects.light import flat, lit, shadow


def robot(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A friendly robot that waves."""
    metal = lit(canvas, colour)
    dark, light, lamp = darker(metal, 0.35), lighter(metal, 0.25), (255, 206, 96)
    shadow(canvas, x, y, tall * 0.32)

    def block(px: float, py: float, wide: float, high: float, tone: Colour, round_share: float = 0.3) -> None:
        box = (x + (px - wide / 2) * tall, y - (py + high) * tall, x + (px + wide / 2) * tall, y - py * tall)
        canvas.draw.rounded_rectangle(box, min(wide, high) * tall * round_share, fill=tone)

    for side in (-1, 1):
        block(side * 0.11, 0.04, 0.09, 0.22, dark)
        block(side * 0.12, 0.0, 0.15, 0.07, metal, 0.5)
    canvas.line(flat(x, y, tall, ((-0.22, 0.54), (-0.33, 0.4), (-0.32, 0.28))), tall * 0.06, dark)
    canvas.ellipse(x - tall * 0.32, y - tall * 0.26, tall * 0.05, tall * 0.05, light)
    canvas.line(flat(x, y, tall, ((0.22, 0.54), (0.36, 0.6), (0.38, 0.74))), tall * 0.06, dark)
    canvas.ellipse(x + tall * 0.38, y - tall * 0.77, tall * 0.05, tall * 0.05, light)
    block(0.0, 0.22, 0.46, 0.38, metal, 0.2)
    block(0.12, 0.22, 0.22, 0.38, darker(metal, 0.1), 0.35)
    block(0.0, 0.3, 0.24, 0.2, dark, 0.2)
    for index, tone in enumerate(((232, 92, 84), lamp, (110, 206, 140))):
        canvas.ellipse(x + (index - 1) * tall * 0.065, y - tall * 0.44, tall * 0.022, tall * 0.022, tone)
    canvas.line(
        flat(x, y, tall, ((-0.08, 0.35), (-0.03, 0.39), (0.02, 0.34), (0.08, 0.38))), tall * 0.012, lamp
    )
    block(0.0, 0.59, 0.12, 0.05, dark)
    block(0.0, 0.63, 0.4, 0.27, light, 0.3)
    block(0.0, 0.67, 0.32, 0.18, darker(dark, 0.4), 0.35)
    for side in (-1, 1):
        canvas.glow(x + side * tall * 0.075, y - tall * 0.77, tall * 0.11, lamp, 0.7)
        canvas.ellipse(x + side * tall * 0.075, y - tall * 0.77, tall * 0.036, tall * 0.042, lamp)
    smile = [
        (x + math.cos(a) * tall * 0.06, y - tall * 0.72 + math.sin(a) * tall * 0.03)
        for a in (math.pi * i / 12 for i in range(13))
    ]
    canvas.line(smile, tall * 0.01, lamp)
    canvas.line(flat(x, y, tall, ((0.0, 0.9), (0.0, 0.97))), tall * 0.016, dark)
    canvas.ellipse(x, y - tall * 0.985, tall * 0.026, tall * 0.026, (232, 92, 84))


def fish(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A leaping fish with drops of water."""
    scales = lit(canvas, colour)
    rng = canvas.rng
    body = (
        (-0.62, 0.42),
        (-0.34, 0.72),
        (0.08, 0.8),
        (0.42, 0.64),
        (0.58, 0.4),
        (0.34, 0.34),
        (0.0, 0.36),
        (-0.34, 0.3),
    )
    tail = ((0.5, 0.44), (0.78, 0.52), (0.9, 0.4), (0.74, 0.26), (0.78, 0.04), (0.6, 0.08), (0.5, 0.34))
    canvas.polygon(smooth(flat(x, y, tall, tail)), darker(scales, 0.2))
    canvas.polygon(
        smooth(flat(x, y, tall, ((-0.1, 0.76), (0.0, 1.0), (0.26, 0.92), (0.3, 0.7)))),
        darker(scales, 0.25),
    )
    canvas.polygon(smooth(flat(x, y, tall, body)), scales)
    belly = ((-0.6, 0.42), (-0.3, 0.42), (0.1, 0.46), (0.5, 0.42), (0.3, 0.34), (0.0, 0.36), (-0.34, 0.3))
    canvas.polygon(smooth(flat(x, y, tall, belly)), lighter(scales, 0.5))
    for px in (-0.16, 0.04, 0.24):
        arc = smooth(flat(x, y, tall, ((px, 0.72), (px + 0.07, 0.58), (px, 0.46))), closed=False)
        canvas.line(arc, tall * 0.02, darker(scales, 0.25), 0.7)
    canvas.polygon(
        smooth(flat(x, y, tall, ((-0.16, 0.44), (0.04, 0.28), (0.12, 0.2), (0.02, 0.44)))),
        darker(scales, 0.2),
    )
    canvas.ellipse(x - tall * 0.41, y - tall * 0.52, tall * 0.05, tall * 0.05, WHITE)
    canvas.ellipse(x - tall * 0.42, y - tall * 0.52, tall * 0.027, tall * 0.027, BLACK)
    for _ in range(22):
        angle, far = rng.uniform(0.1, math.pi - 0.1), rng.uniform(0.3, 0.8)
        size = tall * rng.uniform(0.008, 0.022)
        canvas.ellipse(
            x + math.cos(angle) * far * tall, y - math.sin(angle) * far * tall * 0.34, size, size, WHITE, 0.75
        )
    for ring in range(3):
        canvas.ellipse(x, y + tall * 0.03 * ring, tall * (0.8 - 0.16 * ring), tall * 0.03, WHITE, 0.2)


def birds(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A loose flock in flight."""
    rng = canvas.rng
    tone = lit(canvas, colour)
    for index in range(7):
        size = tall * rng.uniform(0.1, 0.17) * (1.5 if index == 0 else 1.0)
        bx = x + (0 if index == 0 else rng.uniform(-1.0, 1.0) * tall)
        by = y - tall * (0.55 if index == 0 else rng.uniform(0.1, 1.0))
        lift = rng.uniform(0.3, 0.6)
        for side in (-1, 1):
            wing = [
                (bx, by),
                (bx + side * size * 0.5, by - size * lift),
                (bx + side * size * 1.15, by - size * lift * 0.5),
                (bx + side * size * 0.5, by - size * lift * 0.55),
                (bx, by + size * 0.16),
            ]
            canvas.polygon(smooth(wing, steps=5), tone)
        canvas.ellipse(bx, by + size * 0.02, size * 0.16, size * 0.1, tone)
