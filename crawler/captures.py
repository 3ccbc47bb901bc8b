"""Scrapy's responses and failures as captures: what the gate reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crawler.broken import http_problem
from crawler.clock import steady_clock
from crawler.corpus.warc import header_line
from crawler.optout.model import Capture, Hop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.http import Headers, Response

CUT_SHORT = "cut-short"
"""Response flag: the body could not be decoded to its end."""

TOO_LARGE = "too-large"
"""Response flag: the body unpacks to more than is taken in."""

_INCOMPLETE = frozenset({CUT_SHORT, TOO_LARGE, "partial", "dataloss", "download_stopped"})


_clock = steady_clock()


def now() -> datetime:
    """The time of an answer; the one place where the crawl reads a clock for evidence.

    As the machine's clock was when this process began, and unmoved by whoever sets it since: what was asked
    once stays fresh for as long as it may, no longer and no shorter, and within a process the ledger's times
    do not go backwards.
    """
    return datetime.fromtimestamp(_clock(), UTC)


def header_lines(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Header lines with lower-case names, repeated ones kept, values as latin-1.

    As an archive can hold them, so that what is judged is what anybody can judge again.
    """
    return tuple(
        header_line(name.decode("latin-1").lower(), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )


def capture_of(response: Response, hops: Sequence[Hop] = ()) -> Capture:
    """What a response is to the gate.

    A body that ended with the connection instead of its announced length counts as cut short: nothing tells
    whether all of it arrived.
    """
    cut = _INCOMPLETE.intersection(response.flags)
    return Capture(
        url=response.url,
        status=response.status,
        headers=header_lines(response.headers),
        body=response.body,
        at=now(),
        hops=tuple(hops),
        complete=not cut,
        failure=_why(cut),
    )


def _why(flags: frozenset[str]) -> str | None:
    if TOO_LARGE in flags:
        return "the body is larger than the limit"
    return "the body was cut short" if flags else None


_TLS = ("OpenSSL", "service_identity", "ssl")
# Where the exceptions come from that say that a connection failed for its certificate or its protocol.


def tls_problem(error: BaseException | None, depth: int = 4) -> str | None:
    """In words, how a connection failed for its certificate or its TLS; None: it did not.

    Looks at an error, what caused it, and the failures it gathers.
    """
    if error is None or depth == 0:
        return None
    package = type(error).__module__.partition(".")[0]
    if package == "service_identity":
        return "the certificate is for another name"
    if package in _TLS:
        said = [row[-1] for row in error.args[0]] if _is_queue(error.args) else [str(error)]
        return ", ".join(dict.fromkeys(map(str, said))) or type(error).__name__
    inner = [getattr(failure, "value", None) for failure in getattr(error, "reasons", None) or ()]
    for one in (error.__cause__, *inner):
        if isinstance(one, BaseException) and (found := tls_problem(one, depth - 1)) is not None:
            return found
    return None


def _is_queue(arguments: tuple[Any, ...]) -> bool:
    """Whether these are what OpenSSL has to say: rows of library, function and reason."""
    rows = arguments[0] if arguments else None
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, tuple) and row for row in rows)


def failure_of(url: str, error: BaseException, hops: Sequence[Hop] = ()) -> Capture:
    """What a failed request is to the gate: nothing answered, and why."""
    problem, broken = tls_problem(error), http_problem(error)
    words = problem or broken or str(error).strip().split("\n", 1)[0]
    words = "".join(letter for letter in words if letter.isprintable())[:300]
    name = "TLS" if problem is not None else type(error).__name__ if broken is None else "HTTP"
    return Capture(
        url=url,
        status=None,
        at=now(),
        hops=tuple(hops),
        complete=False,
        failure=f"{name}: {words}" if words else name,
    )


def completed(capture: Capture, stored: Sequence[tuple[str, str]]) -> Capture:
    """A 304 with the headers of the copy it refers to.

    A server may leave them out (RFC 9110 §15.4.5).
    """
    if capture.status != 304 or not stored:
        return capture
    given = {name for name, _ in capture.headers}
    return Capture(
        url=capture.url,
        status=304,
        at=capture.at,
        headers=(*capture.headers, *(line for line in stored if line[0] not in given)),
        hops=capture.hops,
    )
