"""The text of kept content whatever its encoding; of a page, its markup.

The order is :mod:`crawler.optout.grammar.charset`'s, which is the browsers', with two differences, because here
every letter counts and there only the tags do: bytes that are whole UTF-8 beyond ASCII are UTF-8 whatever a
legacy label says, and where nothing that is said of them can be true, they are guessed from what they hold.
"""

from __future__ import annotations

import codecs

from resiliparse.parse.encoding import detect_encoding

from crawler.optout.grammar.charset import charset_of, codec_of, decode, named
from crawler.optout.model import Capture

SAMPLE = 64 * 1024
"""Bytes that a guess looks at."""

_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of UTF-16, and of UTF-32 little-endian, which begins alike."""


_ESCAPING = frozenset({"iso2022_jp", "hz"})


def text_of(capture: Capture) -> str:
    """The body as text. Never raises; what cannot be decoded is U+FFFD."""
    return decoded(capture.body, charset_of(capture))


def decoded(body: bytes, declared: str | None = None) -> str:
    """``body`` as text; ``declared``: the charset parameter of its Content-Type."""
    if body.startswith(_WIDE) or b"\0" in body[:64]:
        return decode(body, declared)
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(body)  # a letter cut off at the end is let go
    except UnicodeDecodeError:
        return _legacy(body, declared)
    if text.isascii():  # or an encoding that escapes out of ASCII into its letters
        codec = named(body, declared) or ("iso2022_jp" if "\x1b$" in text else None)
        return body.decode(codec, "replace") if codec in _ESCAPING else text
    return text.removeprefix("\ufeff")


def _legacy(body: bytes, declared: str | None) -> str:
    """``body``, which is not UTF-8 throughout."""
    codec = named(body, declared)
    if codec not in (None, "utf-8"):
        return decode(body, declared)
    text = body.decode("utf-8", "replace").removeprefix("\ufeff")
    beyond, lost = len(text) - len(text.encode("ascii", "ignore")), text.count("\ufffd")
    if lost * 2 <= beyond:
        return text  # a few bytes of it are spoilt
    guess = codec_of(detect_encoding(body, max_len=SAMPLE, html5_compatible=False) or "")
    return body.decode("cp1252" if guess in (None, "utf-8") else guess, "replace")
