"""The sea, with the light and the shore in it."""

from __future__ import annotations

from PIL import Image, ImageFilter, ImageOps

from bot.sandbox.gemini.painting.canvas import Canvas, Point
from bot.sandbox.gemini.painting.colours import darker, lighter, mix


def sea(canvas: Canvas, light: Point, horizon: float) -> None:
    """Water down to the bottom edge, with waves and the glitter of the light."""
    rng, unit, mood = canvas.rng, canvas.unit, canvas.mood
    deep = mix(mood.near, (18, 70, 104), 0.4 if not mood.dark else 0.15)
    canvas.gradient(
        (mix(mood.sky[-1], mood.sky[-2], 0.6), mix(mood.sky[1], deep, 0.4), deep), horizon, canvas.height
    )
    depth = canvas.height - horizon
    _reflection(canvas, horizon)
    for _ in range(150):
        near = rng.random() ** 1.5
        y = horizon + depth * near
        x, half = rng.uniform(0, canvas.width), unit * (0.012 + 0.09 * near) * rng.uniform(0.5, 1.2)
        tone = lighter(mood.sky[-2], 0.18) if rng.random() < 0.5 else darker(deep, 0.2)
        canvas.ellipse(x, y, half, max(1.0, unit * 0.0014 + near * unit * 0.003), tone, 0.26)
    for _ in range(130):
        near = rng.random() ** 1.25
        spread = unit * (0.03 + 0.13 * near)
        x, y = light[0] + rng.gauss(0, 0.5) * spread, horizon + depth * near * 0.9
        half = unit * (0.01 + 0.05 * near) * rng.uniform(0.4, 1.2)
        canvas.ellipse(
            x, y, half, max(1.0, unit * 0.0016 + near * unit * 0.0032), mood.light, 0.5 - 0.3 * near
        )
    canvas.line([(0, horizon), (canvas.width, horizon)], unit * 0.002, lighter(mood.sky[-1], 0.3), 0.6)


def _reflection(canvas: Canvas, horizon: float) -> None:
    """What stands above the water line, upside down, darker and fading with distance."""
    line = round(horizon)
    high = min(line, canvas.height - line, round(canvas.unit * 0.34))
    if high < 4:
        return
    above = ImageOps.flip(canvas.image.crop((0, line - high, canvas.width, line)))
    above = above.filter(ImageFilter.BoxBlur((canvas.unit * 0.004, canvas.unit * 0.0015)))
    column = Image.new("L", (1, high))
    column.putdata([round(150 * (1 - row / high) ** 1.3) for row in range(high)])
    canvas.image.paste(above.point(lambda value: round(value * 0.86)), (0, line), column.resize(above.size))
