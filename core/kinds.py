"""What a file is, told from its first bytes, in words for a person.

This is only a guess for choosing words and for turning away what is plainly something else;
whether bytes really are a picture is found out by decoding them (`core.images.look`).
"""

from codecs import getincrementaldecoder
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What a file seems to be: "a PDF", and whether it is a picture that we can read."""

    words: str
    is_picture: bool = False


_Utf8 = getincrementaldecoder("utf-8")

UNKNOWN = Kind("a file of a kind we do not know")

_JPEG = Kind("a JPEG picture", is_picture=True)
_TIFF = Kind("a TIFF picture", is_picture=True)
_RAW = Kind("a camera's raw file")
_VIDEO = Kind("a video")
_SOUND = Kind("a sound recording")
_WEB_PAGE = Kind("a web page")
_DRAWING = Kind("an SVG drawing")

_SIGNATURES: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"\xff\xd8\xff", _JPEG),
    (0, b"\x89PNG\r\n\x1a\n", Kind("a PNG picture", is_picture=True)),
    (0, b"GIF8", Kind("a GIF picture", is_picture=True)),
    (8, b"WEBP", Kind("a WebP picture", is_picture=True)),
    (8, b"CR\x02", _RAW),
    (0, b"II*\x00", _TIFF),
    (0, b"MM\x00*", _TIFF),
    (0, b"BM", Kind("a BMP picture", is_picture=True)),
    (0, b"%PDF", Kind("a PDF")),
    (0, b"8BPS", Kind("a Photoshop file")),
    (0, b"%!PS", Kind("a PostScript file")),
    (0, b"\xff\x0a", Kind("a JPEG XL picture")),
    (0, b"\x00\x00\x00\x0cJXL ", Kind("a JPEG XL picture")),
    (0, b"\x00\x00\x00\x0cjP  ", Kind("a JPEG 2000 picture")),
    (0, b"FUJIFILMCCD-RAW", _RAW),
    (0, b"PK\x03\x04", Kind("a ZIP archive or an Office document")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind("an Office document")),
    (0, b"\x1f\x8b", Kind("a compressed archive")),
    (0, b"7z\xbc\xaf\x27\x1c", Kind("a compressed archive")),
    (0, b"Rar!", Kind("a compressed archive")),
    (0, b"\x1a\x45\xdf\xa3", _VIDEO),
    (8, b"AVI ", _VIDEO),
    (8, b"WAVE", _SOUND),
    (0, b"ID3", _SOUND),
    (0, b"OggS", _SOUND),
    (0, b"fLaC", _SOUND),
    (0, b"wOFF", Kind("a font")),
    (0, b"MZ", Kind("a program")),
    (0, b"\x7fELF", Kind("a program")),
)

# The brands of https://mp4ra.org/registered-types/brands; all others of this family are videos.
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"mif2", b"msf1"})
_AVIF = frozenset({b"avif", b"avis"})
_CAMERA = frozenset({b"crx "})
_AUDIO = frozenset({b"M4A ", b"M4B "})


def of(data: bytes) -> Kind:
    """Tell what these bytes are; the first 1,024 are enough."""
    if not data:
        return Kind("an empty file")
    if data[4:8] == b"ftyp":
        return _of_brand(data[8:12])
    for offset, signature, kind in _SIGNATURES:
        if data.startswith(signature, offset):
            return kind
    return _of_text(data[:1024])


def _of_brand(brand: bytes) -> Kind:
    if brand in _HEIC:
        return Kind("a HEIC picture", is_picture=True)
    if brand in _AVIF:
        return Kind("an AVIF picture", is_picture=True)
    if brand in _AUDIO:
        return _SOUND
    return _RAW if brand in _CAMERA else _VIDEO


def _of_text(start: bytes) -> Kind:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return _WEB_PAGE
    if text.startswith((b"<svg", b"<?xml", b"<!doctype svg")):
        return _DRAWING if b"<svg" in text or b"doctype svg" in text else Kind("an XML file")
    if text.startswith((b"{", b"[")):
        return Kind("data (JSON)")
    is_text = all(byte in b"\t\n\r\f" or byte >= ord(" ") for byte in text)
    return Kind("text") if text and is_text and _is_utf8(start) else UNKNOWN


def _is_utf8(start: bytes) -> bool:
    try:
        _Utf8().decode(start)  # step by step, since the last character may have been cut in two
    except UnicodeDecodeError:
        return False
    return True
