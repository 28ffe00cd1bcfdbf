"""A canvas with light on it: gradients, soft shadows, grain."""

import io
import math
import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
Shape = Callable[[ImageDraw.ImageDraw, Box], None]

FINER = 2
"""Drawn this much larger, and scaled down, so that edges are smooth."""


class Canvas:
    """Measures are fractions of the height: (0, 0) is the top left, (width, 1) the bottom right."""

    def __init__(self, width: int, height: int, colour: Colour) -> None:
        self.size = (width, height)
        self.unit = height * FINER
        self.width = width / height
        self.image = Image.new("RGB", (width * FINER, height * FINER), colour)

    def ellipse(self, box: Box, colour: Colour, *, shadow: float = 0.0) -> None:
        """Draw an ellipse that may throw a soft shadow (its offset)."""
        if shadow:
            self._shade(lambda draw, at: draw.ellipse(at, fill=255), box, shadow)
        self._draw().ellipse(self._at(box), fill=colour)

    def ring(self, box: Box, colour: Colour, thickness: float) -> None:
        """Draw an ellipse's outline."""
        self._draw().ellipse(self._at(box), outline=colour, width=max(1, round(thickness * self.unit)))

    def rectangle(self, box: Box, colour: Colour, *, round_by: float = 0.0, shadow: float = 0.0) -> None:
        """Draw a rectangle with round corners, that may throw a soft shadow."""
        radius = round(round_by * self.unit)
        if shadow:
            self._shade(lambda draw, at: draw.rounded_rectangle(at, radius, fill=255), box, shadow)
        self._draw().rounded_rectangle(self._at(box), radius, fill=colour)

    def polygon(self, points: list[tuple[float, float]], colour: Colour) -> None:
        """Draw a filled shape."""
        self._draw().polygon([(x * self.unit, y * self.unit) for x, y in points], fill=colour)

    def line(self, points: list[tuple[float, float]], colour: Colour, thickness: float) -> None:
        """Draw a line through these points."""
        at = [(x * self.unit, y * self.unit) for x, y in points]
        self._draw().line(at, fill=colour, width=max(1, round(thickness * self.unit)), joint="curve")

    def bean(self, x: float, y: float, long: float, turned: float, colour: Colour) -> None:
        """Draw a coffee bean (or a leaf, or a petal): an ellipse at an angle, with a slit."""
        around = [_turned(x, y, long * math.cos(t), long * 0.62 * math.sin(t), turned) for t in _circle()]
        self.polygon([(px + long * 0.12, py + long * 0.16) for px, py in around], darker(colour, 0.45))
        self.polygon(around, colour)
        shine = [
            _turned(x, y, long * (0.62 * math.cos(t) - 0.08), long * (0.3 * math.sin(t) - 0.22), turned)
            for t in _circle()
        ]
        self.polygon(shine, lighter(colour, 0.12))
        slit = [_turned(x, y, long * s / 10, long * 0.12 * math.sin(s / 3), turned) for s in range(-9, 10)]
        self.line(slit, darker(colour, 0.5), long * 0.12)

    def gradient(self, top: Colour, bottom: Colour, box: Box | None = None) -> None:
        """Fill a box (all of it by default) from one colour to another, downwards."""
        left, upper, right, lower = self._at(box or (0, 0, self.width, 1))
        size = (max(1, round(right - left)), max(1, round(lower - upper)))
        ramp = Image.linear_gradient("L").resize(size)
        mixed = Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)
        self.image.paste(mixed, (round(left), round(upper)))

    def glow(self, x: float, y: float, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Add light around a point."""
        side = max(2, round(radius * 2 * self.unit))
        left, top = round((x - radius) * self.unit), round((y - radius) * self.unit)
        light = ImageChops.invert(Image.radial_gradient("L").resize((side, side)))
        light = light.point(lambda value: max(0, (value - 76) * 255 // 179) * strength)
        spot = Image.composite(Image.new("RGB", (side, side), colour), Image.new("RGB", (side, side)), light)
        lit = ImageChops.screen(self.image.crop((left, top, left + side, top + side)), spot)
        self.image.paste(lit, (left, top))

    def text(self, x: float, y: float, words: str, high: float, colour: Colour) -> None:
        """Write around a point."""
        font = ImageFont.load_default(high * self.unit)
        self._draw().text((x * self.unit, y * self.unit), words, colour, font, anchor="mm")

    def blur(self, radius: float) -> None:
        """Put all that was drawn so far out of focus."""
        self.image = self.image.filter(ImageFilter.GaussianBlur(radius * self.unit))

    def drawing(self) -> bytes:
        """Return the finished picture as JPEG."""
        return _jpeg(self._finished())

    def photo(self, strength: float = 9.0) -> bytes:
        """Return it as JPEG with a photograph's grain over it, and its corners a little darker."""
        image = self._finished()
        noise = Image.effect_noise(self.size, strength)
        image = ImageChops.overlay(image, Image.merge("RGB", (noise, noise, noise)))
        corners = (
            Image.radial_gradient("L").resize(self.size).point(lambda value: 255 - value * value // 1300)
        )
        return _jpeg(ImageChops.multiply(image, Image.merge("RGB", (corners, corners, corners))))

    def _finished(self) -> Image.Image:
        return self.image.resize(self.size, Image.Resampling.BOX)

    def _shade(self, shape: Shape, box: Box, offset: float) -> None:
        left, top, right, bottom = self._at(box)
        move = offset * self.unit
        room = move * 2
        size = (round((right - left + 2 * room) / 4), round((bottom - top + 2 * room) / 4))
        mask = Image.new("L", size)
        within = (room / 4, room / 4, (right - left + room) / 4, (bottom - top + room) / 4)
        shape(ImageDraw.Draw(mask), within)
        soft = mask.filter(ImageFilter.GaussianBlur(max(1.0, move / 6))).point(lambda value: value * 0.42)
        soft = soft.resize((size[0] * 4, size[1] * 4))
        self.image.paste((20, 12, 8), (round(left - room + move * 0.6), round(top - room + move)), soft)

    def _draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)

    def _at(self, box: Box) -> Box:
        left, top, right, bottom = (side * self.unit for side in box)
        return left, top, right, bottom


def lighter(colour: Colour, by: float) -> Colour:
    """Return a colour nearer to white."""
    return mix(colour, (255, 255, 255), by)


def darker(colour: Colour, by: float) -> Colour:
    """Return a colour nearer to black."""
    return mix(colour, (0, 0, 0), by)


def mix(one: Colour, other: Colour, by: float) -> Colour:
    """Return what lies between two colours: at 0 the one, at 1 the other."""
    red, green, blue = (round(a + (b - a) * by) for a, b in zip(one, other, strict=True))
    return red, green, blue


def scattered(chance: random.Random, width: float, apart: float) -> list[tuple[float, float]]:
    """Return points all over a canvas, in a grid that chance has shaken, and in its order."""
    columns, rows = math.ceil(width / apart) + 1, math.ceil(1 / apart) + 1
    points = [
        ((column + chance.uniform(-0.35, 0.35)) * apart, (row + chance.uniform(-0.35, 0.35)) * apart)
        for column in range(columns)
        for row in range(rows)
    ]
    chance.shuffle(points)
    return points


def _circle() -> list[float]:
    return [step * math.tau / 40 for step in range(40)]


def _turned(x: float, y: float, along: float, across: float, by: float) -> tuple[float, float]:
    return (
        x + along * math.cos(by) - across * math.sin(by),
        y + along * math.sin(by) + across * math.cos(by),
    )


def _jpeg(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=88)
    return written.getvalue()
