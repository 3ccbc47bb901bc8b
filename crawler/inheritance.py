"""What pages say about the images they show, for crawls whose requests do not carry it themselves."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.optout.grammar.links import normalise_url
from crawler.optout.model import Basis, Malformed, Preference, Purpose, Statement

Words = tuple[str, Purpose, Preference, Basis, str | None]

LICENCES = 100
"""Different terms kept among what one image is permitted under; far fewer are already in doubt."""


class Inheritance:
    """Statements on images, kept for a whole crawl because forgetting one would permit.

    Held by a hash of the image's URL, and of alike statements only the first, so that an image which a million
    pages show costs no more than one that is shown once. Permissions differ by their terms, because a second
    licence makes the first one doubtful.

    ``most``: images whose statements are held, the last ones, where forgetting them does no harm.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._held: dict[int, dict[Words, Statement]] = {}

    def add(self, urls: Iterable[str], said: tuple[Statement, ...]) -> None:
        """Take in what a page says about the images at ``urls``, absolute and normalised."""
        for url in urls if said else ():
            key_of_url = hash(url)
            if self._most is not None and key_of_url not in self._held and len(self._held) >= self._most:
                del self._held[next(iter(self._held))]
            held = self._held.setdefault(key_of_url, {})
            for statement in said:
                permits = statement.preference is Preference.ALLOW
                if permits and sum(key[2] is Preference.ALLOW for key in held) >= LICENCES:
                    continue
                key = (
                    statement.signal,
                    statement.purpose,
                    statement.preference,
                    statement.basis,
                    statement.terms if permits else None,
                )
                held.setdefault(key, statement)

    def of(self, url: str) -> tuple[Statement, ...]:
        """What was said about the image at ``url``, however that is spelled."""
        try:
            url = normalise_url(url)
        except Malformed:
            return ()
        return tuple(self._held.get(hash(url), {}).values())
