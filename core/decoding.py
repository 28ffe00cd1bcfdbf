"""From the bytes of a picture to its pixels: upright, nothing see-through, never more than we can bear."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO

import pillow_heif
from PIL import ExifTags, Image

from core import colours, kinds
from core.errors import BadMedia

MAX_PIXELS = 64_000_000
"""More than phones make; a larger one would take more memory than a small server has."""

pillow_heif.register_heif_opener()

_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "TIFF", "GIF", "BMP")
# MPO is a phone's JPEG with more behind it, like a gain map; its first picture is the one that people see.
_NAMES = {"MPO": "JPEG", "HEIF": "HEIC", "WEBP": "WebP"}
_MOVING = {"GIF", "WEBP", "PNG", "AVIF"}
_DNG_VERSION = 50706
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """What a picture is, as people see it: width and height are those after turning it upright."""

    format: str  # JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF or BMP
    width: int
    height: int
    size_bytes: int
    has_alpha: bool  # some of it really is see-through
    has_location: bool  # it tells where it was taken
    has_more_pages: bool  # a TIFF of several pages; only the first is used

    @property
    def ratio(self) -> float:
        """Width by height."""
        return self.width / self.height


@dataclass(frozen=True)
class Decoded:
    """A picture with its pixels (L, RGB or CMYK) and the ICC profile that says what they mean."""

    picture: Picture
    image: Image.Image
    profile: bytes | None


def decode(data: bytes, *, at_least: int) -> Decoded:
    """Decode everything, so that damage shows; JPEGs no larger than needed.

    `at_least` is how many pixels the shorter side is needed with. Raises BadMedia, and nothing else.
    """
    with deciphering(data):
        image = Image.open(BytesIO(data), formats=_FORMATS)
        _refuse_unsuitable(image)
        size, more_pages = image.size, image.format == "TIFF" and _has_second_page(image)
        if image.format in {"JPEG", "MPO"}:
            image.draft(None, (at_least, at_least))
        image.load()
        return _upright(data, image, size, has_more_pages=more_pages)


@contextmanager
def deciphering(data: bytes) -> Iterator[None]:
    """Turn whatever broken bytes make Pillow raise into BadMedia."""
    try:
        yield
    except BadMedia:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadMedia(_too_large()) from error
    except Exception as error:  # its parsers raise struct.error, KeyError, SyntaxError... for broken files
        raise BadMedia(_what_it_is(data)) from error


def _refuse_unsuitable(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise BadMedia(_too_large())
    if image.format in _MOVING and getattr(image, "is_animated", False):
        name = _NAMES.get(image.format, image.format)
        raise BadMedia(f"This {name} is animated. Use a still picture.")
    if image.format == "TIFF" and _DNG_VERSION in image.getexif():
        raise BadMedia("This is a camera's raw file. Export it as JPEG first.")


def _has_second_page(image: Image.Image) -> bool:
    """Look one page ahead only; counting them all could take forever in a hostile file."""
    try:
        image.seek(1)
    except EOFError:
        return False
    finally:
        image.seek(0)
    return True


def _upright(data: bytes, image: Image.Image, size: tuple[int, int], *, has_more_pages: bool) -> Decoded:
    exif = _exif(image)
    orientation = exif.get(ExifTags.Base.Orientation)
    width, height = reversed(size) if orientation in {5, 6, 7, 8} else size
    pixels, has_alpha = colours.opaque(image)
    picture = Picture(
        format=_NAMES.get(image.format or "", image.format or ""),
        width=width,
        height=height,
        size_bytes=len(data),
        has_alpha=has_alpha,
        has_location=_tells_where(exif),
        has_more_pages=has_more_pages,
    )
    turned = pixels.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else pixels
    return Decoded(picture=picture, image=turned, profile=image.info.get("icc_profile"))


def _exif(image: Image.Image) -> Image.Exif:
    """Read the EXIF data; broken EXIF in a fine picture counts as none."""
    with suppress(Exception):
        return image.getexif()
    return Image.Exif()


def _tells_where(exif: Image.Exif) -> bool:
    with suppress(Exception):
        return bool(exif.get_ifd(ExifTags.IFD.GPSInfo))
    return False


def _too_large() -> str:
    return f"This picture is too large. Scale it to less than {MAX_PIXELS // 1_000_000} megapixels."


def _what_it_is(data: bytes) -> str:
    kind = kinds.of(data)
    if kind.is_picture:
        return f"This is {kind.words}, but it is damaged or incomplete. Export it again."
    return f"This is {kind.words}, not a picture that can be published. Use JPEG, PNG, WebP or HEIC."
