"""What each platform takes: the numbers that pictures and captions are held against.

Instagram: https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media
Facebook:  https://developers.facebook.com/docs/graph-api/reference/page/photos/
"""

from dataclasses import dataclass
from fractions import Fraction

from core.models.account import Platform


@dataclass(frozen=True)
class Limits:
    """One platform's numbers; None means that it has no such limit."""

    name: str
    caption: int
    hashtags: int | None
    mentions: int | None
    alt_text: int | None
    needs_picture: bool
    takes_link: bool
    jpeg_bytes: int
    min_width: int
    max_width: int
    max_height: int
    ratios: tuple[Fraction, Fraction] | None  # the tallest and the widest, as width by height


INSTAGRAM = Limits(
    name=Platform.INSTAGRAM.title,
    caption=2200,
    hashtags=30,
    mentions=20,
    alt_text=1000,
    needs_picture=True,
    takes_link=False,
    jpeg_bytes=8_000_000,
    min_width=320,  # Instagram scales up by itself below this; we do, so that the preview shows it
    max_width=1440,
    max_height=1800,  # 1440 wide at 4:5
    ratios=(Fraction(4, 5), Fraction(191, 100)),
)

FACEBOOK = Limits(
    name=Platform.FACEBOOK.title,
    caption=63_206,
    hashtags=None,
    mentions=None,
    alt_text=None,
    needs_picture=False,
    takes_link=True,
    jpeg_bytes=4_000_000,  # documented as 10 MB, but subcode 1366046 still asks for less than 4
    min_width=1,
    max_width=2048,  # our choice: no limit is documented, and larger ones would need a poorer quality
    max_height=2048,
    ratios=None,
)

_BY_PLATFORM = {Platform.INSTAGRAM: INSTAGRAM, Platform.FACEBOOK: FACEBOOK}


def of(platform: str) -> Limits:
    """Return the limits of `instagram_business` or `facebook_page`."""
    return _BY_PLATFORM[Platform(platform)]
