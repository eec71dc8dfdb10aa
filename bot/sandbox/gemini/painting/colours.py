"""Colours: arithmetic on them, the names that people write, and the moods that a sky can have."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from itertools import pairwise

Colour = tuple[int, int, int]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)

NAMED: dict[str, Colour] = {
    "red": (206, 52, 48),
    "crimson": (178, 28, 58),
    "scarlet": (222, 50, 36),
    "orange": (240, 132, 40),
    "amber": (244, 172, 54),
    "yellow": (246, 206, 70),
    "gold": (222, 170, 62),
    "golden": (222, 170, 62),
    "lime": (158, 206, 66),
    "green": (70, 150, 84),
    "emerald": (28, 140, 98),
    "teal": (30, 136, 140),
    "turquoise": (64, 190, 186),
    "cyan": (74, 196, 222),
    "blue": (52, 104, 196),
    "navy": (30, 46, 104),
    "indigo": (72, 60, 160),
    "violet": (132, 88, 196),
    "purple": (124, 66, 162),
    "lavender": (180, 160, 220),
    "magenta": (206, 58, 146),
    "pink": (240, 142, 176),
    "rose": (226, 104, 130),
    "brown": (128, 84, 56),
    "beige": (222, 202, 168),
    "ginger": (222, 126, 56),
    "black": (38, 36, 46),
    "white": (244, 242, 236),
    "grey": (140, 144, 152),
    "gray": (140, 144, 152),
    "silver": (188, 194, 202),
}


@dataclass(frozen=True, slots=True)
class Mood:
    """The colours of one time of day or weather.

    `sky` runs from the top to the horizon. `light` is the sun or moon, `haze` what far things fade
    into, `near` what close things darken into. `dark` says that windows and stars are lit.
    """

    sky: tuple[Colour, ...]
    light: Colour
    haze: Colour
    near: Colour
    dark: bool = False


MOODS: dict[str, Mood] = {
    "day": Mood(
        ((58, 132, 206), (120, 184, 230), (196, 226, 240), (240, 244, 232)),
        (255, 250, 224),
        (170, 204, 218),
        (36, 84, 78),
    ),
    "dusk": Mood(
        ((44, 32, 88), (112, 56, 122), (214, 92, 106), (250, 160, 100), (255, 208, 132)),
        (255, 238, 196),
        (226, 128, 116),
        (40, 26, 62),
    ),
    "dawn": Mood(
        ((62, 82, 146), (146, 134, 190), (236, 172, 176), (252, 214, 184), (255, 238, 206)),
        (255, 246, 222),
        (222, 178, 180),
        (54, 58, 96),
    ),
    "night": Mood(
        ((8, 12, 38), (18, 30, 76), (38, 62, 118), (82, 112, 160)),
        (246, 240, 216),
        (56, 80, 132),
        (8, 12, 32),
        dark=True,
    ),
    "storm": Mood(
        ((36, 42, 54), (68, 80, 94), (122, 134, 142), (184, 188, 180)),
        (226, 228, 220),
        (124, 136, 144),
        (24, 32, 40),
    ),
    "snow": Mood(
        ((112, 142, 184), (164, 190, 216), (210, 224, 236), (240, 242, 242)),
        (255, 252, 240),
        (190, 206, 224),
        (64, 84, 116),
    ),
    "fog": Mood(
        ((150, 166, 176), (184, 196, 200), (210, 216, 214), (226, 226, 218)),
        (250, 248, 236),
        (200, 208, 208),
        (74, 92, 100),
    ),
    "golden": Mood(
        ((196, 110, 60), (232, 154, 74), (248, 196, 112), (254, 226, 160)),
        (255, 246, 214),
        (226, 168, 104),
        (84, 46, 44),
    ),
    "mint": Mood(
        ((34, 104, 122), (82, 160, 158), (166, 212, 190), (246, 232, 196)),
        (255, 226, 190),
        (144, 190, 176),
        (24, 60, 78),
    ),
    "rosy": Mood(
        ((96, 60, 128), (186, 92, 150), (242, 142, 152), (254, 200, 172)),
        (255, 240, 214),
        (220, 140, 160),
        (62, 34, 82),
    ),
    "space": Mood(
        ((6, 4, 20), (22, 12, 52), (52, 22, 86), (104, 40, 110)),
        (255, 226, 190),
        (92, 50, 118),
        (14, 8, 36),
        dark=True,
    ),
}


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with a share (0 to 1) of `other`."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


def lighter(colour: Colour, share: float) -> Colour:
    """The colour nearer to white by `share`."""
    return mix(colour, WHITE, share)


def darker(colour: Colour, share: float) -> Colour:
    """The colour nearer to black by `share`."""
    return mix(colour, BLACK, share)


def luminance(colour: Colour) -> float:
    """How light the colour looks, 0 to 255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def tinted(colour: Colour, tint: Colour, share: float) -> Colour:
    """The colour moved towards the tint's hue, with its own lightness kept."""
    _, light, _ = colorsys.rgb_to_hls(*(channel / 255 for channel in colour))
    hue, _, saturation = colorsys.rgb_to_hls(*(channel / 255 for channel in tint))
    red, green, blue = colorsys.hls_to_rgb(hue, light, max(0.15, saturation * 0.85))
    return mix(colour, (round(red * 255), round(green * 255), round(blue * 255)), share)


def mood_tinted(mood: Mood, tint: Colour, share: float) -> Mood:
    """The mood as if the light had, by `share`, the tint's colour."""
    return Mood(
        sky=tuple(tinted(colour, tint, share) for colour in mood.sky),
        light=tinted(mood.light, tint, share * 0.2),
        haze=tinted(mood.haze, tint, share),
        near=tinted(mood.near, tint, share * 0.9),
        dark=mood.dark,
    )


def at(stops: tuple[Colour, ...], place: float) -> Colour:
    """The colour at `place` (0 to 1) of a gradient with evenly spread stops."""
    place = min(max(place, 0.0), 1.0) * (len(stops) - 1)
    for index, (one, other) in enumerate(pairwise(stops)):
        if place <= index + 1:
            return mix(one, other, place - index)
    return stops[-1]


def name_of(colour: Colour) -> str:
    """The nearest name that people use for a colour."""

    def distance(name: str) -> float:
        other = NAMED[name]
        return sum((mine - theirs) ** 2 for mine, theirs in zip(colour, other, strict=True))

    return min(NAMED, key=distance)
