"""Into which frame a picture fits: arithmetic only, in whole pixels and exact ratios."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Literal, assert_never

from core.errors import BadMedia
from core.limits import Limits

Fit = Literal["keep", "crop", "pad"]

_NAMED = {
    Fraction(w, h): f"{w}:{h}"
    for w, h in ((9, 16), (2, 3), (3, 4), (4, 5), (1, 1), (5, 4), (4, 3), (3, 2), (16, 9), (2, 1), (3, 1))
}


@dataclass(frozen=True)
class RatioProblem:
    """A picture is too tall or too wide for a platform; cropping or padding brings it to `nearest`."""

    sentence: str
    side: Literal["tall", "wide"]
    nearest: Fraction

    @property
    def nearest_words(self) -> str:
        """The ratio it would be brought to: "4:5"."""
        return words(self.nearest)


@dataclass(frozen=True)
class Frame:
    """How a picture gets its final size; everything that is cut off or added is so evenly on both sides.

    `kept` is the part of the original's pixels that stays, `inner` the size it is scaled to, and `width` by
    `height` the size of the result, in whose middle it stands.
    """

    kept: tuple[int, int]
    inner: tuple[int, int]
    width: int
    height: int

    @property
    def ratio_words(self) -> str:
        """The ratio of the result: "4:5"."""
        return words(Fraction(self.width, self.height))


def ratio_problem(width: int, height: int, allowed: Limits) -> RatioProblem | None:
    """Say whether `width` by `height` pixels is a ratio that the platform refuses."""
    if allowed.ratios is None:
        return None
    shape = Fraction(width, height)
    tallest, widest = allowed.ratios
    if tallest <= shape <= widest:
        return None
    side: Literal["tall", "wide"] = "tall" if shape < tallest else "wide"
    nearest = tallest if side == "tall" else widest
    degree = "a little too" if words(shape) == words(nearest) else "too"
    sentence = (
        f"This picture is {degree} {side} for {allowed.name} ({words(shape)}): {words(tallest)} to "
        f"{words(widest)} is allowed. Crop it to {words(nearest)}, or add a border."
    )
    return RatioProblem(sentence, side, nearest)


def frame(width: int, height: int, allowed: Limits, fit: Fit) -> Frame:
    """Find the frame for a picture of `width` by `height` pixels.

    Raises BadMedia when its ratio is refused and `fit` is "keep".
    """
    kept, outer = _shapes(width, height, ratio_problem(width, height, allowed), fit)
    scale = _scale(outer, allowed)
    final_width = max(1, round(outer[0] * scale))
    final_height = _allowed_height(final_width, round(outer[1] * scale), allowed)
    inner = (
        final_width if kept[0] == outer[0] else _within(round(kept[0] * scale), final_width),
        final_height if kept[1] == outer[1] else _within(round(kept[1] * scale), final_height),
    )
    whole = (_within(round(kept[0]), width), _within(round(kept[1]), height))
    return Frame(kept=whole, inner=inner, width=final_width, height=final_height)


def words(ratio: Fraction) -> str:
    """Write a ratio as people do: "4:5", "16:9", "1.91:1"."""
    named = min(_NAMED, key=lambda known: abs(known - ratio))
    if abs(named - ratio) <= named / 500:
        return _NAMED[named]
    sides = (ratio, Fraction(1)) if ratio >= 1 else (Fraction(1), 1 / ratio)
    return ":".join(f"{float(side):.2f}".rstrip("0").rstrip(".") for side in sides)


_Shape = tuple[Fraction, Fraction]


def _shapes(width: int, height: int, problem: RatioProblem | None, fit: Fit) -> tuple[_Shape, _Shape]:
    """Return what is kept of the original, and the frame around it, both in the original's pixels."""
    whole = (Fraction(width), Fraction(height))
    if problem is None:
        return whole, whole
    by_width, by_height = (whole[0], width / problem.nearest), (height * problem.nearest, whole[1])
    match fit:
        case "keep":
            raise BadMedia(problem.sentence)
        case "crop":
            kept = by_width if problem.side == "tall" else by_height
            return kept, kept
        case "pad":
            return whole, by_height if problem.side == "tall" else by_width
        case _:
            assert_never(fit)


def _scale(outer: _Shape, allowed: Limits) -> Fraction:
    if outer[0] < allowed.min_width:
        return allowed.min_width / outer[0]
    return min(Fraction(1), allowed.max_width / outer[0], allowed.max_height / outer[1])


def _allowed_height(width: int, height: int, allowed: Limits) -> int:
    """Keep the rounding to whole pixels from pushing a ratio over the edge by a hair."""
    if allowed.ratios is None:
        return max(1, height)
    tallest, widest = allowed.ratios
    return min(max(height, ceil(width / widest)), floor(width / tallest))


def _within(pixels: int, most: int) -> int:
    return min(max(1, pixels), most)
