"""The form that every text has in which it is handed on.

Unicode NFC (UAX #15); no control characters but line feeds; no surrogates; no spaces at the end of a line;
at most one blank line in a row, none at either end.
"""

from __future__ import annotations

import re
import unicodedata

_BREAKS = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\0-\x08\x0e-\x1b\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\ufeff]+")
_INDENT = re.compile(r"^[ \t]*\t", re.M)
_BLANK = re.compile(r"\n{3,}")


def tidy(text: str) -> str:
    """``text`` in this form. Applied twice it changes nothing more."""
    if not text.replace("\n", "").isprintable():  # most are; the rest may have nothing worse than a soft hyphen
        text = _CONTROLS.sub("", _BREAKS.sub("\n", text))
        if "\t" in text:
            text = _INDENT.sub(lambda found: found[0].expandtabs(4), text).replace("\t", " ")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    text = "\n".join(map(str.rstrip, text.split("\n")))
    return (_BLANK.sub("\n\n", text) if "\n\n\n" in text else text).strip("\n")


def line(text: str | None) -> str | None:
    """``text`` on one line, or None when nothing is in it: a title or a name."""
    return " ".join(tidy(text).split()) or None if text else None
