"""Pictures: what they are, and how they become what Instagram and Facebook take.

Everything here works on bytes and costs processor time, some seconds for a very large picture: call it with
`asyncio.to_thread`. Nothing but BadMedia is ever raised for bad bytes.

What leaves `prepare` was written by us, pixel by pixel: no metadata and nothing hidden comes along.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageStat

from core import colours, framing, limits
from core.decoding import MAX_PIXELS, Picture, deciphering, decode
from core.errors import BadMedia
from core.framing import Fit, Frame
from core.limits import Limits

__all__ = [
    "MAX_PIXELS",
    "Fit",
    "Picture",
    "Prepared",
    "look",
    "prepare",
    "thumbnail",
]

_QUALITIES = (92, 86, 80, 74, 68, 60, 50)
_THUMBNAIL_QUALITY = 82
_FULL_COLOUR = 90  # from this quality on, colour is kept as sharp as brightness
_PLAIN = 8  # of 255: how much a plain background may vary
_BY = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Prepared:
    """A baseline JPEG that the platform takes, and what was done to get there, in sentences."""

    jpeg: bytes
    width: int
    height: int
    changes: tuple[str, ...]


def look(data: bytes) -> Picture:
    """Decode the whole picture and say what it is. Raises BadMedia, with a sentence that says why."""
    return decode(data, at_least=1).picture


def prepare(data: bytes, *, platform: str, fit: Fit) -> Prepared:
    """Make the JPEG that `platform` takes: upright, sRGB, on white, small enough, without metadata.

    "keep" leaves the ratio alone and raises BadMedia when the platform refuses it; "crop" cuts evenly to the
    nearest ratio that is allowed; "pad" adds an even border in the picture's own plain background, or white.
    Instagram scales pictures narrower than 320 pixels up; so do we, so that the preview shows it.
    """
    allowed = limits.of(platform)
    decoded = decode(data, at_least=2 * max(allowed.max_width, allowed.max_height))
    picture = decoded.picture
    frame = framing.frame(picture.width, picture.height, allowed, fit)
    with deciphering(data):
        inner = _cut_and_scaled(decoded.image, picture, frame)
        image, recoloured = colours.to_srgb(inner, decoded.profile)
    jpeg, quality = _encoded(_bordered(image, frame), allowed)
    changes = (
        *_changes_of_kind(picture, recoloured=recoloured),
        *_changes_of_size(picture, frame),
        *_changes_of_quality(quality, allowed),
    )
    return Prepared(jpeg=jpeg, width=frame.width, height=frame.height, changes=changes)


def thumbnail(data: bytes, max_side: int) -> bytes:
    """Make a small JPEG for a card, at most `max_side` pixels on its longer side. Raises BadMedia."""
    decoded = decode(data, at_least=2 * max_side)
    with deciphering(data):
        image = decoded.image
        image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
        image, _ = colours.to_srgb(image, decoded.profile)
    return _jpeg(image, _THUMBNAIL_QUALITY)


def _cut_and_scaled(image: Image.Image, picture: Picture, frame: Frame) -> Image.Image:
    share = image.width / picture.width  # less than 1 when a JPEG was decoded smaller than it is
    width, height = (max(1, round(side * share)) for side in frame.kept)
    width, height = min(width, image.width), min(height, image.height)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    cut = image.crop((left, top, left + width, top + height))
    return cut.resize(frame.inner, Image.Resampling.LANCZOS, reducing_gap=3)


def _bordered(image: Image.Image, frame: Frame) -> Image.Image:
    size = (frame.width, frame.height)
    if image.size == size:
        return image
    canvas = Image.new("RGB", size, _background(image, beside=frame.width > image.width))
    canvas.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return canvas


def _background(image: Image.Image, *, beside: bool) -> tuple[int, ...]:
    """Return the colour of the two edges that the border touches if they are plain and alike, else white."""
    width, height = image.size
    depth = max(1, (width if beside else height) // 50)
    first = (0, 0, depth, height) if beside else (0, 0, width, depth)
    last = (width - depth, 0, width, height) if beside else (0, height - depth, width, height)
    edges = [ImageStat.Stat(image.crop(edge)) for edge in (first, last)]
    varies = max(deviation for edge in edges for deviation in edge.stddev)
    differs = max(abs(one - other) for one, other in zip(edges[0].mean, edges[1].mean, strict=True))
    return colours.WHITE if max(varies, differs) > _PLAIN else tuple(round(mean) for mean in edges[0].mean)


def _encoded(image: Image.Image, allowed: Limits) -> tuple[bytes, int]:
    for quality in _QUALITIES:
        jpeg = _jpeg(image, quality)
        if len(jpeg) <= allowed.jpeg_bytes:
            return jpeg, quality
    raise BadMedia(f"This picture cannot be made small enough for {allowed.name}. Use one with less detail.")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    image.info = {}  # comments, profiles and EXIF stay behind
    written = BytesIO()
    sampling = "4:4:4" if quality >= _FULL_COLOUR else "4:2:0"
    # Without optimize, for which Pillow must guess a buffer's size and fails on noisy pictures.
    image.save(written, "JPEG", quality=quality, subsampling=sampling, progressive=False)
    return written.getvalue()


def _changes_of_kind(picture: Picture, *, recoloured: bool) -> Iterator[str]:
    if picture.format != "JPEG":
        yield f"Converted from {picture.format} to JPEG"
    if picture.has_more_pages:
        yield "Only the first page is used"
    if picture.has_alpha:
        yield "Transparent parts are now white"
    if recoloured:
        yield "Colours converted to sRGB"
    if picture.has_location:
        yield "The place where it was taken was removed"


def _changes_of_size(picture: Picture, frame: Frame) -> Iterator[str]:
    if frame.kept != (picture.width, picture.height):
        sides = "left and right" if frame.kept[0] < picture.width else "top and bottom"
        yield f"Cropped at the {sides} to {frame.ratio_words}"
    if frame.inner != frame.kept:
        up = frame.inner[0] > frame.kept[0]
        sizes = f"from {_size(frame.kept)} to {_size(frame.inner)}"
        yield f"Scaled up {sizes}, which may look soft" if up else f"Scaled {sizes}"
    if frame.inner != (frame.width, frame.height):
        sides = "left and right" if frame.inner[0] < frame.width else "top and bottom"
        yield f"Border added at the {sides} to reach {frame.ratio_words}"


def _changes_of_quality(quality: int, allowed: Limits) -> Iterator[str]:
    if quality < _QUALITIES[0]:
        yield f"Compressed more, to stay under {allowed.jpeg_bytes // 1_000_000} MB"


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}{_BY}{size[1]}"
