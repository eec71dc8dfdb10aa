"""A sailing boat, a hot-air balloon, a rocket."""

from __future__ import annotations

import math

from bot.sandbox.gemini.painting.canvas import Canvas, smooth
from bot.sandbox.gemini.painting.colours import WHITE, Colour, darker, lighter, mix
from bot.sandbox.gemini.painting.subjects.light import lit


def boat(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A sailing boat with two sails and its reflection."""
    hull, sail = lit(canvas, darker(colour, 0.1)), lit(canvas, (250, 244, 230))
    half, deck = tall * 0.4, y - tall * 0.12
    for row in range(9):
        wobble = math.sin(row * 1.9) * tall * 0.03
        canvas.ellipse(
            x + wobble,
            y + tall * (0.045 + 0.035 * row),
            half * (0.95 - 0.08 * row),
            tall * 0.008,
            mix(hull, sail, 0.4 if row < 3 else 0.8),
            0.42,
        )
    canvas.line([(x, deck), (x, y - tall)], tall * 0.014, darker(hull, 0.4))
    main = smooth(
        [
            (x + tall * 0.015, y - tall * 0.97),
            (x + tall * 0.27, y - tall * 0.5),
            (x + tall * 0.36, deck - tall * 0.05),
        ],
        closed=False,
    )
    canvas.polygon([*main, (x + tall * 0.015, deck - tall * 0.05)], sail)
    jib = smooth(
        [
            (x - tall * 0.015, y - tall * 0.88),
            (x - tall * 0.17, y - tall * 0.46),
            (x - tall * 0.33, deck - tall * 0.05),
        ],
        closed=False,
    )
    canvas.polygon([*jib, (x - tall * 0.015, deck - tall * 0.08)], darker(sail, 0.14))
    canvas.polygon(
        [(x, y - tall), (x + tall * 0.1, y - tall * 0.975), (x, y - tall * 0.95)], lit(canvas, colour)
    )
    shell = smooth(
        [
            (x - half, deck),
            (x - half * 0.72, y - tall * 0.01),
            (x, y + tall * 0.03),
            (x + half * 0.7, y),
            (x + half * 1.08, deck - tall * 0.02),
        ],
        closed=False,
    )
    canvas.polygon(shell, hull)
    canvas.line([(x - half, deck), (x + half * 1.08, deck - tall * 0.02)], tall * 0.02, lighter(hull, 0.45))


def balloon(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A hot-air balloon with gores in two colours and a basket."""
    colour, other = lit(canvas, colour), lit(canvas, (250, 232, 196))
    radius, middle = tall * 0.36, y - tall * 0.62
    gores = 7
    for gore in range(gores):
        share = 1 - 2 * gore / gores
        half = radius * max(0.05, share)
        tone = darker(colour if gore % 2 == 0 else other, 0.05)
        outline = [
            (x - half, middle),
            (x - half * 0.72, middle - radius * 0.76),
            (x, middle - radius * 1.05),
            (x + half * 0.72, middle - radius * 0.76),
            (x + half, middle),
            (x + half * 0.66, middle + radius * 0.7),
            (x + half * 0.24, middle + radius * 1.22),
            (x - half * 0.24, middle + radius * 1.22),
            (x - half * 0.66, middle + radius * 0.7),
        ]
        canvas.polygon(smooth(outline), tone)
    canvas.glow(x - radius * 0.4, middle - radius * 0.4, radius * 0.8, WHITE, 0.3)
    rope = darker(colour, 0.6)
    for side in (-1, 1):
        canvas.line(
            [(x + side * radius * 0.2, middle + radius * 1.22), (x + side * tall * 0.05, y - tall * 0.09)],
            tall * 0.006,
            rope,
        )
    canvas.box(x - tall * 0.06, y - tall * 0.095, x + tall * 0.06, y, lit(canvas, (142, 96, 60)))
    canvas.box(x - tall * 0.068, y - tall * 0.1, x + tall * 0.068, y - tall * 0.08, lit(canvas, (98, 64, 44)))
    if canvas.mood.dark:
        canvas.glow(x, middle + radius * 0.8, radius, (255, 180, 90), 0.6)


def rocket(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A rocket in flight with a flame and a trail of smoke."""
    rng = canvas.rng
    body, accent = lit(canvas, (240, 240, 244)), lit(canvas, colour)
    base, half = y - tall * 0.24, tall * 0.12
    for _ in range(46):
        far = rng.random()
        canvas.ellipse(
            x + rng.gauss(0, 0.02 + 0.06 * far) * tall,
            y + tall * (0.0 + 0.62 * far),
            tall * (0.025 + 0.06 * far),
            tall * (0.025 + 0.055 * far),
            lighter(canvas.mood.haze, 0.5),
            0.3 - 0.2 * far,
        )
    canvas.glow(x, y - tall * 0.12, tall * 0.42, (255, 190, 90), 0.95)
    for wide, long, tone in (
        (0.085, 0.32, (255, 140, 50)),
        (0.055, 0.22, (255, 214, 100)),
        (0.028, 0.12, WHITE),
    ):
        canvas.polygon(
            smooth(
                [
                    (x - wide * tall, base),
                    (x - wide * tall * 0.8, base + long * tall * 0.5),
                    (x, base + long * tall),
                    (x + wide * tall * 0.8, base + long * tall * 0.5),
                    (x + wide * tall, base),
                ]
            ),
            tone,
        )
    for side in (-1, 1):
        canvas.polygon(
            [
                (x + side * half * 0.8, base - tall * 0.18),
                (x + side * half * 2.0, base + tall * 0.06),
                (x + side * half * 0.7, base),
            ],
            darker(accent, 0.12 if side < 0 else 0.3),
        )
    hull = smooth(
        [
            (x, y - tall),
            (x + half * 0.82, y - tall * 0.78),
            (x + half, y - tall * 0.52),
            (x + half * 0.72, base),
            (x - half * 0.72, base),
            (x - half, y - tall * 0.52),
            (x - half * 0.82, y - tall * 0.78),
        ]
    )
    canvas.polygon(hull, body)
    canvas.polygon([point for point in hull if point[0] >= x + half * 0.3], darker(body, 0.22))
    nose = [point for point in hull if point[1] <= y - tall * 0.78]
    canvas.polygon(nose, accent)
    canvas.box(x - half * 0.86, base - tall * 0.05, x + half * 0.86, base - tall * 0.02, accent)
    canvas.ellipse(x, y - tall * 0.6, half * 0.5, half * 0.5, darker(accent, 0.2))
    canvas.ellipse(x, y - tall * 0.6, half * 0.37, half * 0.37, (120, 196, 224))
    canvas.ellipse(x - half * 0.12, y - tall * 0.615, half * 0.12, half * 0.1, WHITE, 0.8)
