"""Typed text becomes mrkdwn that shows it as it was, and a message becomes words again."""

import html
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import mrkdwn, spoken
from bot.listeners import social, trail
from bot.views import guide


@given(st.text(), st.integers(min_value=1, max_value=200))
def test_what_is_shortened_fits_and_is_never_cut_inside_an_escape(text: str, most: int) -> None:
    fitted = mrkdwn.fitted(text, most)
    assert len(fitted) <= most
    assert not set(fitted) & set("<>")
    whole = html.unescape(fitted.removesuffix("…"))
    assert text.startswith(whole.rstrip()) or fitted == mrkdwn.escape(text)


@given(st.text())
def test_escaping_loses_nothing(text: str) -> None:
    escaped = mrkdwn.escape(text)
    assert escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text


def test_tokens() -> None:
    at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert mrkdwn.moment(at) == (
        f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|22 November 2026, 09:30 UTC>"
    )
    assert (
        mrkdwn.link("https://a.example/?a=1&b=2|3>", "a|b<c")
        == "<https://a.example/?a=1&amp;b=2%7C3&gt;|a¦b&lt;c>"
    )
    assert mrkdwn.bold("a*b <!here>") == "*a∗b &lt;!here&gt;*"  # noqa: RUF001


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tea &amp; <https://a.example|cakes>", "Tea & https://a.example"),
        ("Hi <@U123>, see <#C1|general> <!here>", "Hi , see #general"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<!date^1^{date}|1 January>", "1 January"),
    ],
)
def test_markup_becomes_plain_words(text: str, words: str) -> None:
    assert spoken.text_of({"text": text}) == words


def test_rich_text_knows_its_emoji() -> None:
    message = {
        "text": ":coffee: :custom:",
        "blocks": [
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "emoji", "name": "coffee", "unicode": "2615"},
                            {"type": "text", "text": " & ", "style": {"bold": True}},
                            {"type": "emoji", "name": "flag-se", "unicode": "1f1f8-1f1ea"},
                            {"type": "emoji", "name": "custom"},
                            {"type": "user", "user_id": "U1"},
                            {"type": "link", "url": "https://a.example", "text": "here"},
                        ],
                    },
                    {
                        "type": "rich_text_list",
                        "elements": [
                            {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}
                        ],
                    },
                ],
            }
        ],
    }
    assert spoken.text_of(message) == "☕ & 🇸🇪:custom:https://a.example\n• one"


def test_the_guide_names_every_word_that_a_command_knows() -> None:
    words = {*social.FLOWS, *(f"audit {word}" for word in trail.DONE_WITH_IT)}
    named = {command for command, _ in guide.LINES}
    assert {f"/social {word}" for word in words} <= named
