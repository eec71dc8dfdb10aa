"""A lighthouse, a house, a castle."""

from __future__ import annotations

from bot.sandbox.gemini.painting.canvas import Canvas, Point
from bot.sandbox.gemini.painting.colours import WHITE, Colour, darker, lighter, mix
from bot.sandbox.gemini.painting.subjects.light import lamp, lit, window


def lighthouse(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A striped tower with a gallery, a lantern and two beams, on rocks."""
    wide, white = tall * 0.2, lit(canvas, (246, 240, 228))
    colour = lit(canvas, colour)
    lamp_y = y - tall * 0.885
    far = canvas.width + tall  # the beams leave the picture
    for slope, alpha in ((0.14, 0.09), (0.09, 0.11), (0.045, 0.14)):
        for side in (-1, 1):
            beam = [
                (x, lamp_y),
                (x + side * far, lamp_y - far * slope),
                (x + side * far, lamp_y + far * slope * 0.5),
            ]
            canvas.polygon(beam, (255, 240, 190), alpha if canvas.mood.dark else alpha * 0.8)
    _rocks(canvas, x, y, tall)

    def half(share: float) -> float:
        return wide * (0.5 - 0.19 * share)

    bands = 7
    for band in range(bands):
        low, high = band / bands, (band + 1) / bands
        tone = colour if band % 2 == 0 else white
        y0, y1 = y - tall * 0.78 * low, y - tall * 0.78 * high
        canvas.polygon(
            [(x - half(low), y0), (x + half(low), y0), (x + half(high), y1), (x - half(high), y1)], tone
        )
        canvas.polygon(
            [
                (x + half(low) * 0.25, y0),
                (x + half(low), y0),
                (x + half(high), y1),
                (x + half(high) * 0.25, y1),
            ],
            darker(tone, 0.35),
            0.45,
        )
    dark = darker(canvas.mood.near, 0.2)
    top = y - tall * 0.78
    canvas.box(x - wide * 0.42, top - tall * 0.016, x + wide * 0.42, top + tall * 0.008, dark)
    for post in range(-3, 4):
        canvas.box(x + post * wide * 0.135 - 1, top - tall * 0.06, x + post * wide * 0.135 + 1, top, dark)
    canvas.box(x - wide * 0.42, top - tall * 0.062, x + wide * 0.42, top - tall * 0.054, dark)
    canvas.box(x - wide * 0.24, y - tall * 0.93, x + wide * 0.24, top - tall * 0.012, (255, 236, 170))
    for bar in (-0.24, 0.0, 0.24):
        canvas.box(x + bar * wide - 1, y - tall * 0.93, x + bar * wide + 2, top, dark)
    canvas.polygon(
        [(x - wide * 0.36, y - tall * 0.925), (x + wide * 0.36, y - tall * 0.925), (x, y - tall)], colour
    )
    canvas.ellipse(x, y - tall, wide * 0.05, wide * 0.05, dark)
    canvas.glow(x, lamp_y, tall * 0.24, (255, 232, 170), 0.95)
    for share in (0.16, 0.42, 0.63):
        window(canvas, x - wide * 0.08, y - tall * 0.78 * share, wide * 0.1, tall * 0.045)
    canvas.box(x - wide * 0.11, y - tall * 0.075, x + wide * 0.06, y, dark)


def _rocks(canvas: Canvas, x: float, y: float, tall: float) -> None:
    """A headland that carries the tower and slopes into the water."""
    rng = canvas.rng
    for depth, wide, drop in ((0.5, 0.66, 0.0), (0.72, 0.6, 0.045), (0.9, 0.5, 0.085)):
        tone = mix(canvas.mood.haze, canvas.mood.near, depth)
        count = 18
        foot = y + tall * 0.15
        top: list[Point] = []
        for step in range(count + 1):
            share = step / count * 2 - 1
            rise = (1 - abs(share) ** 2.6) * (0.166 - drop) + rng.uniform(-0.008, 0.008) * (abs(share) < 0.95)
            top.append((x + share * wide * tall, foot - max(0.0, rise) * tall))
        canvas.polygon(top, tone)
        canvas.line(top[2:-2], tall * 0.005, lighter(tone, 0.2), 0.7)
    for _ in range(16):
        sx = x + rng.uniform(-0.62, 0.62) * tall
        canvas.ellipse(sx, y + tall * rng.uniform(0.12, 0.17), tall * 0.05, tall * 0.006, WHITE, 0.4)


def house(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """A cottage with a gabled roof, a chimney with smoke and lit windows."""
    wall, roof = lit(canvas, (238, 224, 200)), lit(canvas, colour)
    half = tall * 0.62
    canvas.ellipse(x, y, half * 1.3, tall * 0.05, darker(canvas.mood.near, 0.3), 0.5)
    for puff in range(6):
        share = puff / 5
        canvas.ellipse(
            x + half * (0.5 + share * 0.5),
            y - tall * (1.05 + share * 0.36),
            tall * (0.03 + 0.05 * share),
            tall * (0.025 + 0.035 * share),
            WHITE,
            0.34 - share * 0.24,
        )
    canvas.box(x + half * 0.4, y - tall * 1.0, x + half * 0.6, y - tall * 0.6, darker(roof, 0.3))
    canvas.box(x - half, y - tall * 0.52, x + half, y, wall)
    canvas.box(x + half * 0.42, y - tall * 0.52, x + half, y, darker(wall, 0.3), 0.5)
    canvas.polygon(
        [
            (x - half * 1.16, y - tall * 0.5),
            (x + half * 1.16, y - tall * 0.5),
            (x + half * 0.72, y - tall * 0.94),
            (x - half * 0.72, y - tall * 0.94),
        ],
        roof,
    )
    for row in range(1, 4):
        level, span = y - tall * (0.5 + 0.11 * row), half * (1.16 - 0.11 * row)
        canvas.line([(x - span, level), (x + span, level)], tall * 0.006, darker(roof, 0.25), 0.6)
    canvas.box(x - half * 0.14, y - tall * 0.33, x + half * 0.14, y, darker(roof, 0.35))
    canvas.ellipse(x + half * 0.08, y - tall * 0.15, tall * 0.01, tall * 0.01, (240, 200, 110))
    for side in (-0.58, 0.58):
        left, right = x + half * side - tall * 0.11, x + half * side + tall * 0.11
        canvas.box(left - 3, y - tall * 0.38, right + 3, y - tall * 0.15, darker(wall, 0.45))
        canvas.box(left, y - tall * 0.37, right, y - tall * 0.16, lamp(canvas))
        canvas.box(
            x + half * side - 2, y - tall * 0.37, x + half * side + 2, y - tall * 0.16, darker(wall, 0.45)
        )
        canvas.box(left, y - tall * 0.27, right, y - tall * 0.262, darker(wall, 0.45))
        if canvas.mood.dark:
            canvas.glow(x + half * side, y - tall * 0.26, tall * 0.3, (255, 210, 130), 0.5)


def castle(canvas: Canvas, x: float, y: float, tall: float, colour: Colour) -> None:
    """Walls with battlements and pointed towers with banners."""
    stone = lit(canvas, (206, 198, 196))
    towers = ((-0.52, 0.62, 0.13), (0.5, 0.68, 0.13), (-0.2, 0.82, 0.15), (0.2, 0.94, 0.16))
    for place, high, wide in towers:
        _tower(canvas, x + place * tall, y, tall * high, tall * wide, stone, lit(canvas, colour))
    canvas.box(x - tall * 0.56, y - tall * 0.3, x + tall * 0.56, y, lighter(stone, 0.06))
    for merlon in range(12):
        left = x - tall * 0.56 + merlon * tall * 0.0965
        canvas.box(left, y - tall * 0.35, left + tall * 0.055, y - tall * 0.29, lighter(stone, 0.06))
    dark = darker(canvas.mood.near, 0.15)
    canvas.box(x - tall * 0.08, y - tall * 0.14, x + tall * 0.08, y, dark)
    canvas.ellipse(x, y - tall * 0.14, tall * 0.08, tall * 0.08, dark)
    for place in (-0.36, 0.36):
        window(canvas, x + place * tall, y - tall * 0.12, tall * 0.04, tall * 0.07)


def _tower(canvas: Canvas, x: float, y: float, tall: float, wide: float, stone: Colour, roof: Colour) -> None:
    body = tall * 0.72
    canvas.box(x - wide / 2, y - body, x + wide / 2, y, stone)
    canvas.box(x + wide * 0.16, y - body, x + wide / 2, y, darker(stone, 0.22))
    canvas.box(x - wide * 0.6, y - body - wide * 0.2, x + wide * 0.6, y - body, darker(stone, 0.1))
    tip = y - tall
    canvas.polygon(
        [(x - wide * 0.64, y - body - wide * 0.18), (x + wide * 0.64, y - body - wide * 0.18), (x, tip)], roof
    )
    canvas.polygon(
        [(x + wide * 0.1, y - body - wide * 0.18), (x + wide * 0.64, y - body - wide * 0.18), (x, tip)],
        darker(roof, 0.22),
    )
    canvas.line([(x, tip), (x, tip - wide * 0.42)], wide * 0.035, darker(stone, 0.5))
    canvas.polygon(
        [(x, tip - wide * 0.42), (x + wide * 0.4, tip - wide * 0.33), (x, tip - wide * 0.22)],
        lighter(roof, 0.2),
    )
    window(canvas, x - wide * 0.04, y - body * 0.66, wide * 0.16, wide * 0.34)
