"""The ways to a picture in the composer: the one that is there, one of the message, an upload, an address."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot import blocks, ids, mrkdwn
from bot.blocks import Block

NONE_OF_THESE = "none"
KEEP = "keep"
MOST_PICTURES = 9  # radio buttons hold 10; one of them is "none of these"
FILE_TYPES = ["jpg", "jpeg", "png", "webp", "heic", "heif", "avif", "tif", "tiff", "gif", "bmp"]
SHOWN_BY_SLACK = {"image/png", "image/jpeg", "image/gif"}


@dataclass(frozen=True)
class Picture:
    """A picture that stands in the message which a post is made of."""

    file_id: str
    name: str
    shown: bool  # Slack shows it in a modal

    @classmethod
    def of(cls, file: Mapping[str, Any]) -> Self:
        """Read Slack's file object."""
        name = str(file.get("name") or file.get("title") or "picture")
        return cls(str(file["id"]), mrkdwn.shortened(name, 60), file.get("mimetype") in SHOWN_BY_SLACK)


def picture_part(
    pictures: Sequence[Picture], *, has_one: bool = False, alt_text: str | None = None
) -> Iterator[Block]:
    """Give the ways to a picture: the message's own, an upload, an address; and its description."""
    yield from of_message(pictures)
    replaces = has_one or bool(pictures)
    yield blocks.field(
        "Another picture" if replaces else "Picture",
        {"type": "file_input", "action_id": ids.IMAGE, "filetypes": FILE_TYPES, "max_files": 1},
        ids.IMAGE,
        hint="Any still picture, up to 10 MB. What is not a JPEG becomes one."
        + (" It replaces the one above." if replaces else ""),
        optional=True,
    )
    yield blocks.field(
        "Or the address of a picture",
        {
            "type": "url_text_input",
            "action_id": ids.ADDRESS,
            "placeholder": blocks.plain("https://…"),
        },
        ids.ADDRESS,
        optional=True,
    )
    element = {"type": "plain_text_input", "action_id": ids.ALT_TEXT}
    yield blocks.field(
        "Description of the picture",
        element | ({"initial_value": alt_text} if alt_text else {}),
        ids.ALT_TEXT,
        hint="Alt text, for people who cannot see it.",
        optional=True,
    )


def kept_picture(address: str | None) -> Iterator[Block]:
    """Show the picture that the post has, and let the person keep it, or go without."""
    if address:
        yield blocks.section("The picture so far", blocks.image(address, "The picture of this post"))
    options = [blocks.option("Keep this picture", KEEP), blocks.option("No picture", NONE_OF_THESE)]
    element: Block = {"type": "radio_buttons", "action_id": ids.KEPT, "options": options}
    yield blocks.field("Picture", element | {"initial_option": options[0]}, ids.KEPT)


def of_message(pictures: Sequence[Picture]) -> Iterator[Block]:
    """Show the message's pictures, and let the person choose one, or none."""
    for picture in pictures:
        if picture.shown:
            yield blocks.slack_image(picture.file_id, picture.name)
    if not pictures:
        return
    options = [blocks.option(one.name, one.file_id) for one in pictures]
    options.append(blocks.option("None of these" if len(pictures) > 1 else "No, without it", NONE_OF_THESE))
    element: Block = {"type": "radio_buttons", "action_id": ids.CHOSEN, "options": options}
    if len(pictures) == 1:
        element["initial_option"] = options[0]
    label = "Which picture of the message?" if len(pictures) > 1 else "Use the picture of the message?"
    yield blocks.field(label, element, ids.CHOSEN)
