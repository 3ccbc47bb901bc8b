"""One asset's way through the gate once more: each stage asked with what is stored, as the crawl asked it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from crawler.audit.entries import format_entry
from crawler.audit.verify.difference import words_of
from crawler.audit.verify.materials import Materials, Missing
from crawler.corpus.warc import safe_url
from crawler.kinds import kind_of_content
from crawler.optout.codec import statement_to_dict
from crawler.optout.gate import Gate, to_fetch
from crawler.optout.grammar.sniff import kind_of
from crawler.optout.host import Host, origin_of, secured
from crawler.optout.model import OPEN, Capture, Carrier, Decision, Kind, OutOfOrder, Statement


class Way:
    """One asset's way through the gate, on the assumption that it was expected to be of some kind."""

    def __init__(
        self,
        gate: Gate,
        decision: Decision,
        materials: Materials,
        expected: Kind,
        capture: Capture | None = None,
    ) -> None:
        """``decision``: what the record says, of which only what cannot be derived is used. ``expected``: the
        kind the asset was taken for before it was asked. ``capture``: the answer with the content; None: it is
        not stored. The methods raise ``Missing`` and ``OutOfOrder``.
        """
        self._gate = gate
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
            return f"it is {host.outcome.value} at host already, for {words_of(host.grounds)}"
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
        secure = self._secure()
        try:
            return self._settle(
                lambda given: self._gate.at_host(
                    self._asset,
                    host,
                    at=self._said.at,
                    inherited=[said for said in self._inherited if not self._is_later(said)],
                    documents=given,
                    secure=secure,
                )
            )
        except OutOfOrder as error:  # one of the files was never read
            raise Missing(str(error)) from error

    def _secure(self) -> Host | None:
        """The files of the same host over https, if the record says that they were asked for."""
        origin = secured(origin_of(self._asset.url))
        sources = {asked.source for asked in self._said.asked}
        if origin is None or not any(origin + file.path in sources for file in self._gate.host_files):
            return None
        host = Host(origin, self._gate.host_files)
        for path, capture in self._materials.secure.items():
            host.receive(path, capture)
        return host

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
        decision = ask(documents)
        while wanted := to_fetch(decision, documents):
            documents |= {url: self._materials.document(url) for url in wanted}
            decision = ask(documents)
        return decision

    def _asked_at(self) -> datetime | None:
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
        origins = {origin, *([] if self._secure() is None else [str(secured(origin))])}
        return {one + file.path for one in origins for file in self._gate.host_files}


def _key(said: Statement) -> bytes:
    """A statement as it is written down, which is what two of them are compared by."""
    return format_entry(statement_to_dict(said))


def _keys(heard: Iterable[Statement]) -> set[bytes]:
    return {_key(said) for said in heard}
