"""Visible changes to given pictures, chosen by the words of the instruction."""

from __future__ import annotations

import io
import math
import random
import re
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from bot.sandbox.gemini.painting.canvas import Canvas, chance
from bot.sandbox.gemini.painting.colours import MOODS, NAMED, Colour, darker, lighter
from bot.sandbox.gemini.painting.lettering import put_caption
from bot.sandbox.gemini.painting.plan import subjects_in, words_of
from bot.sandbox.gemini.painting.subjects import PAINTERS

Change = Callable[[Image.Image], Image.Image]

_QUOTED = re.compile(r"[\"“„'‘](.{1,80}?)[\"”“'’]")
_ADDING = frozenset({"add", "with", "put", "place", "draw", "include", "insert", "give"})


def change(images: Sequence[Image.Image], instruction: str, seed: str, size: tuple[int, int]) -> Image.Image:
    """The first picture (or all of them, blended) in exactly this size, changed as instructed.

    Words that ask for nothing that is known here still change the picture: it gets a tint that depends
    on the instruction.
    """
    rng = chance(instruction, seed)
    words = words_of(instruction)
    base = _fit(images[0], size) if len(images) == 1 else _together(images, words, size)
    changes = _changes(instruction, words)
    added = subjects_in(words) if _ADDING & set(words) else []
    for step in changes:
        base = step(base)
    for index, subject in enumerate(added[:3]):
        base = _with_subject(base, subject.name, subject.colour, index, rng)
    if not changes and not added and len(images) == 1:
        base = _tinted(base, _tint_of(words, rng), 0.42)
    quoted = _QUOTED.search(instruction)
    if quoted and {"text", "caption", "title", "write", "says", "saying", "word", "words"} & set(words):
        put_caption(base, quoted[1])
    return base


def open_picture(raw: bytes) -> Image.Image:
    """An input image, upright and in RGB."""
    with Image.open(io.BytesIO(raw)) as opened:
        upright = ImageOps.exif_transpose(opened)
        if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
            ground = Image.new("RGBA", upright.size, "white")
            return Image.alpha_composite(ground, upright.convert("RGBA")).convert("RGB")
        return upright.convert("RGB")


def _fit(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS)


def _together(images: Sequence[Image.Image], words: list[str], size: tuple[int, int]) -> Image.Image:
    """Two pictures melt into each other along a slanted edge; more stand in a mosaic."""
    if len(images) == 2 and not {"collage", "grid", "mosaic"} & set(words):
        one, other = _fit(images[0], size), _fit(images[1], size)
        ramp = Image.linear_gradient("L").rotate(90).resize((size[0] + size[1] // 2, size[1]))
        ramp = ramp.point([max(0, min(255, round((value - 128) * 4 + 128))) for value in range(256)])
        shift = size[1] // 2
        slanted = ramp.transform(size, Image.Transform.AFFINE, (1, shift / size[1], 0, 0, 1, 0))
        return Image.composite(one, other, slanted)
    columns = math.ceil(math.sqrt(len(images) * size[0] / size[1]))
    rows = math.ceil(len(images) / columns)
    gap = round(min(size) * 0.014)
    sheet = Image.new("RGB", size, (244, 240, 232))
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        in_row = min(columns, len(images) - row * columns)
        wide, high = (size[0] - gap) / in_row, (size[1] - gap) / rows
        cell = (round(wide) - gap, round(high) - gap)
        sheet.paste(_fit(image, cell), (round(column * wide) + gap, round(row * high) + gap))
    return sheet


def _changes(instruction: str, words: list[str]) -> list[Change]:
    """The changes that the words ask for, in the order of this table."""
    have = set(words)
    text = " ".join(words)
    return [
        step
        for asked, step in _TABLE
        if any((a in text) if " " in a else (a in have) for a in asked.split(","))
    ]


def _tint_of(words: list[str], rng: random.Random) -> Colour:
    named = [NAMED[word] for word in words if word in NAMED]
    if named:
        return named[-1]
    return rng.choice(
        [NAMED[name] for name in ("teal", "violet", "amber", "rose", "emerald", "indigo", "orange")]
    )


def _tinted(image: Image.Image, tint: Colour, strength: float) -> Image.Image:
    duotone = ImageOps.colorize(ImageOps.grayscale(image), darker(tint, 0.72), lighter(tint, 0.82), mid=tint)
    return Image.blend(image, duotone, strength)


def _grey(image: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(ImageOps.grayscale(image)).enhance(1.12).convert("RGB")


def _sepia(image: Image.Image) -> Image.Image:
    return ImageOps.colorize(ImageOps.grayscale(image), (38, 22, 12), (255, 244, 216), mid=(170, 126, 84))


def _blur(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(min(image.size) / 70))


def _lit(factor: float) -> Change:
    return lambda image: ImageEnhance.Brightness(image).enhance(factor)


def _channels(red: float, green: float, blue: float) -> Change:
    table = [min(255, round(value * share)) for share in (red, green, blue) for value in range(256)]
    return lambda image: image.point(table)


def _night(image: Image.Image) -> Image.Image:
    """Dark and blue, with stars and a moon in the upper part."""
    dark = _channels(0.3, 0.38, 0.62)(ImageEnhance.Color(image).enhance(0.7))
    rng, (width, height) = chance("stars"), image.size
    canvas = _on(dark, rng)
    for _ in range(130):
        x, y = rng.uniform(0, width), height * 0.5 * rng.random() ** 1.3
        star = canvas.unit * rng.choice((0.0009, 0.0013, 0.002))
        canvas.ellipse(x, y, star, star, (255, 255, 255), rng.uniform(0.4, 1))
    x, y, radius = width * 0.8, height * 0.16, canvas.unit * 0.055
    canvas.glow(x, y, radius * 5, (190, 200, 240), 0.6)
    canvas.ellipse(x, y, radius, radius, (246, 240, 216))
    canvas.ellipse(x - radius * 0.3, y - radius * 0.2, radius * 0.24, radius * 0.24, (214, 208, 190))
    canvas.ellipse(x + radius * 0.3, y + radius * 0.3, radius * 0.16, radius * 0.16, (214, 208, 190))
    return canvas.image


def _snowfall(image: Image.Image) -> Image.Image:
    canvas = _on(_channels(0.92, 0.97, 1.08)(ImageEnhance.Color(image).enhance(0.72)), chance("flakes"))
    for _ in range(420):
        flake = canvas.unit * canvas.rng.choice((0.0018, 0.003, 0.0046, 0.007))
        x, y = canvas.rng.uniform(0, canvas.width), canvas.rng.uniform(0, canvas.height)
        canvas.ellipse(x, y, flake, flake, (255, 255, 255), 0.86)
    return canvas.image


def _rainfall(image: Image.Image) -> Image.Image:
    canvas = _on(_channels(0.66, 0.72, 0.8)(ImageEnhance.Color(image).enhance(0.6)), chance("drops"))
    for _ in range(330):
        x, y = canvas.rng.uniform(0, canvas.width), canvas.rng.uniform(-0.1, 1) * canvas.height
        long = canvas.unit * canvas.rng.uniform(0.03, 0.08)
        canvas.line([(x, y), (x - long * 0.25, y + long)], canvas.unit * 0.0018, (230, 238, 250), 0.42)
    return canvas.image


def _framed(image: Image.Image) -> Image.Image:
    """A passe-partout and a dark wooden frame inside the same size."""
    width, height = image.size
    edge, mat = round(min(image.size) * 0.032), round(min(image.size) * 0.06)
    frame = Image.new("RGB", image.size, (74, 50, 38))
    draw = ImageDraw.Draw(frame)
    draw.rectangle(
        (edge // 3, edge // 3, width - edge // 3, height - edge // 3),
        outline=(116, 82, 58),
        width=max(1, edge // 4),
    )
    draw.rectangle((edge, edge, width - edge - 1, height - edge - 1), fill=(246, 242, 232))
    inset = edge + mat
    frame.paste(_fit(image, (width - 2 * inset, height - 2 * inset)), (inset, inset))
    draw.rectangle(
        (inset - 2, inset - 2, width - inset + 1, height - inset + 1), outline=(196, 188, 172), width=2
    )
    return frame


def _pixelated(image: Image.Image) -> Image.Image:
    width, height = image.size
    scale = 72 / min(image.size)
    small = image.resize((round(width * scale), round(height * scale)), Image.Resampling.BOX)
    return small.quantize(40).convert("RGB").resize(image.size, Image.Resampling.NEAREST)


def sketched(image: Image.Image) -> Image.Image:
    """The outlines of the picture, as a pencil draws them."""
    grey = ImageOps.grayscale(image)
    soft = ImageOps.invert(grey).filter(ImageFilter.GaussianBlur(min(image.size) / 160))
    dodged = ImageChops.add(grey, soft, 1, 0)
    lines = dodged.point([max(0, 255 - round((255 - value) * 3.2)) for value in range(256)])
    return ImageOps.colorize(lines, (52, 48, 60), (250, 246, 236))


def _painted(image: Image.Image) -> Image.Image:
    radius = max(3, (min(image.size) // 130) | 1)
    small = image.resize((image.width // 2, image.height // 2)).filter(ImageFilter.ModeFilter(radius))
    return ImageEnhance.Color(small.resize(image.size, Image.Resampling.BICUBIC)).enhance(1.35)


def _quarter_turn(image: Image.Image) -> Image.Image:
    return _fit(image.transpose(Image.Transpose.ROTATE_270), image.size)


def _closer(image: Image.Image) -> Image.Image:
    return ImageOps.fit(image, image.size, Image.Resampling.LANCZOS, bleed=0.16)


def _on(image: Image.Image, rng: random.Random) -> Canvas:
    """A canvas that already holds the picture; its mood is the day's or the night's, by brightness."""
    mean = image.resize((1, 1), Image.Resampling.BOX).convert("L").getpixel((0, 0))
    dark = isinstance(mean, int | float) and mean < 70
    canvas = Canvas(image.size, MOODS["night" if dark else "day"], rng)
    canvas.image.paste(image)
    return canvas


def _with_subject(
    image: Image.Image, name: str, colour: Colour | None, index: int, rng: random.Random
) -> Image.Image:
    """The subject painted into the picture, smooth-edged by painting it at twice the size."""
    painter, usual, share = PAINTERS[name]
    canvas = _on(image.resize((image.width * 2, image.height * 2)) if max(image.size) < 1800 else image, rng)
    tall = canvas.unit * 0.46 * share
    floating = name in ("balloon", "rocket", "birds", "planet")
    x = canvas.width * (0.72, 0.28, 0.5)[index]
    y = canvas.height * (0.46 if floating else 0.83)
    painter(canvas, x, y, tall, colour or usual)
    return (
        canvas.image.resize(image.size, Image.Resampling.LANCZOS)
        if canvas.image.size != image.size
        else canvas.image
    )


_TABLE: tuple[tuple[str, Change], ...] = (
    ("black and white,monochrome,grey,gray,grayscale,greyscale,noir", _grey),
    ("sepia,vintage,old photo,antique", _sepia),
    ("invert,inverted,negative", ImageOps.invert),
    ("brighter,lighter,brighten", _lit(1.4)),
    ("darker,darken", _lit(0.58)),
    ("warmer,warm", _channels(1.14, 1.0, 0.78)),
    ("cooler,colder,cold,cool", _channels(0.8, 0.96, 1.18)),
    ("night,midnight,moonlight", _night),
    ("snow,snowy,winter", _snowfall),
    ("rain,rainy,storm", _rainfall),
    ("vivid,saturated,colourful,colorful,vibrant", lambda image: ImageEnhance.Color(image).enhance(1.9)),
    ("contrast", lambda image: ImageEnhance.Contrast(image).enhance(1.6)),
    (
        "poster,posterise,posterize,pop",
        lambda image: ImageOps.posterize(ImageEnhance.Color(image).enhance(1.5), 2),
    ),
    ("sketch,pencil,drawing", sketched),
    ("painting,watercolour,watercolor,oil,impressionist", _painted),
    ("pixel,pixelate,pixelated,retro", _pixelated),
    ("blur,blurry,blurred,soft", _blur),
    ("flip,mirror,mirrored,flipped", ImageOps.mirror),
    ("upside down", ImageOps.flip),
    ("rotate,rotated,turn", _quarter_turn),
    ("zoom,closer,crop", _closer),
    ("frame,border,framed", _framed),
)
