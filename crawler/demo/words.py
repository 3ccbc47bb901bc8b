"""The words of demo pages as they are written in the source, and as HTML.

Blocks stand apart by an empty line. One that begins with ``## `` is a heading, with ``- `` a list, with ``1. ``
a numbered one, with ``> `` a quotation, with ``| `` a table, with ``~ `` a paragraph left out of snippets, with
``<`` HTML; ``! picture | alternative text | caption`` is a figure. In text, ``[label](address)``
is a link, ``*so*`` emphasis, ``**so**`` strong.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

Source = Callable[[str], str]
"""The address of a picture by the name it is written under."""

_SIZE = re.compile(r"-(\d+)x(\d+)\.\w+\Z")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_STRONG = re.compile(r"\*\*([^*]+)\*\*")
_EMPHASIS = re.compile(r"\*([^*]+)\*")


def to_html(words: str, source: Source) -> str:
    """The blocks of ``words``; ``source`` says where pictures are."""
    return "\n".join(
        _block(block.strip(), source) for block in re.split(r"\n\s*\n", words.strip()) if block.strip()
    )


def first_words(words: str, most: int = 160) -> str:
    """The beginning of the first plain paragraph, as a summary without markup."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", words.strip())]
    plain = next((block for block in blocks if block and block[0] not in "#-1>|~<!"), "")
    text = _EMPHASIS.sub(r"\1", _STRONG.sub(r"\1", _LINK.sub(r"\1", " ".join(plain.split()))))
    if len(text) <= most:
        return text
    return text[:most].rpartition(" ")[0].rstrip(",;:–-") + " …" if " " in text[:most] else text[:most] + "…"


def pictures_in(words: str) -> list[tuple[str, str]]:
    """Names and alternative texts of the figures, in order."""
    found = []
    for block in re.split(r"\n\s*\n", words.strip()):
        if block.strip().startswith("! "):
            name, alt, _ = _figure_parts(block.strip())
            found.append((name, alt))
    return found


def image(address: str, alt: str) -> str:
    """An ``img`` with the size that its address announces, if it does."""
    size = _SIZE.search(address)
    wide = f' width="{size[1]}" height="{size[2]}"' if size else ""
    return f'<img src="{escape(address)}" alt="{escape(alt)}"{wide} loading="lazy">'


def _block(block: str, source: Source) -> str:
    lines = block.splitlines()
    mark = block.partition(" ")[0]
    if block.startswith("<"):
        return block
    if mark == "##":
        return f"<h2>{inline(block[3:])}</h2>"
    if mark == "!":
        name, alt, caption = _figure_parts(block)
        below = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
        return f"<figure>{image(source(name), alt)}{below}</figure>"
    if mark in ("-", "1."):
        tag = "ul" if mark == "-" else "ol"
        items = re.split(r"\n(?:-|\d+\.) ", "\n" + block)[1:]
        return f"<{tag}>{''.join(f'<li>{inline(item)}</li>' for item in items)}</{tag}>"
    if mark == ">":
        said = " ".join(line.removeprefix(">").strip() for line in lines)
        return f"<blockquote><p>{inline(said)}</p></blockquote>"
    if mark == "|":
        return _table(lines)
    if mark == "~":
        return f"<p data-nosnippet>{inline(block[2:])}</p>"
    return f"<p>{inline(block)}</p>"


def inline(text: str) -> str:
    """A run of text with links and emphasis."""
    plain = escape(" ".join(text.split()), quote=False)
    linked = _LINK.sub(r'<a href="\2">\1</a>', plain)
    return _EMPHASIS.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", linked))


def _figure_parts(block: str) -> tuple[str, str, str]:
    name, alt, caption = (*(part.strip() for part in " ".join(block[2:].split()).split("|", 2)), "", "")[:3]
    return name, alt, caption


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head = "".join(f'<th scope="col">{inline(cell)}</th>' for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{inline(cell)}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
