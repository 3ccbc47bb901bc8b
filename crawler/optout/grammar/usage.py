"""Usage lines: ``label=value`` lists, read generously.

The specifications read them strictly (a structured field) or not at all (no grammar was published). Beside that
strict reading stands this one: it finds every ``label=value`` however it is spaced, cased, quoted or separated,
and is only ever used to find denials::

    pair  = label *WS ( "=" / ":" ) *WS [ DQUOTE / "'" ] value
    label = ALPHA *( ALPHA / DIGIT / "-" / "_" )
    value = "?0" / "?1" / 1*( ALPHA / DIGIT )
"""

from __future__ import annotations

import re
from typing import NamedTuple

NO = frozenset(
    {"n", "no", "none", "never", "?0", "0", "false", "off", "deny", "denied", "disallow", "disallowed"}
)
"""Values, lower case, that can only be meant as a refusal."""

# Possessive quantifiers: a stranger's line is read once from left to right.
_PAIR = re.compile(
    r"(?<![A-Za-z0-9_-])([A-Za-z][A-Za-z0-9_-]*+)[ \t]*+[=:][ \t]*+[\"']?+"
    r"(\?[01]|[A-Za-z0-9]++)(?![A-Za-z0-9_-])"
)


class Scoped(NamedTuple):
    """The value of a usage line that may begin with a path."""

    path: str
    """The pattern it is limited to; empty: none."""
    usage: str
    """What is said."""
    loose: bool
    """True: a path was recognised that the specification would not."""


def pairs(text: str) -> list[tuple[str, str]]:
    """Every label and value in ``text``, lower case, ``_`` written ``-``."""
    return [(label.lower().replace("_", "-"), value.lower()) for label, value in _PAIR.findall(text)]


def denied(text: str) -> set[str]:
    """The labels that ``text`` refuses."""
    return {label for label, value in pairs(text) if value in NO}


def scoped(value: str) -> Scoped:
    """Split ``[ path-pattern 1*WS ] usage``; ``*.pdf usage`` is read as a path too, though loosely.

    Grammar: https://www.ietf.org/archive/id/draft-ietf-aipref-attach-05.txt
    """
    if not value.startswith(("/", "*")):
        return Scoped("", value, False)
    path, _, usage = value.replace("\t", " ").partition(" ")
    return Scoped(path, usage.strip(), path.startswith("*"))
