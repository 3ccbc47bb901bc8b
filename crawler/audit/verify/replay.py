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

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from crawler.audit.entries import Entry, format_entry
from crawler.audit.verify.materials import (
    Materials,
    Missing,
    Reading,
    Readings,
    fits_answer,
    materials_of,
)
from crawler.audit.verify.policies import Gates
from crawler.corpus.warc import safe_url
from crawler.kinds import kind_of_content, kind_of_url
from crawler.optout.codec import decision_to_dict, statement_to_dict
from crawler.optout.gate import DOCUMENTS, Gate
from crawler.optout.grammar.sniff import kind_of
from crawler.optout.host import Host, origin_of
from crawler.optout.model import (
    OPEN,
    Asset,
    Capture,
    Carrier,
    Decision,
    Kind,
    OutOfOrder,
    Stage,
    Statement,
)

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
        if differs := _differs(weighed, entry):
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
                    _Way(gate, entry, decision, materials, expected, capture).to_content
                    for expected in _expectations(decision.asset)
                ),
            )
        if decision.stage is Stage.HOST:
            way = _Way(gate, entry, decision, materials, decision.asset.kind)
            return _first_that_fits(entry, [way.to_host])
        if any(hop.url == decision.asset.url for hop in materials.hops):
            ways = (_Way(gate, entry, decision, materials, kind) for kind in _expectations(decision.asset))
            return _first_that_fits(entry, (way.to_hop for way in ways))
        why = "its content was not kept" if decision.stage is Stage.CONTENT else "its headers were not kept"
        trouble = "no site-level file was asked for it"
        for expected in _expectations(decision.asset):
            trouble = _Way(gate, entry, decision, materials, expected).begins()
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


class _Way:
    """One asset's way through the gate, on the assumption that it was expected to be of some kind."""

    def __init__(
        self,
        gate: Gate,
        entry: Entry,
        decision: Decision,
        materials: Materials,
        expected: Kind,
        capture: Capture | None = None,
    ) -> None:
        self._gate = gate
        self._entry = entry
        self._said = decision
        self._materials = materials
        self._asset = replace(decision.asset, kind=expected)
        self._capture = capture
        self._inherited: tuple[Statement, ...] = ()

    def to_content(self) -> Decision:
        """The decision that follows for content that was kept."""
        own = _keys(self._at_content().heard)
        files = self._own_urls()
        self._inherited = tuple(
            said for said in self._said.heard if _key(said) not in own and said.evidence.source not in files
        )
        return self._at_content()

    def to_host(self) -> Decision:
        """The decision that follows from the site-level files."""
        self._inherit()
        return self._as_left(self._at_host())

    def to_hop(self) -> Decision:
        """The decision that follows for a URL that redirects."""
        self._inherit()
        prior = self._at_host()
        number, hop = next(
            (n, hop) for n, hop in enumerate(self._materials.hops) if hop.url == self._said.asset.url
        )
        at = self._asked_at() or self._said.at
        capture = Capture(
            url=hop.url, status=hop.status, headers=hop.headers, at=at, hops=self._materials.hops[:number]
        )
        decision = self._settle(lambda given: self._gate.at_hop(prior, capture, documents=given))
        return self._as_left(decision)

    def begins(self) -> str:
        """Why the record cannot go on from what follows for its host; empty: it does."""
        self._inherit()
        try:
            host = self._at_host()
        except OutOfOrder as error:
            raise Missing(str(error)) from error
        if host.outcome not in OPEN or host.needs:
            return f"it is {host.outcome.value} at host already, for {_words(host.grounds)}"
        if self._said.asked[: len(host.asked)] != host.asked:
            return "what it says was asked of the host is not what the stored readings answer"
        if [*map(_key, self._said.heard)][: len(host.heard)] != [*map(_key, host.heard)]:
            return "what it heard from the host is not what the stored readings say"
        return ""

    def _inherit(self) -> None:
        """Take what the record begins with, up to what the asset's own host says, for inherited."""
        own = _keys(self._at_host().heard)
        urls = {*self._own_urls(), self._asset.url, *self._materials.documents}
        inherited: list[Statement] = []
        for said in self._said.heard:
            if _key(said) in own or safe_url(said.evidence.source) in urls or self._is_ours(said):
                break
            inherited.append(said)
        self._inherited = tuple(inherited)

    def _at_host(self) -> Decision:
        host = Host(origin_of(self._asset.url), self._gate.host_files)
        for path, capture in self._materials.files.items():
            host.receive(path, capture)
        try:
            return self._settle(
                lambda given: self._gate.at_host(
                    self._asset,
                    host,
                    at=self._said.at,
                    inherited=[said for said in self._inherited if not self._is_later(said)],
                    documents=given,
                )
            )
        except OutOfOrder as error:  # one of the files was never read
            raise Missing(str(error)) from error

    def _at_headers(self) -> Decision:
        prior, capture = self._at_host(), self._capture
        assert capture is not None
        kind = kind_of(capture.media_type)
        arrived = self._asked_at()
        if arrived not in (None, capture.at):  # judged while the body was still on its way
            capture = Capture(
                url=capture.url, status=200, headers=capture.headers, at=arrived, hops=capture.hops
            )
        return self._settle(
            lambda given: self._as_image(self._gate.at_headers(prior, capture, kind=kind, documents=given))
        )

    def _at_content(self) -> Decision:
        prior, capture = self._at_headers(), self._capture
        assert capture is not None
        kind = kind_of_content(capture, prior.asset.kind, ())
        return self._as_image(
            self._settle(
                lambda given: self._gate.at_content(prior, capture, kind=kind, documents=given),
            )
        )

    def _is_later(self, said: Statement) -> bool:
        """Whether a word on images waits until the asset turns out to be one."""
        return said.kind is Kind.IMAGE and self._asset.kind is not Kind.IMAGE

    def _as_image(self, decision: Decision) -> Decision:
        later = [said for said in self._inherited if self._is_later(said)]
        if decision.asset.kind is not Kind.IMAGE or decision.outcome not in OPEN or not later:
            return decision
        return self._gate.also(decision, later, self._said.at)

    def _as_left(self, decision: Decision) -> Decision:
        """The decision, or that to leave the asset for the reason of ours with which the record ends."""
        last = self._said.heard[-1] if self._said.heard else None
        if last is None or not self._is_ours(last):
            return decision
        quoted = last.evidence
        return self._gate.skip(decision, quoted.locator, quoted.excerpt, quoted.at, signal=last.signal)

    def _settle(self, ask: Callable[[Mapping[str, Capture]], Decision]) -> Decision:
        documents: dict[str, Capture] = {}
        while True:
            decision = ask(documents)
            wanted = [url for url in decision.needs if url not in documents]
            if not wanted or len(documents) + len(wanted) > DOCUMENTS:
                return decision
            documents |= {url: self._materials.document(url) for url in wanted}

    def _asked_at(self) -> Any:
        """When the headers came, as the record says."""
        return next(
            (
                asked.at
                for asked in self._said.asked
                if asked.carrier is Carrier.HEADER and asked.source == self._asset.url
            ),
            None,
        )

    def _is_ours(self, said: Statement) -> bool:
        """Whether it is a reason of ours that the gate was told, not one that it reads from its lists."""
        signal = self._gate.signals.get(said.signal)
        read = signal is not None and Carrier.HOUSE in signal.readers
        return said.evidence.carrier is Carrier.HOUSE and not read

    def _own_urls(self) -> set[str]:
        origin = origin_of(self._asset.url)
        return {origin + file.path for file in self._gate.host_files}


def _first_that_fits(entry: Entry, ways: Iterable[Callable[[], Decision]]) -> Replayed:
    """The first way that leads to the record; without any, what the first one leads to instead."""
    differs = ""
    for way in ways:
        try:
            found = _differs(way(), entry)
        except OutOfOrder as error:
            found = f"the gate does not let it come so far: {error}"
        if not found:
            return Replayed(extent=Extent.FULLY)
        differs = differs or found
    return Replayed(extent=Extent.FULLY, differs=differs)


def _expectations(asset: Asset) -> Iterator[Kind]:
    """What it may have been taken for before it was asked, likeliest first; nobody wrote it down."""
    yield from dict.fromkeys([asset.kind, kind_of_url(asset.url), *Kind])


def _differs(decision: Decision, entry: Entry) -> str:
    """Where the entry is not the entry of this decision, in words; empty: nowhere."""
    fields = decision_to_dict(decision, compact=True)
    if format_entry({**entry.fields, **fields})[:-1] == entry.leaf:
        return ""
    for key in ("outcome", "stage", "collect", *sorted(fields)):
        if (said := entry.fields.get(key)) != (follows := fields[key]):
            if isinstance(said, list) and isinstance(follows, list):
                return f"{key} is not what follows: {_first_difference(said, follows)}"
            because = f", for {_words(decision.grounds)}" if decision.grounds else ""
            return f"{key} is {said!r:.80}, but {follows!r:.80} follows{because}"
    return "it is written in another way than what follows"


def _first_difference(said: Sequence[Any], follows: Sequence[Any]) -> str:
    for number, (one, other) in enumerate(zip(said, follows, strict=False), 1):
        if one != other:
            return f"number {number} is {_short(one)}, not {_short(other)}"
    return f"it has {len(said)} of them, not {len(follows)}"


def _short(row: Any) -> str:
    if not isinstance(row, Mapping):
        return f"{row!r:.80}"
    parts = [row.get(key) for key in ("signal", "preference", "basis", "locator", "source", "standing", "at")]
    return " ".join(str(part) for part in parts if part is not None)[:200]


def _words(grounds: Iterable[Statement]) -> str:
    said = [f"{one.signal} {one.evidence.locator} in {one.evidence.source}" for one in grounds]
    return "; ".join(said[:2])[:300] or "documents that were not read"


def _key(said: Statement) -> bytes:
    """A statement as it is written down, which is what two of them are compared by."""
    return format_entry(statement_to_dict(said))


def _keys(heard: Iterable[Statement]) -> set[bytes]:
    return {_key(said) for said in heard}
