"""The text of a page whatever its encoding, in the order browsers ask.

WHATWG Encoding and HTML (https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding)::

    byte order mark > NUL pattern of UTF-16 and UTF-32 > Content-Type charset > <meta charset> / XML declaration
    > strict UTF-8 > windows-1252

The NUL pattern is ours: markup that a wrong label would hide is still heard.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from functools import lru_cache

from crawler.optout.model import Capture

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_NULS: Mapping[tuple[bool, ...], str] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
"""Which of every four octets are mostly NUL at the beginning of markup."""

_DECLARED = re.compile(
    rb"""<meta[^>]{0,512}?charset\s*=\s*["']?\s*([\w.:+-]{1,40})|<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:+-]{1,40})""",
    re.I,
)

_INSTEAD = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""What browsers use where a page names the encoding on the left."""

_KNOWN = re.compile(
    r"utf-8|utf-16|utf-16-le|utf-16-be|utf-32|utf-32-le|utf-32-be|cp866|cp874|cp932|cp949|cp125[0-8]|iso8859-\d+|koi8-[rut]|"
    r"mac-roman|mac-cyrillic|gb18030|big5hkscs|euc_jp|iso2022_jp|hz\Z"
)


@lru_cache(maxsize=256)
def codec_of(label: str) -> str | None:
    """The Python codec for a label of the web, or None when browsers know no such encoding."""
    try:
        name = codecs.lookup(label.strip().strip("\"'")).name
    except (LookupError, ValueError):
        return None
    name = _INSTEAD.get(name, name)
    return name if _KNOWN.fullmatch(name) else None


def charset_of(capture: Capture) -> str | None:
    """The charset parameter of the Content-Type, lower case; None without one."""
    for value in capture.values("content-type"):
        _, found, rest = value.lower().partition("charset=")
        if found:
            return rest.partition(";")[0].strip(" \t\"'") or None
    return None


def named(body: bytes, declared: str | None = None) -> str | None:
    """The Python codec that the Content-Type names, else the one that the page itself does; None: neither."""
    known = codec_of(declared) if declared else None
    if known is None and (match := _DECLARED.search(body, 0, 4096)):
        known = codec_of((match[1] or match[2]).decode("ascii", "replace"))
        if known is not None and known.startswith(("utf-16", "utf-32")):
            known = "utf-8"  # the declaration was readable octet by octet, so it is wrong
    return known


def decode(body: bytes, declared: str | None = None) -> str:
    """The text of ``body``; ``declared`` is the charset parameter of its Content-Type. Never raises."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    head = body[:64]
    if b"\0" in head:
        pattern = tuple(head[place::4].count(0) * 8 > len(head) for place in range(4))
        if pattern in _NULS:
            return body.decode(_NULS[pattern], "replace")
    known = named(body, declared)
    if known not in (None, "utf-8"):
        assert known is not None
        text = body.decode(known, "replace")
        # A label under which no tag can be read would hide everything that is said.
        return text if "<" in text or b"<" not in body else body.decode("utf-8", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("utf-8" if known else "cp1252", "replace")
