"""``Link`` header lines.

RFC 8288 §3 (https://www.rfc-editor.org/rfc/rfc8288#section-3) and its parsing algorithm, appendix B.2::

    Link       = #link-value
    link-value = "<" URI-Reference ">" *( OWS ";" OWS [ link-param ] )
    link-param = token BWS [ "=" BWS ( token / quoted-string ) ]

Commas separate links only outside ``<...>`` and quoted strings. The first ``rel``, ``type`` and ``anchor`` of a
link stand. Where a target has no angle brackets the link is read as far as its next semicolon or comma and
marked inexact, because whoever sent it meant something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 256
"""Links read from one header line."""

_SPACE = re.compile(r"[ \t,]*")
_TARGET = re.compile(r"<([^>]*)>|<?([^;,]*)")
_PARAMETER = re.compile(
    r"""[ \t]*(;?)[ \t]*                            # empty parameters are allowed
        (?:([!\#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*
           (?:=[ \t]*(?:"((?:[^"\\]|\\.)*)("?)|([^\s;,"]*)))?)?""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_JUNK = re.compile(r"[^;,]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class WebLink:
    """One link of a ``Link`` header."""

    target: str
    """The URI reference as written, stripped; relative ones are relative to the response that carries it."""
    rel: frozenset[str]
    """Relation types, lower case."""
    type: str
    """Media type, lower case and without parameters; empty when not given."""
    anchor: str | None
    """What the link is about, where that is not the response itself."""
    text: str
    """The link as written."""
    exact: bool
    """False: the target stood without angle brackets, or something was left open."""


def read_links(line: str) -> Iterator[WebLink]:
    """The links of one header line, in order. Never raises; the work is linear in the line."""
    position = 0
    for _ in range(MOST):
        position = _end(_SPACE, line, position)
        if position >= len(line):
            return
        start = position
        match = _TARGET.match(line, position)
        assert match is not None  # it matches the empty string
        position = match.end()
        exact = match[1] is not None
        parameters: dict[str, str] = {}
        while position < len(line) and line[position] != ",":
            parameter = _PARAMETER.match(line, position)
            if parameter is None or parameter.end() == position:
                exact, position = False, _end(_JUNK, line, position + 1)
                continue
            position = parameter.end()
            semicolon, name, quoted, closed, token = parameter.groups()
            exact = exact and (bool(semicolon) or name is None) and closed != ""
            if name is not None:
                value = token or "" if quoted is None else _ESCAPE.sub(r"\1", quoted)
                parameters.setdefault(name.lower(), value)
        yield WebLink(
            target=(match[2] if match[1] is None else match[1]).strip(),
            rel=frozenset(parameters.get("rel", "").lower().split()),
            type=parameters.get("type", "").partition(";")[0].strip().lower(),
            anchor=parameters.get("anchor"),
            text=line[start:position].strip(),
            exact=exact,
        )


def _end(pattern: re.Pattern[str], line: str, position: int) -> int:
    match = pattern.match(line, position)
    return position if match is None else match.end()
