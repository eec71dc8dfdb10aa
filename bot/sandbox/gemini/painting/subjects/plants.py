"""A tree, flowers, toadstools."""

from __future__ import annotations

import math

from bot.sandbox.gemini.painting.canvas import Canvas, smooth
from bot.sandbox.gemini.painting.colours import WHITE, Colour, darker, lighter
from bot.sandbox.gemini.painting.subjects.light import lit


def tree(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A broad tree with a forked trunk and a crown of many leaves in three tones."""
    rng = canvas.rng
    bark = lit(canvas, (92, 64, 54))
    canvas.ellipse(x, y, tall * 0.34, tall * 0.03, darker(canvas.mood.near, 0.3), 0.5)
    canvas.polygon(
        [
            (x - tall * 0.065, y),
            (x - tall * 0.028, y - tall * 0.45),
            (x + tall * 0.028, y - tall * 0.45),
            (x + tall * 0.07, y),
        ],
        bark,
    )
    for dx, dy in ((-0.24, -0.62), (0.22, -0.66), (-0.06, -0.74)):
        canvas.line([(x, y - tall * 0.36), (x + tall * dx, y + tall * dy)], tall * 0.03, bark)
    leaves = lit(canvas, colour)
    for tone, spread, size in (
        (darker(leaves, 0.24), 1.0, 0.13),
        (leaves, 0.92, 0.11),
        (lighter(leaves, 0.16), 0.74, 0.075),
    ):
        for _ in range(26):
            angle, far = rng.uniform(0, math.tau), math.sqrt(rng.random()) * spread
            shift = -0.03 if tone[0] > leaves[0] else 0.0
            canvas.ellipse(
                x + math.cos(angle) * far * tall * 0.34 + shift * tall,
                y - tall * (0.66 - shift) + math.sin(angle) * far * tall * 0.22,
                tall * size * rng.uniform(0.7, 1.1),
                tall * size * rng.uniform(0.6, 0.95),
                tone,
            )


def flower(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """Three large flowers on curved stems."""
    rng = canvas.rng
    stem = lit(canvas, (62, 128, 74))
    for dx, high, size in ((-0.34, 0.66, 0.15), (0.32, 0.76, 0.16), (0.0, 1.0, 0.2)):
        top = (x + dx * tall, y - tall * (high - size))
        curve = smooth(
            [(x + dx * tall * 0.3, y), (x + dx * tall * 0.6, y - tall * high * 0.4), top], closed=False
        )
        canvas.line(curve, tall * 0.018, stem)
        for side in (-1, 1):
            root = curve[len(curve) // 2]
            canvas.polygon(
                smooth(
                    [
                        root,
                        (root[0] + side * tall * 0.1, root[1] - tall * 0.07),
                        (root[0] + side * tall * 0.17, root[1] - tall * 0.03),
                        (root[0] + side * tall * 0.09, root[1] + tall * 0.01),
                    ]
                ),
                lighter(stem, 0.06 * side),
            )
        petal, turn = lit(canvas, colour), rng.uniform(0, 1)
        for ring, (reach, tone) in enumerate(
            ((1.0, darker(petal, 0.16)), (0.74, petal), (0.5, lighter(petal, 0.22)))
        ):
            for leaf in range(9):
                angle = (leaf + turn + ring * 0.5) / 9 * math.tau
                cx, cy = (
                    top[0] + math.cos(angle) * size * tall * 0.55 * reach,
                    top[1] + math.sin(angle) * size * tall * 0.55 * reach,
                )
                canvas.ellipse(cx, cy, size * tall * 0.34 * reach, size * tall * 0.34 * reach, tone)
        canvas.ellipse(top[0], top[1], size * tall * 0.26, size * tall * 0.26, lit(canvas, (240, 186, 70)))


def mushroom(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A big toadstool with a small one beside it."""
    for dx, scale in ((0.52, 0.46), (0.0, 1.0)):
        cx, high = x + dx * tall, tall * scale
        stalk, cap = lit(canvas, (244, 232, 210)), lit(canvas, colour)
        canvas.ellipse(cx, y, high * 0.3, high * 0.035, darker(canvas.mood.near, 0.3), 0.5)
        canvas.polygon(
            smooth(
                [
                    (cx - high * 0.12, y),
                    (cx - high * 0.09, y - high * 0.4),
                    (cx - high * 0.1, y - high * 0.62),
                    (cx + high * 0.1, y - high * 0.62),
                    (cx + high * 0.09, y - high * 0.4),
                    (cx + high * 0.13, y),
                ]
            ),
            stalk,
        )
        canvas.ellipse(cx, y - high * 0.56, high * 0.36, high * 0.07, darker(stalk, 0.26))
        dome = smooth(
            [
                (cx - high * 0.46, y - high * 0.56),
                (cx - high * 0.36, y - high * 0.84),
                (cx, y - high),
                (cx + high * 0.36, y - high * 0.84),
                (cx + high * 0.46, y - high * 0.56),
                (cx, y - high * 0.53),
            ]
        )
        canvas.polygon(dome, cap)
        canvas.glow(cx - high * 0.16, y - high * 0.82, high * 0.26, WHITE, 0.35)
        for px, py, size in (
            (-0.24, 0.72, 0.055),
            (-0.02, 0.84, 0.07),
            (0.22, 0.74, 0.05),
            (0.02, 0.64, 0.045),
            (0.34, 0.62, 0.03),
        ):
            canvas.ellipse(cx + px * high, y - py * high, size * high, size * high * 0.8, lighter(stalk, 0.4))
