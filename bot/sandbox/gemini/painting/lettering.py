"""Words in the picture: the band with the prompt at the bottom, the sandbox mark, captions.

Pillow's bundled font is used (no system font needed). It knows ASCII only, so other letters lose their
accents, or, where the system has one of the usual wide fonts, are set in that.
"""

from __future__ import annotations

import math
import unicodedata

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_WIDE_FONTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "arial.ttf")
_PLAIN = str.maketrans({"—": "-", "–": "-", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "€": "EUR"})
_BUNDLED = frozenset(map(chr, range(0x20, 0x7F))) | frozenset("©«°±´·»‘’“”…‹›™")
MARK = "sandbox"


def put_band(image: Image.Image, text: str) -> None:
    """Set the text on a frosted band over the bottom of the picture, with the sandbox mark.

    The band has the same height for every text, so that a later band covers an earlier one.
    """
    width, height = image.size
    em, top = _em(image.size), band_top(image.size)
    _frost(image, top)
    draw = ImageDraw.Draw(image, "RGBA")
    mark_wide = _put_mark(draw, image.size, top, em)
    margin = em * 0.9
    room = (width - 2 * margin - (0 if _narrow(image.size) else mark_wide), height - top - em * 0.7)
    font, lines = _fit(text, em, room)
    pitch = em_of(font) * 1.28
    y = top + (height - top) / 2 - pitch * len(lines) / 2 + pitch * 0.06
    for line in lines:
        draw.text((margin, y), line, font=font, fill=(255, 255, 255, 248))
        y += pitch


def band_top(size: tuple[int, int]) -> int:
    """Where the band begins, in pixels from the top, in a picture of this size."""
    lines_high = 6.6 if _narrow(size) else 3.3
    return size[1] - round(min(_em(size) * lines_high, size[1] * 0.34))


def _em(size: tuple[int, int]) -> float:
    return math.sqrt(size[0] * size[1]) * 0.033


def _narrow(size: tuple[int, int]) -> bool:
    """Whether the words need more lines, and the mark a line of its own."""
    return size[0] < 22 * _em(size)


def put_caption(image: Image.Image, text: str) -> None:
    """Set large words across the upper part of the picture (for 'add the text …')."""
    width, height = image.size
    em = math.sqrt(width * height) * 0.085
    font, lines = _fit(text, em, (width * 0.88, height * 0.4))
    draw = ImageDraw.Draw(image)
    y = height * 0.07
    for line in lines:
        x = (width - draw.textlength(line, font=font)) / 2
        draw.text(
            (x, y), line, font=font, fill="white", stroke_width=round(em * 0.06), stroke_fill=(24, 20, 36)
        )
        y += em_of(font) * 1.2


def em_of(font: Font) -> float:
    """The size that the font was loaded with, in pixels."""
    return float(font.size) if isinstance(font, ImageFont.FreeTypeFont) else 11.0


def _frost(image: Image.Image, top: int) -> None:
    width, height = image.size
    below = image.crop((0, top, width, height))
    small = below.resize((max(1, width // 16), max(1, (height - top) // 16)), Image.Resampling.BOX)
    small = small.filter(ImageFilter.GaussianBlur(2)).resize(below.size, Image.Resampling.BICUBIC)
    image.paste(Image.blend(small, Image.new("RGB", small.size, (14, 14, 24)), 0.58), (0, top))
    ImageDraw.Draw(image, "RGBA").line(
        [(0, top), (width, top)], fill=(255, 255, 255, 70), width=max(1, width // 700)
    )


def _put_mark(draw: ImageDraw.ImageDraw, size: tuple[int, int], top: int, em: float) -> float:
    """A small pill that says where the picture comes from; returns the width that it takes."""
    font = ImageFont.load_default(max(9.0, em * 0.56))
    wide = draw.textlength(MARK, font=font)
    pad, high = em * 0.36, em * 0.98
    right = size[0] - em * 0.8
    middle = size[1] - em * 0.95 if _narrow(size) else (top + size[1]) / 2
    box = (right - wide - 2 * pad, middle - high / 2, right, middle + high / 2)
    draw.rounded_rectangle(
        box, high / 2, fill=(255, 255, 255, 34), outline=(255, 255, 255, 120), width=max(1, round(em / 24))
    )
    draw.text((box[0] + pad, middle), MARK, font=font, fill=(255, 255, 255, 215), anchor="lm")
    return wide + 2 * pad + em * 1.6


def _fit(text: str, em: float, room: tuple[float, float]) -> tuple[Font, list[str]]:
    """The largest size of three at which the text fits; at the smallest it is cut with an ellipsis."""
    plain = " ".join(text.split())[:600]
    for scale in (1.0, 0.82, 0.66):
        font, shown = _font(plain, em * scale)
        lines = _wrap(shown, font, room[0])
        most = max(1, int(room[1] / (em * scale * 1.28)))
        if len(lines) <= most:
            break
    if len(lines) > most:
        lines = lines[:most]
        while lines[-1] and _length(lines[-1] + "…", font) > room[0]:
            lines[-1] = lines[-1][:-1]
        lines[-1] = lines[-1].rstrip() + "…"
    return font, lines


def _wrap(text: str, font: Font, wide: float) -> list[str]:
    lines = [""]
    for word in text.split():
        rest = word
        while rest:
            longer = f"{lines[-1]} {rest}".strip()
            if _length(longer, font) <= wide:
                lines[-1], rest = longer, ""
            elif lines[-1]:
                lines.append("")
            else:  # a single word that is wider than the band
                cut = len(rest)
                while cut > 1 and _length(rest[:cut], font) > wide:
                    cut -= 1
                lines[-1], rest = rest[:cut], rest[cut:]
                if rest:
                    lines.append("")
    return lines


def _length(text: str, font: Font) -> float:
    return float(font.getlength(text))


def _font(text: str, size: float) -> tuple[Font, str]:
    """A font of this size and the text in the letters that the font has."""
    text = text.translate(_PLAIN)
    if not set(text) <= _BUNDLED:
        bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        if any(c.isalpha() and c not in _BUNDLED for c in bare):
            for name in _WIDE_FONTS:
                try:
                    return ImageFont.truetype(name, size), text
                except OSError:
                    continue
        text = "".join(c for c in bare if c in _BUNDLED)
    return ImageFont.load_default(size), text
