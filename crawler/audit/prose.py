"""A few pages of prose, as Markdown or as one HTML file.

Words of strangers (URLs, what they wrote, reasons) stand in it as :class:`Quoted` and never become markup: in
Markdown they are code spans, which nothing inside can end, in HTML they are escaped. Characters that move,
reorder or hide others are replaced. Nothing is a link: nobody should be led to a stranger's address by us.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words that are not ours."""

    text: str
    """The words."""

    def __post_init__(self) -> None:
        shown = "".join("\ufffd" if unicodedata.category(one) in _INVISIBLE else one for one in self.text)
        object.__setattr__(self, "text", shown)


Part = str | Quoted
"""Ours, without characters that are markup in Markdown, or theirs."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a document (level 1) or of a part of it (level 2)."""

    level: int
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph."""

    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    rows: Sequence[Sequence[Part]]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines to be copied as they are."""

    lines: Sequence[str]


Block = Heading | Paragraph | Bullets | Verbatim


def as_markdown(blocks: Iterable[Block]) -> str:
    """The document in CommonMark; a paragraph is one line, so that nothing quoted can begin another."""
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def as_html(blocks: Sequence[Block], title: Sequence[Part]) -> str:
    """The document as one HTML file that loads nothing."""
    body = "\n".join(map(_html, blocks))
    return _PAGE.format(title="".join(escape(_plain(part)) for part in title), body=body)


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return "#" * block.level + " " + _marked(block.parts)
    if isinstance(block, Paragraph):
        return _marked(block.parts)
    if isinstance(block, Bullets):
        return "\n".join("- " + _marked(row) for row in block.rows)
    return "\n".join("    " + Quoted(line).text for line in block.lines)


def _marked(parts: Sequence[Part]) -> str:
    words = ""
    for part in parts:
        if isinstance(part, str):
            words += part
        else:  # the fences of two code spans side by side would run together
            words += (" " if words.endswith("`") else "") + _code_span(part.text)
    return words


def _code_span(text: str) -> str:
    """A code span (CommonMark 0.31 section 6.1), fenced with more backticks than any run inside it."""
    fence = "`" * (1 + max((len(run) for run in _TICKS.findall(text)), default=0))
    pad = " " if text.strip() and (text[0] in "` " or text[-1] in "` ") else ""
    return f"{fence}{pad}{text or ' '}{pad}{fence}"


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{_escaped(block.parts)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{_escaped(block.parts)}</p>"
    if isinstance(block, Bullets):
        return "<ul>\n" + "\n".join(f"<li>{_escaped(row)}</li>" for row in block.rows) + "\n</ul>"
    return "<pre>" + "\n".join(escape(Quoted(line).text) for line in block.lines) + "</pre>"


def _escaped(parts: Sequence[Part]) -> str:
    return "".join(
        escape(part) if isinstance(part, str) else f"<code>{escape(part.text)}</code>" for part in parts
    )


def _plain(part: Part) -> str:
    return part if isinstance(part, str) else part.text


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 Georgia, serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem; color: #222 }}
h1, h2 {{ line-height: 1.2 }}
code, pre {{ font: .9em/1.4 monospace; overflow-wrap: anywhere; white-space: pre-wrap }}
@media print {{ body {{ margin: 0; max-width: none }} }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
