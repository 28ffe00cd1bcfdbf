"""Lists that are longer than Slack shows: a page at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from bot import blocks, ids
from bot.blocks import Block

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list."""

    items: Sequence[Item]
    number: int
    size: int
    total: int

    @classmethod
    def of(cls, items: Sequence[Item], number: int, size: int) -> Self:
        """Cut a page out; one that is no longer there becomes the last one."""
        last = max(0, (len(items) - 1) // size)
        number = min(max(number, 0), last)
        return cls(items[number * size : (number + 1) * size], number, size, len(items))


def page_buttons(page: Page[Item], which: str) -> Iterator[Block]:
    """Offer the pages before and after; the value names the list and the page."""
    first = page.number * page.size + 1
    buttons = []
    if page.number:
        buttons.append(blocks.button("Show previous", f"{ids.TURN_PAGE}:back", f"{which}:{page.number - 1}"))
    if first - 1 + len(page.items) < page.total:
        buttons.append(blocks.button("Show more", f"{ids.TURN_PAGE}:on", f"{which}:{page.number + 1}"))
    if buttons:
        yield blocks.context(f"{first} to {first - 1 + len(page.items)} of {page.total}")
        yield blocks.actions(*buttons)
