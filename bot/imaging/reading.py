"""Opening somebody's bytes as a picture: all of them hostile until decoded."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from PIL import Image, ImageFile
from PIL import WebPImagePlugin as _  # noqa: F401 - without it, the first WebP loads all of Pillow's formats

from bot.domain.images import Inspected
from bot.errors import ImageError, StorageError
from bot.imaging import structure
from bot.imaging.budget import Budget
from bot.imaging.glance import glance

log = logging.getLogger(__name__)

# The largest output of a model has 17 million pixels, and Pillow holds a pixel in up to four bytes. The limit
# is below Pillow's own of 89 million, above which it warns, so that what passes here never does.
MAX_PIXELS = 80_000_000
# Bytes for a pixel that is decoded, and for what is made of it meanwhile. Pillow uses libwebp's decoder of
# animations for every WebP, which holds the picture three times.
_PIXEL_BYTES, _WEBP_PIXEL_BYTES = 8, 20
MAX_BYTES = 100 * 1024 * 1024

_MIMES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG that carries more pictures behind its own, as phones write it
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}
_OPENED = ("JPEG", "PNG", "WEBP", "GIF")


def read(path: Path) -> bytes:
    """Return a file's bytes, cut beyond what a picture may have; raise StorageError where that fails."""
    with _file_faults(path), path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


@contextmanager
def _file_faults(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StorageError(f"cannot read {path.name}: {exc.strerror}") from exc


def inspect(path: Path, budget: Budget | None = None) -> Inspected | None:
    """Say what a picture is, or None where the bytes are no whole picture of a kind that we take.

    The content decides, whatever the file was called. What its container shows to be whole is not decoded:
    with many results at once that would cost more than everything else. Where the container leaves a doubt,
    the picture is decoded to the end. `budget` as for `opened`. Raises StorageError where the file cannot be
    read.
    """
    with _file_faults(path), path.open("rb") as file:
        if file.seekable():
            with suppress(Exception):  # whatever is wrong with it, the whole look says it
                if found := glance(file, MAX_BYTES, MAX_PIXELS):
                    return found
            file.seek(0)
        data = file.read(MAX_BYTES + 1)
    try:
        with opened(data, budget) as image:
            found = Inspected(mime_of(image), image.width, image.height)
            if image.format not in ("JPEG", "MPO") or not structure.jpeg_ends(data):
                image.draft(None, (1, 1))  # only JPEG knows how; the others ignore it
                image.load()
    except ImageError as exc:
        log.info("no whole picture: %s", exc)
        return None
    return found


def mime_of(image: Image.Image) -> str:
    """Return the media type of an opened picture."""
    return _MIMES[image.format or ""]


@contextmanager
def opened(data: bytes, budget: Budget | None = None) -> Iterator[ImageFile.ImageFile]:
    """Open a picture that is not decoded yet; raise ImageError where it turns out not to be a whole one.

    `budget` is what pictures may take together; this one's part is held to the end. The errors of what
    happens inside are translated, too. Pillow raises nearly anything for bytes that lie: OSError,
    SyntaxError, ValueError, struct.error, IndexError, AssertionError and more.
    """
    try:
        _check_container(data)
        with ExitStack() as stack:
            webp = data.startswith(b"RIFF")
            if webp:  # opening it takes the memory already
                _hold(stack, budget, structure.webp_size(data), _WEBP_PIXEL_BYTES)
            image = stack.enter_context(Image.open(io.BytesIO(data), formats=_OPENED))
            pixels = image.width * image.height
            if pixels > MAX_PIXELS:
                raise ImageError(f"{image.width}x{image.height} pixels are too many")
            if data.startswith(b"\xff\xd8") and not structure.jpeg_is_sane(data, pixels):
                raise ImageError("too many scans for so many pixels")
            if not webp:
                _hold(stack, budget, image.size, _PIXEL_BYTES)
            yield image
    except (ImageError, MemoryError):
        raise
    except Exception as exc:
        raise ImageError(f"cannot be decoded ({type(exc).__name__})") from exc


def _hold(stack: ExitStack, budget: Budget | None, size: tuple[int, int], pixel_bytes: int) -> None:
    if budget is not None:
        stack.enter_context(budget.held(size[0] * size[1] * pixel_bytes))


def _check_container(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        raise ImageError("the file is too large")
    whole = True
    if data.startswith(b"GIF8"):
        whole = structure.gif_is_whole(data)
    elif data.startswith(b"RIFF"):
        width, height = structure.webp_size(data)
        whole = structure.webp_is_whole(data) and width * height <= MAX_PIXELS
    elif data.startswith(b"\x89PNG"):
        _check_png(data)
    if not whole:
        raise ImageError("the file is cut off or not what it says")


def _check_png(data: bytes) -> None:
    """Walk all chunks and their checksums to the end: decoding alone does not miss a lost last chunk."""
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        image.verify()
