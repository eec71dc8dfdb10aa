"""A cat, a dog and a fox, sitting."""

from __future__ import annotations

from bot.sandbox.gemini.painting.canvas import Canvas, smooth
from bot.sandbox.gemini.painting.colours import WHITE, Colour, darker, lighter, luminance, mix
from bot.sandbox.gemini.painting.subjects.light import eyes, flat, lit, shadow


def cat(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A sitting cat that looks at the viewer, its tail around the paws."""
    fur = lit(canvas, colour)
    soft, dark = lighter(fur, 0.16), darker(fur, 0.25)
    shadow(canvas, x, y, tall * 0.42)
    tail = smooth(
        flat(x, y, tall, ((0.2, 0.05), (0.42, 0.05), (0.5, 0.2), (0.44, 0.36), (0.5, 0.46))), closed=False
    )
    canvas.line(tail, tall * 0.075, fur)
    for point in (tail[0], tail[-1]):
        canvas.ellipse(point[0], point[1], tall * 0.037, tall * 0.037, fur)
    body = (
        (0.0, 0.0),
        (-0.24, 0.0),
        (-0.285, 0.12),
        (-0.235, 0.32),
        (-0.15, 0.52),
        (-0.1, 0.66),
        (0.1, 0.66),
        (0.15, 0.52),
        (0.235, 0.32),
        (0.285, 0.12),
        (0.24, 0.0),
    )
    canvas.polygon(smooth(flat(x, y, tall, body)), fur)
    canvas.polygon(
        smooth(flat(x, y, tall, ((-0.08, 0.56), (-0.1, 0.34), (0.0, 0.2), (0.1, 0.34), (0.08, 0.56)))),
        soft,
    )
    for side in (-1, 1):
        leg = ((side * 0.035, 0.0), (side * 0.03, 0.3), (side * 0.13, 0.3), (side * 0.125, 0.0))
        canvas.polygon(smooth(flat(x, y, tall, leg)), mix(fur, soft, 0.35))
        canvas.ellipse(x + side * tall * 0.085, y - tall * 0.025, tall * 0.065, tall * 0.034, soft)
    canvas.line(flat(x, y, tall, ((0.0, 0.0), (0.0, 0.22))), tall * 0.008, dark)
    _cat_head(canvas, x, y - tall * 0.74, tall * 0.205, fur)


def _cat_head(canvas: Canvas, x: float, y: float, size: float, fur: Colour) -> None:
    soft, inner = lighter(fur, 0.18), (226, 146, 146)
    for side in (-1, 1):
        ear = [
            (x + side * size * 0.98, y - size * 0.1),
            (x + side * size * 0.86, y - size * 1.28),
            (x + side * size * 0.14, y - size * 0.74),
        ]
        canvas.polygon(ear, fur)
        inner_ear = [
            (x + side * size * 0.82, y - size * 0.5),
            (x + side * size * 0.77, y - size * 1.02),
            (x + side * size * 0.42, y - size * 0.72),
        ]
        canvas.polygon(inner_ear, mix(inner, fur, 0.3))
    outline = (
        (-1.02, -0.02),
        (-0.8, -0.62),
        (-0.3, -0.84),
        (0.3, -0.84),
        (0.8, -0.62),
        (1.02, -0.02),
        (0.84, 0.5),
        (0.36, 0.78),
        (0.0, 0.84),
        (-0.36, 0.78),
        (-0.84, 0.5),
    )
    canvas.polygon(smooth([(x + px * size, y + py * size) for px, py in outline]), fur)
    for side in (-1, 1):
        canvas.ellipse(x + side * size * 0.22, y + size * 0.44, size * 0.27, size * 0.21, soft)
    for stripe in (-0.24, 0.0, 0.24):
        canvas.line(
            [(x + stripe * size, y - size * 0.78), (x + stripe * size * 0.8, y - size * 0.46)],
            size * 0.07,
            darker(fur, 0.3),
        )
    iris = (226, 190, 70) if luminance(fur) < 110 else (98, 168, 120)
    eyes(canvas, x, y - size * 0.02, size * 0.45, size * 0.22, iris, slit=True)
    canvas.polygon(
        [(x - size * 0.1, y + size * 0.26), (x + size * 0.1, y + size * 0.26), (x, y + size * 0.38)], inner
    )
    for side in (-1, 1):
        mouth = smooth(
            [
                (x, y + size * 0.38),
                (x + side * size * 0.06, y + size * 0.5),
                (x + side * size * 0.24, y + size * 0.5),
            ],
            closed=False,
        )
        canvas.line(mouth, size * 0.035, darker(fur, 0.5))
        for lift in (-0.1, 0.06, 0.2):
            start, end = (
                (x + side * size * 0.36, y + size * 0.42),
                (x + side * size * 1.36, y + size * (0.36 + lift)),
            )
            canvas.line([start, end], size * 0.022, lighter(fur, 0.6), 0.85)


def dog(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A sitting dog with hanging ears and its tongue out."""
    _canine(canvas, x, y, tall, lit(canvas, colour), pointed=False)


def fox(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A sitting fox with a white-tipped tail."""
    _canine(canvas, x, y, tall, lit(canvas, colour), pointed=True)


def _canine(canvas: Canvas, x: float, y: float, tall: float, fur: Colour, *, pointed: bool) -> None:
    cream = mix(lit(canvas, (250, 240, 224)), fur, 0.1)
    shadow(canvas, x, y, tall * 0.42)
    if pointed:
        brush = (
            (0.18, 0.03),
            (0.4, 0.02),
            (0.56, 0.16),
            (0.56, 0.36),
            (0.48, 0.5),
            (0.4, 0.34),
            (0.34, 0.2),
            (0.2, 0.16),
        )
        canvas.polygon(smooth(flat(x, y, tall, brush)), fur)
        canvas.polygon(
            smooth(flat(x, y, tall, ((0.57, 0.34), (0.48, 0.51), (0.41, 0.36), (0.49, 0.38)))), cream
        )
    else:
        tail = smooth(flat(x, y, tall, ((0.2, 0.1), (0.36, 0.14), (0.42, 0.28), (0.38, 0.4))), closed=False)
        canvas.line(tail, tall * 0.06, fur)
        canvas.ellipse(*tail[-1], tall * 0.03, tall * 0.03, fur)
    body = (
        (0.0, 0.0),
        (-0.23, 0.0),
        (-0.27, 0.14),
        (-0.2, 0.36),
        (-0.15, 0.54),
        (-0.1, 0.66),
        (0.1, 0.66),
        (0.15, 0.54),
        (0.2, 0.36),
        (0.27, 0.14),
        (0.23, 0.0),
    )
    canvas.polygon(smooth(flat(x, y, tall, body)), fur)
    canvas.polygon(
        smooth(flat(x, y, tall, ((-0.09, 0.6), (-0.11, 0.4), (0.0, 0.22), (0.11, 0.4), (0.09, 0.6)))),
        cream,
    )
    paw = darker(fur, 0.55) if pointed else cream
    for side in (-1, 1):
        leg = ((side * 0.03, 0.0), (side * 0.03, 0.32), (side * 0.12, 0.32), (side * 0.12, 0.0))
        canvas.polygon(smooth(flat(x, y, tall, leg)), lighter(fur, 0.06))
        canvas.ellipse(x + side * tall * 0.08, y - tall * 0.03, tall * 0.062, tall * 0.036, paw)
    _canine_head(canvas, x, y - tall * 0.74, tall * 0.2, fur, cream, pointed=pointed)


def _canine_head(
    canvas: Canvas, x: float, y: float, size: float, fur: Colour, cream: Colour, *, pointed: bool
) -> None:
    dark = darker(fur, 0.35)
    if pointed:
        for side in (-1, 1):
            canvas.polygon(
                [
                    (x + side * size * 1.0, y - size * 0.1),
                    (x + side * size * 0.86, y - size * 1.34),
                    (x + side * size * 0.16, y - size * 0.68),
                ],
                fur,
            )
            canvas.polygon(
                [
                    (x + side * size * 0.84, y - size * 0.48),
                    (x + side * size * 0.78, y - size * 1.06),
                    (x + side * size * 0.42, y - size * 0.68),
                ],
                dark,
            )
        face = (
            (-1.14, 0.16),
            (-0.86, -0.5),
            (-0.3, -0.8),
            (0.3, -0.8),
            (0.86, -0.5),
            (1.14, 0.16),
            (0.5, 0.56),
            (0.0, 1.0),
            (-0.5, 0.56),
        )
    else:
        face = (
            (-0.86, 0.0),
            (-0.74, -0.6),
            (-0.3, -0.84),
            (0.3, -0.84),
            (0.74, -0.6),
            (0.86, 0.0),
            (0.66, 0.6),
            (0.0, 0.92),
            (-0.66, 0.6),
        )
    canvas.polygon(smooth([(x + px * size, y + py * size) for px, py in face]), fur)
    for side in (-1, 1):
        if pointed:
            cheek = ((1.1, 0.18), (0.62, 0.08), (0.2, 0.5), (0.0, 0.96), (0.5, 0.54))
            canvas.polygon(smooth([(x + side * px * size, y + py * size) for px, py in cheek]), cream)
        else:
            ear = ((0.6, -0.72), (0.98, -0.56), (1.16, 0.1), (0.98, 0.56), (0.74, 0.2))
            canvas.polygon(smooth([(x + side * px * size, y + py * size) for px, py in ear]), dark)
    if not pointed:
        canvas.ellipse(x, y + size * 0.5, size * 0.5, size * 0.42, cream)
        canvas.polygon(
            smooth(
                [
                    (x - size * 0.14, y + size * 0.74),
                    (x - size * 0.15, y + size * 1.06),
                    (x, y + size * 1.16),
                    (x + size * 0.15, y + size * 1.06),
                    (x + size * 0.14, y + size * 0.74),
                ]
            ),
            (230, 110, 120),
        )
        canvas.line(
            [(x - size * 0.26, y + size * 0.66), (x, y + size * 0.76), (x + size * 0.26, y + size * 0.66)],
            size * 0.05,
            darker(fur, 0.6),
        )
    eyes(canvas, x, y - size * 0.08, size * 0.42, size * 0.145, (92, 58, 34), slit=False)
    nose = y + size * (0.86 if pointed else 0.34)
    canvas.ellipse(x, nose, size * 0.17, size * 0.13, (36, 30, 36))
    canvas.ellipse(x - size * 0.05, nose - size * 0.05, size * 0.05, size * 0.03, WHITE, 0.7)
