"""One call to a provider, in words that every provider can turn into its own request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.requests import Kind, Reference, Request

MAX_SEED = 2**31 - 1  # the API's seed is a signed 32-bit integer (discovery document, GenerationConfig.seed)

_FINISH = (
    "Make this picture again as its final version: the same composition, subjects and colours, with more "
    "detail and without flaws. It was made from the following words."
)

_DESCRIBE = (
    "Describe what the given picture shows, as a prompt from which an image model could make a picture like "
    "it: subject, scene, composition, camera and lighting, colours, style, and any words that are to be seen "
    "in it. Answer with that prompt alone, in English, as one paragraph of at most 120 words."
)
DESCRIBE_WORDS = "Describe this picture."


@dataclass(frozen=True, slots=True)
class UserContent:
    """What a person says: pictures first, then texts. The last text is the person's own, word for word."""

    texts: tuple[str, ...]
    pictures: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelContent:
    """What a model said earlier, verbatim (see `Answer.content`)."""

    raw: Mapping[str, Any]


Content = UserContent | ModelContent


@dataclass(frozen=True, slots=True)
class Call:
    """Everything that a provider needs for one answer."""

    model: str
    contents: tuple[Content, ...]
    ratio: str | None = None
    size: str | None = None  # None: leave it out
    seed: int | None = None
    want_image: bool = True
    safety: tuple[tuple[str, str], ...] = ()  # `safety.Harm` and `safety.Threshold`
    people: str | None = None  # `safety.People`; not every provider takes it


def build_call(request: Request, position: int) -> Call:
    """Return the call for picture number `position` (0-based) of a request.

    Pictures of one request share prompt and options; a seed is counted up for each of them, because the
    same seed would give the same picture. What Plantain asks for by itself (another take, a final version,
    a description) stands in texts of its own before the person's words, which stay as they are.
    """
    options = request.options
    seed = None if options.seed is None else (options.seed + position) % (MAX_SEED + 1)
    return Call(
        model=options.model,
        contents=(said_by(request),),
        ratio=options.ratio,
        size=options.size,
        seed=seed,
        want_image=request.kind is not Kind.DESCRIBE,
        safety=request.safety,
        people=request.people,
    )


def said_by(request: Request) -> UserContent:
    """Return what a request says: its pictures, then all texts."""
    return UserContent(texts=told(request), pictures=request.references)


def told(request: Request) -> tuple[str, ...]:
    """Return all texts that go to the provider, in their order; the last is the person's own."""
    texts = [*request.frame, request.prompt]
    if request.kind is Kind.FINISH:
        texts.insert(0, _FINISH)
    elif request.kind is Kind.DESCRIBE:
        texts.insert(0, _DESCRIBE)
    elif request.variation and request.options.seed is None:
        texts.insert(0, f"Make another take, number {request.variation + 1}, of the following.")
    return tuple(texts)
