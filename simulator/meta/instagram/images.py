"""What a picture must be to become a post, and what Meta says when it is not.

https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
"""

from simulator.meta.errors import GraphError, instagram
from simulator.meta.meta import Meta
from simulator.meta.pictures import Look, NotAPicture, TooSlow, Unfetchable
from simulator.meta.world import Picture

MOST_BYTES = 8 * 1024 * 1024
NARROWEST, WIDEST = 0.8, 1.91
"""Width by height: 4:5 and 1.91:1."""


async def taken(meta: Meta, url: str) -> Picture:
    """Fetch and keep the picture at this address. Raises `GraphError` for one that is refused."""
    try:
        look = await meta.pictures.keep(await meta.pictures.fetch(url))
    except TooSlow as slow:
        raise instagram(
            -2,
            2207003,
            "The media could not be fetched in time",
            "Timeout",
            "It takes too long to download the media.",
        ) from slow
    except Unfetchable as lost:
        raise instagram(
            9004,
            2207052,
            "Only photo or video can be accepted as media type.",
            "Only photo or video can be accepted as media type.",
            f"The media could not be fetched from this URI: {url}",
        ) from lost
    except NotAPicture as wrong:
        raise _wrong_format() from wrong
    _check(look, jpeg_only=meta.world.settings.jpeg_only)
    return look.picture


def _check(look: Look, *, jpeg_only: bool) -> None:
    if look.size > MOST_BYTES:
        raise instagram(
            36000,
            2207004,
            "The image size is too large.",
            "Image size too large",
            "The image is too large to download. It should be less than 8 MiB.",
        )
    if look.format not in (("JPEG",) if jpeg_only else ("JPEG", "MPO", "PNG", "WEBP")):
        raise _wrong_format()
    ratio = round(look.picture.width / look.picture.height, 2)
    if not NARROWEST <= ratio <= WIDEST:
        raise instagram(
            36003,
            2207009,
            "The aspect ratio is not supported.",
            "Invalid aspect ratio",
            f"The submitted image with aspect ratio ({look.picture.width}/{look.picture.height},) cannot be "
            "published. Please submit an image with a valid aspect ratio.",
        )


def _wrong_format() -> GraphError:
    return instagram(
        36001,
        2207005,
        "The image format is not supported.",
        "Unsupported image format",
        "The image format is not supported. Please use JPEG.",
    )
