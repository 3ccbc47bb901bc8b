"""Every decision once more, from nothing but what is stored.

A decision to collect is derived as a whole: the site-level files as they were read, the answer's headers, the
content from the archive. Of what was not kept neither content nor headers are stored; such a decision is
weighed again from the statements it records, and as much of its beginning as the stored readings reach is
derived from them. Either way what follows, written as an entry, has to be the entry, byte for byte.

What is taken from the record and not derived: the times; our own reasons (scope, budget, address); and the
statements that travelled with an asset from pages and redirects that led to it, which are those that none of
its own sources makes. Nothing here reads a clock, a locale or the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from crawler.audit.entries import Entry
from crawler.audit.verify.difference import difference
from crawler.audit.verify.materials import (
    Materials,
    Missing,
    Reading,
    Readings,
    fits_answer,
    materials_of,
)
from crawler.audit.verify.policies import Gates
from crawler.audit.verify.way import Way
from crawler.kinds import kind_of_url
from crawler.optout.gate import Gate
from crawler.optout.model import Asset, Capture, Decision, Kind, OutOfOrder, Stage

Content = Callable[[Entry], Capture | None]
"""Gives what is kept because of an entry, from the archive; None: it is not there any more."""


class Extent(StrEnum):
    """How much of a decision was derived again."""

    FULLY = "fully"
    """Everything, from stored bytes."""
    STATEMENTS = "from statements"
    """The outcome, from the statements that are recorded."""
    NOT = "not possible"
    """Nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """What came of one replay."""

    extent: Extent
    """How much was derived."""
    why: str = ""
    """Why no more."""
    differs: str = ""
    """Where the record says something else than what follows; empty: nowhere."""


class Replay:
    """The replay of one corpus."""

    def __init__(self, gates: Gates, reading: Reading, content: Content) -> None:
        """``gates`` to ask, and where stored readings and content come from."""
        self._gates = gates
        self._readings = Readings(reading)
        self._content = content

    def of(self, entry: Entry) -> Replayed:
        """Replay the decision of an entry; raises ``Malformed`` if it holds none."""
        decision = entry.decision
        gate = self._gates.of(decision.policy)
        if isinstance(gate, str):
            return Replayed(extent=Extent.NOT, why=gate)
        weighed = gate.also(decision, (), decision.at)
        if differs := difference(weighed, entry):
            return Replayed(extent=Extent.STATEMENTS, differs=differs)
        try:
            return self._derived(entry, decision, gate)
        except Missing as missing:
            if decision.collect:
                return Replayed(extent=Extent.STATEMENTS, differs=str(missing))
            return Replayed(extent=Extent.STATEMENTS, why=str(missing))

    def _derived(self, entry: Entry, decision: Decision, gate: Gate) -> Replayed:
        if not decision.asked:
            return Replayed(extent=Extent.STATEMENTS, why="nothing was asked")
        materials = materials_of(entry, gate.host_files, self._readings)
        if decision.collect:
            capture = self._capture(entry, decision, materials)
            if capture is None:
                return Replayed(extent=Extent.STATEMENTS, why="its content was removed since")
            return _first_that_fits(
                entry,
                (
                    Way(gate, decision, materials, expected, capture).to_content
                    for expected in _expectations(decision.asset)
                ),
            )
        if decision.stage is Stage.HOST:
            way = Way(gate, decision, materials, decision.asset.kind)
            return _first_that_fits(entry, [way.to_host])
        if any(hop.url == decision.asset.url for hop in materials.hops):
            ways = (Way(gate, decision, materials, kind) for kind in _expectations(decision.asset))
            return _first_that_fits(entry, (way.to_hop for way in ways))
        why = "its content was not kept" if decision.stage is Stage.CONTENT else "its headers were not kept"
        trouble = "no site-level file was asked for it"
        for expected in _expectations(decision.asset):
            trouble = Way(gate, decision, materials, expected).begins()
            if not trouble:
                return Replayed(extent=Extent.STATEMENTS, why=why)
        return Replayed(extent=Extent.STATEMENTS, differs=trouble)

    def _capture(self, entry: Entry, decision: Decision, materials: Materials) -> Capture | None:
        """What was judged: the content from the archive under the headers of the answer that brought it."""
        kept = self._content(entry)
        if kept is None:
            return None
        if materials.answer is not None:
            answer = materials.answer
            kept = replace(answer, url=decision.asset.url, body=kept.body, hops=materials.hops)
        elif not fits_answer(kept, entry):
            raise Missing("the headers of the answer that brought its content are not stored")
        return replace(kept, url=decision.asset.url, hops=materials.hops)


def _first_that_fits(entry: Entry, ways: Iterable[Callable[[], Decision]]) -> Replayed:
    """The first way that leads to the record; without any, what the first one leads to instead."""
    differs = ""
    for way in ways:
        try:
            found = difference(way(), entry)
        except OutOfOrder as error:
            found = f"the gate does not let it come so far: {error}"
        if not found:
            return Replayed(extent=Extent.FULLY)
        differs = differs or found
    return Replayed(extent=Extent.FULLY, differs=differs)


def _expectations(asset: Asset) -> Iterator[Kind]:
    """What it may have been taken for before it was asked, likeliest first; nobody wrote it down."""
    yield from dict.fromkeys([asset.kind, kind_of_url(asset.url), *Kind])
