"""Abstract works, portraits and people, put together from simple shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from PIL import Image

from painting.canvas import Canvas, Colour, hue, mix

Palette = list[Colour]


def _grid(c: Canvas, p: Palette) -> None:
    def split(x: float, y: float, w: float, h: float, left: int) -> None:
        if left and max(w, h) > 60:
            part = c.random.uniform(0.3, 0.7)
            if w > h:
                split(x, y, w * part, h, left - 1)
                split(x + w * part, y, w * (1 - part), h, left - 1)
            else:
                split(x, y, w, h * part, left - 1)
                split(x, y + h * part, w, h * (1 - part), left - 1)
        else:
            colour = c.random.choice(p) if c.random.random() < 0.5 else hue("#f6f2e8")
            c.box(x, y, w, h, hue("#1d1d22"))
            c.box(x + 3, y + 3, w - 6, h - 6, colour)

    split(0, 0, c.width, c.height, 5)


def _circles(c: Canvas, p: Palette) -> None:
    for column in range(4):
        for row in range(4):
            x, y = (column + 0.5) * c.width / 4, (row + 0.5) * c.height / 4
            c.box(x - c.width / 8, y - c.height / 8, c.width / 4, c.height / 4, c.random.choice(p))
            for ring in range(4, 0, -1):
                c.ellipse(x, y, ring * c.width / 36, ring * c.width / 36, c.random.choice(p))


def _ribbons(c: Canvas, p: Palette) -> None:
    for number in range(16):
        phase, level = c.random.uniform(0, 6.3), c.height * number / 15
        edge = [
            (x, level + 34 * math.sin(x / 60 + phase) + 14 * math.sin(x / 23 + phase * 2))
            for x in range(-10, c.width + 20, 8)
        ]
        c.line(edge, p[number % len(p)], 17, 225)


def _strata(c: Canvas, p: Palette) -> None:
    y = 0.0
    while y < c.height:
        tall = c.random.uniform(8, 42)
        edge = [(x, y + 6 * math.sin(x / 44 + y)) for x in range(0, c.width + 12, 12)]
        c.polygon([*edge, (c.width, c.height), (0, c.height)], c.random.choice(p))
        y += tall


def _confetti(c: Canvas, p: Palette) -> None:
    for _ in range(120):
        x, y, r = c.random.uniform(0, c.width), c.random.uniform(0, c.height), c.random.uniform(5, 26)
        turn = c.random.uniform(0, 6.3)
        sides = c.random.choice((3, 4, 24))
        c.polygon(
            [
                (x + r * math.cos(turn + 6.283 * s / sides), y + r * math.sin(turn + 6.283 * s / sides))
                for s in range(sides)
            ],
            c.random.choice(p),
            215,
        )


def _rays(c: Canvas, p: Palette) -> None:
    x, y = c.width * 0.5, c.height * 0.72
    for step in range(40):
        a, b = (math.radians(9 * s) for s in (step, step + 1))
        c.polygon(
            [
                (x, y),
                (x + 700 * math.cos(a), y + 700 * math.sin(a)),
                (x + 700 * math.cos(b), y + 700 * math.sin(b)),
            ],
            p[step % len(p)],
        )
    c.ellipse(x, y, 60, 60, p[0])
    c.ellipse(x, y, 44, 44, p[-1])


def _mosaic(c: Canvas, p: Palette) -> None:
    for row in range(-1, c.height // 18 + 1):
        for column in range(-1, c.width // 18 + 1):
            far = math.hypot(column * 18 - c.width / 2, row * 18 - c.height / 2)
            colour = p[int(far / 46 + c.random.uniform(-0.4, 0.4)) % len(p)]
            c.box(
                column * 18 + 1,
                row * 18 + 1,
                16,
                16,
                mix(colour, (255, 255, 255), c.random.uniform(0, 0.2)),
                r=3,
            )


def _woodcut(c: Canvas, p: Palette) -> None:
    c.box(0, 0, c.width, c.height, p[-1])
    for row in range(44):
        y = row * c.height / 44
        for x in range(0, c.width, 6):
            dark = math.sin(x / 52) * math.cos(y / 58) + 0.5 * math.sin((x + y) / 33)
            c.line(
                [(x, y + 3 * math.sin(x / 24)), (x + 6, y + 3 * math.sin((x + 6) / 24))],
                p[0],
                1 + max(0.0, 3.2 * dark),
            )


def _etching(c: Canvas, p: Palette) -> None:
    c.box(0, 0, c.width, c.height, p[-1])
    for _ in range(900):
        x, y = c.random.uniform(0, c.width), c.random.uniform(0, c.height)
        inside = math.hypot(x - c.width * 0.55, (y - c.height * 0.5) * 0.8) < 96
        slope = (14, -14) if inside else (10, 9)
        if inside or y > c.height * 0.72 or c.random.random() < 0.22:
            c.line([(x, y), (x + slope[0], y + slope[1])], p[0], 0.7, 190)


def _brush(c: Canvas, p: Palette) -> None:
    for number in range(26):
        x, y = c.random.uniform(0, c.width), c.random.uniform(0, c.height)
        path = [(x, y)]
        turn = c.random.uniform(0, 6.3)
        for _ in range(14):
            turn += c.random.uniform(-0.35, 0.35)
            x, y = x + 17 * math.cos(turn), y + 17 * math.sin(turn)
            path.append((x, y))
        for shift in range(-3, 4):
            c.line(
                [(a + shift * 2.4, b + shift * 2.4) for a, b in path],
                mix(p[number % len(p)], (255, 255, 255), 0.05 * abs(shift)),
                2.6,
                235,
            )


def _fields(c: Canvas, p: Palette) -> None:
    edges = (0.06, 0.38, 0.44, 0.68, 0.73, 0.94)
    for number, colour in enumerate((p[0], p[1], mix(p[0], p[1], 0.6))):
        top, end = edges[number * 2] * c.height, edges[number * 2 + 1] * c.height
        for soft in range(8):
            c.box(22 + soft, top + soft, c.width - 44 - 2 * soft, end - top - 2 * soft, colour, 70, r=10)
    c.mottle((255, 255, 255), 26, 36, (0, 0, c.width, c.height))


def _person(c: Canvas, x: float, y: float, size: float, coat: Colour, skin: Colour, hair: Colour) -> None:
    c.ellipse(x, y + size * 1.75, size * 1.15, size * 0.95, coat)
    c.box(x - size * 0.22, y + size * 0.5, size * 0.44, size * 0.6, mix(skin, (90, 50, 40), 0.18))
    c.ellipse(x, y - size * 0.1, size * 0.62, size * 0.7, hair)
    c.ellipse(x, y + size * 0.08, size * 0.5, size * 0.64, skin)


def _portrait(c: Canvas, p: Palette) -> None:
    ground, coat, skin, hair, light = p
    c.gradient([mix(ground, (255, 255, 255), 0.2), mix(ground, (0, 0, 0), 0.25)])
    c.glow(c.width * 0.75, c.height * 0.25, 90, light, 120)
    x, y, size = c.width / 2, c.height * 0.4, c.width * 0.3
    _person(c, x, y, size, coat, skin, hair)
    c.polygon(
        [(x - size * 0.3, y + size * 0.95), (x + size * 0.3, y + size * 0.95), (x, y + size * 1.4)], light
    )
    kind = c.random.randrange(3)
    if kind == 0:
        c.ellipse(x, y - size * 0.42, size * 0.56, size * 0.34, hair)
    elif kind == 1:
        c.polygon(
            [
                (x - size * 0.56, y - size * 0.1),
                (x - size * 0.2, y - size * 0.66),
                (x + size * 0.58, y - size * 0.3),
                (x + size * 0.5, y - size * 0.12),
            ],
            hair,
        )
        for side in (-1, 1):
            c.ellipse(x + side * size * 0.52, y + size * 0.4, size * 0.16, size * 0.6, hair)
    else:
        c.ellipse(x, y - size * 0.78, size * 0.26, size * 0.24, hair)
        c.polygon(
            [
                (x - size * 0.5, y),
                (x - size * 0.3, y - size * 0.6),
                (x + size * 0.3, y - size * 0.6),
                (x + size * 0.5, y),
            ],
            hair,
        )
    for side in (-1, 1):
        c.ellipse(x + side * size * 0.2, y + size * 0.06, size * 0.06, size * 0.045, (40, 30, 30))
        c.line([(x + side * size * 0.1, y - size * 0.08), (x + side * size * 0.3, y - size * 0.1)], hair, 2)
    c.line(
        [(x + 1, y + size * 0.08), (x - size * 0.06, y + size * 0.28), (x + size * 0.04, y + size * 0.3)],
        mix(skin, (90, 40, 30), 0.4),
        1.6,
    )
    c.arc(x, y + size * 0.34, size * 0.16, 25, 155, hue("#b0524a"), 2.4)


def _crowd(c: Canvas, p: Palette) -> None:
    c.gradient([p[0], mix(p[0], (255, 255, 255), 0.35)])
    c.box(c.width * 0.08, 20, c.width * 0.84, c.height * 0.42, mix(p[0], (255, 255, 255), 0.6), r=6)
    for step in range(5):
        c.box(
            c.width * 0.13 + step * c.width * 0.155,
            34,
            c.width * 0.12,
            c.height * 0.34,
            mix(p[1], (255, 255, 255), 0.45),
            r=3,
        )
    skins = [hue(one) for one in ("#f0cda8", "#c98f68", "#8a5a3c", "#e2b58f", "#5f3d2a")]
    hairs = [hue(one) for one in ("#2a1f1a", "#6b4a2f", "#c9b59a", "#8a8a8f", "#a0522d")]
    for row in range(3):
        for column in range(9 - row):
            x = (column + 0.5 + 0.25 * row) * c.width / (9 - row)
            _person(
                c,
                x,
                c.height * (0.5 + row * 0.17),
                19 + 6 * row,
                c.random.choice(p),
                c.random.choice(skins),
                c.random.choice(hairs),
            )


def _podium(c: Canvas, p: Palette) -> None:
    c.gradient([p[0], mix(p[0], (0, 0, 0), 0.35)])
    for step in range(6):
        c.polygon(
            [(step * 90 - 20, 0), (step * 90 + 30, 0), (step * 90 + 10, c.height), (step * 90 - 60, c.height)],
            p[1],
            70,
        )
    _person(c, c.width / 2, c.height * 0.3, 44, p[2], hue("#d9a880"), hue("#4a3a30"))
    c.polygon(
        [
            (c.width * 0.34, c.height * 0.62),
            (c.width * 0.66, c.height * 0.62),
            (c.width * 0.62, c.height),
            (c.width * 0.38, c.height),
        ],
        hue("#6b4a32"),
    )
    c.ellipse(c.width / 2, c.height * 0.8, 30, 30, p[3])
    for x in (0.44, 0.56):
        c.line([(c.width * x, c.height * 0.62), (c.width * 0.5, c.height * 0.5)], (30, 30, 34), 3)


def _pitch(c: Canvas, p: Palette) -> None:
    for step in range(8):
        c.box(step * c.width / 8, 0, c.width / 8, c.height, mix(p[0], (255, 255, 255), 0.12 * (step % 2)))
    for x in (20.0, c.width / 2, c.width - 20.0):
        c.line([(x, 16), (x, c.height - 16)], (255, 255, 255), 2)
    for y in (16.0, c.height - 16.0):
        c.line([(20, y), (c.width - 20, y)], (255, 255, 255), 2)
    c.arc(c.width / 2, c.height / 2, 46, 0, 360, (255, 255, 255), 2)
    for number in range(20):
        x, y = c.random.uniform(40, c.width - 40), c.random.uniform(30, c.height - 30)
        c.shade(x + 6, y + 8, 9, 4)
        c.ellipse(x, y, 8, 8, p[1 + number % 2])
        c.ellipse(x, y - 2, 4, 4, hue("#e2b58f"))
    c.ellipse(c.width * 0.46, c.height * 0.4, 4, 4, (255, 255, 255))


def _tram(c: Canvas, p: Palette) -> None:
    c.gradient([hue("#a9c3d6"), hue("#f0e6d6")], 0, c.height * 0.8)
    for step in range(7):
        c.box(
            step * 74 - 8, 40 + (step * 37) % 40, 66, 190, mix(p[1], (235, 225, 210), 0.45 + 0.06 * (step % 4))
        )
        for row in range(4):
            for column in range(3):
                c.box(step * 74 + column * 19, 92 + row * 32, 10, 18, hue("#5b6b7a"), 160)
    c.box(0, c.height * 0.78, c.width, c.height * 0.22, hue("#6b6f75"))
    for y in (0.86, 0.93):
        c.line([(0, c.height * y), (c.width, c.height * y)], hue("#c9cdd2"), 2)
    c.line([(0, 36), (c.width, 30)], (40, 40, 46), 1.4)
    c.line([(230, 118), (250, 33)], (40, 40, 46), 2.4)
    c.box(60, 118, 360, 138, p[0], r=22)
    c.box(60, 196, 360, 20, hue("#f7f3ea"))
    for step in range(6):
        c.box(80 + step * 56, 138, 42, 50, hue("#cfe4ee"), r=6)
    for x in (120, 190, 300, 370):
        c.ellipse(x, 258, 15, 15, (35, 35, 40))


WORKS: Mapping[str, tuple[Callable[[Canvas, Palette], None], str, tuple[int, int]]] = {
    "grid": (_grid, "#c8322b #1f4fa0 #f2c230", (360, 360)),
    "circles": (_circles, "#264653 #2a9d8f #e9c46a #f4a261 #e76f51", (360, 360)),
    "ribbons": (_ribbons, "#0b3954 #bfd7ea #ff6663 #e0ff4f #087e8b", (420, 300)),
    "strata": (_strata, "#7f5539 #b08968 #ddb892 #e6ccb2 #9c6644 #588157", (360, 440)),
    "confetti": (_confetti, "#ff595e #ffca3a #8ac926 #1982c4 #6a4c93", (420, 300)),
    "rays": (_rays, "#d62828 #fcbf49 #003049 #f77f00 #eae2b7", (340, 460)),
    "mosaic": (_mosaic, "#1d3557 #457b9d #a8dadc #f1faee #e63946", (360, 360)),
    "woodcut": (_woodcut, "#23201d #efe6d2", (340, 440)),
    "etching": (_etching, "#2a2620 #ece3cf", (360, 300)),
    "linocut": (_woodcut, "#1f4d3a #f3ead6", (360, 300)),
    "print": (_mosaic, "#5f0f40 #9a031e #fb8b24 #e36414 #0f4c5c", (340, 420)),
    "brush": (_brush, "#2b2d42 #ef233c #8d99ae #edf2f4 #f4a261", (420, 320)),
    "fields": (_fields, "#c1440e #e9a03b #5f1a37", (340, 440)),
    "tide": (_fields, "#1d5c63 #417d7a #ede6db", (340, 440)),
    "plate": (_etching, "#1c2b3a #e8e6da", (320, 400)),
    "anna": (_portrait, "#7a8fa3 #35465a #f0cda8 #4a2f20 #ffe8c8", (320, 400)),
    "karim": (_portrait, "#a3876a #2f4f4a #b9805a #1c1714 #ffdfae", (320, 400)),
    "mei": (_portrait, "#b5a3b8 #6a3f5f #f2d6b5 #17151a #fff0e6", (320, 400)),
    "joao": (_portrait, "#8fa38a #7a3f2f #8a5a3c #16110e #ffeec8", (320, 400)),
    "ingrid": (_portrait, "#c9b29a #3f5f7a #f5dcc4 #d9b45f #ffffff", (320, 400)),
    "tomas": (_portrait, "#5f6470 #1f2a36 #e0b48f #8a8a8f #ffd9a0", (320, 400)),
    "council": (_crowd, "#b9a58a #35465a #7a3f2f #2f4f4a #5f5f6a", (480, 320)),
    "choir": (_crowd, "#8a7fa8 #2b2d42 #5f1a37 #1d3557 #3f3f46", (480, 320)),
    "podium": (_podium, "#2f4f7a #f7f3ea #23262d #e9c46a", (480, 320)),
    "football": (_pitch, "#4f8f3f #c8322b #f4f1e6", (480, 320)),
    "tram": (_tram, "#c8453b #a8927a", (480, 320)),
}


def paint(name: str) -> Image.Image:
    """The work of that name."""
    draw, colours, (width, height) = WORKS[name]
    palette = [hue(colour) for colour in colours.split()]
    canvas = Canvas(width, height, palette[-1], name)
    draw(canvas, palette)
    return canvas.done()
