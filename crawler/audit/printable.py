"""JSON that people read, too: letters as they are, and nothing that a terminal or an editor would obey."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any, *, indent: int | None = None, compact: bool = False) -> str:
    """``value`` as JSON (RFC 8259) in which what controls, reorders or hides other characters is escaped.

    ``indent``: columns for each level; None: one line. ``compact``: no blanks between values. Half of a
    surrogate pair, which strict readers refuse also where it is escaped, becomes U+FFFD.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=(",", ":") if compact else None)
    if text.isascii() and "\x7f" not in text:  # others of ASCII are escaped by JSON itself
        return text
    return "".join(one if one.isprintable() or one == "\n" else _escaped(one) for one in text)


def _escaped(one: str) -> str:
    return "\\ufffd" if "\ud800" <= one <= "\udfff" else json.dumps(one)[1:-1] if one != "\x7f" else "\\u007f"
