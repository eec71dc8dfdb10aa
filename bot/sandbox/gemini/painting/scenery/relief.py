"""What all land is made of: colours that fade with distance, rolling lines, hills and mountains."""

from __future__ import annotations

from bot.sandbox.gemini.painting.canvas import Canvas, Point, ridge, waves
from bot.sandbox.gemini.painting.colours import WHITE, Colour, darker, lighter, mix, tinted
from bot.sandbox.gemini.painting.plan import Plan


def distant(canvas: Canvas, depth: float, ground: Colour | None = None) -> Colour:
    """The colour of land at a depth from 0 (far) to 1 (close)."""
    colour = mix(canvas.mood.haze, canvas.mood.near, depth)
    return mix(colour, ground, 0.5 * depth + 0.1) if ground else colour


def vegetation(plan: Plan) -> Colour:
    """The colour of grass and leaves in this mood."""
    greens: dict[str, Colour] = {
        "snow": (236, 240, 246),
        "golden": (196, 128, 52),
        "dusk": (92, 84, 104),
        "rosy": (104, 92, 120),
        "night": (26, 50, 74),
        "space": (58, 40, 90),
    }
    green = greens.get(plan.mood, (86, 146, 86))
    return tinted(green, plan.tint, 0.3) if plan.tint else green


def rolling(canvas: Canvas, y: float, swing: float, colour: Colour, *, bumps: float = 1.4) -> list[Point]:
    """Fill everything below a rolling line and give the line back."""
    steps = 64
    bumps *= max(1.0, canvas.width / canvas.unit * 0.7)
    heights = waves(canvas.rng, steps, bumps)
    line = [(canvas.width * i / steps, y - heights[i] * swing) for i in range(steps + 1)]
    canvas.polygon([*line, (canvas.width, canvas.height), (0, canvas.height)], colour)
    return line


def hills(canvas: Canvas, horizon: float) -> None:
    """Two rows of far hills."""
    for depth, height in ((0.14, 0.1), (0.34, 0.06)):
        rolling(canvas, horizon - canvas.unit * height, canvas.unit * 0.05, distant(canvas, depth))


def mountains(canvas: Canvas, horizon: float) -> None:
    """Two rows of peaks, snow on the farther one."""
    rng, unit = canvas.rng, canvas.unit
    snow = mix(WHITE, canvas.mood.sky[-1], 0.3 if not canvas.mood.dark else 0.62)
    for depth, height in ((0.16, 0.3), (0.4, 0.2)):
        peaks = max(2, round(canvas.width / unit * 2.6))
        step = canvas.width / peaks
        offset = rng.uniform(-0.5, 0.5) * step
        colour = distant(canvas, depth)
        for peak in sorted(range(-1, peaks + 2), key=lambda _: rng.random()):
            x = peak * step + offset + rng.uniform(-0.25, 0.25) * step
            tall = unit * height * rng.uniform(0.62, 1.25)
            _peak(canvas, x, horizon, tall, colour, snow, capped=depth < 0.3)
    canvas.gradient_haze(horizon, unit * 0.16, canvas.mood.haze, 0.5)


def _peak(
    canvas: Canvas, x: float, base: float, tall: float, colour: Colour, snow: Colour, *, capped: bool
) -> None:
    """One mountain with a lit and a shaded flank and, far away, a cap of snow."""
    rng = canvas.rng
    wide = tall * rng.uniform(1.1, 1.5)
    left, right, top = x - wide, x + wide * rng.uniform(0.85, 1.15), base - tall
    jag = ridge(rng, 8, 0.6)
    spine = [(x + jag[i] * tall * 0.12 * (i / 8), top + tall * i / 8) for i in range(9)]
    left_edge = _flank((x, top), (left, base), tall, jag)
    right_edge = _flank((x, top), (right, base), tall, jag[::-1])
    canvas.polygon([*left_edge, *spine[::-1]], lighter(colour, 0.13))
    canvas.polygon([*right_edge, *spine[::-1]], darker(colour, 0.1))
    if not capped:
        return
    line = 0.34 + rng.uniform(-0.06, 0.06)
    for edge, tone in ((left_edge, snow), (right_edge, mix(snow, colour, 0.42))):
        cut = max(2, round(line * (len(edge) - 1)))
        cap = [*edge[: cut + 1]]
        end, middle = cap[-1], spine[max(1, round(line * 8))]
        teeth = 5
        for tooth in range(1, teeth):
            share = tooth / teeth
            dip = tall * (0.06 if tooth % 2 else -0.035)
            cap.append((end[0] + (middle[0] - end[0]) * share, end[1] + (middle[1] - end[1]) * share + dip))
        cap.append(middle)
        cap.extend(spine[: max(1, round(line * 8))][::-1])
        canvas.polygon(cap, tone)


def _flank(top: Point, foot: Point, tall: float, jag: list[float]) -> list[Point]:
    count = 16
    return [
        (
            top[0] + (foot[0] - top[0]) * i / count,
            top[1] + (foot[1] - top[1]) * i / count + jag[i % len(jag)] * tall * 0.03 * (i not in (0, count)),
        )
        for i in range(count + 1)
    ]
