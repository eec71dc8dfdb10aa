"""The models that the look-alike serves, as data.

This table is on purpose not the bot's catalogue: the look-alike stands for Google, so a fault in the
catalogue (a ratio that a model does not take, a dead id) must be refused here as Google would refuse it.

Source: Google's documentation and changelog, read 2026-11-21.
"""

from __future__ import annotations

from dataclasses import dataclass

_TEN = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_FOURTEEN = (*_TEN, "1:4", "4:1", "1:8", "8:1")

# Width and height at 1K; 2K is twice and 4K four times that.
_PIXELS = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
    "1:4": (512, 2048),
    "4:1": (2048, 512),
    "1:8": (384, 3072),
    "8:1": (3072, 384),
}
_SCALE = {"1K": 1, "2K": 2, "4K": 4}


@dataclass(frozen=True, slots=True)
class Model:
    """One model as `models.list` names it and as `generateContent` treats it.

    `sizes` maps an image size to the output tokens of one picture; `size_settable` is False where
    the request must leave `imageSize` out. `sampling` says whether seed, temperature, topP, topK and
    logprobs are taken. `family` is what a thought signature is bound to.
    """

    id: str
    label: str
    family: str
    ratios: tuple[str, ...]
    sizes: dict[str, int]
    size_settable: bool
    sampling: bool
    thinking_levels: tuple[str, ...]
    search: bool
    max_input_images: int = 14
    drafts: bool = False

    @property
    def name(self) -> str:
        """The resource name, such as `models/gemini-3-pro-image`."""
        return f"models/{self.id}"


MODELS = {
    model.id: model
    for model in (
        Model(
            id="gemini-nano-banana-2.1",
            label="Nano Banana 2.1",
            family="nano-banana-2",
            ratios=_FOURTEEN,
            sizes={"1K": 1120, "2K": 1680, "4K": 2520},
            size_settable=True,
            sampling=False,
            thinking_levels=("MINIMAL", "MEDIUM", "HIGH"),
            search=True,
        ),
        Model(
            id="gemini-3.1-flash-lite-image",
            label="Nano Banana 2 Lite",
            family="nano-banana-2-lite",
            ratios=_TEN,
            sizes={"1K": 1120},
            size_settable=False,
            sampling=True,
            thinking_levels=("MINIMAL", "HIGH"),
            search=False,
        ),
        Model(
            id="gemini-3-pro-image",
            label="Nano Banana Pro",
            family="nano-banana-pro",
            ratios=_TEN,
            sizes={"1K": 1120, "2K": 1120, "4K": 2000},
            size_settable=True,
            sampling=True,
            thinking_levels=(),
            search=True,
            drafts=True,
        ),
    )
}

# Shut down: the id is known, the answer is a 404 of its own wording.
RETIRED = frozenset(
    {
        "gemini-2.5-flash-image",
        "gemini-2.5-flash-image-preview",
        "gemini-3.1-flash-image",
        "gemini-3.1-flash-image-preview",
        "gemini-3-pro-image-preview",
    }
)


def pixels(ratio: str, size: str) -> tuple[int, int]:
    """Width and height in pixels of a picture of this ratio and size."""
    width, height = _PIXELS[ratio]
    return width * _SCALE[size], height * _SCALE[size]


def nearest_ratio(width: int, height: int, ratios: tuple[str, ...]) -> str:
    """The ratio among `ratios` that is closest to a picture of `width` x `height` pixels."""

    def distance(ratio: str) -> float:
        wide, high = _PIXELS[ratio]
        theirs, ours = wide / high, width / height
        return max(theirs, ours) / min(theirs, ours)

    return min(ratios, key=distance)
