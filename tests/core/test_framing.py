"""The arithmetic of frames, for every size there is."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import BadMedia
from core.framing import Fit, frame, ratio_problem, words
from core.limits import FACEBOOK, INSTAGRAM, Limits

SIDES = st.integers(min_value=1, max_value=60_000)
TALLEST, WIDEST = Fraction(4, 5), Fraction(191, 100)


@given(SIDES, SIDES, st.sampled_from(["crop", "pad"]))
def test_every_result_is_one_that_instagram_takes(width: int, height: int, fit: Fit) -> None:
    result = frame(width, height, INSTAGRAM, fit)
    assert TALLEST <= Fraction(result.width, result.height) <= WIDEST
    assert 320 <= result.width <= 1440
    assert result.height <= 1800


@given(SIDES, SIDES)
def test_keeping_the_ratio_works_or_is_refused(width: int, height: int) -> None:
    if ratio_problem(width, height, INSTAGRAM):
        with pytest.raises(BadMedia, match=r"too (tall|wide) for Instagram"):
            frame(width, height, INSTAGRAM, "keep")
        return
    result = frame(width, height, INSTAGRAM, "keep")
    assert TALLEST <= Fraction(result.width, result.height) <= WIDEST
    assert result.kept == (width, height)
    assert result.inner == (result.width, result.height)


@given(SIDES, SIDES)
def test_a_problem_is_told_exactly_when_the_ratio_is_outside(width: int, height: int) -> None:
    problem = ratio_problem(width, height, INSTAGRAM)
    assert (problem is None) == (TALLEST <= Fraction(width, height) <= WIDEST)
    if problem:
        assert problem.side == ("tall" if width < height else "wide")
        assert problem.nearest == (TALLEST if problem.side == "tall" else WIDEST)
    assert ratio_problem(width, height, FACEBOOK) is None


@given(SIDES, SIDES)
def test_cropping_cuts_one_side_only_and_no_more_than_needed(width: int, height: int) -> None:
    result = frame(width, height, INSTAGRAM, "crop")
    assert result.kept[0] == width or result.kept[1] == height
    assert result.inner == (result.width, result.height)
    if problem := ratio_problem(width, height, INSTAGRAM):
        cut = height - result.kept[1] if problem.side == "tall" else width - result.kept[0]
        needed = (
            height - width / problem.nearest if problem.side == "tall" else width - height * problem.nearest
        )
        assert abs(cut - needed) <= 1


@given(SIDES, SIDES)
def test_padding_keeps_everything_and_touches_two_sides(width: int, height: int) -> None:
    result = frame(width, height, INSTAGRAM, "pad")
    assert result.kept == (width, height)
    assert result.inner[0] == result.width or result.inner[1] == result.height
    assert result.inner[0] <= result.width
    assert result.inner[1] <= result.height


@given(SIDES, SIDES, st.sampled_from(["keep", "crop", "pad"]), st.sampled_from([INSTAGRAM, FACEBOOK]))
def test_a_picture_is_not_stretched(width: int, height: int, fit: Fit, allowed: Limits) -> None:
    assume(fit != "keep" or not ratio_problem(width, height, allowed))
    result = frame(width, height, allowed, fit)
    across, down = (Fraction(inner, kept) for inner, kept in zip(result.inner, result.kept, strict=True))
    assume(min(*result.inner, *result.kept) >= 50)  # below, a whole pixel is a large part
    assert abs(across / down - 1) < Fraction(1, 20)


@given(SIDES, SIDES)
def test_facebook_keeps_every_ratio_and_is_never_scaled_up(width: int, height: int) -> None:
    result = frame(width, height, FACEBOOK, "keep")
    assert result.width <= min(width, 2048)
    assert result.height <= min(height, 2048)


@pytest.mark.parametrize(
    ("size", "fit", "kept", "inner", "result"),
    [
        ((4000, 3000), "keep", (4000, 3000), (1440, 1080), (1440, 1080)),
        ((1080, 1350), "keep", (1080, 1350), (1080, 1350), (1080, 1350)),
        ((200, 200), "keep", (200, 200), (320, 320), (320, 320)),
        ((1080, 1920), "crop", (1080, 1350), (1080, 1350), (1080, 1350)),
        ((1080, 1920), "pad", (1080, 1920), (1012, 1800), (1440, 1800)),
        ((2000, 500), "crop", (955, 500), (955, 500), (955, 500)),
        ((1000, 250), "pad", (1000, 250), (1000, 250), (1000, 524)),
    ],
)
def test_some_frames(
    size: tuple[int, int], fit: Fit, kept: tuple[int, int], inner: tuple[int, int], result: tuple[int, int]
) -> None:
    found = frame(*size, INSTAGRAM, fit)
    assert (found.kept, found.inner, (found.width, found.height)) == (kept, inner, result)


def test_the_problem_says_what_and_offers_both_ways() -> None:
    problem = ratio_problem(1080, 1920, INSTAGRAM)
    assert problem
    assert problem.nearest_words == "4:5"
    assert problem.sentence == (
        "This picture is too tall for Instagram (9:16): 4:5 to 1.91:1 is allowed. "
        "Crop it to 4:5, or add a border."
    )


def test_one_pixel_too_many_is_a_little_too_tall() -> None:
    problem = ratio_problem(1080, 1351, INSTAGRAM)
    assert problem
    assert "a little too tall" in problem.sentence


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (Fraction(1080, 1351), "4:5"),
        (Fraction(191, 100), "1.91:1"),
        (Fraction(1440, 1080), "4:3"),
        (Fraction(1, 10), "1:10"),
        (Fraction(7, 1), "7:1"),
    ],
)
def test_ratios_in_words(ratio: Fraction, said: str) -> None:
    assert words(ratio) == said
