"""What the painters of subjects share: how the mood lights a colour, lamps, eyes, shadows."""

from __future__ import annotations

from bot.sandbox.gemini.painting.canvas import Canvas, Point
from bot.sandbox.gemini.painting.colours import BLACK, WHITE, Colour, darker, mix


def lit(canvas: Canvas, colour: Colour) -> Colour:
    """The colour as the mood lights it."""
    return mix(colour, canvas.mood.near, 0.3 if canvas.mood.dark else 0.06)


def lamp(canvas: Canvas) -> Colour:
    """What a window shows: lamplight in dim moods, the room's darkness by day."""
    return (255, 220, 140) if canvas.mood.dark or canvas.mood.sky[0][2] < 150 else (92, 116, 140)


def window(canvas: Canvas, x: float, y: float, wide: float, high: float) -> None:
    """A window in a wall; x is its middle, y its lower edge."""
    canvas.box(x - wide / 2, y - high, x + wide / 2, y, lamp(canvas))


def shadow(canvas: Canvas, x: float, y: float, wide: float) -> None:
    """A flat shadow on the ground, `wide` to each side."""
    canvas.ellipse(x, y, wide, wide * 0.12, darker(canvas.mood.near, 0.35), 0.55)


def flat(x: float, y: float, tall: float, shape: tuple[Point, ...]) -> list[Point]:
    """Points given in heights, seen from the middle of the base, as pixels."""
    return [(x + px * tall, y - py * tall) for px, py in shape]


def eyes(canvas: Canvas, x: float, y: float, apart: float, size: float, iris: Colour, *, slit: bool) -> None:
    for side in (-1, 1):
        cx = x + side * apart
        canvas.ellipse(cx, y, size, size * 0.92, iris)
        canvas.ellipse(cx, y, size * (0.3 if slit else 0.62), size * (0.86 if slit else 0.62), BLACK)
        canvas.ellipse(cx - size * 0.28, y - size * 0.36, size * 0.2, size * 0.2, WHITE)
