"""Markup in whatever encoding it was written, as UTF-8 that an XML parser takes.

XML 1.0, appendix F (https://www.w3.org/TR/xml/#sec-guessing), and ISO 16684-1 §7.3.2, which lets XMP be UTF-8,
UTF-16 or UTF-32 in either byte order. What the bytes are outweighs what a declaration says of them: files are
converted by programs that leave the declaration alone.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins like UTF-16's, so it is looked for first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PADDING = b"\0 \t\r\n"
_DECLARATION = re.compile(r"<\?xml\s[^>]{0,200}\?>")
_DECLARED = re.compile(rb"""<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,40})["']""")


class Markup(NamedTuple):
    """Markup as UTF-8."""

    data: bytes
    """From its first ``<`` to its last ``>``, without an XML declaration; empty when there are none."""
    exact: bool
    """Whether every byte could be decoded."""


def read_markup(data: bytes) -> Markup:
    """``data`` as UTF-8, without what stands before and after the markup in it."""
    text, exact = _decoded(data)
    start, end = text.find("<"), text.rfind(">") + 1
    if start < 0 or end <= start:
        return Markup(b"", exact)
    head, tail = text[start : start + 1024], text[start + 1024 : end]
    # A declaration may stand behind the wrapper, where XML forbids it; what it says is known by now.
    return Markup((_DECLARATION.sub("", head[: end - start], count=1) + tail).encode("utf-8", "replace"), exact)


def _decoded(data: bytes) -> tuple[str, bool]:
    encoding, start = _encoding_of(data)
    if encoding is None:
        try:
            return data.removeprefix(codecs.BOM_UTF8).decode("utf-8"), True
        except UnicodeDecodeError:
            declared = _DECLARED.search(data[:512])
            # A byte that is no UTF-8 costs its own character only, unless the declaration knows better.
            encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
    whole = data[start:]
    try:
        return whole.decode(encoding), True
    except (LookupError, ValueError):
        pass
    try:
        return whole.decode(encoding, "replace"), False
    except (LookupError, ValueError):  # no text encoding at all, such as "hex"
        return whole.decode("utf-8", "replace"), False


def _encoding_of(data: bytes) -> tuple[str | None, int]:
    """The encoding if it takes more than one byte for a ``<``, and where it begins."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    at = data.find(b"<")
    if at < 0:
        return None, 0
    before, behind = data[max(0, at - 3) : at], data[at + 1 : at + 4]
    if behind == b"\0\0\0":
        return ("utf-32-be", at - 3) if before == b"\0\0\0" else ("utf-32-le", at)
    if behind[:1] == b"\0":
        return ("utf-16-be", at - 1) if before[-1:] == b"\0" else ("utf-16-le", at)
    return None, 0


def is_blank(data: bytes) -> bool:
    """Whether there is nothing but padding."""
    return not data.strip(_PADDING)
