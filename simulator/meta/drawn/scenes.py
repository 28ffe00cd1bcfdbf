"""What there is to see: one function a subject, each a little different by chance."""

import math
import random
from collections.abc import Callable

from simulator.meta.drawn.canvas import Canvas, Colour, darker, lighter, mix, scattered

Scene = Callable[[Canvas, random.Random], None]

CREAM: Colour = (246, 236, 221)
COFFEE: Colour = (84, 48, 28)
PAPER: Colour = (250, 246, 238)
TABLES: list[Colour] = [(214, 196, 172), (47, 84, 79), (203, 121, 92), (226, 218, 207), (58, 63, 77)]
SPINES: list[Colour] = [
    (176, 58, 46), (28, 78, 96), (228, 178, 74), (74, 104, 74), (236, 222, 200),
    (88, 60, 96), (206, 120, 86), (40, 52, 74),
]  # fmt: skip


def latte(canvas: Canvas, chance: random.Random) -> None:
    """Draw a cup from above, with a heart in the milk."""
    table = chance.choice(TABLES)
    canvas.gradient(lighter(table, 0.12), darker(table, 0.12))
    x, y = canvas.width * chance.uniform(0.42, 0.58), chance.uniform(0.45, 0.55)
    china = chance.choice([(252, 250, 246), (238, 226, 208), (60, 66, 72), (192, 210, 206)])
    _disc(canvas, x, y, 0.40, china, shadow=0.05)
    _disc(canvas, x, y, 0.36, darker(china, 0.05))
    canvas.rectangle((x + 0.2, y - 0.04, x + 0.365, y + 0.04), china, round_by=0.04, shadow=0.02)
    canvas.rectangle((x + 0.24, y - 0.018, x + 0.34, y + 0.018), darker(china, 0.25), round_by=0.018)
    _disc(canvas, x, y, 0.27, china, shadow=0.035)
    _disc(canvas, x, y, 0.245, COFFEE)
    _disc(canvas, x, y, 0.235, (150, 94, 52))
    _heart(canvas, x, y, 0.15, (196, 142, 92))
    _heart(canvas, x, y + 0.005, 0.125, CREAM)
    _heart(canvas, x, y + 0.01, 0.075, (196, 142, 92))
    _heart(canvas, x, y + 0.012, 0.055, CREAM)
    canvas.glow(canvas.width * 0.15, 0.1, 0.9, (255, 240, 215), 0.35)


def beans(canvas: Canvas, chance: random.Random) -> None:
    """Draw beans, all over."""
    canvas.gradient((52, 30, 18), (30, 17, 10))
    for x, y in scattered(chance, canvas.width, 0.085):
        roast = mix((96, 54, 28), (58, 32, 18), chance.random())
        canvas.bean(x, y, chance.uniform(0.062, 0.075), chance.uniform(0, math.tau), roast)
    canvas.glow(canvas.width * 0.25, 0.15, 0.9, (255, 214, 160), 0.4)


def iced(canvas: Canvas, chance: random.Random) -> None:
    """Draw a tall glass, milk sinking into it."""
    wall = chance.choice([(233, 180, 150), (160, 190, 186), (240, 208, 120), (214, 200, 220)])
    canvas.gradient(lighter(wall, 0.25), wall)
    canvas.rectangle((0, 0.8, canvas.width, 1), darker(wall, 0.18))
    x = canvas.width / 2
    canvas.rectangle((x - 0.17, 0.22, x + 0.17, 0.86), (236, 240, 240), round_by=0.03, shadow=0.05)
    canvas.gradient((232, 210, 182), (92, 52, 28), (x - 0.152, 0.32, x + 0.152, 0.84))
    for _ in range(7):
        left, top = x + chance.uniform(-0.14, 0.05), chance.uniform(0.3, 0.56)
        canvas.rectangle(
            (left, top, left + 0.09, top + 0.085), mix((244, 236, 226), COFFEE, top * 0.5), round_by=0.02
        )
    canvas.line([(x + 0.03, 0.6), (x + 0.1, 0.08)], (250, 250, 246), 0.018)
    canvas.rectangle((x - 0.135, 0.26, x - 0.115, 0.8), (255, 255, 255), round_by=0.01)
    canvas.glow(0.1, 0.1, 0.8, (255, 250, 235), 0.35)


def bag(canvas: Canvas, chance: random.Random) -> None:
    """Draw a bag of freshly roasted coffee."""
    wall = chance.choice(TABLES)
    canvas.gradient(lighter(wall, 0.2), wall)
    canvas.rectangle((0, 0.82, canvas.width, 1), darker(wall, 0.25))
    x, kraft = canvas.width / 2, chance.choice([(193, 154, 107), (42, 44, 48), (232, 226, 214)])
    canvas.rectangle((x - 0.25, 0.16, x + 0.25, 0.88), kraft, round_by=0.02, shadow=0.06)
    canvas.rectangle((x - 0.25, 0.16, x + 0.25, 0.24), darker(kraft, 0.12), round_by=0.02)
    canvas.line([(x - 0.2, 0.2), (x + 0.2, 0.2)], darker(kraft, 0.35), 0.006)
    label = chance.choice(SPINES[:4])
    canvas.rectangle((x - 0.17, 0.36, x + 0.17, 0.74), lighter(label, 0.85), round_by=0.01)
    canvas.rectangle((x - 0.17, 0.36, x + 0.17, 0.44), label, round_by=0.01)
    canvas.bean(x, 0.55, 0.055, 0.7, label)
    for row, long in enumerate((0.11, 0.08)):
        canvas.line(
            [(x - long, 0.655 + row * 0.035), (x + long, 0.655 + row * 0.035)], darker(label, 0.2), 0.009
        )
    canvas.glow(canvas.width * 0.2, 0.1, 0.9, (255, 244, 220), 0.3)


def plant(canvas: Canvas, chance: random.Random) -> None:
    """Draw a plant on a sunny windowsill."""
    canvas.gradient((250, 238, 214), (238, 200, 160))
    for column in range(3):
        left = canvas.width * (0.08 + column * 0.3)
        canvas.gradient((196, 222, 232), (240, 240, 226), (left, 0.06, left + canvas.width * 0.25, 0.66))
    canvas.rectangle((0, 0.72, canvas.width, 0.78), (255, 250, 240), shadow=0.02)
    canvas.rectangle((0, 0.78, canvas.width, 1), (214, 168, 128))
    x, pot = canvas.width * 0.5, chance.choice([(196, 98, 66), (64, 84, 96), (240, 232, 220)])
    for leaf in range(11):
        turned = -math.pi / 2 + (leaf % 6 - 2.5 + leaf // 6 * 0.5) * (0.44 - leaf // 6 * 0.06)
        far, green = 0.26 - leaf // 6 * 0.1, mix((52, 96, 66), (140, 168, 96), chance.random())
        tip = (x + math.cos(turned) * far, 0.55 + math.sin(turned) * far)
        canvas.line([(x, 0.56), tip], darker(green, 0.25), 0.012)
        canvas.bean(*tip, 0.085, turned, green)
    canvas.polygon([(x - 0.14, 0.54), (x + 0.14, 0.54), (x + 0.1, 0.76), (x - 0.1, 0.76)], pot)
    canvas.rectangle((x - 0.155, 0.52, x + 0.155, 0.575), lighter(pot, 0.1), round_by=0.008)
    canvas.glow(canvas.width * 0.85, 0.1, 0.9, (255, 236, 190), 0.6)


def shelf(canvas: Canvas, chance: random.Random) -> None:
    """Draw shelves full of books."""
    wood: Colour = (120, 80, 52)
    canvas.gradient(darker(wood, 0.45), darker(wood, 0.55))
    for bottom in (0.33, 0.66, 0.99):
        _books(canvas, chance, bottom)
        canvas.rectangle((0, bottom, canvas.width, bottom + 0.035), wood, shadow=0.015)
    canvas.glow(canvas.width * 0.7, 0.2, 1.0, (255, 220, 160), 0.45)


def open_book(canvas: Canvas, chance: random.Random) -> None:
    """Draw an open book from above, and a cup beside it."""
    cloth = chance.choice([(66, 92, 92), (178, 118, 92), (226, 206, 178), (52, 58, 76)])
    canvas.gradient(lighter(cloth, 0.1), darker(cloth, 0.15))
    x = canvas.width * 0.46
    canvas.rectangle(
        (x - 0.41, 0.22, x + 0.41, 0.82),
        darker(SPINES[chance.randrange(4)], 0.1),
        round_by=0.015,
        shadow=0.05,
    )
    for left, right in ((x - 0.39, x), (x, x + 0.39)):
        canvas.rectangle((left, 0.24, right, 0.8), PAPER, round_by=0.01)
        for row in range(15):
            end = right - 0.05 - (chance.uniform(0, 0.12) if row % 5 == 4 else 0)
            canvas.line([(left + 0.05, 0.31 + row * 0.03), (end, 0.31 + row * 0.03)], (176, 168, 156), 0.006)
    canvas.gradient((232, 224, 212), PAPER, (x - 0.012, 0.24, x + 0.012, 0.8))
    canvas.line([(x + 0.2, 0.2), (x + 0.19, 0.86)], SPINES[0], 0.016)
    _disc(canvas, canvas.width * 0.92, 0.14, 0.15, (246, 242, 234), shadow=0.04)
    _disc(canvas, canvas.width * 0.92, 0.14, 0.125, (126, 72, 36))
    canvas.glow(0.1, 0.05, 0.9, (255, 240, 210), 0.35)


def stack(canvas: Canvas, chance: random.Random) -> None:
    """Draw a pile of new books in front of a plain wall."""
    wall = chance.choice([(232, 200, 170), (168, 190, 190), (222, 214, 200), (196, 128, 108)])
    canvas.gradient(lighter(wall, 0.2), wall)
    canvas.rectangle((0, 0.84, canvas.width, 1), darker(wall, 0.22))
    bottom = 0.87
    for colour in chance.sample(SPINES, 6):
        high, long = chance.uniform(0.065, 0.1), chance.uniform(0.3, 0.37)
        left = canvas.width / 2 - long + chance.uniform(-0.03, 0.03)
        canvas.rectangle((left, bottom - high, left + long * 2, bottom), colour, round_by=0.008, shadow=0.012)
        canvas.rectangle(
            (left + long * 2 - 0.03, bottom - high + 0.01, left + long * 2, bottom - 0.01), PAPER
        )
        canvas.line(
            [(left + 0.1, bottom - high / 2), (left + 0.34, bottom - high / 2)], lighter(colour, 0.55), 0.011
        )
        bottom -= high
    canvas.ellipse(
        (canvas.width / 2 - 0.1, bottom - 0.13, canvas.width / 2 + 0.06, bottom), (214, 72, 56), shadow=0.015
    )
    canvas.line(
        [(canvas.width / 2 - 0.02, bottom - 0.12), (canvas.width / 2 + 0.01, bottom - 0.17)],
        (80, 60, 40),
        0.01,
    )
    canvas.glow(canvas.width * 0.15, 0.15, 0.9, (255, 244, 220), 0.4)


def lights(canvas: Canvas, chance: random.Random) -> None:
    """Draw strings of lights at dusk, and people below, out of focus."""
    canvas.gradient((30, 32, 74), (214, 108, 92))
    for _ in range(26):
        x, radius = chance.uniform(0, canvas.width), chance.uniform(0.06, 0.14)
        canvas.ellipse((x - radius, 1.02 - radius * 2.6, x + radius, 1.2), (26, 20, 38))
    canvas.blur(0.012)
    for string in range(4):
        for bulb in range(15):
            x = canvas.width * bulb / 14
            y = 0.12 + string * 0.15 + 0.09 * math.sin(math.pi * bulb / 14) + chance.uniform(-0.01, 0.01)
            canvas.glow(x, y, chance.uniform(0.05, 0.09), (255, 206, 120), 0.9)
            _disc(canvas, x, y, 0.011, (255, 244, 214))


def hills(canvas: Canvas, chance: random.Random) -> None:
    """Draw hills behind hills, and the sun."""
    sky, far = chance.choice(
        [((250, 196, 140), (96, 78, 120)), ((190, 220, 232), (70, 110, 120)), ((244, 160, 120), (60, 58, 96))]
    )
    canvas.gradient(mix(sky, far, 0.35), lighter(sky, 0.2))
    x = canvas.width * chance.uniform(0.3, 0.7)
    canvas.glow(x, 0.42, 0.5, (255, 236, 190), 0.9)
    _disc(canvas, x, 0.42, 0.075, (255, 246, 220))
    for layer in range(5):
        high, phase = 0.5 + layer * 0.1, chance.uniform(0, math.tau)
        ridge = [
            (
                canvas.width * s / 40,
                high + 0.05 * math.sin(phase + s / (5 - layer * 0.5)) + 0.02 * math.sin(phase + s),
            )
            for s in range(41)
        ]
        canvas.polygon([*ridge, (canvas.width, 1), (0, 1)], mix(sky, darker(far, 0.35), 0.3 + layer * 0.17))


def poster(canvas: Canvas, chance: random.Random) -> None:
    """Draw a poster with a few large shapes."""
    ground, *inks = chance.sample(
        [(238, 226, 204), (214, 78, 56), (36, 62, 88), (236, 178, 66), (66, 122, 108)], 4
    )
    canvas.gradient(ground, ground)
    for index, ink in enumerate(inks):
        x, y = canvas.width * chance.uniform(0.2, 0.8), 0.25 + index * 0.24
        size = chance.uniform(0.18, 0.3)
        if chance.random() < 0.6:
            _disc(canvas, x, y, size, ink)
        else:
            canvas.rectangle((x - size, y - size * 0.6, x + size, y + size * 0.6), ink)
    for row in range(3):
        canvas.line(
            [(0.08, 0.86 + row * 0.035), (0.55 - row * 0.12, 0.86 + row * 0.035)], darker(ground, 0.75), 0.012
        )


def wheel(canvas: Canvas, chance: random.Random) -> None:
    """Draw a wheel, close by."""
    paint = chance.choice([(190, 46, 40), (38, 72, 110), (232, 190, 80), (66, 96, 78)])
    canvas.gradient(lighter(paint, 0.18), darker(paint, 0.3))
    x, y = canvas.width / 2, 0.56
    for radius, colour in (
        (0.42, (18, 18, 20)),
        (0.39, (34, 34, 36)),
        (0.28, (210, 212, 216)),
        (0.26, (60, 62, 66)),
    ):
        _disc(canvas, x, y, radius, colour, shadow=0.03 if radius > 0.4 else 0)
    for spoke in range(10):
        angle = spoke * math.tau / 10 + chance.uniform(0, 0.05)
        end = (x + 0.255 * math.cos(angle), y + 0.255 * math.sin(angle))
        canvas.line([(x, y), end], (214, 216, 220), 0.03)
    _disc(canvas, x, y, 0.075, (226, 228, 232), shadow=0.01)
    _disc(canvas, x, y, 0.04, paint)
    canvas.rectangle((0, 0.94, canvas.width, 1), (50, 48, 48))
    canvas.glow(canvas.width * 0.2, 0.12, 0.8, (255, 250, 240), 0.4)


def _disc(canvas: Canvas, x: float, y: float, radius: float, colour: Colour, *, shadow: float = 0.0) -> None:
    canvas.ellipse((x - radius, y - radius, x + radius, y + radius), colour, shadow=shadow)


def _heart(canvas: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    outline = []
    for step in range(60):
        t = step * math.tau / 60
        across = 16 * math.sin(t) ** 3
        down = -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t))
        outline.append((x + across * size / 16, y + down * size / 16))
    canvas.polygon(outline, colour)


def _books(canvas: Canvas, chance: random.Random, bottom: float) -> None:
    left = 0.0
    while left < canvas.width:
        thick, high, colour = chance.uniform(0.03, 0.075), chance.uniform(0.2, 0.27), chance.choice(SPINES)
        canvas.rectangle((left, bottom - high, left + thick - 0.004, bottom), colour, round_by=0.006)
        band = lighter(colour, 0.5)
        canvas.rectangle((left + 0.006, bottom - high * 0.8, left + thick - 0.01, bottom - high * 0.74), band)
        if thick > 0.05:
            canvas.rectangle(
                (left + 0.012, bottom - high * 0.6, left + thick - 0.016, bottom - high * 0.3), band
            )
        left += thick


SCENES: dict[str, Scene] = {
    "latte": latte, "beans": beans, "iced": iced, "bag": bag, "plant": plant, "shelf": shelf,
    "openbook": open_book, "stack": stack, "lights": lights, "hills": hills, "poster": poster, "wheel": wheel,
}  # fmt: skip
