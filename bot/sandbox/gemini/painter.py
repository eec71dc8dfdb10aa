"""From a commission to JPEG bytes: paints a scene or changes given images, and letters the result.

Everything here blocks (0.2 s for a 1K picture, about 2 s at 4K): call it off the event loop.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, replace

from PIL import Image

from bot.sandbox.gemini.jpeg import padded
from bot.sandbox.gemini.painting.colours import luminance, name_of
from bot.sandbox.gemini.painting.edits import change, open_picture, sketched
from bot.sandbox.gemini.painting.lettering import put_band
from bot.sandbox.gemini.painting.scene import paint_scene

BIG = 10 * 1024 * 1024 + 512 * 1024  # bytes: over the 10 MiB that Discord takes from a bot
_SOFTWARE = 0x0131  # EXIF tag
_MADE_BY = "Plantain sandbox in place of {model} (drawn by a program, not AI-made)"
# Says by IPTC's vocabulary that a program without training data made the picture. No C2PA manifest:
# that would need a certificate, and nothing here shall look as if Google had signed it.
_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    b'Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"/>'
    b"</rdf:RDF></x:xmpmeta>"
)


@dataclass(frozen=True, slots=True)
class Commission:
    """One picture to make: the words, the input images (first one is the base), pixels, and a seed.

    `title` is what stands in the picture, `model` is named in its metadata. The same commission always
    gives the same bytes; another seed gives another composition.
    """

    prompt: str
    title: str
    model: str
    images: tuple[bytes, ...]
    size: tuple[int, int]
    seed: str


def paint(commission: Commission) -> bytes:
    """The finished picture as a JPEG file."""
    return _encode(_picture(commission), 90, commission.model)


def paint_draft(commission: Commission) -> bytes:
    """A pencil sketch of the same picture at half the size, as a thought would hold it."""
    width, height = commission.size
    half = replace(commission, size=(width // 2, height // 2))
    return _encode(sketched(_picture(half)), 80, commission.model)


def paint_big(commission: Commission) -> bytes:
    """The picture in a file of more than 10 MiB: fine noise, hardly compressed, padded where needed."""
    image = _picture(commission)
    noise = hashlib.shake_256(commission.prompt.encode()).digest(256 * 256 * 3)
    tile = Image.frombytes("RGB", (256, 256), noise)
    grain = Image.new("RGB", image.size)
    for left in range(0, image.width, 256):
        for top in range(0, image.height, 256):
            grain.paste(tile, (left, top))
    jpeg = _encode(Image.blend(image, grain, 0.12), 98, commission.model)
    return jpeg if len(jpeg) > BIG else padded(jpeg, BIG)


def describe(images: tuple[bytes, ...]) -> str:
    """What a model would say about the pictures, as far as counting pixels can tell it."""
    return "\n\n".join(_describe(open_picture(image)) for image in images)


def _picture(commission: Commission) -> Image.Image:
    if commission.images:
        opened = [open_picture(image) for image in commission.images]
        picture = change(opened, commission.prompt, commission.seed, commission.size)
    else:
        picture = paint_scene(commission.prompt, commission.seed, commission.size)
    put_band(picture, commission.title)
    return picture


def _encode(image: Image.Image, quality: int, model: str) -> bytes:
    exif = Image.Exif()
    exif[_SOFTWARE] = _MADE_BY.format(model=model)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, dpi=(72, 72), exif=exif.tobytes(), xmp=_XMP)
    return file.getvalue()


def _describe(image: Image.Image) -> str:
    width, height = image.size
    shape = "square" if width == height else "landscape-format" if width > height else "portrait-format"
    few = image.resize((64, 64), Image.Resampling.BOX).quantize(5)
    palette = few.getpalette() or []
    counts = sorted(few.getcolors() or [], key=lambda pair: -pair[0])
    found = [palette[3 * index : 3 * index + 3] for _, index in counts if isinstance(index, int)]
    colours = list(dict.fromkeys(name_of((red, green, blue)) for red, green, blue in found))[:3]
    mean = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))
    light = luminance((mean[0], mean[1], mean[2])) if isinstance(mean, tuple) else 128.0
    mood = "A dark" if light < 80 else "A bright" if light > 170 else "An evenly lit"
    return (
        f"{mood}, {shape} scene whose dominant colours are {_listed(colours)}, {width} × {height} pixels. "
        "(In the sandbox a program counts the pixels; no model looked at them.)"
    )


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
