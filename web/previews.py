"""Previews: a post as each network would show it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from core import framing, limits, media
from core.models import Account, Platform
from core.post_views import PostView
from core.services import Services

LARGE = 85  # characters: Facebook sets a few words that stand alone in large letters
SHINES = {
    Platform.INSTAGRAM: re.compile(r"((?<![\w/])[#\uff03]\w+|(?<![\w.])@\w[\w.]*(?<!\.))"),
    Platform.FACEBOOK: re.compile(r"((?<![\w/])[#\uff03]\w+|\bhttps?://\S+)"),
}


@dataclass(frozen=True)
class Picture:
    """What a platform gets of a post's picture: its address, and its size in pixels."""

    address: str
    width: int
    height: int
    alt: str | None


@dataclass(frozen=True)
class Piece:
    """Some of a caption; what `shines` is shown in the colour of links."""

    text: str
    shines: bool


@dataclass(frozen=True)
class Preview:
    """What one platform would show, on each of these accounts."""

    platform: Platform
    accounts: tuple[Account, ...]
    caption: tuple[Piece, ...]
    picture: Picture | None
    link: str | None

    @property
    def name(self) -> str:
        """Give the name over the post: the first account's."""
        return self.accounts[0].platform_account_name

    @property
    def host(self) -> str:
        """Give the place that a link leads to, as Facebook writes it."""
        return (urlsplit(self.link or "").hostname or "").removeprefix("www.")

    @property
    def is_large(self) -> bool:
        """Say whether Facebook sets the words in large letters."""
        length = sum(len(piece.text) for piece in self.caption)
        return self.picture is None and self.link is None and length <= LARGE


def of(services: Services, post: PostView) -> list[Preview]:
    """Give what each platform that a post goes to would show, in the order of its accounts."""
    return [preview(services, post, one) for one in dict.fromkeys(one.platform for one in post.accounts)]


def preview(services: Services, post: PostView, platform: Platform) -> Preview:
    """Give what one platform would show."""
    return Preview(
        platform=platform,
        accounts=tuple(one for one in post.accounts if one.platform is platform),
        caption=tuple(pieces(post.version.caption, platform)),
        picture=picture(services, post, platform),
        link=post.version.link if limits.of(platform).takes_link else None,
    )


def picture(services: Services, post: PostView, platform: Platform) -> Picture | None:
    """Give the very picture that a platform gets, cropped or padded as somebody decided."""
    if post.media is None:
        return None
    version, size = post.version, (post.media.width, post.media.height)
    frame = framing.frame(*size, limits.of(platform), version.fit.value)
    address = media.address(services, post.media.id, media.Variant(platform, version.fit))
    return Picture(address, frame.width, frame.height, version.alt_text)


def pieces(caption: str, platform: Platform) -> Iterator[Piece]:
    """Cut a caption where a platform would show a link: at hashtags, mentions, addresses."""
    for number, text in enumerate(SHINES[platform].split(caption)):
        if text:
            yield Piece(text, shines=number % 2 == 1)
