"""Things in front of a plain ground: products, plates of food, finds of a museum, flowers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from PIL import Image

from painting.canvas import Canvas, Colour, hue, mix

SIDE = 360
"""Pixels of each side."""


def _mug(c: Canvas, one: Colour, two: Colour) -> None:
    c.arc(242, 190, 42, -80, 80, two, 14)
    c.box(120, 120, 120, 140, one, r=14)
    c.ellipse(180, 124, 60, 14, mix(one, (0, 0, 0), 0.35))
    c.ellipse(180, 127, 52, 10, hue("#4a2c1a"))
    c.box(134, 150, 14, 90, (255, 255, 255), 70, r=7)


def _teapot(c: Canvas, one: Colour, two: Colour) -> None:
    c.arc(270, 200, 46, -95, 95, two, 13)
    c.polygon([(112, 190), (50, 140), (62, 132), (124, 170)], one)
    c.ellipse(185, 205, 92, 70, one)
    c.ellipse(185, 142, 46, 12, mix(one, (0, 0, 0), 0.25))
    c.ellipse(185, 136, 40, 12, two)
    c.ellipse(185, 120, 9, 9, two)
    c.ellipse(152, 182, 18, 28, (255, 255, 255), 70)


def _lamp(c: Canvas, one: Colour, two: Colour) -> None:
    c.glow(180, 190, 90, hue("#fff0b8"), 190)
    c.polygon([(140, 70), (220, 70), (260, 170), (100, 170)], one)
    c.box(175, 170, 10, 100, two)
    c.ellipse(180, 276, 56, 12, two)


def _chair(c: Canvas, one: Colour, two: Colour) -> None:
    for x in (122, 142, 162, 182, 202, 222):
        c.box(x, 70, 10, 120, one, r=4)
    c.box(112, 62, 132, 16, one, r=8)
    c.polygon([(104, 190), (252, 190), (264, 216), (92, 216)], two)
    for x, lean in ((104, -10), (246, 10), (130, -4), (222, 4)):
        c.line([(x, 214), (x + lean, 296)], one, 9)


def _vase(c: Canvas, one: Colour, two: Colour) -> None:
    for turn, shade in ((-34, "#d8657a"), (-8, "#f0b04f"), (20, "#a86bb5"), (40, "#e58f6b")):
        angle = math.radians(turn - 90)
        x, y = 180 + 110 * math.cos(angle), 180 + 110 * math.sin(angle)
        c.line([(180, 190), (x, y)], hue("#5b8a4a"), 3)
        for step in range(0, 360, 60):
            turned = math.radians(step)
            c.ellipse(x + 11 * math.cos(turned), y + 11 * math.sin(turned), 9, 9, hue(shade))
        c.ellipse(x, y, 6, 6, hue("#fbe9a8"))
    c.polygon([(160, 176), (200, 176), (196, 200), (164, 200)], one)
    c.ellipse(180, 240, 54, 58, one)
    c.ellipse(180, 240, 54, 14, two)
    c.ellipse(160, 226, 10, 24, (255, 255, 255), 80)


def _bowl(c: Canvas, one: Colour, two: Colour) -> None:
    c.polygon([(80, 180), (280, 180), (232, 260), (128, 260)], one)
    c.ellipse(180, 258, 53, 12, one)
    c.ellipse(180, 180, 100, 26, mix(one, (0, 0, 0), 0.3))
    for step in range(9):
        c.ellipse(120 + step * 15, 172 + (step % 3) * 6, 12, 10, two)


def _bag(c: Canvas, one: Colour, two: Colour) -> None:
    c.arc(180, 140, 50, 180, 360, two, 9)
    c.polygon([(104, 140), (256, 140), (276, 286), (84, 286)], one)
    c.box(140, 190, 80, 60, mix(one, (255, 255, 255), 0.2), r=8)
    c.box(172, 186, 16, 14, two, r=3)


def _clock(c: Canvas, one: Colour, two: Colour) -> None:
    c.ellipse(180, 180, 104, 104, one)
    c.ellipse(180, 180, 90, 90, hue("#fdfaf2"))
    for step in range(12):
        angle = math.radians(30 * step)
        c.line(
            [
                (180 + 74 * math.cos(angle), 180 + 74 * math.sin(angle)),
                (180 + 84 * math.cos(angle), 180 + 84 * math.sin(angle)),
            ],
            two,
            4,
        )
    c.line([(180, 180), (140, 150)], two, 7)
    c.line([(180, 180), (180, 108)], two, 5)
    c.ellipse(180, 180, 7, 7, one)


def _books(c: Canvas, one: Colour, two: Colour) -> None:
    for step, colour in enumerate((one, two, mix(one, two, 0.5), mix(two, (255, 255, 255), 0.3))):
        y = 262 - step * 34
        c.box(92 + step * 9, y, 180 - step * 12, 30, colour, r=4)
        c.box(112 + step * 9, y + 11, 60, 7, (255, 255, 255), 130)


def _stool(c: Canvas, one: Colour, two: Colour) -> None:
    for x, foot in ((140, 112), (180, 180), (220, 248)):
        c.line([(x, 170), (foot, 296)], two, 10)
    c.line([(128, 236), (232, 236)], two, 6)
    c.ellipse(180, 162, 80, 22, mix(one, (0, 0, 0), 0.25))
    c.ellipse(180, 154, 80, 22, one)


def _board(c: Canvas, one: Colour, two: Colour) -> None:
    c.box(70, 120, 200, 130, one, r=18)
    c.box(262, 168, 50, 34, one, r=15)
    c.ellipse(294, 185, 7, 7, hue("#f4f1ea"))
    for step in range(6):
        c.line([(82, 138 + step * 19), (262, 134 + step * 20)], two, 1.5, 140)


def _candle(c: Canvas, one: Colour, two: Colour) -> None:
    for x, top in ((118, 150), (180, 110), (242, 170)):
        c.glow(x, top - 18, 40, hue("#ffdf8a"), 200)
        c.box(x - 18, top, 36, 276 - top, one, r=4)
        c.ellipse(x, top - 16, 6, 13, hue("#f59a3c"))
        c.ellipse(x, 280, 30, 9, two)


def _plate(c: Canvas) -> None:
    c.shade(184, 196, 138, 132, 80)
    c.ellipse(180, 180, 138, 138, hue("#fbf9f4"))
    c.ellipse(180, 180, 108, 108, hue("#eee9df"))


def _soup(c: Canvas, one: Colour, two: Colour) -> None:
    _plate(c)
    c.ellipse(180, 180, 100, 100, one)
    for step in range(60):
        angle = step * 0.32
        c.ellipse(180 + step * 1.1 * math.cos(angle), 180 + step * 1.1 * math.sin(angle), 3, 3, hue("#fff4df"))
    for x, y in ((150, 150), (214, 160), (190, 226), (140, 210)):
        c.ellipse(x, y, 12, 5, two)


def _tart(c: Canvas, one: Colour, two: Colour) -> None:
    _plate(c)
    c.ellipse(180, 180, 104, 104, hue("#c98f4f"))
    c.ellipse(180, 180, 92, 92, one)
    for ring, count in ((72, 18), (46, 12), (20, 6)):
        for step in range(count):
            angle = math.radians(360 / count * step)
            c.ellipse(
                180 + ring * math.cos(angle),
                180 + ring * math.sin(angle),
                12,
                9,
                mix(two, hue("#fbe9a8"), c.random.random() * 0.5),
            )


def _bread(c: Canvas, one: Colour, two: Colour) -> None:
    c.box(52, 236, 256, 24, hue("#8a6444"), r=10)
    c.ellipse(180, 190, 112, 66, one)
    for step in range(4):
        x = 112 + step * 42
        c.line([(x, 214), (x + 30, 144)], two, 8)
    for _ in range(90):
        c.ellipse(c.random.uniform(90, 270), c.random.uniform(140, 230), 1.2, 1.2, hue("#fdf4e2"))


def _salad(c: Canvas, one: Colour, two: Colour) -> None:
    _plate(c)
    for _ in range(70):
        angle, far = c.random.uniform(0, 6.3), 86 * c.random.random() ** 0.5
        c.ellipse(
            180 + far * math.cos(angle),
            180 + far * math.sin(angle),
            c.random.uniform(10, 24),
            c.random.uniform(8, 14),
            mix(one, hue("#c9dd8a"), c.random.random()),
        )
    for _ in range(12):
        angle, far = c.random.uniform(0, 6.3), c.random.uniform(0, 78)
        x, y = 180 + far * math.cos(angle), 180 + far * math.sin(angle)
        c.ellipse(x, y, 11, 11, two)
        c.ellipse(x, y, 6, 6, mix(two, (255, 255, 255), 0.4))


def _pan(c: Canvas, one: Colour, two: Colour) -> None:
    c.box(292, 166, 62, 26, hue("#2d2d33"), r=10)
    c.ellipse(176, 180, 130, 130, hue("#2d2d33"))
    c.ellipse(176, 180, 114, 114, one)
    for _ in range(240):
        angle, far = c.random.uniform(0, 6.3), 108 * c.random.random() ** 0.5
        c.ellipse(
            176 + far * math.cos(angle), 180 + far * math.sin(angle), 4, 2.4, mix(one, (255, 250, 220), 0.5)
        )
    for _ in range(14):
        angle, far = c.random.uniform(0, 6.3), c.random.uniform(10, 92)
        x, y = 176 + far * math.cos(angle), 180 + far * math.sin(angle)
        c.arc(x, y, 13, 20, 220, two, 7)
    for step in range(5):
        angle = math.radians(72 * step)
        c.polygon(
            [(176 + 92 * math.cos(angle + d), 180 + 92 * math.sin(angle + d)) for d in (-0.14, 0.14)]
            + [(176 + 66 * math.cos(angle), 180 + 66 * math.sin(angle))],
            hue("#f3dc4f"),
        )


def _ramen(c: Canvas, one: Colour, two: Colour) -> None:
    c.ellipse(180, 180, 136, 136, hue("#23323f"))
    c.ellipse(180, 180, 118, 118, one)
    for step in range(16):
        c.arc(150 + step * 3, 196, 24 + step * 3, 150, 320, hue("#f3dfa6"), 3)
    c.ellipse(220, 146, 30, 24, hue("#fdfaf2"))
    c.ellipse(220, 146, 14, 12, hue("#f0a030"))
    for step in range(9):
        c.ellipse(118 + step * 9, 126 + (step * 7) % 22, 6, 4, two)
    c.box(214, 190, 50, 60, hue("#24402f"), r=4)


def _cake(c: Canvas, one: Colour, two: Colour) -> None:
    c.ellipse(180, 276, 120, 18, hue("#e8e2d6"))
    c.box(90, 170, 180, 104, one, r=10)
    for y in (196, 232):
        c.box(90, y, 180, 9, hue("#fff4e4"))
    c.box(90, 150, 180, 34, hue("#fff4e4"), r=16)
    for step in range(7):
        c.ellipse(108 + step * 24, 150, 10, 10, two)


def _amphora(c: Canvas, one: Colour, two: Colour) -> None:
    for x, start, end in ((132, 90, 270), (228, -90, 90)):
        c.arc(x, 116, 28, start, end, two, 9)
    c.polygon([(158, 66), (202, 66), (196, 120), (164, 120)], one)
    c.box(150, 58, 60, 12, two, r=4)
    c.ellipse(180, 190, 74, 82, one)
    c.polygon([(150, 256), (210, 256), (200, 300), (160, 300)], two)
    for y in (152, 220):
        c.box(112, y, 136, 8, two)
    for step in range(8):
        c.polygon([(118 + step * 16, 210), (126 + step * 16, 170), (134 + step * 16, 210)], two)


def _coin(c: Canvas, one: Colour, two: Colour) -> None:
    c.ellipse(180, 180, 108, 108, two)
    c.ellipse(180, 180, 98, 98, one)
    for step in range(60):
        angle = math.radians(6 * step)
        c.ellipse(180 + 88 * math.cos(angle), 180 + 88 * math.sin(angle), 2.4, 2.4, two)
    c.ellipse(184, 160, 36, 42, two)
    c.polygon([(150, 200), (216, 196), (236, 250), (126, 250)], two)
    c.polygon([(148, 150), (132, 172), (150, 176)], two)
    c.arc(186, 150, 40, 180, 350, one, 6)


def _tile(c: Canvas, one: Colour, two: Colour) -> None:
    c.box(60, 60, 240, 240, hue("#f2ecdc"))
    for x in (60, 180):
        for y in (60, 180):
            c.arc(x + 60, y + 60, 52, 0, 360, one, 7)
            c.polygon([(x + 60, y + 20), (x + 74, y + 60), (x + 60, y + 100), (x + 46, y + 60)], two)
            c.polygon([(x + 20, y + 60), (x + 60, y + 46), (x + 100, y + 60), (x + 60, y + 74)], two)
    c.ellipse(180, 180, 22, 22, one)


def _leaf_of_book(c: Canvas, one: Colour, two: Colour) -> None:
    c.box(76, 40, 208, 284, hue("#ecdcb8"), r=3)
    c.mottle(hue("#b89a62"), 20, 60, (76, 40, 284, 324))
    c.box(96, 62, 54, 56, two, r=4)
    c.arc(123, 90, 17, 40, 320, hue("#f0d890"), 6)
    for row in range(17):
        y = 66 + row * 14.5
        x = 158.0 if row < 4 else 96.0
        while x < 258:
            wide = c.random.uniform(8, 22)
            c.line([(x, y), (min(x + wide, 264), y + c.random.uniform(-1, 1))], one, 3)
            x += wide + 5


def _mask(c: Canvas, one: Colour, two: Colour) -> None:
    c.ellipse(180, 180, 84, 116, one)
    for x in (148, 212):
        c.ellipse(x, 160, 22, 10, hue("#241a14"))
        c.arc(x, 152, 28, 200, 340, two, 7)
    c.polygon([(174, 150), (186, 150), (198, 214), (162, 214)], two)
    c.ellipse(180, 248, 28, 10, hue("#241a14"))
    for step in range(9):
        c.polygon(
            [
                (112 + step * 17, 78 + abs(4 - step) * 7),
                (122 + step * 17, 40 + abs(4 - step) * 9),
                (130 + step * 17, 78 + abs(4 - step) * 7),
            ],
            two,
        )
    for y in (200, 212, 224):
        c.line([(104, y), (136, y + 8)], two, 3)
        c.line([(256, y), (224, y + 8)], two, 3)


def _beetle(c: Canvas, one: Colour, two: Colour) -> None:
    for side in (-1, 1):
        for y, out in ((150, -30), (190, 4), (230, 40)):
            c.line(
                [(180 + side * 50, y), (180 + side * 104, y + out * 0.4), (180 + side * 122, y + out)], two, 6
            )
        c.line([(180 + side * 14, 96), (180 + side * 44, 58), (180 + side * 76, 62)], two, 4)
    c.ellipse(180, 210, 66, 88, one)
    c.ellipse(180, 128, 46, 34, mix(one, two, 0.5))
    c.ellipse(180, 100, 26, 20, two)
    c.line([(180, 140), (180, 296)], two, 4)
    for side in (-1, 1):
        c.ellipse(180 + side * 34, 190, 12, 40, (255, 255, 255), 60)


def _shell(c: Canvas, one: Colour, two: Colour) -> None:
    for step in range(260):
        turn = step * 0.075
        far = 4 * math.exp(0.17 * turn)
        c.ellipse(
            172 + far * math.cos(turn),
            180 + far * math.sin(turn),
            far * 0.42 + 2,
            far * 0.42 + 2,
            mix(one, two, 0.5 + 0.5 * math.sin(turn * 6)),
        )


def _bloom(petals: int, rings: int) -> Callable[[Canvas, Colour, Colour], None]:
    def draw(c: Canvas, one: Colour, two: Colour) -> None:
        c.line([(180, 190), (176, 356)], hue("#4f7f3f"), 8)
        c.ellipse(140, 300, 40, 14, hue("#5f9448"))
        c.ellipse(216, 270, 38, 13, hue("#6fa452"))
        for ring in range(rings, 0, -1):
            for step in range(petals):
                angle = math.radians(360 / petals * step + ring * 17)
                far = 22 * ring
                c.ellipse(
                    180 + far * math.cos(angle),
                    158 + far * math.sin(angle),
                    13 + 7 * ring,
                    11 + 7 * ring,
                    mix(two, one, ring / rings - 0.04 * (step % 2)),
                )
        c.ellipse(180, 158, 16, 16, mix(two, (255, 255, 255), 0.25))

    return draw


def _tomato(c: Canvas, one: Colour, two: Colour) -> None:
    c.line([(60, 40), (180, 60), (310, 40)], hue("#4f7f3f"), 7)
    for x, y, r in ((110, 150, 52), (214, 170, 64), (150, 262, 46)):
        c.line([(x, y - r), (180, 60)], hue("#4f7f3f"), 4)
        c.ellipse(x, y, r, r * 0.92, mix(one, two, r / 90 - 0.5))
        c.ellipse(x - r * 0.35, y - r * 0.35, r * 0.2, r * 0.14, (255, 255, 255), 150)
        for step in range(5):
            angle = math.radians(72 * step - 90)
            c.polygon(
                [
                    (x - 5, y - r * 0.86),
                    (x + 5, y - r * 0.86),
                    (x + 26 * math.cos(angle), y - r * 0.8 + 14 * math.sin(angle)),
                ],
                hue("#3f7034"),
            )


def _seedling(c: Canvas, one: Colour, two: Colour) -> None:
    c.polygon([(110, 220), (250, 220), (232, 320), (128, 320)], two)
    c.box(100, 204, 160, 24, mix(two, (255, 255, 255), 0.15), r=4)
    c.ellipse(180, 208, 70, 8, hue("#3d2c22"))
    c.line([(180, 208), (178, 120)], one, 7)
    for side, y in ((-1, 150), (1, 132), (-1, 112), (1, 100)):
        c.ellipse(180 + side * 36, y, 36, 15, mix(one, hue("#b6d67a"), y / 300))


DRAWN: Mapping[str, tuple[Callable[[Canvas, Colour, Colour], None], str]] = {
    "mug": (_mug, "#eef0ea #3f7f8c #2e5f6a"),
    "teapot": (_teapot, "#f3ece2 #b5523b #7d3524"),
    "lamp": (_lamp, "#5a6672 #e9c46a #2b2f36"),
    "chair": (_chair, "#e8e3da #8a5a34 #c9a06a"),
    "vase": (_vase, "#f0e9ee #5f7fa8 #f2d6a0"),
    "bowl": (_bowl, "#e9efe9 #3f6f5a #d9472f"),
    "bag": (_bag, "#ece6dd #a8763e #4a3320"),
    "clock": (_clock, "#e2e8ee #c7503f #2b2f3a"),
    "books": (_books, "#efe9df #35607a #c98a3a"),
    "stool": (_stool, "#e6ece8 #d98f4e #6b4a2f"),
    "board": (_board, "#eee8e0 #c08a55 #8a5a34"),
    "candles": (_candle, "#3a3d4a #f4e8d0 #b08a4a"),
    "soup": (_soup, "#8a6444 #e0873a #5f8f3f"),
    "tart": (_tart, "#5f6b73 #f0d9a0 #c03a4a"),
    "bread": (_bread, "#d9cfc0 #b8793f #e9c48f"),
    "salad": (_salad, "#a8856a #5f9a3f #d9433a"),
    "paella": (_pan, "#c9a27a #e2b13f #e2703f"),
    "ramen": (_ramen, "#a35f3f #c98f4a #5fa04a"),
    "cake": (_cake, "#d9c3cf #8a5a3f #c0324a"),
    "amphora": (_amphora, "#d5cfc4 #b9683f #3a241a"),
    "coin": (_coin, "#2f3a44 #c9b27a #8a7444"),
    "tile": (_tile, "#4a4f58 #2f6fa0 #d0883a"),
    "manuscript": (_leaf_of_book, "#57504a #3a2a1c #2f5f8a"),
    "mask": (_mask, "#dcd6cb #a8703f #5f3a20"),
    "beetle": (_beetle, "#f2eee2 #2f6f5a #1c2a2a"),
    "shell": (_shell, "#35434f #f0dcc0 #c98f6a"),
    "rose": (_bloom(7, 4), "#dfe8da #d94a6a #8a1f3a"),
    "dahlia": (_bloom(12, 4), "#e4e9f0 #e58a3a #b03a2a"),
    "aster": (_bloom(16, 3), "#eef0e0 #8a7fd0 #f0c23c"),
    "tomato": (_tomato, "#e9eedd #e2522f #c0301f"),
    "seedling": (_seedling, "#e6efe4 #6fa04a #b0623f"),
}


def paint(name: str) -> Image.Image:
    """The thing of that name."""
    draw, colours = DRAWN[name]
    ground, one, two = (hue(colour) for colour in colours.split())
    canvas = Canvas(SIDE, SIDE, ground, name)
    canvas.gradient([mix(ground, (255, 255, 255), 0.25), mix(ground, (0, 0, 0), 0.1)])
    canvas.shade(180, 290, 110, 18)
    draw(canvas, one, two)
    return canvas.done()
