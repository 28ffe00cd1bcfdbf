"""What a caption and an alternative text may be."""

import re

from simulator.meta.errors import instagram, invalid

LONGEST_CAPTION = 2200
MOST_HASHTAGS = 30
MOST_MENTIONS = 20
LONGEST_ALT_TEXT = 1000
HASHTAG = re.compile(r"(?<![\w&#])#\w+")
MENTION = re.compile(r"(?<![\w@.])@[\w.]+")


def check(caption: str, alt_text: str) -> None:
    """Refuse what is too long, or has too many hashtags or mentions."""
    if len(caption) > LONGEST_CAPTION or len(HASHTAG.findall(caption)) > MOST_HASHTAGS:
        raise instagram(
            36004,
            2207010,
            "The caption was too long.",
            "Caption too long",
            f"The submitted image's caption was {len(caption)} characters long. The maximum is 2,200 "
            "characters, 30 hashtags and 20 @ tags.",
        )
    if len(MENTION.findall(caption)) > MOST_MENTIONS:
        raise instagram(
            100,
            2207040,
            "(#100) Too many @ tags",
            "Too many tags",
            "Cannot use more than 20 @ tags per post.",
        )
    if len(alt_text) > LONGEST_ALT_TEXT:
        raise invalid(f"Param alt_text must be at most {LONGEST_ALT_TEXT} characters long")
