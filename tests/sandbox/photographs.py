"""Photographs as telephones keep them: with place, serial number, thumbnail and comments in the file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bot.sandbox.gemini.painter import Commission, paint
from tests.imaging.sent import SECRET, SRGB, XMP, exif, heic


@dataclass(frozen=True)
class Photographs:
    """Files that somebody may attach; all but the plain one hold SECRET."""

    jpeg: Path
    turned: Path  # held upright: only its metadata says so
    heic: Path
    animation: Path
    cat: Path


def take(folder: Path) -> Photographs:
    """Write the photographs into a folder."""
    files = Photographs(
        *(folder / name for name in ("IMG_2034.jpg", "upright.jpg", "IMG_2035.heic", "wave.gif", "cat.jpg"))
    )
    everything = {"xmp": XMP, "icc_profile": SRGB, "comment": SECRET.encode()}
    boat = paint(Commission("a boat on a mountain lake", "holiday", "telephone", (), (1024, 768), "1"))
    with Image.open(io.BytesIO(boat)) as picture:
        picture.save(files.jpeg, "JPEG", quality=90, exif=exif(), **everything)
        turned = picture.transpose(Image.Transpose.ROTATE_90)
        turned.save(files.turned, "JPEG", quality=90, exif=exif(orientation=6), **everything)
        files.heic.write_bytes(heic(picture.convert("RGB"), exif=exif(), xmp=XMP))
        picture.save(
            files.animation, save_all=True, append_images=[picture.rotate(10)], comment=SECRET.encode()
        )
    files.cat.write_bytes(paint(Commission("a cat in a garden", "garden", "camera", (), (900, 900), "2")))
    return files


def kept_pictures(folder: Path) -> list[bytes]:
    """Return every picture that a sandbox keeps below a folder."""
    return [path.read_bytes() for path in folder.rglob("blobs/??/*")]


def nothing_secret(pictures: list[bytes]) -> bool:
    """Whether no picture holds what the files had in their metadata."""
    return not any(SECRET.encode() in data for data in pictures)
