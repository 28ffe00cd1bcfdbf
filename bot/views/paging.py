"""Lists that are longer than Slack shows: a page at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from bot import blocks, ids
from bot.blocks import Block

Item = TypeVar("Item")
Other = TypeVar("Other")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list, of which nothing else was read."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @classmethod
    def blank(cls, number: int, *, size: int, total: int) -> Self:
        """Turn to a page; one that is no longer there becomes the last one. Its items are yet to be read."""
        last = max(0, (total - 1) // size)
        return cls((), min(max(number, 0), last), size, total)

    @property
    def skipped(self) -> int:
        """How many items stand on the pages before."""
        return self.number * self.size

    def filled(self, items: Sequence[Other]) -> "Page[Other]":
        """Put items on it."""
        return Page(items, self.number, self.size, self.total)


def page_buttons(page: Page[Item], which: str) -> Iterator[Block]:
    """Offer the pages before and after; the value names the list and the page."""
    first = page.skipped + 1
    buttons = []
    if page.number:
        buttons.append(blocks.button("Show previous", f"{ids.TURN_PAGE}:back", f"{which}:{page.number - 1}"))
    if first - 1 + len(page.items) < page.total:
        buttons.append(blocks.button("Show more", f"{ids.TURN_PAGE}:on", f"{which}:{page.number + 1}"))
    if buttons:
        yield blocks.context(f"{first} to {first - 1 + len(page.items)} of {page.total}")
        yield blocks.actions(*buttons)
