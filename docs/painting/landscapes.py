"""Landscapes: a sky, ridges that pale with distance, and what stands in front of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from PIL import Image

from painting.canvas import Canvas, Colour, ground, hue, mix, ridge


class View(NamedTuple):
    """One landscape."""

    sky: str
    """Colours from the zenith to the horizon."""
    land: str
    """Colours from the farthest ridge to the nearest."""
    things: str = ""
    """What stands in it."""
    sun: tuple[float, float, str] | None = (0.7, 0.3, "#fff2c8")
    """Where the sun or moon is, as parts of the picture, and its colour."""
    rough: float = 14
    """How high the ridges are."""
    horizon: float = 0.5
    """Where they begin."""


VIEWS: Mapping[str, View] = {
    "harbour": View("#5b7fa6 #f0c9a0", "#6d7f94 #2f4a5f", "sea cranes boats", (0.3, 0.42, "#ffe9b8"), 6, 0.55),
    "wharf": View("#a9b8c0 #e9e2d3", "#8c9aa3 #5a6a73", "sea piles boats", None, 4, 0.5),
    "dunes": View("#7fb2d9 #f6e3bd", "#e8c98f #d9b06b #c4924b", "grass", (0.78, 0.22, "#fffbe6"), 22, 0.55),
    "cliffs": View("#6fa8cf #dcecf2", "#93a79b #5e7a5f", "sea cliff birds", (0.2, 0.2, "#ffffff"), 5, 0.6),
    "fjord": View("#3e6a8f #c5d8df", "#8ea6b8 #5c7c90 #35586b", "sea boats", None, 46, 0.42),
    "moor": View("#8a93a8 #d8cdd3", "#8d7f98 #75607c #54414f", "grass birds", None, 12, 0.55),
    "lighthouse": View("#2b4570 #f2a679", "#4b5a7a #2c3a52", "sea lighthouse", (0.5, 0.55, "#ffd49a"), 5, 0.6),
    "snowfield": View("#8fb7dc #eef5fb", "#c9dceb #e3eef6 #f7fbfe", "firs", (0.25, 0.25, "#ffffff"), 20, 0.5),
    "vineyard": View(
        "#86b9d6 #f3ead0", "#a5b98a #7f9a52 #5f7d36", "rows house", (0.82, 0.2, "#fff6cf"), 16, 0.45
    ),
    "forest": View("#aebfc0 #e6ece6", "#b5c6bd #7f9c8c #46664f", "firs fog", None, 14, 0.45),
    "storm": View("#2d3440 #7d8791", "#566069 #3a434b", "sea rain birds", None, 6, 0.58),
    "desert": View("#e58f5b #fbdca5", "#c46f4b #a3533a #7d3b2b", "cacti", (0.5, 0.42, "#fff1c1"), 18, 0.55),
    "lake": View("#f1b7a6 #fdeccb", "#8f93b8 #5f6b98 #3d4a73", "sea fog", (0.4, 0.36, "#fff8e1"), 30, 0.48),
    "terraces": View(
        "#9ccbe0 #f5f3df", "#8db07c #6c9a4d #4f8034 #3a6a28", "rows", (0.15, 0.18, "#ffffff"), 26, 0.4
    ),
    "island": View("#4aa3cf #c9eef2", "#6fae8f #3f8a63", "sea palms", (0.75, 0.2, "#fffbe0"), 8, 0.56),
    "aurora": View("#0b1233 #123c4f", "#1a2a44 #0f1a2e", "aurora stars firs", None, 22, 0.65),
    "night": View("#0d1230 #4a3a6a", "#1b1f3d #12152c", "stars city", (0.8, 0.18, "#f4f1de"), 8, 0.72),
    "skyline": View("#f3a683 #f7d794", "#7b6f8f #4b4563", "city birds", (0.35, 0.5, "#fff3c9"), 6, 0.72),
    "canal": View("#8fb4c7 #f3e9dc", "#9a8c7a #6f6457", "sea houses boats", None, 3, 0.55),
    "village": View(
        "#7db4d8 #f7f0d6", "#a8c090 #7ba25a #5a8742", "houses birds", (0.85, 0.2, "#fff8d8"), 16, 0.5
    ),
    "orchard": View("#a8d0e6 #f8f4e3", "#b3c98a #8fb35a #6f9a3f", "trees", (0.12, 0.2, "#ffffff"), 12, 0.55),
    "meadow": View(
        "#8cc4e8 #f4f7e4", "#a9cc86 #84b45c #5f9a3f", "flowers birds", (0.8, 0.2, "#fff6c8"), 12, 0.5
    ),
    "hedge": View("#9fbfd0 #eef0e2", "#9fb58a #5f8a4a #3f6a34", "trees rows", None, 8, 0.5),
    "bridge": View("#6d8fb0 #f5d6ae", "#7f8ea0 #4c5d70", "sea bridge birds", (0.62, 0.42, "#ffedc4"), 6, 0.58),
    "flood": View("#7a8793 #c8cfd2", "#8a949b #5c6870", "sea houses rain", None, 4, 0.52),
    "crane": View("#c98f74 #f6dcb4", "#7a6a72 #463f4c", "sea cranes birds", (0.2, 0.45, "#ffe4b0"), 3, 0.62),
    "volcano": View("#c26a5a #f2c9a0", "#8a6a70 #5a4450", "cone birds", None, 8, 0.68),
    "glacier": View(
        "#5f9bc8 #dff0f8", "#a9cbe0 #d5e8f2 #eef7fb", "stars birds", (0.18, 0.2, "#ffffff"), 40, 0.45
    ),
    "pond": View("#b6d3dc #eaf2e6", "#9dbd8f #6e9a63", "sea lilies", None, 8, 0.36),
    "beds": View("#a4cbe4 #f6f4e0", "#9cbf7a #6f9c4c", "beds flowers", (0.85, 0.18, "#fff8d4"), 6, 0.42),
}


def paint(name: str, width: int = 480, height: int = 320) -> Image.Image:
    """The landscape of that name."""
    view = VIEWS[name]
    canvas = Canvas(width, height, (0, 0, 0), name)
    sky, land = [hue(one) for one in view.sky.split()], [hue(one) for one in view.land.split()]
    things = view.things.split()
    canvas.gradient(sky)
    if "stars" in things and view.sky < "#3":
        for _ in range(70):
            canvas.ellipse(
                canvas.random.random() * width, canvas.random.random() * height * 0.6, 0.8, 0.8, (255, 255, 240)
            )
    if "aurora" not in things and "stars" not in things:
        canvas.mottle((255, 255, 255), 34, 90, (0, 0, width, int(height * view.horizon)))
    if view.sun:
        x, y, colour = view.sun
        canvas.glow(x * width, y * height, 60, hue(colour), 170)
        canvas.ellipse(x * width, y * height, 15, 15, hue(colour))
    if "aurora" in things:
        _aurora(canvas)
    if "cone" in things:
        _cone(canvas, land[0])
    sea = "sea" in things
    for number, colour in enumerate(land):
        level = height * (view.horizon + (0.05 if sea else (0.9 - view.horizon)) * number / len(land))
        ground(canvas, ridge(canvas, level, view.rough * (1 - 0.12 * number), 1 + number), colour)
        if "firs" in things and number:
            _firs(canvas, level, mix(colour, (20, 50, 45), 0.65), 10 + 6 * number)
    if sea:
        _sea(canvas, height * (view.horizon + 0.1), mix(sky[0], (25, 60, 90), 0.35), mix(sky[-1], sky[0], 0.45))
    for thing in things:
        if draw := THINGS.get(thing):
            draw(canvas, land[-1])
    return canvas.done()


def _sea(canvas: Canvas, top: float, near: Colour, far: Colour) -> None:
    canvas.gradient([far, near], top, canvas.height)
    for _ in range(70):
        y = top + (canvas.height - top) * canvas.random.random() ** 1.4
        size = 6 + 46 * (y - top) / (canvas.height - top)
        x = canvas.random.random() * canvas.width
        canvas.line([(x, y), (x + size, y)], (255, 255, 255), 1, 60)


def _firs(canvas: Canvas, level: float, colour: Colour, size: float) -> None:
    for _ in range(canvas.width // 12):
        x = canvas.random.uniform(0, canvas.width)
        y = level + canvas.random.uniform(6, 26)
        tall = size * canvas.random.uniform(1.4, 2.6)
        for step in range(3):
            wide = size * (0.35 + 0.16 * step)
            peak = y - tall + step * tall * 0.26
            canvas.polygon([(x, peak), (x - wide, peak + tall * 0.45), (x + wide, peak + tall * 0.45)], colour)


def _aurora(canvas: Canvas) -> None:
    for band, colour in enumerate((hue("#5ef2b0"), hue("#4fd0e0"), hue("#b07cf0"))):
        edge = ridge(canvas, 100 + 22 * band, 26, 1)
        for x, y in edge:
            for step in range(5):
                canvas.line([(x, y - step * 16), (x, y - step * 16 - 16)], colour, 4, 62 - 12 * step)


def _cone(canvas: Canvas, colour: Colour) -> None:
    x, top, base = canvas.width * 0.52, canvas.height * 0.24, canvas.height * 0.75
    for step in range(14):
        drift = step * 9
        canvas.ellipse(x + drift, top - step * 5, 12 + step * 3.2, 9 + step * 1.8, (235, 225, 225), 95)
    canvas.polygon(
        [(x - 16, top), (x + 16, top), (x + 170, base), (x - 170, base)], mix(colour, (90, 60, 70), 0.4)
    )
    canvas.polygon(
        [(x - 16, top), (x + 2, top), (x - 60, base), (x - 170, base)], mix(colour, (70, 40, 50), 0.6)
    )
    canvas.polygon([(x - 16, top), (x + 16, top), (x + 5, top + 18), (x - 6, top + 40)], hue("#f2704d"))


def _boats(canvas: Canvas, land: Colour) -> None:
    for sail in ("#fff8ee", "#e8624f", "#f4f1e6"):
        x, y = canvas.random.uniform(40, canvas.width - 40), canvas.random.uniform(0.72, 0.9) * canvas.height
        size = (y / canvas.height) * 30
        canvas.polygon(
            [(x - size, y), (x + size, y), (x + size * 0.7, y + size * 0.3), (x - size * 0.7, y + size * 0.3)],
            hue("#3a2f35"),
        )
        canvas.polygon([(x, y - size * 1.9), (x, y - 3), (x + size * 0.9, y - 3)], hue(sail))
        canvas.polygon(
            [(x - 3, y - size * 1.6), (x - 3, y - 3), (x - size * 0.7, y - 3)],
            mix(hue(sail), (90, 90, 110), 0.2),
        )


def _cranes(canvas: Canvas, land: Colour) -> None:
    for part in (0.58, 0.74, 0.88):
        x, foot = canvas.width * part, canvas.height * 0.66
        top = foot - canvas.height * 0.34
        colour = mix(land, (30, 30, 45), 0.6)
        canvas.line([(x - 8, foot), (x, top), (x + 8, foot)], colour, 3)
        canvas.line([(x - 34, top + 6), (x + 22, top + 6)], colour, 3)
        canvas.line([(x, top - 12), (x - 34, top + 6)], colour, 1.2)
        canvas.line([(x, top - 12), (x + 22, top + 6)], colour, 1.2)
        canvas.line([(x - 28, top + 6), (x - 28, top + 34)], colour, 1)
        canvas.box(x - 34, top + 34, 12, 8, hue("#c9563f"))


def _piles(canvas: Canvas, land: Colour) -> None:
    y = canvas.height * 0.7
    canvas.polygon(
        [(0, y), (canvas.width * 0.62, y - 8), (canvas.width * 0.62, y + 2), (0, y + 16)], hue("#6b5646")
    )
    for step in range(9):
        x = 10 + step * canvas.width * 0.07
        canvas.box(x, y - 4, 6, 62 - step * 4, hue("#4c3c31"))


def _cliff(canvas: Canvas, land: Colour) -> None:
    w, h = canvas.width, canvas.height
    face = [(w, h * 0.24), (w * 0.7, h * 0.3), (w * 0.6, h * 0.42), (w * 0.62, h * 0.6), (w * 0.56, h), (w, h)]
    canvas.polygon(face, hue("#e6dfd0"))
    for step in range(8):
        y = h * (0.42 + step * 0.07)
        canvas.line([(w * 0.6, y), (w, y - 16)], hue("#b9ae9c"), 1.5, 170)
    canvas.polygon([(w, h * 0.2), (w * 0.72, h * 0.27), (w * 0.59, h * 0.42), (w, h * 0.32)], hue("#6f9a57"))


def _birds(canvas: Canvas, land: Colour) -> None:
    for _ in range(6):
        x, y = canvas.random.uniform(40, canvas.width - 40), canvas.random.uniform(20, canvas.height * 0.32)
        canvas.line([(x - 7, y - 3), (x, y), (x + 7, y - 3)], (50, 50, 60), 1.2)


def _grass(canvas: Canvas, land: Colour) -> None:
    for _ in range(90):
        x, y = canvas.random.uniform(0, canvas.width), canvas.random.uniform(0.86, 1.02) * canvas.height
        lean = canvas.random.uniform(-7, 7)
        canvas.line([(x, y), (x + lean, y - canvas.random.uniform(10, 24))], mix(land, (70, 90, 40), 0.6), 1.3)


def _lighthouse(canvas: Canvas, land: Colour) -> None:
    x, foot = canvas.width * 0.26, canvas.height * 0.72
    ground(
        canvas,
        [(0, foot - 10), (x + 10, foot - 6), (x + 90, foot + 40), (x + 120, canvas.height)],
        hue("#26303f"),
    )
    canvas.polygon([(x - 15, foot), (x + 15, foot), (x + 9, foot - 120), (x - 9, foot - 120)], hue("#f4efe6"))
    for step in (20, 60, 96):
        canvas.polygon(
            [
                (x - 14, foot - step),
                (x + 14, foot - step),
                (x + 12, foot - step - 16),
                (x - 12, foot - step - 16),
            ],
            hue("#c8453b"),
        )
    canvas.box(x - 11, foot - 128, 22, 8, hue("#2b3547"))
    canvas.box(x - 7, foot - 144, 14, 16, hue("#ffe38a"))
    canvas.polygon([(x - 10, foot - 144), (x + 10, foot - 144), (x, foot - 156)], hue("#2b3547"))
    canvas.polygon(
        [(x, foot - 136), (canvas.width, foot - 190), (canvas.width, foot - 100)], (255, 240, 180), 50
    )


def _rows(canvas: Canvas, land: Colour) -> None:
    vanish = (canvas.width * 0.62, canvas.height * 0.52)
    for step in range(-8, 22):
        x = step * canvas.width / 12
        canvas.line([(x, canvas.height), vanish], mix(land, (30, 50, 15), 0.35), 2, 130)


def _house(canvas: Canvas, x: float, y: float, size: float, wall: Colour, roof: Colour) -> None:
    canvas.box(x, y - size, size, size, wall)
    canvas.polygon([(x - 3, y - size), (x + size / 2, y - size * 1.7), (x + size + 3, y - size)], roof)
    for part in (0.2, 0.6):
        canvas.box(x + size * part, y - size * 0.7, size * 0.2, size * 0.26, hue("#3f4a5a"))


def _one_house(canvas: Canvas, land: Colour) -> None:
    _house(canvas, canvas.width * 0.2, canvas.height * 0.62, 44, hue("#f3e8d2"), hue("#b0563c"))


def _houses(canvas: Canvas, land: Colour) -> None:
    walls = ("#f2e3c9", "#e2b58f", "#c9d3d6", "#f0d9d0", "#dfc27d", "#b9c7b0")
    x = 8.0
    while x < canvas.width - 40:
        size = canvas.random.uniform(34, 54)
        y = canvas.height * 0.63 + canvas.random.uniform(-4, 4)
        _house(
            canvas,
            x,
            y,
            size,
            hue(canvas.random.choice(walls)),
            mix(hue("#8f4a3a"), hue("#5b4a52"), canvas.random.random()),
        )
        x += size + canvas.random.uniform(2, 22)


def _city(canvas: Canvas, land: Colour) -> None:
    x = -6.0
    while x < canvas.width:
        wide, tall = canvas.random.uniform(20, 46), canvas.random.uniform(50, 170)
        top = canvas.height - tall
        canvas.box(x, top, wide, tall, mix(land, (25, 22, 45), canvas.random.uniform(0.2, 0.6)))
        for row in range(int(tall // 14)):
            for column in range(int(wide // 10)):
                if canvas.random.random() < 0.45:
                    canvas.box(x + 4 + column * 10, top + 6 + row * 14, 4, 6, hue("#ffd98a"), 220)
        x += wide + canvas.random.uniform(0, 5)


def _bridge(canvas: Canvas, land: Colour) -> None:
    deck, colour = canvas.height * 0.6, hue("#7a2f2a")
    for part in (0.3, 0.7):
        x = canvas.width * part
        canvas.box(x - 5, deck - 110, 10, 160, colour)
    w = canvas.width
    for left, right in ((-0.1, 0.3), (0.3, 0.7), (0.7, 1.1)):
        curve = []
        for step in range(21):
            part = step / 20
            x = w * (left + (right - left) * part)
            sag = 4 * (part - 0.5) ** 2
            y = deck - 8 - 100 * sag
            curve.append((x, y))
            canvas.line([(x, y), (x, deck)], colour, 0.8)
        canvas.line(curve, colour, 2.4)
    canvas.box(0, deck, w, 7, colour)


def _rain(canvas: Canvas, land: Colour) -> None:
    for _ in range(160):
        x, y = canvas.random.uniform(0, canvas.width), canvas.random.uniform(0, canvas.height)
        canvas.line([(x, y), (x - 5, y + 16)], (230, 235, 240), 0.8, 75)


def _fog(canvas: Canvas, land: Colour) -> None:
    for y in (0.5, 0.62, 0.74):
        canvas.glow(canvas.width * canvas.random.random(), canvas.height * y, 80, (245, 248, 246), 110)


def _cacti(canvas: Canvas, land: Colour) -> None:
    for part, size in ((0.15, 70), (0.8, 96), (0.62, 46)):
        x, y, colour = canvas.width * part, canvas.height * 0.96, hue("#4a5a34")
        wide = size / 7
        canvas.box(x, y - size, wide, size, colour, r=wide / 2)
        canvas.box(x - wide * 2, y - size * 0.72, wide * 0.8, size * 0.3, colour, r=wide / 3)
        canvas.box(x - wide * 2, y - size * 0.5, wide * 2.4, wide * 0.8, colour, r=wide / 3)
        canvas.box(x + wide * 2, y - size * 0.8, wide * 0.8, size * 0.34, colour, r=wide / 3)
        canvas.box(x, y - size * 0.54, wide * 2.8, wide * 0.8, colour, r=wide / 3)


def _palms(canvas: Canvas, land: Colour) -> None:
    for part in (0.22, 0.3, 0.68):
        x, y = canvas.width * part, canvas.height * 0.62
        tall = canvas.random.uniform(60, 90)
        canvas.line([(x, y), (x + 8, y - tall / 2), (x + 22, y - tall)], hue("#6b4f36"), 4)
        for turn in range(0, 360, 45):
            angle = math.radians(turn)
            tip = (x + 22 + 30 * math.cos(angle), y - tall + 14 * math.sin(angle) + 8)
            canvas.line([(x + 22, y - tall), tip], hue("#2f6b44"), 3.4)


def _trees(canvas: Canvas, land: Colour) -> None:
    for step in range(9):
        x = canvas.width * (0.05 + step * 0.115)
        y = canvas.height * canvas.random.uniform(0.66, 0.86)
        size = 10 + 26 * (y / canvas.height - 0.5)
        canvas.box(x - 2, y - size, 4, size * 1.6, hue("#5b4632"))
        for _ in range(7):
            dx, dy = canvas.random.uniform(-size, size), canvas.random.uniform(-size, size * 0.5)
            canvas.ellipse(
                x + dx,
                y - size * 1.4 + dy,
                size * 0.7,
                size * 0.6,
                mix(hue("#4f8a3c"), hue("#8fb35a"), canvas.random.random()),
            )


def _flowers(canvas: Canvas, land: Colour) -> None:
    for _ in range(150):
        y = canvas.random.uniform(0.68, 1) * canvas.height
        size = 1 + 4 * (y / canvas.height - 0.65)
        colour = hue(canvas.random.choice(("#f4d35e", "#ee6c77", "#ffffff", "#b07cc6", "#f7a072")))
        canvas.ellipse(canvas.random.uniform(0, canvas.width), y, size, size, colour)


def _lilies(canvas: Canvas, land: Colour) -> None:
    for _ in range(16):
        x, y = canvas.random.uniform(20, canvas.width - 20), canvas.random.uniform(0.58, 0.95) * canvas.height
        size = 8 + 22 * (y / canvas.height - 0.5)
        canvas.ellipse(
            x, y, size * 1.6, size * 0.6, mix(hue("#3f7a4d"), hue("#7fae6a"), canvas.random.random())
        )
        if canvas.random.random() < 0.5:
            for turn in range(0, 360, 60):
                angle = math.radians(turn)
                canvas.ellipse(
                    x + size * 0.4 * math.cos(angle),
                    y - size * 0.3 + size * 0.2 * math.sin(angle),
                    size * 0.3,
                    size * 0.22,
                    hue("#f6dbe4"),
                )
            canvas.ellipse(x, y - size * 0.3, size * 0.18, size * 0.14, hue("#f0c23c"))


def _beds(canvas: Canvas, land: Colour) -> None:
    canvas.box(0, canvas.height * 0.44, canvas.width, 46, hue("#b98a68"))
    for step in range(4):
        y = canvas.height * (0.6 + step * 0.11)
        canvas.box(20 - 8 * step, y, canvas.width - 40 + 16 * step, 20 + 4 * step, hue("#5b4334"), r=6)
        for column in range(22):
            x = 30 + column * (canvas.width - 50) / 22
            shade = canvas.random.choice(("#5f9a3f", "#7fb04c", "#3f7a3a", "#a4c45a"))
            canvas.ellipse(x, y + 6, 8 + step, 7 + step, hue(shade))


THINGS: Mapping[str, Callable[[Canvas, Colour], None]] = {
    "boats": _boats, "cranes": _cranes, "piles": _piles, "cliff": _cliff, "birds": _birds, "grass": _grass,
    "lighthouse": _lighthouse, "rows": _rows, "house": _one_house, "houses": _houses, "city": _city,
    "bridge": _bridge, "rain": _rain, "fog": _fog, "cacti": _cacti, "palms": _palms, "trees": _trees,
    "flowers": _flowers, "lilies": _lilies, "beds": _beds,
}  # fmt: skip
