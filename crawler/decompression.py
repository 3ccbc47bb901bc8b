"""Content decoding that says when a body is not whole.

Scrapy's own middleware hands on what a cut or corrupt stream yielded as if it were everything, and looks for
the encoding of the text while the body is still compressed. This one is strict, bounded, and builds the
response once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

import brotli
from isal import isal_zlib
from scrapy.responsetypes import responsetypes

from crawler.aside import aside
from crawler.captures import CUT_SHORT, TOO_LARGE
from crawler.limits import Limits

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

IsalError = cast(type[Exception], isal_zlib.error)  # the stub calls it an instance

ACCEPTED = b"gzip, deflate, br"
CHUNK = 262_144
SMALL = 4 << 20
"""Octets that are unpacked on the spot; a body of 20 KB can hold more."""
MAGIC = b"\x1f\x8b"
"""What a gzip member begins with; less of it at the end is a member that was cut."""
MEMBERS = 64
"""Gzip members read at most; real servers send one, and each costs a copy of the rest."""


class Undecodable(ValueError):
    """The body does not decode to its end, or decodes to more than allowed."""


class TooMuch(Undecodable):
    """The body decodes to more than allowed."""


def gunzip(body: bytes, limit: int) -> bytes:
    """All members of a gzip stream (RFC 1952); what follows the last member is ignored."""
    out, rest = b"", body
    for _ in range(MEMBERS):
        stream = isal_zlib.decompressobj(wbits=31)
        out += _drain(stream, rest, limit - len(out))
        rest = stream.unused_data
        if not rest or not MAGIC.startswith(rest[: len(MAGIC)]):
            return out
    raise Undecodable(f"more than {MEMBERS} gzip members")


def inflate(body: bytes, limit: int) -> bytes:
    """A zlib stream (RFC 1950), or the bare deflate stream that some servers send in its place."""
    try:
        return _drain(isal_zlib.decompressobj(), body, limit)
    except IsalError:
        return _drain(isal_zlib.decompressobj(wbits=-15), body, limit)


def unbrotli(body: bytes, limit: int) -> bytes:
    """A brotli stream (RFC 7932)."""
    stream = brotli.Decompressor()
    parts, size, data = [], 0, body
    while not stream.is_finished():
        part = stream.process(data, output_buffer_limit=CHUNK)
        data = b""
        size += len(part)
        if size > limit:
            raise TooMuch(f"more than {limit} bytes")
        if not part and stream.can_accept_more_data() and not stream.is_finished():
            raise Undecodable("the stream ends before its end")
        parts.append(part)
    return b"".join(parts)


def _drain(stream: isal_zlib.Decompress, body: bytes, limit: int) -> bytes:
    parts, size, data = [], 0, body
    while not stream.eof:
        part = stream.decompress(data, max_length=min(CHUNK, limit - size + 1))
        data = stream.unconsumed_tail
        size += len(part)
        if size > limit:
            raise TooMuch(f"more than {limit} bytes")
        if not part and not data and not stream.eof:
            raise Undecodable("the stream ends before its end")
        parts.append(part)
    return b"".join(parts)


DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": gunzip,
    "x-gzip": gunzip,
    "deflate": inflate,
    "br": unbrotli,
}


def decode(body: bytes, codings: list[str], limit: int) -> bytes:
    """Undo ``codings`` (as listed in Content-Encoding, first applied first); at most ``limit`` bytes.

    Raises ``Undecodable`` for an unknown coding, a stream that is cut or corrupt, and a bomb.
    """
    if len(codings) > 3:
        raise Undecodable("more than three content codings")
    for coding in reversed(codings):
        decoder = DECODERS.get(coding)
        if decoder is None:
            raise Undecodable(f"unknown content coding {coding!r}")
        try:
            body = decoder(body, limit)
        except (IsalError, brotli.error) as error:
            raise Undecodable(str(error)) from error
    return body


def codings_of(values: list[bytes]) -> list[str]:
    """The content codings of a response, ``identity`` left out."""
    return [name for name in _names(values) if name != "identity"]


def _names(values: list[bytes]) -> Iterator[str]:
    for value in values:
        for name in value.decode("latin-1").split(","):
            if name.strip():
                yield name.strip().lower()


class DecompressionMiddleware:
    """Stands where Scrapy's ``HttpCompressionMiddleware`` stood."""

    def __init__(self, limit: int, stats: Any = None, limits: Limits | None = None) -> None:
        """``stats``: Scrapy's, where bodies that cannot be decoded are counted; None: nowhere."""
        self._limit = limit
        self._limits = limits or Limits()
        self._stats = stats

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DecompressionMiddleware:
        """Bounded by ``DOWNLOAD_MAXSIZE``, or the request's own ``download_maxsize``."""
        settings = crawler.settings
        return cls(settings.getint("DOWNLOAD_MAXSIZE"), crawler.stats, Limits.of(settings))

    def process_request(self, request: Request) -> None:
        """Say what can be decoded."""
        request.headers.setdefault(b"Accept-Encoding", ACCEPTED)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Decode, or hand on an empty body that is marked as cut short or too large."""
        if request.method == "HEAD" or not response.body:
            return response
        codings = codings_of(response.headers.getlist(b"Content-Encoding"))
        if not codings:
            return response
        flags = list(response.flags)
        try:
            limit = request.meta.get("download_maxsize") or self._limit or 1 << 30
            limit = self._limits.unpacked(len(response.body), limit)
            if limit <= SMALL:
                body = decode(response.body, codings, limit)
            else:
                body = await aside(decode, response.body, codings, limit)
        except Undecodable as error:
            body = b""
            flags.append(TOO_LARGE if isinstance(error, TooMuch) else CUT_SHORT)
            if self._stats is not None:
                self._stats.inc_value("heedful/undecodable")
        headers = response.headers.copy()
        del headers[b"Content-Encoding"]
        kind = responsetypes.from_args(headers=headers, url=response.url, body=body)
        return kind(
            url=response.url,
            status=response.status,
            headers=headers,
            body=body,
            flags=flags,
            request=response.request,
            certificate=response.certificate,
            ip_address=response.ip_address,
            protocol=response.protocol,
        )
