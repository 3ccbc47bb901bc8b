"""Where the marks of a chart lie: stacked bars, one a row, and columns over time, for inline SVG.

Lengths across are percentages and heights pixels, so a chart is as wide as its place and its words keep their
size, on a phone and on paper. A label stands above its bar, cut to what fits there, once for narrow and once
for wide places. Colours are names of classes; the style gives each a hue and a pattern. What is there but too
small to be seen is drawn just visible.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

ROW = 46
"""Height of a bar with its label, in pixels."""
NARROW, WIDE = 40, 64
"""Characters that fit beside each other, label and value, on a phone and elsewhere."""
COLUMNS = 96
"""Columns at most; more periods than that are put together."""
_LEAST = 0.6
_BAR, _BAR_AT = 14, 22
_PLOT, _TOP, _AXIS = 170, 22, 26


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """One colour."""

    key: str
    """Its class in the style."""
    name: str
    """What it stands for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One row, or one column."""

    label: str
    """What it is about; words of strangers may stand here."""
    parts: tuple[int, ...]
    """A number for each series."""
    value: str = ""
    """What is written beside the label."""
    under: int | None = None
    """Length of the thin line under it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A rectangle."""

    x: float
    """Percent of the width."""
    y: float
    """Pixels."""
    width: float
    """Percent of the width."""
    height: float
    """Pixels."""
    key: str
    """Class of its colour."""
    title: str = ""
    """What is shown when it is pointed at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """Text at a place."""

    x: float
    """Percent of the width."""
    y: float
    """Pixels, of the base line."""
    text: str
    """What is written."""
    key: str
    """Classes: what it is, and for which width it is."""
    title: str = ""
    """The whole text, where it was cut."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """What a template draws."""

    height: int
    """Pixels."""
    marks: tuple[Mark, ...]
    """Rectangles, in the order in which they are drawn."""
    words: tuple[Word, ...]
    """Texts."""


def bars(rows: Sequence[Bar], series: Sequence[Series]) -> Drawing:
    """Stacked bars from the left, one scale for all."""
    longest = max((sum(row.parts) for row in rows), default=0)
    marks: list[Mark] = []
    words: list[Word] = []
    for index, row in enumerate(rows):
        top = index * ROW
        words += _label(row.label, row.value, top + 14)
        words.append(Word(x=100, y=top + 14, text=row.value, key="value"))
        marks.append(Mark(x=0, y=top + _BAR_AT, width=100, height=_BAR, key="track"))
        at = 0.0
        for one, part, width in zip(series, row.parts, _widths(row.parts, longest), strict=True):
            if part:
                title = f"{row.label}: {part:,} {one.name}"
                marks.append(
                    Mark(
                        x=_near(at), y=top + _BAR_AT, width=_near(width), height=_BAR, key=one.key, title=title
                    )
                )
            at += width
        if row.under:
            (width,) = _widths((row.under,), longest)
            marks.append(Mark(x=0, y=top + _BAR_AT + _BAR + 2, width=_near(width), height=3, key="under"))
    return Drawing(height=max(ROW * len(rows) - 6, 0), marks=tuple(marks), words=tuple(words))


def columns(rows: Sequence[Bar], series: Sequence[Series]) -> Drawing:
    """Stacked columns side by side, with a scale; :func:`joined` first, where there may be many."""
    tallest = max((sum(row.parts) for row in rows), default=0)
    scale = nice(tallest)
    marks: list[Mark] = []
    words: list[Word] = []
    for step in (scale, scale // 2) if scale % 2 == 0 else (scale,):
        y = _TOP + _PLOT * (1 - step / scale)
        marks.append(Mark(x=0, y=_near(y), width=100, height=1, key="rule"))
        words.append(Word(x=0, y=_near(y), text=brief(step), key="tick scale"))
    pitch = 100 / max(len(rows), 1)
    for index, row in enumerate(rows):
        floor = float(_TOP + _PLOT)
        heights = [part / scale * _PLOT for part in row.parts]
        for one, part, height in zip(series, row.parts, heights, strict=True):
            if not part:
                continue
            height = max(height, 1.0)
            floor -= height
            title = f"{row.label}: {part:,} {one.name}"
            x = pitch * (index + (0.1 if pitch > 2 else 0.02))
            width = pitch * (0.8 if pitch > 2 else 0.96)
            marks.append(
                Mark(
                    x=_near(x),
                    y=_near(floor),
                    width=_near(width),
                    height=_near(height),
                    key=one.key,
                    title=title,
                )
            )
    marks.append(Mark(x=0, y=_TOP + _PLOT, width=100, height=1, key="axis"))
    if rows:
        y = _TOP + _PLOT + 18
        words.append(Word(x=0, y=y, text=rows[0].label, key="tick"))
        if len(rows) > 1:
            words.append(Word(x=100, y=y, text=rows[-1].label, key="tick end"))
        if len(rows) > 4:
            middle = len(rows) // 2
            words.append(
                Word(x=_near(pitch * (middle + 0.5)), y=y, text=rows[middle].label, key="tick middle wide")
            )
    return Drawing(height=_TOP + _PLOT + _AXIS, marks=tuple(marks), words=tuple(words))


def joined(rows: Sequence[Bar]) -> tuple[tuple[Bar, ...], int]:
    """At most :data:`COLUMNS` of them, and how many neighbours were put together in each."""
    step = math.ceil(len(rows) / COLUMNS) or 1
    if step == 1:
        return tuple(rows), 1
    groups = (rows[at : at + step] for at in range(0, len(rows), step))
    return tuple(
        Bar(label=group[0].label, parts=tuple(map(sum, zip(*(row.parts for row in group), strict=True))))
        for group in groups
    ), step


def nice(value: int) -> int:
    """The least of 1, 2, 4, 5, 6, 8 times a power of ten that is not less than ``value``."""
    power = int(10 ** (len(str(max(value, 1))) - 1))
    return next(step * power for step in (1, 2, 4, 5, 6, 8, 10) if step * power >= value)


def brief(value: int) -> str:
    """``950``, ``2k``, ``1.5M``; above a million millions as a power of ten."""
    for unit, name in ((10**12, ""), (10**9, "bn"), (10**6, "M"), (10**3, "k")):
        if value >= unit:
            return f"{value:.0e}" if not name else f"{value / unit:g}{name}"
    return str(value)


def cut(words: str, width: int) -> str:
    """``words`` in at most ``width`` columns: a sentence loses its end, a name its middle."""
    if _columns(words) <= width:
        return words
    if " " in words:
        return _fitting(words, width - 1).rstrip() + "…"
    end = _fitting(words[::-1], (width - 1) // 2)[::-1]
    return _fitting(words, width - 1 - _columns(end)) + "…" + end


def _label(label: str, value: str, y: int) -> list[Word]:
    narrow, wide = (cut(label, max(fits - _columns(value) - 2, 8)) for fits in (NARROW, WIDE))
    title = "" if narrow == label else label
    if narrow == wide:
        return [Word(x=0, y=y, text=wide, key="label", title=title)]
    return [
        Word(x=0, y=y, text=narrow, key="label narrow", title=title),
        Word(x=0, y=y, text=wide, key="label wide", title=title),
    ]


def _widths(parts: Sequence[int], longest: int) -> list[float]:
    """Percent each, together at most what their sum is of ``longest``, unless a sliver needs more."""
    found = [max(100 * part / longest, _LEAST) if part else 0.0 for part in parts]
    most = max(100 * sum(parts) / longest, max(found, default=0)) if longest else 0.0
    excess = sum(found) - most
    if excess > 0:  # what slivers were given, the largest part gives
        largest = found.index(max(found))
        found[largest] = max(found[largest] - excess, _LEAST)
    return found


def _columns(words: str) -> int:
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in words)


def _fitting(words: str, width: int) -> str:
    used = 0
    for index, one in enumerate(words):
        used += _columns(one)
        if used > width:
            return words[:index]
    return words


def _near(value: float) -> float:
    return round(value, 2)
