"""Ledger entries as lines, and back.

::

    line  = canonical JSON object LF          keys sorted, no spaces, UTF-8
    entry = 1, 2, 3 …                         its place in the ledger, across all files
    run   = name of the run that wrote it
    at    = time, RFC 3339 in UTC
    type  = "decision", and then left out     the keys of a decision (crawler.optout.codec),
                                              item {answer bytes sha256}   what was kept because of it, answer:
                                                      status and headers, see crawler.corpus.evidence
                                              evidence [{at sha256}]  readings it rests on
                                              reserved {key marks}    bytes that it reserves, see
                                                                      crawler.corpus.shunned
                                              freed {key marks}       bytes that its URL reserves no more
          | "removal"                         sha256 urls reason ticket    what was kept and is gone
                                              withdrawal              the entry that asked for it, if one did
          | "withdrawal"                      see crawler.corpus.withdrawal
          | "recheck"                         see crawler.corpus.holds
          | "key"                             vkey                         another key signs from here on
          | "timestamp"                       see crawler.audit.timestamps
          | "self-check"                      see crawler.corpus.checked
          | "erasure"                         entries reason               numbers of entries that say no more
                                              removed [{entry sha256 withdrawal}]   removals among them
                                              reserved {key marks}         marks among them that still count

What is left of an erased entry is ``{"entry":N,"erased":true}``.

The bytes of a line without its LF are what a hash of the entry is taken over, so they are never written anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from crawler.optout.codec import decision_from_dict, time_from_text
from crawler.optout.model import Decision, Malformed

DECISION = "decision"
REMOVAL = "removal"
WITHDRAWAL = "withdrawal"
RECHECK = "recheck"
KEY = "key"
TIMESTAMP = "timestamp"
SELF_CHECK = "self-check"
ERASURE = "erasure"
ERASED = "erased"
"""The type of what is left of an erased entry."""

_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(dict[str, Any])


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of the ledger."""

    number: int
    """Its place in the ledger, from 1."""
    fields: Mapping[str, Any]
    """Everything it says, as plain JSON types."""
    leaf: bytes
    """The line it was read from, without its LF."""

    @property
    def type(self) -> str:
        """What kind of entry it is: :data:`DECISION`, :data:`REMOVAL` … or one of later versions."""
        return ERASED if self.fields.get("erased") is True else str(self.fields.get("type", DECISION))

    @property
    def urls(self) -> tuple[str, ...]:
        """The URLs it is about."""
        return urls_of(self.fields)

    @property
    def decision(self) -> Decision:
        """The decision; raises ``Malformed`` if the entry holds none."""
        return decision_from_dict(self.fields)


def urls_of(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The URLs that an entry of these fields is about."""
    url, urls = fields.get("url"), fields.get("urls")
    if isinstance(url, str):
        return (url,)
    return tuple(str(one) for one in urls) if isinstance(urls, list) else ()


def format_entry(fields: Mapping[str, Any]) -> bytes:
    """An entry as a line with its LF. What cannot be written as UTF-8 is written as ``?``."""
    try:
        return _ENCODER.encode(fields) + b"\n"
    except UnicodeEncodeError:
        return _ENCODER.encode(_writable(fields)) + b"\n"


def erased(number: int) -> bytes:
    """The line that is left of entry ``number`` when it is erased, with its LF."""
    return format_entry({"entry": number, "erased": True})


def number_in(line: bytes) -> int:
    """The number that a line claims, whatever else it says; raises ``Malformed``."""
    try:
        number = _DECODER.decode(line).get("entry")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from error
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise Malformed(f"it says entry {number!r:.40}")
    return number


def parse_entry(leaf: bytes, expected: int) -> Entry:
    """The inverse of :func:`format_entry`; raises ``Malformed`` unless it is entry number ``expected``."""
    try:
        fields = _DECODER.decode(leaf)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}") from error
    number = fields.get("entry")
    if number != expected or isinstance(number, bool):
        raise Malformed(f"it says entry {number!r:.40}, but it is entry {expected}")
    if leaf == erased(expected)[:-1]:
        return Entry(number=expected, fields=fields, leaf=leaf)
    for key in ("run", "at"):
        if not isinstance(fields.get(key), str):
            raise Malformed(f"{key} is missing")
    time_from_text(fields["at"])
    return Entry(number=expected, fields=fields, leaf=leaf)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Which entries are asked for; what is None does not matter. Only decisions have an outcome or signals."""

    url: str | None = None
    """About this URL."""
    host: str | None = None
    """About a URL of this host name."""
    outcome: str | None = None
    """With this outcome."""
    signal: str | None = None
    """With something heard through this signal."""
    type: str | None = None
    """Of this type."""

    def might(self, leaf: bytes) -> bool:
        """Whether a line can match at all: quick, and never wrongly False."""
        kind = None if self.type == DECISION else self.type  # a decision's line does not say that it is one
        return all(
            wanted is None or _ENCODER.encode(_writable(wanted))[1:-1].lower() in lowered
            for lowered in (leaf.lower(),)
            for wanted in (self.url, self.host, self.outcome, self.signal, kind)
        )

    def matches(self, entry: Entry) -> bool:
        """Whether an entry is asked for."""
        fields = entry.fields
        if self.type not in (None, entry.type):
            return False
        if self.url is not None and _writable(self.url) not in entry.urls:
            return False
        if self.host is not None and self.host.lower() not in map(_host, entry.urls):
            return False
        if self.outcome is not None and fields.get("outcome") != self.outcome:
            return False
        if self.signal is None:
            return True
        rows = [*fields.get("heard", ()), *fields.get("grounds", ())]
        return any(row.get("signal") == self.signal for row in rows)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _writable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Mapping):
        return {_writable(key): _writable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(inner) for inner in value]
    return value
