"""The child: reads jobs from its standard input, parses, and answers, until the input ends.

It is started by :mod:`crawler.isolation.child` and has no other use. It stands alone: neither Scrapy nor
Twisted is loaded here, and nothing is opened once the first job is read.
"""

from __future__ import annotations

import codecs
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, BinaryIO

import msgspec

from crawler.isolation.frames import (
    EXAMINE,
    LONGEST,
    PREFIX,
    Began,
    Begin,
    Found,
    Job,
    Ready,
    decode_to_child,
    framed,
)
from crawler.isolation.limits import confine, meter, set_alarm
from crawler.isolation.samples import ENCODINGS, KINDS, SAMPLES
from crawler.optout.examined import examine, unexamined
from crawler.optout.gate import Gate
from crawler.optout.grammar.heavy import Heavy, syntaxes
from crawler.optout.model import Asset, Capture, Context, Kind, Operator
from crawler.optout.policy import Policy
from crawler.optout.signals import SIGNALS

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
    operator = Operator(commercial=first.commercial, country=first.country)
    context = Context(agents=first.agents, operator=operator, trust_anchors=first.anchors)
    gate = Gate(Policy(), context, {name: SIGNALS[name] for name in first.signals} or SIGNALS)
    known = {heavy.name: heavy for heavy in syntaxes(context)}
    _warm_up(known, gate)
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
            capture = job.answer.capture(body)
        _send(sink, framed(Began()))
        set_alarm(job.seconds)
        failed: Callable[[str], Any]
        if job.name == EXAMINE:
            failed = partial(_not_examined, gate, capture, job)
            result = _examined(gate, capture, job)
        else:
            failed = known[job.name].failed
            result = _parsed(known[job.name], capture)
        last = number == JOBS or memory() - base > GROWTH
        frame = _answer(result, failed, last)
        set_alarm(0)
        _send(sink, frame)


def _channels() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to and from the parent; whatever else is printed or read goes nowhere."""
    source, sink = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return os.fdopen(source, "rb"), os.fdopen(sink, "wb")


def _warm_up(known: dict[str, Heavy], gate: Gate) -> None:
    """Load what the parsers load late, while files can still be opened."""
    for encoding in ENCODINGS:
        with suppress(LookupError, ImportError, AttributeError):  # those of another system
            codecs.lookup(encoding)
    for kind, sample in KINDS:
        capture = Capture(url="https://h.example/", status=200, at=NEVER, body=sample)
        with suppress(Exception):
            examine(gate, capture, Asset(url=capture.url, kind=Kind(kind)))
    for sample in SAMPLES:
        capture = Capture(url="", status=200, at=NEVER, body=sample)
        for heavy in known.values():
            _parsed(heavy, capture)


def _parsed(heavy: Heavy, capture: Capture) -> Any:
    try:
        return capture.parsed(heavy.parse)
    except Exception as error:
        return heavy.failed(f"the parser failed: {type(error).__name__}")


def _examined(gate: Gate, capture: Capture, job: Job) -> Any:
    assert job.asset is not None
    try:
        documents = {url: answer.capture(answer.body) for url, answer in job.documents}
        return examine(gate, capture, job.asset, documents)
    except Exception as error:
        return _not_examined(gate, capture, job, f"the parser failed: {type(error).__name__}")


def _not_examined(gate: Gate, capture: Capture, job: Job, why: str) -> Any:
    assert job.asset is not None
    return unexamined(gate, capture, job.asset, why)


def _answer(result: Any, failed: Callable[[str], Any], last: bool) -> bytes:
    try:
        return framed(Found(result=msgspec.Raw(msgspec.msgpack.encode(result)), last=last))
    except Exception as error:
        instead = failed(f"what was found cannot be told: {type(error).__name__}")
        return framed(Found(result=msgspec.Raw(msgspec.msgpack.encode(instead)), last=True))


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
