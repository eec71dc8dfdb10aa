"""Pictures: one that we keep, what its bytes are, a copy of it that fits."""

from __future__ import annotations

from dataclasses import dataclass

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

    @property
    def filename(self) -> str:
        """The name that it is posted under: ours alone, nothing that a member wrote."""
        return self.filename_for(self.mime)

    def filename_for(self, mime: str) -> str:
        """The name of a copy of another type."""
        return f"plantain-{self.id}.{EXTENSIONS.get(mime, 'img')}"
