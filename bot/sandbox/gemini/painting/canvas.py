"""The surface that scenery and subjects are painted on: shapes, soft light, smooth outlines."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

from bot.sandbox.gemini.painting.colours import Colour, Mood, at

Point = tuple[float, float]


class Canvas:
    """An RGB picture with drawing help. Coordinates are pixels, y grows downwards.

    `unit` is the shorter side: sizes that must not stretch with the ratio are given in it.
    """

    def __init__(self, size: tuple[int, int], mood: Mood, rng: random.Random) -> None:
        self.image = Image.new("RGB", size)
        self.width, self.height = size
        self.unit = min(size)
        self.mood = mood
        self.rng = rng
        self.draw = ImageDraw.Draw(self.image, "RGBA")

    def gradient(self, stops: tuple[Colour, ...], top: float, bottom: float) -> None:
        """Fill the full width between two heights with a vertical gradient."""
        first, last = max(0, round(top)), min(self.height, round(bottom))
        if last <= first:
            return
        strip = vertical(stops, last - first)
        self.image.paste(strip.resize((self.width, last - first)), (0, first))

    def polygon(self, points: Sequence[Point], colour: Colour, alpha: float = 1.0) -> None:
        """A filled shape."""
        self.draw.polygon(list(points), fill=(*colour, round(alpha * 255)))

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: float = 1.0) -> None:
        """A filled ellipse around a middle point."""
        self.draw.ellipse((x - rx, y - ry, x + rx, y + ry), fill=(*colour, round(alpha * 255)))

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, alpha: float = 1.0) -> None:
        """A filled rectangle."""
        if x1 > x0 and y1 > y0:
            self.draw.rectangle((x0, y0, x1, y1), fill=(*colour, round(alpha * 255)))

    def line(self, points: Sequence[Point], width: float, colour: Colour, alpha: float = 1.0) -> None:
        """A stroke with rounded joints."""
        self.draw.line(
            list(points), fill=(*colour, round(alpha * 255)), width=max(1, round(width)), joint="curve"
        )

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float) -> None:
        """Soft light around a point, brightening what is there."""
        size = max(2, round(radius * 2))
        mask = _falloff().resize((size, size)).point(lambda value: round(value * strength))
        left, top = round(x - radius), round(y - radius)
        clip = (max(0, left), max(0, top), min(self.width, left + size), min(self.height, top + size))
        if clip[2] <= clip[0] or clip[3] <= clip[1]:
            return
        mask = mask.crop((clip[0] - left, clip[1] - top, clip[2] - left, clip[3] - top))
        below = self.image.crop(clip)
        light = Image.composite(Image.new("RGB", below.size, colour), Image.new("RGB", below.size), mask)
        self.image.paste(ImageChops.screen(below, light), clip[:2])

    def gradient_haze(self, y: float, height: float, colour: Colour, strength: float) -> None:
        """A soft horizontal veil, strongest at `y` and gone at `height` above and below."""
        first, last = max(0, round(y - height)), min(self.height, round(y + height))
        if last <= first:
            return
        column = Image.new("L", (1, last - first))
        column.putdata(
            [round(255 * strength * (1 - abs(row + first - y) / height) ** 2) for row in range(last - first)]
        )
        mask = column.resize((self.width, last - first))
        self.image.paste(Image.new("RGB", mask.size, colour), (0, first), mask)


def chance(*seed: object) -> random.Random:
    """A source of chance that always repeats for the same seed."""
    return random.Random("\0".join(map(str, seed)))  # noqa: S311 - drawing, nothing secret


def vertical(stops: tuple[Colour, ...], height: int) -> Image.Image:
    """A gradient one pixel wide."""
    strip = Image.new("RGB", (1, height))
    strip.putdata([at(stops, row / max(1, height - 1)) for row in range(height)])
    return strip


def _falloff() -> Image.Image:
    """A round mask: 255 in the middle, fading smoothly to 0 at the middle of each edge

    Pillow's gradient reaches 178 at the middle of an edge and 255 only in the corners.
    """
    curve = [round(255 * max(0.0, 1 - value / 177) ** 1.8) for value in range(256)]
    return Image.radial_gradient("L").point(curve)


def smooth(points: Sequence[Point], *, closed: bool = True, steps: int = 10) -> list[Point]:
    """A Catmull-Rom curve through the points, as a polyline."""
    count = len(points)
    curve: list[Point] = []
    for index in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (points[(index + offset) % count] for offset in (-1, 0, 1, 2))
        else:
            p0, p1 = points[max(0, index - 1)], points[index]
            p2, p3 = points[index + 1], points[min(count - 1, index + 2)]
        for step in range(steps):
            t = step / steps
            curve.append((_catmull(p0[0], p1[0], p2[0], p3[0], t), _catmull(p0[1], p1[1], p2[1], p3[1], t)))
    if not closed:
        curve.append(points[-1])
    return curve


def _catmull(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def ridge(rng: random.Random, steps: int, roughness: float) -> list[float]:
    """Heights of a mountain line by midpoint displacement: `steps` + 1 values around 0, within ±1."""
    count = 1
    while count < steps:
        count *= 2
    heights = [0.0] * (count + 1)
    heights[0], heights[count] = rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5)
    span, swing = count, 1.0
    while span > 1:
        half = span // 2
        for middle in range(half, count, span):
            mean = (heights[middle - half] + heights[middle + half]) / 2
            heights[middle] = mean + rng.uniform(-swing, swing) * 0.6
        span, swing = half, swing * roughness
    return [min(1.0, max(-1.0, height)) for height in heights]


def waves(rng: random.Random, steps: int, bumps: float) -> list[float]:
    """Heights of rolling hills: a sum of three sines, within ±1, as `steps` + 1 values."""
    phases = [rng.uniform(0, math.tau) for _ in range(3)]
    speeds = [bumps, bumps * 2.3, bumps * 0.6]
    weights = [0.55, 0.2, 0.25]
    return [
        sum(
            weight * math.sin(phase + speed * math.tau * step / steps)
            for phase, speed, weight in zip(phases, speeds, weights, strict=True)
        )
        for step in range(steps + 1)
    ]
