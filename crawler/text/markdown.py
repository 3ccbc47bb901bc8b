"""Markdown (CommonMark) from the reduced HTML that resiliparse gives: headings, paragraphs, lists, code.

Its output is well-formed and knows no other elements (``preserve_formatting='minimal_html'``); what stands
outside of them, such as cells of a table, becomes paragraphs. A paragraph that would begin like a heading, list
or quotation is escaped; letters inside a line are left as they are, because this is text to be read.
"""

from __future__ import annotations

import re
from html import unescape

_TAG = re.compile(r"<(/?)(h[1-6]|p|ul|ol|li|pre|br)(?:\s[^<>]*)?/?>")
_BLOCK = re.compile(r"(#{1,6}(?=\s|$)|[-+*](?=\s|$)|>|`{3,}|~{3,}|(?:[-*_=]\s*){3,}$)")
_NUMBER = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_FENCE = re.compile(r"`{3,}")

DEEPEST = 12
"""Lists inside each other that are indented; deeper ones stand beside the last."""


def markdown_of(html: str) -> str:
    """``html`` as Markdown, its blocks apart by blank lines."""
    writer = _Writer()
    end = 0
    for tag in _TAG.finditer(html):
        writer.text(unescape(html[end : tag.start()]))
        writer.tag(tag[2], opens=not tag[1])
        end = tag.end()
    writer.text(unescape(html[end:]))
    return writer.result()


class _Writer:
    """Takes text and tags in order."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._tight: list[bool] = []
        self._line: list[str] = []
        self._lists: list[int | None] = []
        self._heading = 0
        self._pre = False
        self._item = False

    def text(self, text: str) -> None:
        """Letters, with the white space of the source."""
        if self._pre:
            self._line.append(text)
            return
        parts = re.split(r"\n{2,}", text)
        for number, part in enumerate(parts):
            if number:
                self._flush()
            self._line.append(part)  # a line break in it is the end of a row, or of a block without a tag

    def tag(self, name: str, *, opens: bool) -> None:
        """The beginning or end of an element."""
        if self._pre and name != "pre":
            return
        if name == "br":
            if next((part for part in reversed(self._line) if part.strip(" ")), "") == "\n":
                self._flush()
            else:
                self._line.append("\n")
            return
        self._flush()
        if name == "pre":
            self._pre = opens
        elif name in ("ul", "ol"):
            if opens:
                self._lists.append(None if name == "ul" else 0)
            elif self._lists:
                self._lists.pop()
        elif name == "li":
            self._item = opens
        elif name != "p":
            self._heading = int(name[1]) if opens else 0

    def result(self) -> str:
        """What was written."""
        self._pre = False
        self._flush()
        text = ""
        for number, (block, tight) in enumerate(zip(self._blocks, self._tight, strict=True)):
            text += "" if not number else "\n" if tight and self._tight[number - 1] else "\n\n"
            text += block
        return text

    def _flush(self) -> None:
        """End the block that is being written."""
        text, self._line = "".join(self._line), []
        if not text.strip():
            return
        if self._pre:
            fence = max((len(found) + 1 for found in _FENCE.findall(text)), default=3)
            self._add(f"{'`' * fence}\n{text.strip(chr(10))}\n{'`' * fence}", self._indent(0))
            return
        lines = [" ".join(line.split()) for line in text.split("\n")]
        lines = [line for line in lines if line]
        if self._heading:
            self._add(f"{'#' * self._heading} {' '.join(lines)}", "")
            return
        body = "\n".join(_escaped(line) for line in lines)
        if not self._item:
            self._add(body, self._indent(0))
            return
        self._item = False
        outer, mark = self._indent(1), "- "
        if self._lists and self._lists[-1] is not None:
            number = self._lists[-1] + 1
            self._lists[-1], mark = number, f"{number}. "
        self._add(body, outer + " " * len(mark), outer + mark, tight=True)

    def _indent(self, less: int) -> str:
        lists = self._lists[: len(self._lists) - less][:DEEPEST]
        return "".join("  " if count is None else "   " for count in lists)

    def _add(self, block: str, indent: str, first: str | None = None, *, tight: bool = False) -> None:
        lines = block.split("\n")
        head = (indent if first is None else first) + lines[0]
        self._blocks.append("\n".join([head, *(indent + line if line else "" for line in lines[1:])]))
        self._tight.append(tight)


def _escaped(line: str) -> str:
    if _BLOCK.match(line):
        return "\\" + line
    return _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line
