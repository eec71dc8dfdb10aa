"""What a model made, measured in the words in which people ask: ratio and size.

Models answer with other pixels than asked now and then (facts-gemini); a card says what came.
"""

from __future__ import annotations

import math

from bot.domain.catalogue import Model, size_pixels
from bot.domain.images import Image
from bot.domain.requests import Options
from cogs.language import _

# Google rounds sides to multiples of 16: 21:9 comes as 1584×672, which is 1 % off. The nearest two ratios of
# the catalogue are 6 % apart.
RATIO_TOLERANCE = math.log(1.03)
HALF_A_SIZE = math.log(2)  # one size has four times the pixels of the one below it


def nearest_ratio(model: Model, image: Image) -> str | None:
    """Return the ratio of a model that a picture has."""
    return min(model.ratios, key=lambda ratio: _off(ratio, image), default=None)


def nearest_size(model: Model, image: Image) -> str:
    """Return the size of a model that a picture has; its own where the names of its sizes say no pixels."""
    areas = {name: area for name in model.size_names if (area := size_pixels(name))}
    pixels = image.width * image.height
    return min(areas, key=lambda name: _distance(areas[name], pixels), default=model.sizes[0].name)


def differs(options: Options, image: Image) -> str:
    """Return the ratio and size that were asked for where the picture has others; empty where it has them."""
    ratio = size = ""
    if options.ratio is not None and _off(options.ratio, image) > RATIO_TOLERANCE:
        ratio = options.ratio
    wanted = size_pixels(options.size or "")
    if options.size and wanted and _distance(wanted, image.width * image.height) > HALF_A_SIZE:
        size = options.size
    return _("{ratio} at {size}", ratio=ratio, size=size) if ratio and size else ratio or size


def _off(ratio: str, image: Image) -> float:
    width, _, height = ratio.partition(":")
    return _distance(float(width) / float(height), image.width / image.height)


def _distance(one: float, other: float) -> float:
    return abs(math.log(one / other))
