"""What the loopback web is asked, and what it answers."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Literal, get_args
from urllib.parse import urlsplit

Fault = Literal[
    "reset",  # the connection is reset before a byte is sent
    "reset-after-headers",
    "reset-mid-body",
    "hang-before-headers",
    "hang-mid-headers",
    "hang-mid-body",
    "drip",  # the body comes one byte every 50 ms
    "short",  # the connection ends before Content-Length is reached
    "cut-chunked",  # the last chunk never comes
    "no-length",  # neither length nor chunks: only the end of the connection ends the body
    "empty-reply",  # the connection ends before a byte is sent
    "garbage",  # the reply is not HTTP
    "bad-gzip",  # Content-Encoding: gzip over a damaged stream
    "truncated-gzip",  # the compressed stream stops early, its Content-Length is right
    "truncated-deflate",
    "truncated-br",
    "gzip-bomb",  # 512 MiB of zeros in half a megabyte
    "header-flood",  # 50,000 header lines before the end of the head
    "endless-body",
]
"""Ways in which a server can go wrong, each as its own word."""

FAULTS: tuple[Fault, ...] = get_args(Fault)
"""Every fault, in order."""

Encoding = Literal["gzip", "deflate", "br"]
"""Content codings the server can apply."""

Text = str | bytes
"""Header names and values; ``str`` is sent as latin-1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request as it arrived, and when."""

    method: str
    """``GET`` and so on."""
    host: str
    """The Host header without its port, lower case."""
    target: str
    """Path and query, as they were sent."""
    headers: tuple[tuple[str, str], ...]
    """Header lines in order; names lower case, values decoded as latin-1."""
    at: float
    """Monotonic seconds at arrival."""
    busy: Mapping[str, int] = field(default_factory=dict)
    """Requests being answered at that moment, by host, this one included."""
    connection: int = 0
    """Number of the connection it came over."""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def in_flight(self) -> int:
        """Requests to the same host being answered at that moment, this one included."""
        return self.busy.get(self.host, 0)

    def value(self, name: str) -> str | None:
        """The first line of the header ``name`` (lower case), or None."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One response. Header lines go out exactly as given: same order, same spelling, repeated ones kept.

    Only Content-Length, Content-Encoding and Transfer-Encoding are added, where they are not given.
    ``{port}`` in a text body or a text header value becomes the server's port.
    """

    status: int = 200
    """HTTP status."""
    headers: tuple[tuple[Text, Text], ...] = ()
    """Header lines."""
    body: Text = b""
    """The body before content coding; ``str`` is encoded with ``charset``."""
    delay: float = 0.0
    """Seconds to wait before the first byte."""
    fault: Fault | None = None
    """What goes wrong; None: nothing."""
    encoding: Encoding | None = None
    """The content coding to apply and announce."""
    charset: str = "utf-8"
    """Any codec of Python's; it is not announced unless ``headers`` says so."""

    def __post_init__(self) -> None:
        if self.fault is not None and self.fault not in FAULTS:
            raise ValueError(f"no such fault: {self.fault}")

    def at_port(self, port: int) -> Answer:
        """The same answer with ``{port}`` filled in and the body as bytes."""
        headers = tuple(
            (name, value.replace("{port}", str(port)) if isinstance(value, str) else value)
            for name, value in self.headers
        )
        return replace(self, headers=headers, body=self._bytes(port))

    def _bytes(self, port: int) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.replace("{port}", str(port)).encode(self.charset)

    def payload(self) -> bytes:
        """The body as it travels, content coding applied."""
        body = self.body if isinstance(self.body, bytes) else self.body.encode(self.charset)
        return compressed(body, self.encoding) if self.encoding else body

    def head(self, *extra: tuple[Text, Text], encoding: str | None = None) -> bytes:
        """Status line and header lines with the blank line; ``extra`` only where not already given."""
        if coding := encoding or self.encoding:
            extra = (("Content-Encoding", coding), *extra)
        lines = [f"HTTP/1.1 {self.status} {_phrase(self.status)}".encode()]
        given = set()
        for name, value in self.headers:
            lines.append(_octets(name) + b": " + _octets(value))
            given.add(_octets(name).strip().lower())
        lines += [
            _octets(name) + b": " + _octets(value)
            for name, value in extra
            if _octets(name).lower() not in given
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def wire(self, *, head_only: bool = False) -> bytes:
        """The whole response; what a server without faults sends."""
        payload = self.payload()
        if self.status in (204, 304) or self.status < 200:
            return self.head()
        head = self.head(("Content-Length", str(len(payload))))
        return head if head_only else head + payload


Responder = Answer | Callable[[Request], Answer]
"""What stands in the table: an answer, or what computes one from the request."""


def compressed(body: bytes, encoding: Encoding) -> bytes:
    """``body`` in the given content coding."""
    if encoding == "gzip":
        return gzip.compress(body, mtime=0)
    if encoding == "deflate":
        return zlib.compress(body)
    import brotli

    packed: bytes = brotli.compress(body)
    return packed


def page(html: str, *headers: tuple[Text, Text], status: int = 200) -> Answer:
    """An HTML page in UTF-8."""
    return Answer(status=status, headers=(("Content-Type", "text/html; charset=utf-8"), *headers), body=html)


def text(body: Text, *headers: tuple[Text, Text], status: int = 200) -> Answer:
    """A plain text file, such as robots.txt."""
    return Answer(status=status, headers=(("Content-Type", "text/plain"), *headers), body=body)


def typed(media_type: str, body: Text, *headers: tuple[Text, Text], status: int = 200) -> Answer:
    """An answer of any media type."""
    return Answer(status=status, headers=(("Content-Type", media_type), *headers), body=body)


def redirect(to: str, *headers: tuple[Text, Text], status: int = 302) -> Answer:
    """A redirect to ``to``, sent as given."""
    return Answer(status=status, headers=(("Location", to), *headers))


def in_turn(*answers: Answer) -> Callable[[Request], Answer]:
    """Each answer once, in order; the last one for ever."""
    rest = list(answers)

    def respond(_: Request) -> Answer:
        return rest.pop(0) if len(rest) > 1 else rest[0]

    return respond


def find(table: Mapping[str, Mapping[str, Responder]], host: str, target: str) -> Responder | None:
    """What stands for a host and target: the exact target, then its path, then ``*``; None: nothing."""
    paths = table.get(host) or table.get("*")
    if paths is None:
        return MISDIRECTED
    for key in (target, urlsplit(target).path, "*"):
        if key in paths:
            return paths[key]
    return None


MISDIRECTED = Answer(status=421, headers=(("Content-Type", "text/plain"),), body=b"no such host here\n")
NOT_FOUND = Answer(status=404, headers=(("Content-Type", "text/plain"),), body=b"nothing here\n")


def names(hosts: Iterable[str]) -> tuple[str, ...]:
    """Host names in lower case; raises ``ValueError`` when one is given with a port or scheme."""
    found = tuple(host.lower() for host in hosts)
    if wrong := [host for host in found if ":" in host or "/" in host]:
        raise ValueError(f"host names only, without scheme or port: {wrong}")
    return found


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unassigned"


def _octets(value: Text) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1")
