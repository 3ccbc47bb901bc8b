"""The child: reads jobs from its standard input, parses, and answers, until the input ends.

It is started by :mod:`crawler.isolation.child` and has no other use. It stands alone: neither Scrapy nor
Twisted is loaded here, and nothing is opened once the first job is read.
"""

from __future__ import annotations

import codecs
import logging
import os
import signal
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec

from crawler.isolation.frames import LONGEST, PREFIX, Began, Begin, Found, Job, Ready, decode_to_child, framed
from crawler.isolation.limits import ALARM, confine, meter, set_alarm
from crawler.isolation.samples import ENCODINGS, SAMPLES
from crawler.optout.grammar.heavy import Heavy, syntaxes
from crawler.optout.model import Capture, Context

JOBS = 500
"""Jobs of one child. Whatever a parser leaves behind goes with it."""

GROWTH = 32 * 1024 * 1024
"""Octets by which a child may have grown and still be kept."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a capture that only its bytes are asked of."""


def main() -> None:
    """Serve until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the crawl's to understand
    logging.disable(logging.CRITICAL)
    source, sink = _channels()
    first = _message(source)
    if not isinstance(first, Begin):
        return
    known = {heavy.name: heavy for heavy in syntaxes(Context(agents=("",), trust_anchors=first.anchors))}
    _warm_up(known)
    os.dup2(1, 2)  # what a parser prints may be quoted from what is reserved
    memory = meter()
    confine()
    base = memory()
    _send(sink, framed(Ready()))
    capture = Capture(url="", status=None, at=NEVER)
    for number in range(1, JOBS + 1):
        job = _message(source)
        if not isinstance(job, Job):
            return
        if job.size is not None:
            body = _exactly(source, job.size)
            capture = Capture(url=job.url, status=200, at=NEVER, headers=job.headers, body=body)
        _send(sink, framed(Began()))
        set_alarm(ALARM)
        result = _parsed(known[job.name], capture)
        set_alarm(0)
        last = number == JOBS or memory() - base > GROWTH
        _send(sink, _answer(known[job.name], result, last))


def _channels() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to and from the parent; whatever else is printed or read goes nowhere."""
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return os.fdopen(source, "rb"), os.fdopen(sink, "wb")


def _warm_up(known: dict[str, Heavy]) -> None:
    """Load what the parsers load late, while files can still be opened."""
    for encoding in ENCODINGS:
        codecs.lookup(encoding)
    for sample in SAMPLES:
        capture = Capture(url="", status=200, at=NEVER, body=sample)
        for heavy in known.values():
            _parsed(heavy, capture)


def _parsed(heavy: Heavy, capture: Capture) -> Any:
    try:
        return capture.parsed(heavy.parse)
    except Exception as error:
        return heavy.failed(f"the parser failed: {type(error).__name__}")


def _answer(heavy: Heavy, result: Any, last: bool) -> bytes:
    try:
        return framed(Found(result=msgspec.Raw(msgspec.msgpack.encode(result)), last=last))
    except Exception as error:
        failed = heavy.failed(f"what was found cannot be told: {type(error).__name__}")
        return framed(Found(result=msgspec.Raw(msgspec.msgpack.encode(failed)), last=True))


def _send(sink: BinaryIO, frame: bytes) -> None:
    sink.write(frame)
    sink.flush()


def _message(source: BinaryIO) -> Begin | Job | None:
    """The next frame; None: the input has ended."""
    prefix = source.read(PREFIX)
    if len(prefix) < PREFIX:
        return None
    size = int.from_bytes(prefix, "big")
    return decode_to_child(_exactly(source, size)) if size <= LONGEST else None


def _exactly(source: BinaryIO, size: int) -> bytes:
    content = source.read(size)
    if len(content) < size:
        raise SystemExit(0)  # the parent is gone
    return content
