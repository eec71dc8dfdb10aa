"""A whole picture from a plan: where the horizon lies, what stands where, light and grain at the end."""

from __future__ import annotations

from PIL import Image, ImageChops

from bot.sandbox.gemini.painting import scenery
from bot.sandbox.gemini.painting.canvas import Canvas, Point, chance
from bot.sandbox.gemini.painting.colours import MOODS, NAMED, mood_tinted, tinted
from bot.sandbox.gemini.painting.lettering import band_top
from bot.sandbox.gemini.painting.plan import Plan, Subject, plan
from bot.sandbox.gemini.painting.subjects import PAINTERS

# The longer side of the surface that is painted on; smaller pictures come out smooth-edged, larger
# ones are scaled up. It bounds the time that a 4K picture takes.
_MOST = 3072
_TINGES = ("rose", "amber", "violet", "teal", "blue", "crimson")


def paint_scene(prompt: str, seed: str, size: tuple[int, int]) -> Image.Image:
    """A picture of the prompt in exactly this size. The same arguments give the same pixels."""
    rng = chance(prompt, seed)
    scale = min(2.0, max(1.0, _MOST / max(size)), 2 * _MOST / (size[0] + size[1]))
    surface = (round(size[0] * scale), round(size[1] * scale))
    decided = plan(prompt, rng)
    mood = MOODS[decided.mood]
    if decided.tint is not None:
        mood = mood_tinted(mood, decided.tint, 0.6)
    else:  # no two evenings are alike
        mood = mood_tinted(mood, NAMED[rng.choice(_TINGES)], rng.uniform(0.0, 0.3))
    canvas = Canvas(surface, mood, rng)
    _compose(canvas, decided)
    image = canvas.image.resize(size, Image.Resampling.LANCZOS) if surface != size else canvas.image
    return _finish(image)


def _compose(canvas: Canvas, decided: Plan) -> None:
    rng, width, unit = canvas.rng, canvas.width, canvas.unit
    height = band_top((canvas.width, canvas.height))  # what the band will cover does not count
    horizon = height * (rng.uniform(0.54, 0.62) if decided.ground == "city" else rng.uniform(0.6, 0.7))
    side = rng.choice((-1, 1))
    light = _place_light(canvas, decided, horizon, side)
    scenery.paint_sky(canvas, decided, light, horizon)
    standing = [subject for subject in decided.subjects if not subject.in_the_sky]
    floating = [subject for subject in decided.subjects if subject.in_the_sky]
    spots_above = [
        (width * (0.5 + side * (0.14 - 0.3 * index)), horizon * rng.uniform(0.76, 0.84))
        for index in range(len(floating))
    ]
    above = min(horizon * 0.78, width * 0.9)
    for subject, where in zip(floating, spots_above, strict=True):
        if subject.name == "planet":  # farther away than the land
            _put(canvas, subject, where, above)
    scenery.paint_backdrop(canvas, decided, horizon)
    scenery.paint_ground(canvas, decided, light, horizon)
    for subject, where in zip(floating, spots_above, strict=True):
        if subject.name != "planet":
            _put(canvas, subject, where, above)
    spots = {1: (rng.uniform(0.06, 0.24),), 2: (0.22, -0.22), 3: (0.28, -0.26, 0.02)}.get(len(standing), ())
    for index, (subject, spot) in enumerate(zip(standing, spots, strict=True)):
        tall = min(height * 0.7, width * 0.78, unit * 0.86) * (1.0 if index == 0 else 0.72)
        tall *= rng.uniform(0.84, 1.04)
        base = horizon + (height - horizon) * (rng.uniform(0.68, 0.8) + 0.06 * index)
        _put(canvas, subject, (width * (0.5 + side * spot), base), tall)
    scenery.paint_weather(canvas, decided)


def _place_light(canvas: Canvas, decided: Plan, horizon: float, side: int) -> Point:
    low = decided.mood in ("dusk", "dawn", "golden", "rosy", "mint")
    x = canvas.width * (0.5 - side * canvas.rng.uniform(0.1, 0.28))
    y = (
        horizon - canvas.unit * canvas.rng.uniform(0.06, 0.16)
        if low
        else horizon * canvas.rng.uniform(0.2, 0.34)
    )
    return x, y


def _put(canvas: Canvas, subject: Subject, spot: Point, tall: float) -> None:
    painter, usual, share = PAINTERS[subject.name]
    colour = subject.colour or usual
    others = ((-1.0, 0.42, -0.16), (0.86, 0.56, -0.06)) if subject.many else ()
    for across, scale, up in others:
        rise = up if subject.in_the_sky else -0.03
        hue = tinted(colour, canvas.rng.choice(tuple(NAMED.values())), 0.5)
        painter(canvas, spot[0] + across * tall * 0.55, spot[1] + rise * tall, tall * share * scale, hue)
    painter(canvas, spot[0], spot[1], tall * share, colour)


def _finish(image: Image.Image) -> Image.Image:
    """A slight vignette and fine grain, which also hides the steps of the gradients."""
    width, height = image.size
    vignette = (
        Image.radial_gradient("L")
        .resize(image.size)
        .point([round(255 - 62 * max(0.0, value / 255 - 0.35) ** 1.6) for value in range(256)])
    )
    image = ImageChops.multiply(image, Image.merge("RGB", (vignette, vignette, vignette)))
    tile = Image.frombytes("L", (512, 512), chance("grain").randbytes(512 * 512))
    tile = tile.point([122 + value * 12 // 255 for value in range(256)])
    grain = Image.new("L", image.size)
    for left in range(0, width, 512):
        for top in range(0, height, 512):
            grain.paste(tile, (left, top))
    return ImageChops.add(image, Image.merge("RGB", (grain, grain, grain)), 1, -128)
