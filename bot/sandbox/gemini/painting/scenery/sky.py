"""Skies: gradient, stars, sun or moon, clouds; and the weather in front of everything."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageDraw

from bot.sandbox.gemini.painting.canvas import Canvas, Point
from bot.sandbox.gemini.painting.colours import WHITE, Colour, darker, mix
from bot.sandbox.gemini.painting.plan import Plan


def paint_sky(canvas: Canvas, plan: Plan, light: Point, horizon: float) -> None:
    """Gradient, stars, sun or moon, clouds."""
    canvas.box(0, horizon, canvas.width, canvas.height, canvas.mood.haze)
    canvas.gradient(canvas.mood.sky, 0, horizon + canvas.unit * 0.04)
    if canvas.mood.dark:
        _stars(canvas, horizon)
    if plan.ground == "space":
        _nebula(canvas, horizon)
    _sun(canvas, light, moon=plan.moon)
    if plan.ground != "space":
        _clouds(canvas, horizon, heavy=plan.weather == "storm")


def _stars(canvas: Canvas, horizon: float) -> None:
    rng = canvas.rng
    count = round(220 * (canvas.width * horizon) / (canvas.unit**2))
    for _ in range(min(count, 900)):
        x, y = rng.uniform(0, canvas.width), horizon * rng.random() ** 1.4
        size = canvas.unit * rng.choice((0.0008, 0.001, 0.0013, 0.002))
        canvas.ellipse(x, y, size, size, WHITE, rng.uniform(0.35, 1.0))
    for _ in range(5):
        x, y = rng.uniform(0, canvas.width), rng.uniform(0, horizon * 0.7)
        canvas.glow(x, y, canvas.unit * 0.018, WHITE, 0.7)


def _nebula(canvas: Canvas, horizon: float) -> None:
    rng = canvas.rng
    tones: tuple[Colour, ...] = ((214, 70, 150), (90, 90, 220), (40, 170, 200), (240, 140, 90))
    slope = rng.uniform(-0.5, 0.5)
    for _ in range(16):
        x = rng.uniform(-0.1, 1.1)
        y = horizon * (0.42 + slope * (x - 0.5) + rng.gauss(0, 0.11))
        radius = canvas.unit * rng.uniform(0.18, 0.44)
        canvas.glow(x * canvas.width, y, radius, rng.choice(tones), rng.uniform(0.16, 0.34))


def _sun(canvas: Canvas, light: Point, *, moon: bool) -> None:
    x, y = light
    unit, colour = canvas.unit, canvas.mood.light
    canvas.glow(x, y, unit * (0.42 if moon else 0.78), mix(colour, canvas.mood.sky[-1], 0.45), 0.6)
    canvas.glow(x, y, unit * 0.22, colour, 0.65)
    radius = unit * (0.058 if moon else 0.082)
    canvas.ellipse(x, y, radius, radius, colour)
    if moon:
        shade = mix(colour, canvas.mood.sky[1], 0.22)
        for dx, dy, size in ((-0.3, -0.2, 0.24), (0.25, 0.3, 0.17), (0.32, -0.36, 0.12), (-0.2, 0.45, 0.1)):
            canvas.ellipse(x + dx * radius, y + dy * radius, size * radius, size * radius, shade)


def _clouds(canvas: Canvas, horizon: float, *, heavy: bool) -> None:
    rng, unit = canvas.rng, canvas.unit
    count = 9 if heavy else rng.randint(3, 5)
    for _ in range(count):
        x, y = rng.uniform(-0.05, 1.05) * canvas.width, horizon * rng.uniform(0.08, 0.66)
        length = unit * rng.uniform(0.22, 0.52) * (1.5 if heavy else 1.0)
        colour = mix(canvas.mood.sky[-1], canvas.mood.light, 0.5)
        if heavy:
            colour = darker(canvas.mood.sky[1], 0.12)
        elif canvas.mood.dark:
            colour = mix(canvas.mood.sky[2], canvas.mood.haze, 0.5)
        _cloud(canvas, x, y, length, colour, 0.34 if canvas.mood.dark else 0.62)


def _cloud(canvas: Canvas, x: float, y: float, length: float, colour: Colour, alpha: float) -> None:
    """Puffs on a flat base, thinner towards the bottom."""
    rng = canvas.rng
    wide, high = max(8, round(length * 1.2)), max(8, round(length * 0.46))
    mask = Image.new("L", (wide, high))
    draw = ImageDraw.Draw(mask)
    base = high * 0.9
    draw.rounded_rectangle((wide * 0.04, high * 0.62, wide * 0.96, base), high * 0.14, fill=255)
    for puff in range(7):
        place = (puff + 0.5) / 7
        radius = high * (0.14 + 0.26 * (1 - abs(place - 0.5) * 1.7)) * rng.uniform(0.7, 1.12)
        cx, cy = wide * (0.1 + 0.8 * place), base - radius
        draw.ellipse((cx - radius, cy - radius, cx + radius, base), fill=255)
    column = Image.new("L", (1, high))
    column.putdata([round(255 * alpha * (1 - 0.62 * row / high)) for row in range(high)])
    mask = ImageChops.multiply(mask, column.resize(mask.size))
    canvas.image.paste(Image.new("RGB", mask.size, colour), (round(x - wide / 2), round(y - high / 2)), mask)


def paint_weather(canvas: Canvas, plan: Plan) -> None:
    """Rain, flakes or fog in front of everything."""
    rng, unit = canvas.rng, canvas.unit
    area = canvas.width * canvas.height / unit**2
    if plan.weather == "snow":
        for _ in range(round(260 * area)):
            size = unit * rng.choice((0.0016, 0.0024, 0.0036, 0.0054))
            canvas.ellipse(
                rng.uniform(0, canvas.width), rng.uniform(0, canvas.height), size, size, WHITE, 0.85
            )
    elif plan.weather == "storm":
        for _ in range(round(230 * area)):
            x, y, long = (
                rng.uniform(0, canvas.width),
                rng.uniform(0, canvas.height),
                unit * rng.uniform(0.03, 0.07),
            )
            canvas.line([(x, y), (x - long * 0.25, y + long)], unit * 0.0014, WHITE, 0.28)
    elif plan.weather == "fog":
        for _ in range(4):
            y = canvas.height * rng.uniform(0.5, 0.95)
            canvas.gradient_haze(y, unit * rng.uniform(0.12, 0.24), canvas.mood.haze, 0.34)
