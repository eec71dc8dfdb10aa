"""What kind of file somebody sent, by its first bytes alone: neither name nor claimed type counts."""

from __future__ import annotations

from enum import StrEnum

from bot.errors import InputProblem, InputRefused


class Kind(StrEnum):
    """The kinds of pictures that are taken in, by the names that people know them by."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WebP"
    GIF = "GIF"
    AVIF = "AVIF"
    HEIC = "HEIC"
    BMP = "BMP"
    TIFF = "TIFF"


TAKEN = tuple(kind.value for kind in Kind)

_TAKEN_BY_START = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"BM", Kind.BMP),
    (b"II*\0", Kind.TIFF),
    (b"MM\0*", Kind.TIFF),
    (b"II+\0", Kind.TIFF),  # BigTIFF
    (b"MM\0+", Kind.TIFF),
)
# What people try, too. The name says what it is; "" in the sentence would help nobody.
_OTHERS_BY_START = (
    (b"%PDF-", "PDF"),
    (b"8BPS", "Photoshop"),
    (b"gimp xcf", "GIMP"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\x01\0", "icon"),
    (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
    (b"v/1\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"FUJIFILMCCD-RAW", "camera raw"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"%!PS", "PostScript"),
)
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_PLAIN_BRANDS = frozenset({b"mif1", b"msf1"})  # a container of pictures; the other brands say of which
_SVG_WITHIN = 1024


def kind_of(data: bytes) -> Kind:
    """Return the kind; raise InputRefused for what is no picture, and for pictures of other kinds."""
    for start, kind in _TAKEN_BY_START:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Kind.WEBP
    if data[4:8] == b"ftyp":
        return _of_brands(data)
    for start, name in _OTHERS_BY_START:
        if data.startswith(start):
            raise not_taken(name)
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        raise not_taken("video")
    head = data[:_SVG_WITHIN].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<") and b"<svg" in head:
        raise not_taken("SVG")
    raise InputRefused(InputProblem.NOT_A_PICTURE, kind="")


def not_taken(name: str) -> InputRefused:
    """The refusal of another kind of file, whose name is one of ours and never the sender's."""
    return InputRefused(InputProblem.KIND_NOT_TAKEN, kind=name, allowed=list(TAKEN))


def _of_brands(data: bytes) -> Kind:
    """Tell the kinds that share the ISO container apart by their brands (ISO/IEC 14496-12, 4.3)."""
    end = min(int.from_bytes(data[:4], "big"), 4096)
    major = data[8:12]
    brands = {major, *(data[at : at + 4] for at in range(16, end - 3, 4))}
    if major in _HEIC_BRANDS:
        return Kind.HEIC
    if major in _AVIF_BRANDS:
        return Kind.AVIF
    if major in _PLAIN_BRANDS:
        return Kind.AVIF if brands & _AVIF_BRANDS else Kind.HEIC
    raise not_taken({b"crx ": "camera raw", b"jxl ": "JPEG XL"}.get(major, "video"))
