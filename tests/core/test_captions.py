"""Captions, alt texts and links, held against what each platform takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.captions import Problem, count_hashtags, count_mentions, length, problems

INSTAGRAM, FACEBOOK = "instagram_business", "facebook_page"


def check(platform: str, caption: str = "Hello", **rest: str) -> list[Problem]:
    return list(problems(platform, caption=caption, has_picture=True, **rest))


@pytest.mark.parametrize("platform", [INSTAGRAM, FACEBOOK])
def test_an_ordinary_post_has_no_problems(platform: str) -> None:
    assert (
        check(
            platform, "Fresh beans! #coffee @northwind 🎉", alt_text="A cup", link="https://northwind.example"
        )
        == []
    )


@pytest.mark.parametrize(
    ("platform", "caption", "sentence"),
    [
        (INSTAGRAM, "a" * 2247, "47 characters too long for Instagram (2,200)."),
        (INSTAGRAM, "a" * 2201, "1 character too long for Instagram (2,200)."),
        (INSTAGRAM, "🎉" * 1101, "2 characters too long for Instagram (2,200)."),
        (INSTAGRAM, "#a " * 33, "3 too many hashtags for Instagram (30)."),
        (INSTAGRAM, "@a " * 21, "1 too many @mentions for Instagram (20)."),
        (FACEBOOK, "a" * 64_206, "1,000 characters too long for Facebook (63,206)."),
    ],
)
def test_what_is_over_is_counted(platform: str, caption: str, sentence: str) -> None:
    assert check(platform, caption) == [Problem("caption", sentence)]


@pytest.mark.parametrize(
    ("platform", "caption"),
    [
        (INSTAGRAM, "a" * 2200),
        (INSTAGRAM, "🎉" * 1100),
        (INSTAGRAM, "#a " * 30 + "@b " * 20),
        (INSTAGRAM, ""),
        (FACEBOOK, "a" * 63_206),
        (FACEBOOK, "#a @b " * 100),
        (FACEBOOK, ""),
    ],
)
def test_exactly_the_limit_is_fine(platform: str, caption: str) -> None:
    assert check(platform, caption) == []


def test_several_problems_are_all_told() -> None:
    found = problems(INSTAGRAM, caption="#a" * 1101, has_picture=False, alt_text="x" * 1001)
    assert [problem.field for problem in found] == ["picture", "caption", "caption", "alt_text"]
    assert found[-1].sentence == "1 character too long for Instagram (1,000)."


def test_instagram_needs_a_picture_and_facebook_something_to_say() -> None:
    assert problems(INSTAGRAM, caption="Hi", has_picture=False) == (
        Problem("picture", "Instagram needs a picture."),
    )
    assert problems(FACEBOOK, caption="Hi", has_picture=False) == ()
    assert problems(FACEBOOK, caption=" \n", has_picture=False) == (
        Problem("caption", "Write something, or add a picture or a link."),
    )
    assert problems(FACEBOOK, caption="", has_picture=False, link="https://northwind.example") == ()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("#coffee", 1),
        ("#coffee#beans", 2),
        ("##coffee", 1),
        ("#кофе #コーヒー #हिन्दी #قهوة #café #2026 #_x", 7),
        ("#🎉 #☕️ #🇸🇪", 3),
        ("\N{FULLWIDTH NUMBER SIGN}コーヒー", 1),
        ("# coffee #", 0),
        ("#️⃣ #️⃣1", 0),
        ("We are #! #, #- #", 0),
        ("\n#coffee\n#tea", 2),
    ],
)
def test_hashtags_of_any_script(text: str, count: int) -> None:
    assert count_hashtags(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("@dana @lee.o, (@otto)", 3),
        ("dana@northwind.example", 0),
        ("@ dana", 0),
        ("@", 0),
        ("\N{FULLWIDTH COMMERCIAL AT}dana", 1),
        ("_@dana", 0),
    ],
)
def test_mentions_are_not_mail_addresses(text: str, count: int) -> None:
    assert count_mentions(text) == count


@pytest.mark.parametrize(
    "link",
    [
        "https://northwind.example/a?b=c#d",
        "http://northwind.example",
        "https://notfacebook.com",
        " https://a.b ",
    ],
)
def test_good_links(link: str) -> None:
    assert check(FACEBOOK, link=link) == []


@pytest.mark.parametrize(
    ("link", "part"),
    [
        ("northwind.example", "https://"),
        ("ftp://northwind.example", "https://"),
        ("javascript:alert(1)", "https://"),
        ("https://", "https://"),
        ("https://localhost/", "https://"),
        ("https://[::1", "https://"),
        ("https://dana:secret@northwind.example", "name or password"),
        ("https://northwind.example/a b", "spaces"),
        ("https://facebook.com/x", "refuses"),
        ("https://WWW.Facebook.com/x", "refuses"),
        ("https://m.facebook.com", "refuses"),
    ],
)
def test_bad_links_have_a_sentence_each(link: str, part: str) -> None:
    [problem] = check(FACEBOOK, link=link)
    assert problem.field == "link"
    assert part in problem.sentence


def test_a_link_is_not_sent_to_instagram_and_not_checked() -> None:
    assert check(INSTAGRAM, link="https://facebook.com/x") == []


@given(st.text(), st.text(max_size=60), st.text(max_size=1200))
def test_anything_can_be_typed(caption: str, link: str, alt_text: str) -> None:
    for platform in (INSTAGRAM, FACEBOOK):
        for problem in problems(platform, caption=caption, has_picture=False, link=link, alt_text=alt_text):
            assert problem.sentence.endswith(".")


@given(st.text())
def test_length_is_never_less_than_python_counts(text: str) -> None:
    assert len(text) <= length(text) <= 2 * len(text)


def test_half_an_emoji_is_one_character() -> None:
    assert length("\ud83c") == 1
