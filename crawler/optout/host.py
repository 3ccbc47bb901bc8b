"""One origin's site-level files: which are missing or stale, and what each answer means.

RFC 9309 §2.3.1 (https://www.rfc-editor.org/rfc/rfc9309#section-2.3.1): a file the host says it lacks permits,
a file we could not get forbids. Stricter than the RFC: a host that refuses its robots.txt to us, or answers
with a challenge, has not told us its rules. This module is told the time and handed what arrived; it fetches
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler.optout.model import Capture, HostFile, OutOfOrder, Standing

MAX_HOPS = 5
"""Redirects followed for a site-level file, across any authority; RFC 9309 §2.3.1.2."""

MIN_TTL, MAX_TTL = timedelta(hours=1), timedelta(hours=24)
"""How long an answer is used: the server's max-age within these bounds; RFC 9309 §2.4."""

RETRY, MAX_RETRY = timedelta(seconds=15), timedelta(hours=1)
"""How soon an unreachable file is asked for again: doubled at every failure, up to the bound."""

REFUSALS = frozenset({401, 402, 403, 407, 451})
"""The host has the file and refuses it to this client."""

UNANSWERED = frozenset({408, 421, 425, 429})
"""4xx by number, but a host that asks us to come back has not answered."""

PACKED = b"\x1f\x8b\x08"
"""How a gzip stream begins (RFC 1952 §2.3.1). Where no coding was announced it is still packed, and
nobody can tell what the file says."""

CHALLENGE_MARKS = (
    b"captcha",
    b"cf-challenge",
    b"/cdn-cgi/challenge-platform/",
    b"just a moment...",
    b"checking your browser",
    b"verify you are human",
    b"_incapsula_resource",
    b"ddos-guard",
)
"""Words of interstitial pages, lower case."""


def origin_of(url: str) -> str:
    """The origin a site-level file speaks for: scheme, host and effective port; default ports left out."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = (parts.hostname or "").lower()
    if ":" in host:
        host = f"[{host}]"
    return (
        f"{parts.scheme}://{host}" if parts.port in (None, default) else f"{parts.scheme}://{host}:{parts.port}"
    )


BROKE_OFF = " (an answer had begun)"
"""What the failure of a capture ends with when an answer had begun, of which nothing can be used."""


ANSWERED = " (it had answered before)"
"""What the failure of a capture ends with when the same origin gave an answer earlier in the same crawl."""


def secured(origin: str) -> str | None:
    """The origin of the same host over https, where the one over http may be somebody in between.

    None: ``origin`` is https already, or on a port of its own, of which nobody can tell where https would be.
    """
    parts = urlsplit(origin)
    return f"https://{parts.netloc}" if parts.scheme == "http" and parts.port is None else None


def is_web_page(capture: Capture) -> bool:
    """Whether markup came where a text or JSON file was asked for."""
    return capture.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\x0b\x0c").startswith(b"<")


def is_challenge(capture: Capture) -> bool:
    """Whether the answer is a technical measure instead of the document."""
    if any(value.lower() == "challenge" for value in capture.values("cf-mitigated")):
        return True
    if not is_web_page(capture):
        return False
    head = capture.body[:65_536].lower()
    return any(mark in head for mark in CHALLENGE_MARKS)


def _is_login(capture: Capture) -> bool:
    head = capture.body[:65_536].lower()
    return b'type="password"' in head or b"type='password'" in head or b"type=password" in head


def standing_of(file: HostFile, capture: Capture) -> Standing:
    """What the answer to a request for ``file`` means."""
    status = capture.status
    if status is None or not capture.complete or is_challenge(capture):
        return Standing.UNREACHABLE
    if 200 <= status < 300 and status != 206:
        if capture.body.startswith(PACKED):
            return Standing.UNREACHABLE
        if not is_web_page(capture):
            return Standing.KNOWN
        login = file.refusal is Standing.UNREACHABLE and _is_login(capture)
        return Standing.UNREACHABLE if login else Standing.ABSENT
    if status in REFUSALS:
        return file.refusal
    if 400 <= status < 500 and status not in UNANSWERED:
        return Standing.ABSENT
    return Standing.UNREACHABLE


@dataclass(frozen=True, slots=True)
class Received:
    """One answer, and until when it is used."""

    capture: Capture
    standing: Standing
    expires: datetime
    failures: int


class Host:
    """What is known of one origin. The caller fetches what :meth:`missing` names and hands it in."""

    def __init__(self, origin: str, files: Iterable[HostFile], retry: timedelta = RETRY) -> None:
        self.origin = origin
        self.retry = retry
        self.files = {file.path: file for file in files}
        self._first = next(iter(self.files.values()), None)
        self._received: dict[str, Received] = {}

    def missing(self, now: datetime) -> tuple[HostFile, ...]:
        """The files to fetch before anything of this origin is decided: never received, or too old.

        The first file stands for the others while it is unreachable: a host that does not give its
        robots.txt is not asked for anything else.
        """
        missing = []
        for file in self.files.values():
            got = self._received.get(file.path)
            if got is None or got.expires <= now:
                missing.append(file)
            elif got.standing is Standing.UNREACHABLE and not missing and file is self._first:
                return ()
        return tuple(missing)

    def receive(self, path: str, capture: Capture) -> Standing:
        """Take the answer for ``path`` and say what it means. A failure never falls back to older rules."""
        standing = standing_of(self.files[path], capture)
        before = self._received.get(path)
        if standing is Standing.UNREACHABLE:
            failures = (before.failures if before else 0) + 1
            life = min(self.retry * 2 ** min(failures - 1, 16), MAX_RETRY)
        else:
            failures, life = 0, _time_to_live(capture)
        self._received[path] = Received(capture, standing, capture.at + life, failures)
        return standing

    @property
    def captures(self) -> tuple[Capture, ...]:
        """Every answer that is used now, in the order of the files."""
        return tuple(self._received[path].capture for path in self.files if path in self._received)

    def standing(self, path: str) -> Standing:
        """What is known of the file at ``path``; raises ``OutOfOrder`` when it was never asked for."""
        return self.received(path).standing

    def received(self, path: str) -> Received:
        """The last answer for ``path``; raises ``OutOfOrder`` when it was never asked for."""
        try:
            return self._received[path]
        except KeyError:
            raise OutOfOrder(f"{self.origin}{path} has not been asked for yet") from None

    @property
    def silent(self) -> bool:
        """Whether nobody answered when the first file was asked for: no connection, no valid certificate.

        A host that answered before is there and cannot tell now: an overload must not undo what it reserves.
        """
        got = self._received.get(self._first.path) if self._first is not None else None
        if got is None or got.capture.status is not None or got.capture.hops:
            return False
        return not (got.capture.failure or "").endswith((BROKE_OFF, ANSWERED))

    @property
    def expires(self) -> datetime | None:
        """When the first of the answers must be asked for again; None before any arrived."""
        return min((got.expires for got in self._received.values()), default=None)

    @property
    def unreachable(self) -> tuple[str, ...]:
        """The paths for which no usable answer came."""
        return tuple(path for path, got in self._received.items() if got.standing is Standing.UNREACHABLE)


def _time_to_live(capture: Capture) -> timedelta:
    for value in capture.values("cache-control"):
        for directive in value.split(","):
            name, _, seconds = directive.partition("=")
            if name.strip().lower() == "max-age" and seconds.strip().strip('"').isascii():
                digits = seconds.strip().strip('"')
                if digits.isdigit():
                    age = timedelta(seconds=min(int(digits[:9]), 86_400))
                    return min(max(age, MIN_TTL), MAX_TTL)
    return MAX_TTL
