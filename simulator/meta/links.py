"""What a link in a post looks like: its title and picture, fetched afterwards and without a promise."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from simulator.meta.meta import Meta
from simulator.meta.pictures import NotAPicture, Unfetchable
from simulator.meta.world import Post, Preview

SECONDS = 5.0
MOST_BYTES = 500_000


def preview(meta: Meta, post: Post) -> None:
    """Fetch the preview of a post's link in the background."""
    meta.later(_fetch(meta, post))


async def _fetch(meta: Meta, post: Post) -> None:
    assert post.link
    try:
        answer = await meta.http.get(post.link, follow_redirects=True, timeout=SECONDS)
        answer.raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL):
        return
    head = _Head()
    head.feed(answer.text[:MOST_BYTES])
    if head.title:
        post.preview = Preview(title=head.title, description=head.said.get("og:description", ""))
        post.preview.image = await _image(meta, head.said.get("og:image"), str(answer.url))
        meta.changed()


async def _image(meta: Meta, address: str | None, page: str) -> str | None:
    if not address:
        return None
    try:
        look = await meta.pictures.keep(await meta.pictures.fetch(urljoin(page, address)))
    except (Unfetchable, NotAPicture):
        return None
    return look.picture.blob


class _Head(HTMLParser):
    """Collects og: properties, and the title."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self.in_title = False

    @property
    def title(self) -> str:
        """Return what the page calls itself."""
        return (self.said.get("og:title") or self.said.get("title", "")).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a meta tag."""
        given = dict(attrs)
        name, content = given.get("property") or given.get("name"), given.get("content")
        if tag == "meta" and name and content:
            self.said.setdefault("og:description" if name == "description" else name, content)
        self.in_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        """Leave the title."""
        self.in_title = self.in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        """Collect the title's text."""
        if self.in_title:
            self.said["title"] = self.said.get("title", "") + data
