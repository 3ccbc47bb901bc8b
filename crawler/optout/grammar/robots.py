"""robots.txt as groups of numbered lines, with every line kept that a signal may want to read.

RFC 9309 §2.2 (https://www.rfc-editor.org/rfc/rfc9309#section-2.2)::

    robotstxt      = *(group / emptyline)
    group          = startgroupline *(startgroupline / emptyline) *(rule / emptyline)
    startgroupline = *WS "user-agent" *WS ":" *WS product-token EOL
    rule           = *WS ("allow" / "disallow") *WS ":" *WS (path-pattern / empty-pattern) EOL
    EOL            = *WS ["#" comment] NL      ; NL = CR / LF / CRLF, WS = SP / HTAB

Read more generously than written, as the large crawlers do: misspelled keys, ``key value`` without a colon, a
byte-order mark before any line, NUL octets. Only a rule closes the list of agents, because §2.2.4 forbids other
records to interfere with groups; they are kept with the group in which they stand. Octets that are not UTF-8
are kept percent-encoded, as they would be in a URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from crawler.optout.model import Capture, Carrier, Evidence, HostFile, Standing, quote

SIZE_LIMIT = 512_000
"""Octets read as rules: 500 KiB, the least a crawler must read; RFC 9309 §2.5."""

DENIAL_LIMIT = 5 * 1024 * 1024
"""Octets read at all. Between the two limits only denials may be taken."""

ROBOTS_TXT = HostFile(path="/robots.txt", limit=DENIAL_LIMIT, refusal=Standing.UNREACHABLE)
"""The file, as every signal that reads it asks for it. A host that refuses it has not told us its rules."""

LINE_LIMIT = 16_664
"""Octets of a line that are read; longest URL in use 2,083 octets, eight of them to be safe."""

LINES_LIMIT = 50_000
"""Lines kept at most; a longer file is not read to its end."""

USER_AGENT, ALLOW, DISALLOW = "user-agent", "allow", "disallow"

_SPELLINGS = {
    "useragent": USER_AGENT,
    "user agent": USER_AGENT,
    "dissallow": DISALLOW,
    "dissalow": DISALLOW,
    "disalow": DISALLOW,
    "diasllow": DISALLOW,
    "disallaw": DISALLOW,
}
_KEYS = frozenset({USER_AGENT, ALLOW, DISALLOW})
_INVISIBLE = " \t\x0b\x0c\u00a0\u200b\ufeff\udca0"
"""Space by another name; the last is a no-break space in Latin-1."""

_NOT_UTF8 = re.compile("[\udc80-\udcff]")


class Line(NamedTuple):
    """One line that says something."""

    number: int
    """Counted from 1."""
    key: str
    """Lower case; frequent misspellings corrected."""
    value: str
    """What follows, without comment and surrounding space."""
    text: str
    """The line as written, without comment and surrounding space."""
    exact: bool
    """False: the key was misspelled, or the colon was missing."""
    beyond: bool
    """True: past what is read as rules, or itself cut at its limit. Only denials may be taken from it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Lines that were addressed to the same agents."""

    agents: tuple[Line, ...]
    """The ``User-agent`` lines, as written."""
    rules: tuple[Line, ...]
    """The ``Allow`` and ``Disallow`` lines."""
    others: tuple[Line, ...]
    """Every other line between the first agent line and the next group."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Robots:
    """A whole robots.txt."""

    groups: tuple[Group, ...]
    """In order; groups for the same agent are not merged yet."""
    outside: tuple[Line, ...]
    """Lines before any group: addressed to no one, so rules among them bind no one."""
    unread: bool
    """True: longer than we read even for denials."""


def robots_of(capture: Capture) -> Robots:
    """The syntax of a captured robots.txt; hand it to ``capture.parsed``."""
    return read_robots(capture.body)


def read_robots(body: bytes) -> Robots:
    """Read a robots.txt. Every sequence of octets is one; nothing raises."""
    body = _as_utf8(body)
    unread = len(body) > DENIAL_LIMIT
    groups: list[Group] = []
    outside: list[Line] = []
    agents: list[Line] = []
    rules: list[Line] = []
    others: list[Line] = outside

    for count, line in enumerate(_lines(body[:DENIAL_LIMIT])):
        if count >= LINES_LIMIT:
            unread = True
            break
        if line.key == USER_AGENT:
            if rules or not agents:
                _close(groups, agents, rules, others)
                agents, rules, others = [], [], []
            agents.append(line)
        elif line.key in _KEYS and agents:
            rules.append(line)
        else:
            others.append(line)
    _close(groups, agents, rules, others)
    return Robots(groups=tuple(groups), outside=tuple(outside), unread=unread)


def quote_robots(capture: Capture, line: Line, agent: Line | None = None) -> Evidence:
    """Evidence for a line, with the ``User-agent`` line that addresses it where that matters."""
    excerpt = line.text if agent is None else f"{agent.text}\n{line.text}"
    return quote(capture, Carrier.ROBOTS_TXT, f"line {line.number}", excerpt, of_file=True)


def _close(groups: list[Group], agents: list[Line], rules: list[Line], others: list[Line]) -> None:
    if agents:
        groups.append(Group(agents=tuple(agents), rules=tuple(rules), others=tuple(others)))


def _as_utf8(body: bytes) -> bytes:
    """UTF-16, which RFC 9309 does not allow, is still somebody saying something."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body.decode("utf-16", "replace").encode("utf-8", "replace")
    return body.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf")


def _lines(body: bytes) -> Iterator[Line]:
    within, rest = _split_at_limit(body)
    number = 0
    for part, beyond in ((within, False), (rest, True)):
        # Only CR, LF and CRLF end a line: a comment must not be able to smuggle a rule in behind U+2028.
        for raw in _split(part.replace(b"\r\n", b"\n").replace(b"\r", b"\n")):
            number += 1
            line = _line(number, raw, beyond)
            if line is not None:
                yield line
        number -= 1  # what follows the last line end is the beginning of the next part


def _split(part: bytes) -> Iterator[bytes]:
    """The lines, one after the other: a list of millions would be made in one go, which holds everybody up."""
    start = 0
    while (end := part.find(b"\n", start)) >= 0:
        yield part[start:end]
        start = end + 1
    yield part[start:]


def _split_at_limit(body: bytes) -> tuple[bytes, bytes]:
    """The lines that end within the first 500 KiB, and the others."""
    if len(body) <= SIZE_LIMIT:
        return body, b""
    end = max(body.rfind(b"\n", 0, SIZE_LIMIT), body.rfind(b"\r", 0, SIZE_LIMIT)) + 1
    if end and body[end - 1 : end + 1] == b"\r\n":
        end += 1
    return body[:end], body[end:]


def _line(number: int, raw: bytes, beyond: bool) -> Line | None:
    if len(raw) > LINE_LIMIT:
        raw, beyond = raw[:LINE_LIMIT], True
    raw = raw.partition(b"#")[0].strip(b" \t")
    if not raw:
        return None
    text = raw.decode("utf-8", "surrogateescape").strip(_INVISIBLE)
    written, colon, value = text.partition(":")
    key = written.rstrip(_INVISIBLE).lower()
    exact = bool(colon) and key not in _SPELLINGS
    key = _SPELLINGS.get(key, key)
    if not colon or key not in _KEYS:
        # "Disallow /a" and "Disallow /a:b": two words, the first of them a key.
        words = text.split(None, 2)
        first = words[0].lower() if len(words) == 2 else ""
        first = _SPELLINGS.get(first, first)
        if first and (not colon or first in _KEYS):
            key, value, exact = first, words[1], False
        elif not colon:
            return None
    value = value.strip(_INVISIBLE)
    if not text.isascii():
        key, value, text = (_NOT_UTF8.sub(_escape, part) for part in (key, value, text))
    return Line(number, key, value, text, exact, beyond)


def _escape(octet: re.Match[str]) -> str:
    return f"%{ord(octet[0]) - 0xDC00:02X}"
