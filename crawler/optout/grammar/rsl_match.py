"""Which parts of an RSL document speak about a URL, and which of them decides a use.

RSL 1.0 (https://rslstandard.org/rsl): within a document the most specific content decides, the one with the
longest pattern; order never matters. A document that names another host says nothing about ours, unless it
travels with a copy: then the terms that the owner wrote into the page hold for the copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from crawler.optout.grammar.rsl import Content, Document
from crawler.optout.grammar.rsl_terms import Verdict, judge
from crawler.optout.grammar.rsl_url import address_of, compile_scope
from crawler.optout.model import Operator, Preference, Purpose

BESIDE = -1
"""Weight of a match that replaces nothing and is replaced by nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A content element that speaks about the asset."""

    content: Content
    """The element."""
    weight: int = BESIDE
    """Octets of its pattern: the longer replaces the shorter. or :data:`BESIDE`."""
    exact: bool = True
    """Whether its scope was written as the specification asks."""
    grants: bool = True
    """Whether a grant would be believed."""


def in_document(terms: Document, urls: tuple[str, ...], *, placed: bool) -> list[Match]:
    """The parts of a named document that speak about one of ``urls``.

    ``placed``: whether it was named by a response or page, which is what an empty url means. A content without
    a url may be about anything.
    """
    found = []
    addresses = [address_of(url) for url in dict.fromkeys(urls)]
    for content in terms.contents:
        if not content.url:
            valid = placed and content.url is not None
            found.append(Match(content=content, exact=valid, grants=valid))
            continue
        scope = compile_scope(content.url)
        if any(scope.matches(address) for address in addresses):
            weight = scope.pattern.length if scope.exact else BESIDE
            found.append(Match(content=content, weight=weight, exact=scope.exact, grants=scope.exact))
    return found


def in_page(terms: Document, urls: tuple[str, ...]) -> list[Match]:
    """The parts of terms that stand in a page found at ``urls``: all, whatever canonical address they name."""
    addresses = [address_of(url) for url in dict.fromkeys(urls)]
    found = []
    for content in terms.contents:
        scope = compile_scope(content.url) if content.url else None
        ours = scope is None or any(scope.matches(address) for address in addresses)
        found.append(Match(content=content, grants=ours))
    return found


def in_feed(terms: Document, url: str, host: str, *, own: bool) -> list[Match]:
    """The parts of a feed's terms that speak about ``url``, which is on the feed's own ``host``.

    ``own``: whether they stand in the very item that links to it.
    """
    found = []
    address = address_of(url)
    for content in terms.contents:
        if not content.url:
            if own:
                found.append(Match(content=content, exact=False, grants=False))
            continue
        scope = compile_scope(content.url)
        if scope.authority in (None, host) and (own or scope.matches(address)):
            found.append(Match(content=content, exact=scope.exact, grants=scope.exact))
    return found


def decide(terms: Document, matches: list[Match], operator: Operator) -> Iterator[tuple[Match, Verdict]]:
    """The verdicts that hold: for each use those of the longest pattern.

    A grant that is not exactly spelled does not replace what a shorter pattern says, and a document that does
    not conform has only prohibitions.
    """
    decided: set[Purpose] = set()
    ordered = sorted(matches, key=lambda match: -match.weight)
    for weight, equal in groupby(ordered, key=lambda match: match.weight):
        deciding: set[Purpose] = set()
        for match in equal:
            for verdict in judge(match.content, operator):
                if weight != BESIDE and verdict.purpose in decided:
                    continue
                if terms.defects:
                    if verdict.preference is not Preference.DISALLOW:
                        continue
                    # However it is spelled: by RSL's own text nothing is licensed here.
                    match, verdict = replace(match, exact=True), replace(verdict, exact=True)
                if verdict.exact or verdict.preference is not Preference.ALLOW:
                    deciding.add(verdict.purpose)
                yield match, verdict
        decided |= deciding
