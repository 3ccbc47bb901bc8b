"""What pages say about the images they show, for crawls whose requests do not carry it themselves."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import Basis, Carrier, Kind, Malformed, Preference, Purpose, Statement

Words = tuple[str, Purpose, Preference, Basis, Carrier, Kind | None, str | None]

LICENCES = 100
"""Different terms kept among what one image is permitted under; far fewer are already in doubt."""


class Inheritance:
    """Statements on images, kept for a whole crawl because forgetting one would permit.

    Held by a hash of the image's URL, and of alike statements only the first, so that an image which a million
    pages show costs no more than one that is shown once. All images of a page share what it says: one more
    takes about 130 bytes. Permissions differ by their terms, because a second licence makes the first one
    doubtful.

    ``most``: images whose statements are held, the last ones, where forgetting them does no harm.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._held: dict[int, tuple[Statement, ...]] = {}

    def add(self, urls: Iterable[str], said: tuple[Statement, ...]) -> None:
        """Take in what a page says about the images at ``urls``, absolute and normalised."""
        if not said:
            return
        alone = _with((), said)
        for url in urls:
            key = hash(url)
            held = self._held.get(key)
            if held is not None:
                self._held[key] = _with(held, alone)
                continue
            if self._most is not None and len(self._held) >= self._most:
                del self._held[next(iter(self._held))]
            self._held[key] = alone

    def of(self, url: str) -> tuple[Statement, ...]:
        """What was said about the image at ``url``, however that is spelled."""
        try:
            url = normalise_url(url)
        except Malformed:
            return ()
        return self._held.get(hash(url), ())


def _with(held: tuple[Statement, ...], said: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """``held``, and what of ``said`` is not alike to any of it; the same object where there is nothing new."""
    known = {_words(statement) for statement in held}
    permitted = sum(statement.preference is Preference.ALLOW for statement in held)
    new: list[Statement] = []
    for statement in said:
        permits = statement.preference is Preference.ALLOW
        if (permits and permitted >= LICENCES) or (words := _words(statement)) in known:
            continue
        known.add(words)
        permitted += permits
        new.append(statement)
    return (*held, *new) if new else held


def _words(statement: Statement) -> Words:
    terms = statement.terms if statement.preference is Preference.ALLOW else None
    said = statement.signal, statement.purpose, statement.preference, statement.basis
    return *said, statement.evidence.carrier, statement.kind, terms
