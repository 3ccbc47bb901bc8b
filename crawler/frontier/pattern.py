"""What many URLs of one place have in common, and what in a URL often runs away: dates and sessions.

Text in, text out; nothing is asked and nothing is ever raised, whatever the URL holds. A pattern is for
counting alone: two URLs of one pattern are two URLs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Day = tuple[int, int, int]
"""Year, month and day; 0 where the URL does not say."""

_TOKEN = re.compile(r"%[0-9A-Fa-f]{2}|[0-9A-Za-z]+")
_DIGITS = re.compile(r"[0-9]+")
_HEX = re.compile(r"[0-9A-Fa-f]{8,}\Z")
_UUID = re.compile(
    r"(?<![0-9A-Za-z%])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])"
)
_DATE = re.compile(
    r"(?<![0-9A-Za-z%])([1-9][0-9]{3})([-/._])(0?[1-9]|1[0-2])"
    r"(?:\2(0?[1-9]|[12][0-9]|3[01]))?(?![0-9A-Za-z])"
)
_BARE = re.compile(r"([1-9][0-9]{3})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])?\Z")

_DATED = frozenset(
    {
        "archive",
        "archives",
        "cal",
        "calendar",
        "d",
        "date",
        "datum",
        "day",
        "days",
        "dia",
        "dt",
        "event",
        "events",
    }
    | {
        "from",
        "jour",
        "kalender",
        "m",
        "month",
        "months",
        "on",
        "since",
        "start",
        "tag",
        "termine",
        "time",
        "to",
    }
    | {"until", "week"}
)
# Words beside which eight digits are a date; elsewhere they may number anything.

_MONTHLY = frozenset({"cal", "calendar", "date", "datum", "kalender", "month", "months"})
# Words beside which six digits are a month; not archive, m or events, whose posts have numbers of six digits.

_YEAR = frozenset({"year", "yr", "y", "yyyy", "jahr", "annee", "ano"})
_MONTH = frozenset({"month", "mon", "m", "mm", "monat", "mois", "mes"})
_DAY = frozenset({"day", "d", "dd", "tag", "jour", "dia"})

_SESSION = re.compile(
    r"(?:jsessionid|phpsessid|aspsessionid[a-z]*|asp\.net_sessionid|sessionid|session_id|session-id|sessid"
    r"|cfid|cftoken|zenid|oscsid|xtcsid)\Z",
    re.IGNORECASE,
)
_PERHAPS = frozenset({"sid", "sess"})
# Names that are also used for other things: what they hold must look like a session as well.
_RARELY = frozenset({"s", "session"})
# Names that are mostly used for other things: what they hold must be a digest, as vBulletin's sessions are.
_DIGEST = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40})\Z", re.IGNORECASE)
_OPAQUE = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[0-9A-Za-z_.,!\-]{16,}\Z")
_COOKIELESS = re.compile(r"\(S\([0-9A-Za-z]{8,}\)\)")
# ASP.NET's cookieless sessions: https://learn.microsoft.com/dotnet/api/system.web.httpcookiemode


_SIGNS = re.compile(
    r"[1-9][0-9]{3}(?:[-/._](?:0?[1-9]|1[0-2])(?![0-9A-Za-z])|(?:0[1-9]|1[0-2])(?:[0-3][0-9])?(?:[/&;?#]|\Z))"
    r"|[?&;](?:year|yr|y|yyyy|jahr|annee|ano)=|sess|sid|cfid|cftoken|zenid|\(S\(|[?&;]s=",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A URL, taken apart."""

    pattern: str
    """The URL with numbers, dates, digests and sessions replaced, and its parameters sorted."""
    days: tuple[Day, ...]
    """The dates in it, as far as they can be told from other numbers."""
    session: str | None
    """The session that it names; None: none that is known as such."""
    rest: str
    """The URL without that session."""


def may_run_away(url: str) -> bool:
    """Whether there may be a date or a session in a URL; quickly told, and never wrong when it says no."""
    return bool(_SIGNS.search(url))


def pattern_of(url: str) -> str:
    """The pattern of a URL; that of a pattern is itself."""
    return shape_of(url).pattern


def shape_of(url: str) -> Shape:
    """Take a URL apart."""
    address, _, query = url.partition("#")[0].partition("?")
    scheme, mark, rest = address.partition("://")
    authority, slash, path = rest.partition("/") if mark else ("", "", address)
    origin = f"{scheme}{mark}{authority}{slash}" if mark else ""
    sessions: list[str] = []
    days: list[Day] = []
    path = _without_sessions(path, sessions)
    pairs = [_pair(pair, sessions) for pair in query.replace(";", "&").split("&")] if query else []
    pattern = origin + _masked_path(path, days)
    bare = origin + path
    if pairs:
        days += _of_parts(pairs)
        pattern += "?" + "&".join(
            sorted(_masked_pair(name, equals, value, days) for name, equals, value in pairs)
        )
        bare += "?" + "&".join(name + equals + value for name, equals, value in pairs)
    return Shape(
        pattern=pattern,
        days=tuple(days),
        session="&".join(sessions) or None,
        rest=bare,
    )


def repeated(url: str) -> int:
    """How often the segment of its path that stands there most often does; numbers aside."""
    path = url.partition("#")[0].partition("?")[0].partition("://")[2].partition("/")[2]
    counts: dict[str, int] = {}
    for segment in path.split("/"):
        if not segment.isdigit():
            counts[segment] = counts.get(segment, 0) + 1
    return max(counts.values(), default=0)


def parameters(url: str) -> int:
    """How many parameters its query has."""
    query = url.partition("#")[0].partition("?")[2]
    return sum(bool(pair) for pair in query.replace(";", "&").split("&"))


def _without_sessions(path: str, found: list[str]) -> str:
    """The path with its sessions replaced; they are added to ``found``."""

    def cookieless(match: re.Match[str]) -> str:
        found.append(match[0])
        return "(S({session}))"

    path = _COOKIELESS.sub(cookieless, path)
    if ";" not in path:
        return path
    pieces = path.split(";")
    for position, piece in enumerate(pieces[1:], 1):
        name, equals, value = piece.partition("=")
        value, slash, after = value.partition("/")
        if equals and _is_session(name, value):
            found.append(value)
            pieces[position] = f"{name}={{session}}{slash}{after}"
    return ";".join(pieces)


def _pair(pair: str, found: list[str]) -> tuple[str, str, str]:
    """Name, equals sign and value of a parameter; a session is replaced, and added to ``found``."""
    name, equals, value = pair.partition("=")
    if equals and _is_session(name, value):
        found.append(value)
        value = "{session}"
    return name, equals, value


def _is_session(name: str, value: str) -> bool:
    if not value or value == "{session}":
        return False
    low = name.lower()
    if low in _RARELY:
        return bool(_DIGEST.match(value))
    return bool(_SESSION.match(name)) or (low in _PERHAPS and bool(_OPAQUE.match(value)))


def _masked_path(path: str, days: list[Day]) -> str:
    segments = path.split("/")
    for position, segment in enumerate(segments):
        bare = _BARE.match(segment)
        if bare and position and _may_be_date(segments[position - 1], bare):
            days.append(_day(*bare.groups()))
            segments[position] = "{date}"
    return _masked("/".join(segments), days)


def _masked_pair(name: str, equals: str, value: str, days: list[Day]) -> str:
    bare = _BARE.match(value)
    if bare and _may_be_date(name, bare):
        days.append(_day(*bare.groups()))
        value = "{date}"
    return _masked(name, []) + equals + _masked(value, days)


def _may_be_date(word: str, digits: re.Match[str]) -> bool:
    return word.lower() in (_DATED if digits[3] else _MONTHLY)


def _masked(text: str, days: list[Day]) -> str:
    def date(match: re.Match[str]) -> str:
        days.append(_day(match[1], match[3], match[4]))
        return "{date}"

    return _TOKEN.sub(_token, _DATE.sub(date, _UUID.sub("{x}", text)))


def _token(match: re.Match[str]) -> str:
    token = match[0]
    if token.isalpha() or token[0] == "%":
        return token
    if token.isdigit():
        return "{n}"
    if _HEX.match(token) or len(token) >= 16:
        return "{x}"
    return _DIGITS.sub("{n}", token)


def _of_parts(pairs: list[tuple[str, str, str]]) -> list[Day]:
    """A date whose year, month and day are parameters of their own."""
    found = {"year": 0, "month": 0, "day": 0}
    for name, _, value in pairs:
        if len(value) <= 4 and value.isascii() and value.isdigit():
            low = name.lower()
            if low in _YEAR and len(value) == 4:
                found["year"] = int(value)
            elif low in _MONTH and 1 <= int(value) <= 12:
                found["month"] = int(value)
            elif low in _DAY and 1 <= int(value) <= 31:
                found["day"] = int(value)
    if found["year"] and (found["month"] or found["day"]):
        return [(found["year"], found["month"], found["day"])]
    return []


def _day(year: str, month: str, day: str | None) -> Day:
    return int(year), int(month), int(day or 0)
