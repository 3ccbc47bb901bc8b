"""A canvas twice as large as the picture, so that edges come out smooth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from random import Random

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]

SCALE = 2


def hue(text: str) -> Colour:
    """``#rrggbb`` as three numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """The colour ``part`` of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


class Canvas:
    """Draws in the picture's own pixels."""

    def __init__(self, width: int, height: int, colour: Colour, seed: str) -> None:
        self.width = width
        self.height = height
        self.random = Random(seed)  # noqa: S311 - repeatable, and no secret
        self.image = Image.new("RGB", (width * SCALE, height * SCALE), colour)
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def gradient(self, colours: Sequence[Colour], top: float = 0, bottom: float | None = None) -> None:
        """Horizontal bands of colour, flowing into each other."""
        end = self.height if bottom is None else bottom
        first, last = int(top * SCALE), int(end * SCALE)
        for row in range(first, last):
            place = (row - first) / max(1, last - first) * (len(colours) - 1)
            step = min(int(place), len(colours) - 2)
            colour = mix(colours[step], colours[step + 1], place - step)
            self.pen.line([(0, row), (self.width * SCALE, row)], fill=colour)

    def polygon(self, points: Iterable[Point], colour: Colour, alpha: int = 255) -> None:
        """A filled shape."""
        self.pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=(*colour, alpha))

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: int = 255) -> None:
        """A filled ellipse around a point."""
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self.pen.ellipse(box, fill=(*colour, alpha))

    def box(
        self, x: float, y: float, width: float, height: float, colour: Colour, alpha: int = 255, r: float = 0
    ) -> None:
        """A filled rectangle, its corners rounded by ``r``."""
        edges = [x * SCALE, y * SCALE, (x + width) * SCALE, (y + height) * SCALE]
        self.pen.rounded_rectangle(edges, r * SCALE, fill=(*colour, alpha))

    def line(self, points: Iterable[Point], colour: Colour, width: float = 1, alpha: int = 255) -> None:
        """A line through points."""
        path = [(x * SCALE, y * SCALE) for x, y in points]
        self.pen.line(path, fill=(*colour, alpha), width=max(1, round(width * SCALE)), joint="curve")

    def arc(self, x: float, y: float, r: float, start: float, end: float, colour: Colour, width: float) -> None:
        """Part of a circle, in degrees clockwise from three o'clock."""
        box = [(x - r) * SCALE, (y - r) * SCALE, (x + r) * SCALE, (y + r) * SCALE]
        self.pen.arc(box, start, end, fill=colour, width=round(width * SCALE))

    def glow(self, x: float, y: float, r: float, colour: Colour, strength: int = 150) -> None:
        """Light that fades outwards."""
        layer = Image.new("L", self.image.size, 0)
        box = [(x - r) * SCALE, (y - r) * SCALE, (x + r) * SCALE, (y + r) * SCALE]
        ImageDraw.Draw(layer).ellipse(box, fill=strength)
        self._lay(colour, layer.filter(ImageFilter.GaussianBlur(r * SCALE / 2.2)))

    def shade(self, x: float, y: float, rx: float, ry: float, strength: int = 90) -> None:
        """A soft shadow on the ground."""
        layer = Image.new("L", self.image.size, 0)
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        ImageDraw.Draw(layer).ellipse(box, fill=strength)
        self._lay((20, 20, 30), layer.filter(ImageFilter.GaussianBlur(ry * SCALE / 1.6)))

    def mottle(self, colour: Colour, cell: int, strength: int, box: tuple[int, int, int, int]) -> None:
        """Soft spots over a box: clouds, rock, plaster."""
        left, top, right, bottom = (edge * SCALE for edge in box)
        across, down = max(2, (right - left) // (cell * SCALE)), max(2, (bottom - top) // (cell * SCALE))
        small = Image.new("L", (across, down))
        small.putdata([self.random.randrange(strength) for _ in range(across * down)])
        layer = Image.new("L", self.image.size, 0)
        layer.paste(small.resize((right - left, bottom - top), Image.Resampling.BICUBIC), (left, top))
        self._lay(colour, layer)

    def _lay(self, colour: Colour, mask: Image.Image) -> None:
        self.image.paste(colour, (0, 0), mask)
        self.pen = ImageDraw.Draw(self.image, "RGBA")

    def done(self) -> Image.Image:
        """The picture in its own size."""
        return self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)


def ridge(canvas: Canvas, level: float, rough: float, bumps: int) -> list[Point]:
    """The upper edge of hills around ``level``."""
    phases = [(canvas.random.uniform(0, 6.3), canvas.random.uniform(0.6, 1)) for _ in range(4)]
    points = []
    for x in range(0, canvas.width + 5, 4):
        y = level
        for octave, (phase, size) in enumerate(phases):
            turns = bumps * 2**octave * 6.283
            y += rough * size / 2**octave * math.sin(x / canvas.width * turns + phase)
        points.append((float(x), y))
    return points


def ground(canvas: Canvas, edge: list[Point], colour: Colour, alpha: int = 255) -> None:
    """Everything below an edge."""
    canvas.polygon([*edge, (canvas.width, canvas.height), (0, canvas.height)], colour, alpha)
