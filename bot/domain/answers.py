"""What a provider sent back, in a form that is kept on disk before anything else happens with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What an answer amounts to."""

    PICTURE = "picture"
    BLOCKED = "blocked"  # safety or policy: asking again will not help
    NO_IMAGE = "no_image"  # an answer without a picture: one more try may help
    TEXT = "text"  # a description was asked for and given


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of an answer; its bytes are a blob already."""

    sha256: str
    mime: str  # as the provider claims
    size: int  # bytes
    thought: bool = False  # a draft, never a result


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider counts them. `total` may exceed the sum of the rest."""

    prompt: int = 0
    output: int = 0  # of the candidates, text and images
    output_images: int | None = None  # `output` less what the provider calls text, where it says
    thoughts: int = 0
    total: int = 0

    @property
    def known(self) -> bool:
        """Whether the provider said anything at all."""
        return self.total > 0 or self.output > 0


@dataclass(frozen=True, slots=True)
class Charged(Usage):
    """Tokens of a call that gave no picture, and the model that was asked; empty: the one that answered."""

    model: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a provider, read.

    `content` is the model's content exactly as it came (part order, signatures, fields that nobody knows
    yet), but with the data of each image replaced by ``{"blob": sha256}``: what a conversation sends back.
    """

    verdict: Verdict
    model: str
    pictures: tuple[Picture, ...] = ()
    text: str = ""
    finish_reason: str = ""
    message: str = ""  # the provider's sentence about a refusal
    usage: Usage = Usage()
    earlier: tuple[Charged, ...] = ()  # of tries before this one that gave no picture, where it said anything
    response_id: str = ""
    model_version: str = ""
    content: Mapping[str, Any] | None = None
    safety: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def result(self) -> Picture | None:
        """The picture that counts: the last one that is no draft."""
        finals = [picture for picture in self.pictures if not picture.thought]
        return finals[-1] if finals else None

    @property
    def useful(self) -> bool:
        """Whether it holds what was asked for: a picture, or the words of a description."""
        return self.verdict is Verdict.TEXT or (self.verdict is Verdict.PICTURE and self.result is not None)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; `from_json` gives an equal answer back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answer:
        """Read what `to_json` wrote."""
        values = dict(data)
        values["verdict"] = Verdict(values["verdict"])
        values["pictures"] = tuple(Picture(**item) for item in values["pictures"])
        values["usage"] = Usage(**values["usage"])
        values["earlier"] = tuple(Charged(**item) for item in values.get("earlier", ()))
        values["safety"] = tuple(values["safety"])
        return cls(**values)
