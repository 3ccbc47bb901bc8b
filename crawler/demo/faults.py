"""How each fault of :data:`crawler.demo.answer.Fault` is sent, byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from crawler.demo.answer import Answer, Encoding, Fault, compressed

HANG = 300.0
"""Seconds after which a hanging answer gives up, should the client wait that long."""

DRIP = 0.05
"""Seconds between two bytes of a dripping body."""

CAP = 256 * 2**20
"""Bytes of an endless body, should the client read that far."""

UNPACKED = 512
"""MiB that a bomb unpacks to."""

FLOOD = 50_000
"""Header lines of a flood; about 5.6 MB."""


class Wire(Protocol):
    """One connection, as a fault sees it."""

    def send(self, data: bytes) -> None:
        """Queue bytes."""

    async def sent(self) -> bool:
        """Wait until the queue has room; False when the client is gone."""

    async def gone(self, timeout: float) -> None:
        """Wait until the client is gone, at most ``timeout`` seconds."""

    def reset(self) -> None:
        """End the connection with RST."""


Sender = Callable[[Wire, Answer], Awaitable[None]]
"""Sends one answer; the connection is closed afterwards."""


async def _reset(wire: Wire, answer: Answer) -> None:
    wire.reset()


async def _reset_after_headers(wire: Wire, answer: Answer) -> None:
    wire.send(answer.head(("Content-Length", str(len(answer.payload())))))
    await wire.gone(0.05)  # so that the head leaves before the reset discards what is queued
    wire.reset()


async def _reset_mid_body(wire: Wire, answer: Answer) -> None:
    payload = answer.payload()
    wire.send(answer.head(("Content-Length", str(len(payload)))) + payload[: len(payload) // 2])
    await wire.gone(0.05)
    wire.reset()


async def _hang_before_headers(wire: Wire, answer: Answer) -> None:
    await wire.gone(HANG)


async def _hang_mid_headers(wire: Wire, answer: Answer) -> None:
    wire.send(answer.head()[:-2])
    await wire.gone(HANG)


async def _hang_mid_body(wire: Wire, answer: Answer) -> None:
    payload = answer.payload()
    wire.send(answer.head(("Content-Length", str(len(payload)))) + payload[: len(payload) // 2])
    await wire.gone(HANG)


async def _drip(wire: Wire, answer: Answer) -> None:
    payload = answer.payload()
    wire.send(answer.head(("Content-Length", str(len(payload)))))
    for position in range(len(payload)):
        wire.send(payload[position : position + 1])
        if not await wire.sent():
            return
        await wire.gone(DRIP)


async def _short(wire: Wire, answer: Answer) -> None:
    payload = answer.payload()
    wire.send(answer.head(("Content-Length", str(len(payload) + 1000))) + payload)


async def _cut_chunked(wire: Wire, answer: Answer) -> None:
    payload = answer.payload()
    wire.send(answer.head(("Transfer-Encoding", "chunked")) + b"%x\r\n" % len(payload) + payload + b"\r\n")


async def _no_length(wire: Wire, answer: Answer) -> None:
    wire.send(answer.head(("Connection", "close")) + answer.payload())


async def _empty_reply(wire: Wire, answer: Answer) -> None:
    return


async def _garbage(wire: Wire, answer: Answer) -> None:
    wire.send(b"\x16\x03\x01 SSH-2.0-OpenSSH_9.9\r\n\x00\xff not a reply\r\n\r\n")


async def _bad_gzip(wire: Wire, answer: Answer) -> None:
    packed = bytearray(compressed(_plain(answer), "gzip"))
    packed[10] |= 0b110  # the first block claims the reserved type 3, RFC 1951 §3.2.3
    _send_packed(wire, answer, bytes(packed), "gzip")


def _truncated(encoding: Encoding) -> Sender:
    async def send(wire: Wire, answer: Answer) -> None:
        packed = compressed(_plain(answer), encoding)
        _send_packed(wire, answer, packed[: len(packed) // 2], encoding)

    return send


async def _gzip_bomb(wire: Wire, answer: Answer) -> None:
    zeros = bytes(2**20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # A full flush forgets the past, so the same thousand bytes can be sent again and again.
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    wire.send(answer.head(("Transfer-Encoding", "chunked"), encoding="gzip"))
    wire.send(_chunk(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"))
    checksum = 0
    for _ in range(UNPACKED):
        wire.send(_chunk(block))
        checksum = zlib.crc32(zeros, checksum)
        if not await wire.sent():
            return
    trailer = struct.pack("<II", checksum, UNPACKED * 2**20 % 2**32)
    wire.send(_chunk(b"\x03\x00" + trailer) + b"0\r\n\r\n")


async def _header_flood(wire: Wire, answer: Answer) -> None:
    head = answer.head(("Content-Length", str(len(answer.payload()))))
    wire.send(head[:-2])
    for number in range(FLOOD):
        wire.send(b"X-Flood-%05d: " % number + b"f" * 96 + b"\r\n")
        if number % 256 == 0 and not await wire.sent():
            return
    wire.send(b"\r\n" + answer.payload())


async def _endless_body(wire: Wire, answer: Answer) -> None:
    wire.send(answer.head(("Transfer-Encoding", "chunked")))
    block = (_plain(answer) or b"more and ") * 64
    for _ in range(CAP // len(block)):
        wire.send(_chunk(block))
        if not await wire.sent():
            return


def _plain(answer: Answer) -> bytes:
    return answer.body if isinstance(answer.body, bytes) else answer.body.encode(answer.charset)


def _send_packed(wire: Wire, answer: Answer, packed: bytes, encoding: Encoding) -> None:
    wire.send(answer.head(("Content-Length", str(len(packed))), encoding=encoding) + packed)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n" % len(data) + data + b"\r\n"


SENDERS: Mapping[Fault, Sender] = {
    "reset": _reset,
    "reset-after-headers": _reset_after_headers,
    "reset-mid-body": _reset_mid_body,
    "hang-before-headers": _hang_before_headers,
    "hang-mid-headers": _hang_mid_headers,
    "hang-mid-body": _hang_mid_body,
    "drip": _drip,
    "short": _short,
    "cut-chunked": _cut_chunked,
    "no-length": _no_length,
    "empty-reply": _empty_reply,
    "garbage": _garbage,
    "bad-gzip": _bad_gzip,
    "truncated-gzip": _truncated("gzip"),
    "truncated-deflate": _truncated("deflate"),
    "truncated-br": _truncated("br"),
    "gzip-bomb": _gzip_bomb,
    "header-flood": _header_flood,
    "endless-body": _endless_body,
}
"""What sends each fault."""
