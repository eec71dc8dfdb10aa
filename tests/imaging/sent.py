"""Files as people send them: with everything in them that cameras, phones and programs write."""

from __future__ import annotations

import io
import struct
from typing import Any

import pillow_heif
from PIL import Image, ImageCms, PngImagePlugin, TiffImagePlugin

from tests.imaging.pictures import encode, noise, png_chunk

SECRET = "SECRET-7391"
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><dc:creator>{SECRET}</dc:creator></x:xmpmeta>'.encode()


def heic(image: Image.Image, **options: Any) -> bytes:
    """A picture as a HEIC file; options are those of pillow-heif's `save`."""
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, **options)
    return buffer.getvalue()


def exif(orientation: int = 1) -> bytes:
    """EXIF data with maker, owner, serial number, place, a maker's note and a thumbnail."""
    data = Image.Exif()
    data[0x0112] = orientation
    data[0x010F] = SECRET
    data[0x013B] = SECRET
    data[0x010E] = SECRET
    details = data.get_ifd(0x8769)
    details[0x927C] = b"Maker\0" + SECRET.encode()
    details[0xA431] = SECRET  # the camera's serial number
    place = data.get_ifd(0x8825)
    place.update({1: "N", 2: (48.0, 8.0, 14.0), 3: "E", 4: (11.0, 34.0, 31.0), 29: SECRET})
    thumbnail = encode(noise(32, 24, 9), "JPEG", comment=SECRET.encode())
    return data.tobytes() + thumbnail


def iptc() -> bytes:
    """A JPEG segment as Photoshop writes it (APP13), with a caption."""
    caption = b"\x1c\x02\x78" + struct.pack(">H", len(SECRET)) + SECRET.encode()
    content = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(caption)) + caption
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content


def with_everything() -> dict[str, bytes]:
    """A file of each kind with the metadata that it can hold, all with SECRET in them."""
    image = noise(120, 80)
    alpha = noise(120, 80, mode="RGBA")
    everything: dict[str, Any] = {"exif": exif(), "xmp": XMP, "icc_profile": SRGB}
    jpeg = encode(image, "JPEG", quality=95, comment=SECRET.encode(), **everything)
    jpeg = jpeg[:2] + iptc() + jpeg[2:]
    return {
        "jpeg": jpeg,
        "jpeg with more behind it": jpeg + SECRET.encode() * 9,
        "jpeg with a second picture": encode(
            image, "MPO", save_all=True, append_images=[noise(30, 30, 2)], exif=exif()
        ),
        "png": encode(image, "PNG", pnginfo=png_texts(), dpi=(300, 300), exif=exif(), icc_profile=SRGB)
        + SECRET.encode(),
        "png with unknown chunks": with_chunks(encode(alpha, "PNG"), (b"teSt", b"caBX", b"tIME")),
        "png with transparency": encode(alpha, "PNG", pnginfo=png_texts(), exif=exif(), icc_profile=SRGB),
        "webp": encode(image, "WEBP", **everything),
        "webp with transparency": encode(alpha, "WEBP", lossless=True, **everything),
        "animated webp": encode(
            image, "WEBP", save_all=True, append_images=[noise(120, 80, 3)], **everything
        ),
        "gif": encode(image, "GIF", comment=SECRET.encode(), xmp=XMP),
        "avif": encode(image, "AVIF", **everything),
        "avif with transparency": encode(alpha, "AVIF", **everything),
        "heic": heic(
            image,
            exif=exif(),
            xmp=XMP,
            icc_profile=SRGB,
            thumbnails=[64],
            metadata=[{"type": "mime", "content_type": "text/plain", "data": SECRET.encode()}],
        ),
        "heic with transparency": heic(alpha, exif=exif(), xmp=XMP),
        "tiff": encode(image, "TIFF", tiffinfo=tiff_tags(), icc_profile=SRGB),
        "tiff with pages": encode(
            image, "TIFF", save_all=True, append_images=[noise(20, 20)], tiffinfo=tiff_tags()
        ),
        "bmp": encode(image, "BMP") + SECRET.encode(),
    }


def png_texts() -> PngImagePlugin.PngInfo:
    """Text in each of the three ways that a PNG has."""
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", SECRET)
    texts.add_text("parameters", f"{SECRET} masterpiece, steps 20", zip=True)
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    texts.add_itxt("Description", SECRET, zip=True)
    return texts


def with_chunks(png: bytes, names: tuple[bytes, ...]) -> bytes:
    """A PNG with more chunks behind its header."""
    return png[:33] + b"".join(png_chunk(name, SECRET.encode()) for name in names) + png[33:]


def tiff_tags() -> TiffImagePlugin.ImageFileDirectory_v2:
    """What scanners and programs write."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag in (270, 271, 272, 305, 315, 316, 33432):
        tags[tag] = SECRET
    tags[700] = XMP
    tags.tagtype[700] = 1
    return tags
