"""In words, how an answer broke off or was no HTTP: for the ledger, where somebody will read it.

Twisted gathers what went wrong in lists of failures, and Scrapy writes such a list as text, names of classes
and all.
"""

from __future__ import annotations

from collections.abc import Iterator

_GATHERED = frozenset({"DownloadFailedError", "ResponseDataLossError"})
"""Scrapy's errors that stand for whatever kept an answer from being complete."""

_ENDED = {
    "ConnectionDone": "the connection was closed before the answer was complete",
    "ConnectionLost": "the connection was lost before the answer was complete",
}
"""How a connection ended; said only where nothing else is known to be wrong."""


def http_problem(error: BaseException) -> str | None:
    """What was wrong with the answer that ``error`` stands for; None: another sort of error, or not known."""
    if type(error).__name__ not in _GATHERED:
        return None
    found = list(_under(error))
    for one in found:
        words = _words(one)
        if words is not None:
            return words
    names = [type(one).__name__ for one in found]
    if "ResponseDataLossError" in names:
        return "the body was cut short, or is not framed as it should be"
    return next((words for name, words in _ENDED.items() if name in names), None)


def is_no_http(error: BaseException) -> bool:
    """Whether an answer had begun that is none of HTTP, or more of one than is read: somebody is there."""
    return type(error).__name__ in _GATHERED and any(_words(one) is not None for one in _under(error))


def _words(error: BaseException) -> str | None:
    name = type(error).__name__
    if name == "HeaderFlood":
        return str(error)
    if name in ("ParseError", "BadResponseVersion"):
        return f"no status line of HTTP: {_quoted(error.args[-1])}" if error.args else "no status line of HTTP"
    if name == "InvalidHeaderName":
        return f"no name of a header: {_quoted(error.args[-1])}" if error.args else "no name of a header"
    if name == "KeyError":  # the parser looks up nothing else
        return f"a transfer coding that is not known: {_quoted(error.args[-1])}"
    if name == "ValueError":  # nor reads any other number
        return f"no usable Content-Length: {error}"
    return None


def _quoted(data: object) -> str:
    text = data.decode("latin-1") if isinstance(data, bytes) else str(data)
    return repr(text[:80])


def _under(error: BaseException, depth: int = 5) -> Iterator[BaseException]:
    """An error, what caused it, and the failures that it gathers."""
    yield error
    if depth:
        gathered = [getattr(failure, "value", None) for failure in getattr(error, "reasons", None) or ()]
        for one in (error.__cause__, *gathered):
            if isinstance(one, BaseException):
                yield from _under(one, depth - 1)
