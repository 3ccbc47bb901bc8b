"""All that is asked of the content of one answer, in one value that can travel between processes.

What a hostile page or picture costs, it costs here: in its parsers, in the readers of the signals, in the
search for links. A crawl has :func:`examine` done by a child process where the content is large or of a costly
kind (``crawler.isolation``), and in place where it is not; what comes out is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crawler.optout.gate import Gate
from crawler.optout.grammar.credits import Credits, credits_of
from crawler.optout.grammar.html import page
from crawler.optout.grammar.linked_data import Work, linked_data, works_of
from crawler.optout.grammar.links import Outlinks, outlinks_of
from crawler.optout.grammar.robots_tag import follows_links
from crawler.optout.model import Asset, Capture, Kind, Need, Statement

LONGEST = 500
"""Characters of a name or date that a page gives."""

NAMED = frozenset({"article:published_time", "author", "date"})
"""The metas that are noted with a page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One thing that a reader heard: a statement, or the need of a second document."""

    statement: Statement | None = None
    """What was said; None: a document is needed."""
    need: Need | None = None
    """Which document is needed; None: something was said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a page says of itself that is no opt-out."""

    title: str = ""
    """Its title; "" where it has none."""
    creators: tuple[str, ...] = ()
    """Who made it, by its structured data or its ``author`` meta; "" stands for nobody."""
    metas: Mapping[str, str] | None = None
    """The contents of the metas of :data:`NAMED`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """What the content says, and where it leads."""

    said: tuple[Said, ...] = ()
    """What its readers heard, in order."""
    permitted: Mapping[str, tuple[Statement, ...]] | None = None
    """Of a page: what it permits of single images, by their URLs."""
    works: Mapping[str, Work] | None = None
    """Of a page: what it calls those, and who made them."""
    follow: bool = True
    """Of a page: whether it lets its links be followed."""
    links: Outlinks | None = None
    """Of a page: where it leads."""
    told: Told | None = None
    """Of a page: its title and the like."""
    credits: Credits | None = None
    """Of anything else: what its metadata says of its origin."""

    @property
    def heard(self) -> tuple[Statement | Need, ...]:
        """What :meth:`Gate.at_content <crawler.optout.gate.Gate.at_content>` takes as ``told``."""
        return tuple(item for one in self.said if (item := one.statement or one.need) is not None)


def examine(
    gate: Gate, capture: Capture, asset: Asset, documents: Mapping[str, Capture] | None = None
) -> Examined:
    """Ask everything of the content of ``asset``, which is what the bytes say it is.

    ``documents``: second documents that were fetched for it. Raises where the parser of a page comes to grief;
    see :func:`unexamined`.
    """
    if asset.kind is Kind.TEXT:
        capture.parsed(page)  # once, and not once more for every reader that would fail at it
    said = said_of(gate.of_content(capture, asset, documents=documents))
    if asset.kind is not Kind.TEXT:
        return Examined(said=said, credits=capture.parsed(credits_of))
    permitted = gate.of_images(capture)
    return Examined(
        said=said,
        permitted=permitted,
        works=works_of(capture) if permitted else {},
        follow=follows_links(capture, gate.context.agents),
        links=capture.parsed(outlinks_of),
        told=capture.parsed(told_by),
    )


def unexamined(gate: Gate, capture: Capture, asset: Asset, why: str) -> Examined:
    """What stands for :func:`examine` where nobody could tell what the content says."""
    said = said_of(gate.unread(capture, asset, why))
    if asset.kind is not Kind.TEXT:
        return Examined(said=said, credits=Credits("", "", "", ""))
    return Examined(said=said, permitted={}, works={}, follow=False, links=Outlinks(), told=Told(metas={}))


def said_of(items: Iterable[Statement | Need]) -> tuple[Said, ...]:
    """What was heard, in the form that travels."""
    return tuple(Said(statement=item) if isinstance(item, Statement) else Said(need=item) for item in items)


def told_by(capture: Capture) -> Told:
    """What a page says of itself; use as ``capture.parsed(told_by)``. Never raises."""
    syntax = capture.parsed(page)
    metas = {
        name: meta.content.strip()[:LONGEST]
        for meta in reversed(syntax.metas)
        if (name := meta.name or meta.property) in NAMED
    }
    nodes = capture.parsed(linked_data).of_page
    creators = next((node.creators for node in nodes if node.creators), (metas.get("author", ""),))
    return Told(title=syntax.title, creators=creators, metas=metas)
