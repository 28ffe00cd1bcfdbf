"""Avatars, covers and old photos, by name; each is drawn when it is first looked at."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

from simulator.meta.drawn.canvas import Canvas, Colour, darker, lighter
from simulator.meta.drawn.scenes import SCENES, Scene, hills, lights, shelf, wheel
from simulator.meta.drawn.scenes import beans as spilt_beans

PREFIX = "drawn"
"""A picture's blob that begins with this is not kept anywhere: `drawn-latte-3` is drawn."""
PHOTO = 720
AVATAR = 320
COVER = (1312, 500)
CREAM: Colour = (250, 243, 230)

Mark = Callable[[Canvas], None]


@dataclass(frozen=True)
class Brand:
    """How one of the seed's brands looks."""

    colour: Colour
    mark: Mark
    cover: Scene


_ONE_AT_A_TIME = Lock()
"""Drawing is work; a page full of pictures shall not take every core from the calls."""


@lru_cache(maxsize=64)
def photo(blob: str) -> bytes | None:
    """Return the drawn picture of this name, as JPEG; None if there is none."""
    _, _, rest = blob.partition("-")
    subject, _, number = rest.partition("-")
    if subject not in SCENES or not number.isdigit():
        return None
    with _ONE_AT_A_TIME:
        canvas = Canvas(PHOTO, PHOTO, CREAM)
        SCENES[subject](canvas, random.Random(f"{subject}{number}"))
        return canvas.photo()


@lru_cache(maxsize=64)
def avatar(art: str) -> bytes:
    """Return a brand's avatar; for an unknown one, its first two letters."""
    brand = BRANDS.get(art)
    colour = brand.colour if brand else _colour(art)
    canvas = Canvas(AVATAR, AVATAR, colour)
    canvas.gradient(lighter(colour, 0.12), darker(colour, 0.18))
    if brand:
        brand.mark(canvas)
    else:
        canvas.text(0.5, 0.5, initials(art), 0.4, CREAM)
    return canvas.drawing()


@lru_cache(maxsize=16)
def cover(art: str) -> bytes:
    """Return a brand's cover."""
    brand = BRANDS.get(art)
    with _ONE_AT_A_TIME:
        canvas = Canvas(*COVER, brand.colour if brand else _colour(art))
        (brand.cover if brand else hills)(canvas, random.Random(art))
        return canvas.photo()


def initials(name: str) -> str:
    """Return what stands on an avatar: MC for Maya Chen."""
    words = [word for word in name.replace(".", " ").replace("_", " ").split() if word]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def _colour(art: str) -> Colour:
    chance = random.Random(art)
    return chance.choice(
        [(62, 92, 118), (146, 84, 70), (86, 112, 80), (120, 86, 128), (176, 124, 60), (52, 110, 112)]
    )


def _cup(canvas: Canvas) -> None:
    for x in (0.40, 0.5, 0.6):
        steam = [(x + 0.018 * math.sin(step / 2.2), 0.34 - step * 0.0105) for step in range(15)]
        canvas.line(steam, CREAM, 0.022)
    canvas.ring((0.6, 0.45, 0.8, 0.65), CREAM, 0.035)
    canvas.rectangle((0.26, 0.41, 0.7, 0.5), CREAM)
    canvas.rectangle((0.26, 0.41, 0.7, 0.71), CREAM, round_by=0.11)
    canvas.rectangle((0.22, 0.75, 0.76, 0.785), CREAM, round_by=0.017)


def _bean(canvas: Canvas) -> None:
    canvas.bean(0.49, 0.48, 0.27, -0.9, CREAM)


def _book(canvas: Canvas) -> None:
    canvas.polygon([(0.49, 0.34), (0.2, 0.28), (0.2, 0.66), (0.49, 0.73)], CREAM)
    canvas.polygon([(0.51, 0.34), (0.8, 0.28), (0.8, 0.66), (0.51, 0.73)], CREAM)
    for row in (0.4, 0.47, 0.54):
        canvas.line([(0.26, row - 0.025), (0.43, row + 0.015)], (28, 78, 96), 0.016)
        canvas.line([(0.57, row + 0.015), (0.74, row - 0.025)], (28, 78, 96), 0.016)


def _bulbs(canvas: Canvas) -> None:
    canvas.line([(0.08, 0.28), (0.3, 0.4), (0.5, 0.43), (0.7, 0.4), (0.92, 0.28)], CREAM, 0.018)
    for x, y in ((0.28, 0.39), (0.5, 0.43), (0.72, 0.39)):
        canvas.glow(x, y + 0.15, 0.26, (255, 206, 120), 0.9)
        canvas.rectangle((x - 0.028, y, x + 0.028, y + 0.08), CREAM, round_by=0.01)
        canvas.ellipse((x - 0.07, y + 0.06, x + 0.07, y + 0.23), (255, 238, 196))


def _hub(canvas: Canvas) -> None:
    canvas.ring((0.2, 0.2, 0.8, 0.8), CREAM, 0.07)
    canvas.ring((0.41, 0.41, 0.59, 0.59), CREAM, 0.05)
    for start, end in (
        ((0.5, 0.24), (0.5, 0.42)),
        ((0.26, 0.62), (0.43, 0.55)),
        ((0.74, 0.62), (0.57, 0.55)),
    ):
        canvas.line([start, end], CREAM, 0.055)


BRANDS = {
    "coffee": Brand((32, 84, 78), _cup, hills),
    "roastery": Brand((132, 62, 38), _bean, spilt_beans),
    "books": Brand((28, 78, 96), _book, shelf),
    "events": Brand((70, 52, 112), _bulbs, lights),
    "garage": Brand((160, 52, 44), _hub, wheel),
}
