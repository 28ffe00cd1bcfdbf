import pytest

from simulator.slack import text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("a & b < c", "a &amp; b &lt; c"),
        ("a &amp; b", "a &amp; b"),
        ("<@U1> and <https://x.example/?a=1&b=2|this>", "<@U1> and <https://x.example/?a=1&b=2|this>"),
        ("<script>", "&lt;script&gt;"),
        ("<!date^1^{date}|then>", "<!date^1^{date}|then>"),
    ],
)
def test_what_an_app_sends(said: str, kept: str) -> None:
    assert text.sent(said) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hi @dana!", "hi <@U1>!"),
        ("@nobody & <b>", "@nobody &amp; &lt;b&gt;"),
        ("see https://x.example/a.", "see <https://x.example/a>."),
        ("@here", "<!here>"),
        ("&amp;", "&amp;amp;"),
    ],
)
def test_what_a_person_types(typed: str, kept: str) -> None:
    assert text.typed(typed, {"dana": "U1"}) == kept


def test_a_persons_words_are_rich_text() -> None:
    (block,) = text.rich("<@U1> see <https://x.example> &amp; go")
    kinds = [element["type"] for element in block["elements"][0]["elements"]]
    assert kinds == ["user", "text", "link", "text"]
    assert block["elements"][0]["elements"][-1]["text"] == " & go"
