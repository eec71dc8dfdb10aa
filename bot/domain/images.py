"""Pictures: one that we keep, what its bytes are, a copy of it that fits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MAX_INPUT_BYTES = 20 * 2**20  # of one picture that somebody sends
LEAST_SIDE = 8  # pixels on the longer side of one: in less a model sees nothing, and would be paid for it
EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a picture's bytes really are. Width and height in pixels, as they are coded."""

    mime: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class FittedFile:
    """A smaller copy of a picture, for posting only."""

    data: bytes
    mime: str
    width: int
    height: int


class IntakeNote(StrEnum):
    """What was done to a picture that somebody sent, where it may surprise them."""

    FIRST_FRAME = "first_frame"  # of an animation
    FIRST_PAGE = "first_page"  # of a document with several
    SCALED_DOWN = "scaled_down"
    TINY = "tiny"  # so few pixels that a model can hardly see anything in it


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture that somebody sent, ready for a model: upright, sRGB, its pixels and nothing else.

    Width and height in pixels, as it is shown.
    """

    data: bytes
    mime: str  # image/png where something in it is transparent, else image/jpeg
    width: int
    height: int
    notes: tuple[IntakeNote, ...] = ()


class Withheld(StrEnum):
    """Why a picture that is kept is shown to nobody. What sorts last is the strictest."""

    HIDDEN = "hidden"  # by reports, until moderators have decided
    REMOVED = "removed"  # by moderators


@dataclass(frozen=True, slots=True)
class Sender:
    """Who would have pictures sent to a model, and where.

    What is withheld is sent by nobody in the server that withholds it. Elsewhere it is not sent by whoever
    made it, nor once more for what was made from it; others, who happen to have the same bytes, learn
    nothing of it.
    """

    guild_id: int | None
    member_id: int
    parent: str | None = None  # the image that the new one would be made from


@dataclass(frozen=True, slots=True)
class Image:
    """A kept picture: who owns it, where its original bytes are, what made it. Times are UTC milliseconds."""

    id: str
    job_id: str
    position: int  # 0-based place among the pictures of its job
    owner_id: int
    guild_id: int | None
    private: bool
    sha256: str
    mime: str
    width: int
    height: int
    size: int  # bytes
    created_at: int
    parent: str | None = None
    deleted_at: int | None = None
    withheld: Withheld | None = None
    judged: Withheld | None = None  # what was decided about this one: `withheld` is the strictest of all
    # images of its server with the same bytes

    @property
    def available(self) -> bool:
        """Whether anybody may see or use it: neither deleted nor withheld. Everything that shows a picture
        or sends it to a model asks this first; searches ask the same in SQL (`storage.gallery`)."""
        return self.deleted_at is None and self.withheld is None

    @property
    def hidden(self) -> bool:
        """Whether reports have hidden it, and moderators have not decided yet."""
        return self.deleted_at is None and self.withheld is Withheld.HIDDEN

    @property
    def filename(self) -> str:
        """The name that it is posted under: ours alone, nothing that a member wrote."""
        return self.filename_for(self.mime)

    def filename_for(self, mime: str) -> str:
        """The name of a copy of another type."""
        return f"plantain-{self.id}.{EXTENSIONS.get(mime, 'img')}"
