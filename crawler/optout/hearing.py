"""What readers say, kept bounded: one bug opens no gate, one page fills no ledger.

The gate's ear. It turns a reader that fails and a host file that cannot be had into statements, because both
mean that something may have been said, and keeps of alike statements as many as a person would read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from crawler.optout.model import (
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Evidence,
    Need,
    Preference,
    Purpose,
    Reader,
    Statement,
)

ALIKE = 8
"""Statements kept that differ in nothing but their place, words and terms."""

LICENCES = 64
"""Different terms under which one signal may permit one asset; further ones are heard without their terms."""

Heard = dict[Statement | Need, None]
"""What was heard, each once and in order."""


def few(items: Iterable[Statement | Need]) -> Heard:
    """The first of each, in order; of alike statements the first :data:`ALIKE`.

    A page can hold a hundred thousand tags that say the same. Nothing is lost by leaving most of them: the
    policy looks at signal, purpose, preference, basis, kind and carrier, and of permissions at their terms,
    because a second licence makes the first one doubtful. Of each such combination the first statements stay,
    reserving ones too; what goes is their ninth wording. That there are more than :data:`LICENCES` terms is
    kept as a permission that names none.
    """
    kept: Heard = {}
    alike: dict[tuple[object, ...], int] = {}
    licences: dict[str, set[str]] = {}
    for item in items:
        if isinstance(item, Statement):
            terms = None
            if item.preference is Preference.ALLOW and item.terms is not None:
                known = licences.setdefault(item.signal, set())
                if item.terms in known or len(known) < LICENCES:
                    known.add(item.terms)
                else:
                    item = replace(item, terms=None, basis=Basis.INFERRED)
                terms = item.terms
            said = (
                item.signal,
                item.purpose,
                item.preference,
                item.basis,
                item.kind,
                item.evidence.carrier,
                terms,
            )
            count = alike.get(said, 0)
            if count >= ALIKE or item in kept:
                continue
            alike[said] = count + 1
        kept[item] = None
    return kept


def read(
    name: str, carrier: Carrier, reader: Reader, capture: Capture, asset: Asset, context: Context
) -> Iterator[Statement | Need]:
    """What the reader hears. A bug in it becomes a statement: something may have been said."""
    try:
        yield from reader(capture, asset, context)
    except Exception as error:  # the one catch-all: no stranger's bytes may end a crawl or open the gate
        yield _untold(name, carrier, capture.url, capture, f"reader failed: {type(error).__name__}", "", b"")


def unreachable(name: str, carrier: Carrier, source: str, capture: Capture) -> Statement:
    """That the site-level file at ``source`` could not be had."""
    reason = capture.failure or (f"status {capture.status}" if capture.status else "no answer")
    return _untold(name, carrier, source, capture, "unreachable", reason, capture.body)


def untold(name: str, carrier: Carrier, capture: Capture, why: str) -> Statement:
    """That nobody could tell what one carrier of the answer says, for a reason in words."""
    return _untold(name, carrier, capture.url, capture, "content", why, b"")


def _untold(
    name: str, carrier: Carrier, source: str, capture: Capture, locator: str, words: str, quoted: bytes
) -> Statement:
    return Statement(
        signal=name,
        purpose=Purpose.ANY,
        preference=Preference.UNREADABLE,
        basis=Basis.STATED,
        evidence=Evidence(
            source=source,
            carrier=carrier,
            locator=locator,
            excerpt=words,
            sha256=hashlib.sha256(quoted).hexdigest(),
            at=capture.at,
        ),
    )
