"""Header lines with their places, and the one structured-field type that opt-out signals use.

RFC 9651 §3.2 (https://www.rfc-editor.org/rfc/rfc9651#section-3.2), read by ``http-sf``::

    sf-dictionary = dict-member *( OWS "," OWS dict-member )
    dict-member   = member-key ( parameters / ( "=" ( sf-item / inner-list ) ) )

A line is found by ``content-usage[0]``: the first ``Content-Usage`` line of the answer. A line of a redirect
on the way there is ``hop[0].content-usage[0]``, because what a redirect reserves is reserved too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import http_sf

from crawler.optout.model import Capture, Carrier, Evidence, Malformed, quote


class HeaderLine(NamedTuple):
    """One header line of a capture or of a redirect on the way to it."""

    locator: str
    """``name[i]`` or ``hop[j].name[i]``, counted from 0 within its own response."""
    value: str
    """What follows the colon, stripped, decoded as latin-1."""
    source: str
    """URL of the response that carries it."""


def header_lines(capture: Capture, name: str) -> list[HeaderLine]:
    """Every line of the header ``name`` (lower case): the hops' first, then the answer's own, in order."""
    responses = [(f"hop[{index}].", hop.headers, hop.url) for index, hop in enumerate(capture.hops)]
    responses.append(("", capture.headers, capture.url))
    lines = []
    for prefix, headers, source in responses:
        values = (value.strip() for key, value in headers if key == name)
        lines += [HeaderLine(f"{prefix}{name}[{i}]", value, source) for i, value in enumerate(values)]
    return lines


def quote_line(capture: Capture, line: HeaderLine, excerpt: str | None = None) -> Evidence:
    """Evidence for a header line, or for the part of it that says so."""
    words = line.value if excerpt is None else excerpt
    return replace(quote(capture, Carrier.HEADER, line.locator, words), source=line.source)


def read_dictionary(text: str) -> Mapping[str, str | None]:
    """The members of an RFC 9651 dictionary: the text of each Token, None for a value of any other type.

    The last of several members with one key stands (§4.2.2). Parameters are left out. Raises ``Malformed``
    when any part does not parse, because then the specification discards the whole field.
    """
    try:
        members = http_sf.parse(text.encode("latin-1"), tltype="dictionary")
    except (http_sf.StructuredFieldError, ValueError, OverflowError) as error:
        raise Malformed(f"not a dictionary: {error}") from error
    assert isinstance(members, dict)
    return {key: _token(member) for key, member in members.items()}


def _token(member: object) -> str | None:
    if isinstance(member, tuple):
        member = member[0]
    return str(member) if isinstance(member, http_sf.Token) else None
