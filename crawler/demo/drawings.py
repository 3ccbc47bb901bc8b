"""Drawings of the demo web, as SVG: charts, a map, diagrams, computed from their figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 480, 300
"""Pixels of every drawing."""

_INK, _SOFT, _LINE = "#26303a", "#6b7680", "#d5dade"


def size(name: str) -> str:
    """The file name of a drawing, with its size in it."""
    return f"{name}-{WIDTH}x{HEIGHT}.svg"


def svg(title: str, content: str, *, ground: str = "#ffffff", metadata: str = "") -> str:
    """A drawing around its content; ``metadata``: RDF that stands inside."""
    inside = f"<metadata>{metadata}</metadata>" if metadata else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Arial,sans-serif" font-size="12" role="img">'
        f"<title>{escape(title)}</title>{inside}"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{ground}"/>{content}</svg>'
    )


def text(
    x: float, y: float, words: str, *, anchor: str = "middle", colour: str = _SOFT, bold: bool = False
) -> str:
    """A label."""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(words)}</text>'
    )


def bars(title: str, values: Mapping[str, float], colour: str, unit: str) -> str:
    """A bar for each value, its height in ``unit``."""
    top, foot, left = 48.0, HEIGHT - 36.0, 44.0
    most = max(values.values()) * 1.1
    step = (WIDTH - left - 16) / len(values)
    parts = [
        text(left, 26, f"{title}, {unit}", anchor="start", colour=_INK, bold=True),
        *_rules(top, foot, left, most),
    ]
    for number, (name, value) in enumerate(values.items()):
        x, tall = left + number * step, (foot - top) * value / most
        parts.append(
            f'<rect x="{x + step * 0.15:.1f}" y="{foot - tall:.1f}" width="{step * 0.7:.1f}" '
            f'height="{tall:.1f}" '
            f'rx="2" fill="{colour}"/>'
        )
        parts.append(text(x + step / 2, foot + 18, name))
    return svg(title, "".join(parts))


def lines(title: str, rows: Mapping[str, Sequence[float]], labels: Sequence[str], unit: str) -> str:
    """A line for each row, over the same labels."""
    top, foot, left = 48.0, HEIGHT - 36.0, 44.0
    values = [value for row in rows.values() for value in row]
    low, most = min(0.0, *values), max(values) * 1.1
    parts = [
        text(left, 26, f"{title}, {unit}", anchor="start", colour=_INK, bold=True),
        *_rules(top, foot, left, most, low),
    ]
    step = (WIDTH - left - 70) / (len(labels) - 1)
    for (name, row), colour in zip(rows.items(), ("#b5432e", "#1f6f9a", "#4f7a28", "#8a5fa8"), strict=False):
        points = [
            (left + number * step, foot - (foot - top) * (value - low) / (most - low))
            for number, value in enumerate(row)
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts.append(text(points[-1][0] + 6, points[-1][1] + 4, name, anchor="start", colour=colour, bold=True))
    parts += [text(left + number * step, foot + 18, label) for number, label in enumerate(labels)]
    return svg(title, "".join(parts))


def _rules(top: float, foot: float, left: float, most: float, low: float = 0.0) -> list[str]:
    """Thin lines across, with their values."""
    parts = []
    for step in range(5):
        y = foot - (foot - top) * step / 4
        parts.append(f'<path d="M{left:.0f} {y:.1f}H{WIDTH - 16}" stroke="{_LINE}"/>')
        parts.append(text(left - 6, y + 4, f"{low + (most - low) * step / 4:.0f}", anchor="end"))
    return parts


def shares(title: str, values: Mapping[str, float]) -> str:
    """A ring in parts."""
    total, start, parts = sum(values.values()), -math.pi / 2, []
    colours = ("#1f6f9a", "#e0a030", "#4f7a28", "#b5432e", "#8a5fa8", "#6b7680")
    for number, (name, value) in enumerate(values.items()):
        end = start + 2 * math.pi * value / total
        far = 1 if end - start > math.pi else 0
        x1, y1, x2, y2 = (150 + 95 * math.cos(start), 160 + 95 * math.sin(start),
                          150 + 95 * math.cos(end), 160 + 95 * math.sin(end))  # fmt: skip
        parts.append(
            f'<path d="M{x1:.1f} {y1:.1f}A95 95 0 {far} 1 {x2:.1f} {y2:.1f}" fill="none" '
            f'stroke="{colours[number % 6]}" stroke-width="46"/>'
        )
        y = 90 + number * 26
        parts.append(f'<rect x="290" y="{y - 10}" width="13" height="13" rx="2" fill="{colours[number % 6]}"/>')
        parts.append(text(312, y + 1, f"{name} {value:g} %", anchor="start", colour=_INK))
        start = end
    return svg(title, text(24, 30, title, anchor="start", colour=_INK, bold=True) + "".join(parts))


def chart_of_coast(title: str, places: Mapping[str, tuple[float, float]]) -> str:
    """A map of a coast that does not exist."""
    shore: list[tuple[float, float]] = [(0.0, 210.0)]
    for x in range(0, WIDTH + 20, 20):
        shore.append((float(x), 170 + 34 * math.sin(x / 46) + 20 * math.sin(x / 17 + 1)))
    land = " ".join(f"{x:.0f},{y:.0f}" for x, y in [*shore, (WIDTH, 0), (0, 0)])
    parts = [
        f'<polygon points="{land}" fill="#e8e2c6" stroke="#9a8f68" stroke-width="1.5"/>',
        '<path d="M60 0C90 60 150 80 160 178M300 0C290 70 340 100 352 168" fill="none" stroke="#7fb0cf" '
        'stroke-width="3"/>',
        '<ellipse cx="380" cy="250" rx="46" ry="18" fill="#e8e2c6" stroke="#9a8f68" stroke-width="1.5"/>',
    ]
    for depth in (14, 28, 42):
        line = " ".join(f"{x:.0f},{y + depth:.0f}" for x, y in shore)
        parts.append(f'<polyline points="{line}" fill="none" stroke="#ffffff" stroke-opacity=".7"/>')
    for name, (east, south) in places.items():
        parts.append(
            f'<circle cx="{east:.0f}" cy="{south:.0f}" r="5" fill="#b5432e" stroke="#fff" stroke-width="1.5"/>'
        )
        parts.append(text(east + 9, south + 4, name, anchor="start", colour=_INK, bold=True))
    return svg(title, "".join(parts), ground="#a9cfe4")


def moon(title: str) -> str:
    """The phases of the moon on a ring around the earth."""
    parts = [
        '<circle cx="240" cy="150" r="26" fill="#3f8fc0"/>',
        text(240, 154, "Earth", colour="#ffffff", bold=True),
    ]
    names = ("full", "waning", "last quarter", "waning", "new", "waxing", "first quarter", "waxing")
    for step, name in enumerate(names):
        angle = math.radians(45 * step + 180)
        x, y = 240 + 170 * math.cos(angle), 150 + 100 * math.sin(angle)
        parts.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="17" fill="#2a3140"/>')
        lit = 17 * (1 + math.cos(math.radians(45 * step))) / 2
        parts.append(f'<ellipse cx="{x:.0f}" cy="{y:.0f}" rx="{lit:.1f}" ry="17" fill="#f4efd8"/>')
        parts.append(text(x, y + 32, name, colour="#c9d3e0"))
    return svg(title, "".join(parts), ground="#0f1626")


def cycle(title: str) -> str:
    """Where water goes."""
    steps = ("evaporation", "clouds", "rain", "rivers")
    parts = [
        '<rect y="215" width="480" height="85" fill="#4f9ac8"/>',
        '<path d="M200 215L330 90L480 170V300H240Z" fill="#8fae6a"/>',
        '<circle cx="64" cy="54" r="26" fill="#f6c945"/>',
        '<ellipse cx="330" cy="48" rx="62" ry="20" fill="#ffffff"/><ellipse cx="290" cy="56" rx="40" '
        'ry="16" fill="#ffffff"/>',
    ]
    for (x, y), name in zip(((110, 180), (220, 40), (400, 110), (250, 250)), steps, strict=True):
        parts.append(text(x, y, name, colour=_INK, bold=True))
    for path in (
        "M120 200C120 120 170 70 230 58",
        "M330 74V96",
        "M350 74V104",
        "M330 130C280 180 260 200 210 222",
    ):
        parts.append(f'<path d="{path}" fill="none" stroke="#1f4f7a" stroke-width="3" stroke-dasharray="7 5"/>')
    return svg(title, "".join(parts), ground="#dceefa")
