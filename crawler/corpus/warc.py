"""WARC 1.1 records as bytes, and captures as records.

::

    record  = "WARC/1.1" CRLF *( name ":" SP value CRLF ) CRLF block CRLF CRLF       ISO 28500:2017, section 4
    block   = status-line CRLF *( name ":" SP value CRLF ) CRLF body                 of a response

https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/

Bodies are stored decoded. What described the transfer and not the body (``Content-Encoding``,
``Transfer-Encoding``, ``Content-Length``) is kept under ``X-Archive-Orig-…``, and a ``Content-Length`` that
fits is written last. Digests are ``sha256:`` and 64 hexadecimal digits: the standard leaves the encoding open,
warcio and FastWARC check this one, and it is what ``sha256sum`` prints.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from crawler.corpus.member import Deflated, deflate
from crawler.optout.codec import time_from_text, time_to_text
from crawler.optout.model import Capture, Malformed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

Fields = tuple[tuple[str, str], ...]

VERSION = b"WARC/1.1"
_END = b"\r\n\r\n"
_ORIGINAL = "x-archive-orig-"
_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_CONTROLS = dict.fromkeys([*range(0x20), 0x7F], " ") | {ord("\t"): "\t"}
_NOT_TOKEN = re.compile(r"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_NOT_URI = re.compile(r"[^!#-;=?-~]")
_REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One record as it was read, its lengths and digests checked."""

    fields: Fields
    """Named fields in order."""
    block: bytes
    """The block."""

    def get(self, name: str) -> str | None:
        """The first field ``name`` (any case), or None."""
        folded = name.lower()
        return next((value for key, value in self.fields if key.lower() == folded), None)

    def need(self, name: str) -> str:
        """The first field ``name``; raises ``Malformed`` if there is none."""
        value = self.get(name)
        if value is None:
            raise Malformed(f"a record without {name}")
        return value


def safe_url(url: str) -> str:
    """``url`` as it can stand in one line: whatever no URI may contain is percent-encoded."""
    return _NOT_URI.sub(lambda found: quote(found[0].encode("utf-8", "surrogatepass")), url)


def clean(text: str) -> str:
    """``text`` on one line and writable as UTF-8."""
    return text.translate(_CONTROLS).encode("utf-8", "replace").decode("utf-8")


def header_value(value: str) -> str:
    """The value of an HTTP header on one line, of characters that HTTP can carry."""
    return value.translate(_CONTROLS).encode("latin-1", "replace").decode("latin-1")


def header_line(name: str, value: str) -> tuple[str, str]:
    """A header line as a record holds it; what it holds already stays as it is."""
    return _token(name), header_value(value)


def digest_of(data: bytes) -> str:
    """The digest of ``data`` as WARC fields name it."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def encode(kind: str, at: datetime, fields: Iterable[tuple[str, str]], block: bytes) -> bytes:
    """A record of WARC type ``kind``; values are written on one line, whatever they hold."""
    return b"".join((_begin(kind, at, fields, digest_of(block), len(block)), block, _END))


def _begin(kind: str, at: datetime, fields: Iterable[tuple[str, str]], digest: str, length: int) -> bytes:
    """What stands before the block of a record."""
    lines = [
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <{uuid.uuid4().urn}>",
        f"WARC-Date: {time_to_text(at)}",
        *(f"{name}: {clean(value)}" for name, value in fields),
        f"WARC-Block-Digest: {digest}",
        f"Content-Length: {length}",
    ]
    return b"".join((VERSION, b"\r\n", "\r\n".join(lines).encode("utf-8"), _END))


def decode(data: bytes) -> Record:
    """The inverse of :func:`encode`; raises ``Malformed`` unless lengths and digests are right."""
    head, separator, rest = data.partition(_END)
    version, _, lines = head.partition(b"\r\n")
    if version != VERSION or not separator:
        raise Malformed("not a WARC 1.1 record")
    try:
        pairs = [line.split(": ", 1) for line in lines.decode("utf-8").split("\r\n")]
    except UnicodeDecodeError as error:
        raise Malformed("a record whose fields are not UTF-8") from error
    if any(len(pair) != 2 for pair in pairs):
        raise Malformed("a record with a line that is no field")
    record = Record(fields=tuple((name, value) for name, value in pairs), block=rest[: -len(_END)])
    if rest[-len(_END) :] != _END or record.need("Content-Length") != str(len(record.block)):
        raise Malformed("a record of another length than announced")
    if record.need("WARC-Block-Digest") != digest_of(record.block):
        raise Malformed("a record whose digest differs")
    return record


def info_record(at: datetime, filename: str, info: Iterable[tuple[str, str]]) -> bytes:
    """The record that begins every file: who wrote it, with what."""
    lines = [
        *info,
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
    ]
    block = "".join(f"{_token(name)}: {clean(value)}\r\n" for name, value in lines).encode("utf-8")
    fields = [("WARC-Filename", filename), ("Content-Type", "application/warc-fields")]
    return encode("warcinfo", at, fields, block)


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """The block of a capture's record, digested and compressed."""

    digest: str
    """As WARC fields name it."""
    length: int
    """Octets of the block."""
    rest: Deflated
    """The block and what ends a record."""


def prepared(capture: Capture) -> Prepared:
    """What costs time about the record of an answer; use as ``capture.parsed(prepared)``, in a thread."""
    head = _http_head(capture)
    digest = hashlib.sha256(head)
    digest.update(capture.body)
    return Prepared(
        digest="sha256:" + digest.hexdigest(),
        length=len(head) + len(capture.body),
        rest=deflate(head, capture.body, _END),
    )


def record_begin(capture: Capture, fields: Iterable[tuple[str, str]] = ()) -> bytes:
    """What stands before the block that is :func:`prepared`; both are one :func:`capture_record`."""
    block = capture.parsed(prepared)
    return _begin("response", capture.at, _response_fields(capture, fields), block.digest, block.length)


def _response_fields(capture: Capture, fields: Iterable[tuple[str, str]]) -> Fields:
    return (
        ("WARC-Target-URI", safe_url(capture.url)),
        *fields,
        *((("Heedful-Failure", capture.failure),) if capture.failure is not None else ()),
        *((("WARC-Truncated", "unspecified"),) if not capture.complete else ()),
        ("WARC-Payload-Digest", "sha256:" + capture.digest),
        ("Content-Type", "application/http; msgtype=response"),
    )


def capture_record(capture: Capture, fields: Iterable[tuple[str, str]] = ()) -> bytes:
    """A capture as a ``response`` record; one to which nothing answered as ``metadata`` with the reason.

    Redirects that led to it are not part of it: they are captures of their own.
    """
    if capture.status is None:
        more = [("WARC-Target-URI", safe_url(capture.url)), *fields]
        if capture.failure is not None:
            more.append(("Heedful-Failure", capture.failure))
        if not capture.complete:
            more.append(("WARC-Truncated", "unspecified"))
        block = f"failure: {clean(capture.failure or 'no answer')}\r\n".encode()
        return encode("metadata", capture.at, [*more, ("Content-Type", "application/warc-fields")], block)
    return encode("response", capture.at, _response_fields(capture, fields), _http_head(capture) + capture.body)


def capture_of(record: Record) -> Capture:
    """The inverse of :func:`capture_record`, without hops; raises ``Malformed``."""
    url, at = record.need("WARC-Target-URI"), time_from_text(record.need("WARC-Date"))
    failure, complete = record.get("Heedful-Failure"), record.get("WARC-Truncated") is None
    if record.get("WARC-Type") != "response":
        return Capture(url=url, status=None, at=at, failure=failure, complete=complete)
    head, _, body = record.block.partition(_END)
    status_line, *lines = head.decode("latin-1").split("\r\n")
    status = status_line.split(" ")[1:2]
    pairs = [line.split(": ", 1) for line in lines]
    if not status or not re.fullmatch(r"-?[0-9]+", status[0]) or any(len(pair) != 2 for pair in pairs):
        raise Malformed(f"the answer of {url} cannot be read")
    capture = Capture(
        url=url,
        status=int(status[0]),
        at=at,
        headers=tuple((name.removeprefix(_ORIGINAL), value) for name, value in pairs[:-1]),
        body=body,
        failure=failure,
        complete=complete,
    )
    if record.need("WARC-Payload-Digest") != "sha256:" + capture.digest:
        raise Malformed(f"the body of {url} has another digest than recorded")
    return capture


def _http_head(capture: Capture) -> bytes:
    lines = [f"HTTP/1.1 {capture.status} {_REASONS.get(capture.status or 0, '')}"]
    for name, value in capture.headers:
        token, value = header_line(name, value)
        if token in _TRANSFER or token.startswith(_ORIGINAL):
            token = _ORIGINAL + token
        lines.append(f"{token}: {value}")
    lines.append(f"Content-Length: {len(capture.body)}")
    return "\r\n".join(lines).encode("latin-1") + _END


def _token(name: str) -> str:
    return _NOT_TOKEN.sub("_", name) or "_"
