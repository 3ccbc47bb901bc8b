"""The gate asks in the right order: host, then headers, then content.

Each stage takes the decision of the stage before it, so none can be skipped and none can be asked after the
asset was turned away. The gate never fetches; where a signal needs a second document, the decision says so in
``needs`` and the caller asks the same stage again with the documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from crawler.optout.described import describe, policy_digest
from crawler.optout.hearing import ALIKE, Heard, few, read, unreachable, untold
from crawler.optout.host import Host, origin_of, secured
from crawler.optout.model import (
    OPEN,
    Asked,
    Asset,
    Basis,
    Capture,
    Carrier,
    Context,
    Decision,
    HostFile,
    Kind,
    Need,
    Outcome,
    OutOfOrder,
    Posture,
    Preference,
    Purpose,
    Reader,
    Signal,
    Stage,
    Standing,
    Statement,
    quote,
)
from crawler.optout.policy import Policy
from crawler.optout.signals import SIGNALS

ROBOTS = "/robots.txt"

SAME_BYTES = "same-bytes"
"""The name under which is told that the bytes of an asset are reserved at another URL; nobody's signal."""

DOCUMENTS = 16
"""Second documents that one stage is asked with at most; a decision that needs more stays undetermined."""

DENYLIST, WITHDRAWN = "denylist", "withdrawn"
"""The signal and the place under which is told that an asset was taken out of a corpus on request."""

PAGE = (Carrier.HEADER, Carrier.HTML)
"""Carriers whose reservations of a page spread to the images taken from it."""


class Gate:
    """One policy and one set of signals, asked about one asset at a time.

    >>> gate = Gate(Policy(), Context(agents=("heedful",)))
    >>> [file.path for file in gate.host_files][0]
    '/robots.txt'
    """

    def __init__(self, policy: Policy, context: Context, signals: Mapping[str, Signal] = SIGNALS) -> None:
        if not signals:
            raise ValueError("a gate that hears no signals lets everything through")
        if not context.agents:
            raise ValueError("a gate without a product token cannot be addressed by robots.txt")
        self.policy = policy
        self.context = context
        self.signals = dict(signals)
        self.host_files = _host_files(self.signals.values())
        self._readers = {
            carrier: {
                name: signal.readers[carrier]
                for name, signal in self.signals.items()
                if carrier in signal.readers
            }
            for carrier in Carrier
        }
        self._readers_of_file = {file.path: self._who_reads(file.path) for file in self.host_files}
        self.description = describe(policy, context, self.signals.values())
        self.digest = policy_digest(self.description)

    def at_host(
        self,
        asset: Asset,
        host: Host,
        *,
        at: datetime,
        inherited: Iterable[Statement] = (),
        documents: Mapping[str, Capture] | None = None,
        secure: Host | None = None,
    ) -> Decision:
        """Judge ``asset`` by its origin's files, before anything of it is requested.

        ``inherited``: statements that travel with the asset, from pages that embed it and hops that led to it.
        ``secure``: the files of the same host over https, where the asset is at http
        (``docs/adr/0024-https-first.md``). What they reserve, and what cannot be told of them, counts too; what
        they permit does not, and where nobody answers over https, they say nothing.
        Raises ``OutOfOrder`` while one of ``host_files`` was never asked for, and for another origin's files.
        """
        origin = origin_of(asset.url)
        if origin != host.origin or (secure is not None and secure.origin != secured(origin)):
            wrong = host if origin != host.origin or secure is None else secure
            raise OutOfOrder(f"{asset.url} is not judged by the files of {wrong.origin}")
        context = self._with(documents)
        heard: list[Statement | Need] = [*inherited]
        said, asked = self._of_files(host, asset, context)
        heard += said
        if secure is not None:
            said, also = self._of_files(
                secure, replace(asset, url=_at_origin(asset.url, secure.origin)), context
            )
            asked += also
            if not secure.silent:
                heard += (
                    one for one in said if isinstance(one, Need) or one.preference is not Preference.ALLOW
                )
        nothing = Capture(url=asset.url, status=None, at=at)
        heard += self._hear((Carrier.HOUSE,), nothing, asset, context)
        return self._decide(asset, Stage.HOST, heard, tuple(asked), at)

    def _of_files(
        self, host: Host, asset: Asset, context: Context
    ) -> tuple[list[Statement | Need], list[Asked]]:
        """What the files of one origin say of ``asset``, and which were asked for."""
        asked: list[Asked] = []
        heard: list[Statement | Need] = []
        for file in self.host_files:
            got = host.received(file.path)
            carrier = _carrier_of(file.path)
            readers = self._readers_of_file[file.path]
            asked.append(
                Asked(
                    signals=tuple(readers),
                    carrier=carrier,
                    source=host.origin + file.path,
                    standing=got.standing,
                    status=got.capture.status,
                    at=got.capture.at,
                )
            )
            if got.standing is Standing.UNREACHABLE:
                owner = _owner(file.path, readers)
                heard.append(unreachable(owner, carrier, host.origin + file.path, got.capture))
                if file.path == ROBOTS:
                    break  # a host that does not give its robots.txt is not asked for anything else
            elif got.standing is Standing.KNOWN:
                for name, reader in readers.items():
                    heard += few(read(name, carrier, reader, got.capture, asset, context))
        return heard, asked

    def at_headers(
        self,
        prior: Decision,
        capture: Capture,
        *,
        kind: Kind | None = None,
        documents: Mapping[str, Capture] | None = None,
    ) -> Decision:
        """Judge the status and headers of the answer, and those of the redirects that led to it.

        ``kind``: what the headers say the asset is, where that differs from what was expected.
        Raises ``OutOfOrder`` unless ``prior`` is an open decision of the host stage.
        """
        return self._at_headers((Carrier.STATUS, Carrier.HEADER), prior, capture, kind, documents)

    def at_hop(
        self, prior: Decision, capture: Capture, *, documents: Mapping[str, Capture] | None = None
    ) -> Decision:
        """Judge the headers of a redirect that is about to be followed; its status is not held against it.

        The decision ends this URL's way. Its target is an asset of its own, which starts at the host stage
        with the hop in its capture's ``hops``.
        """
        return self._at_headers((Carrier.HEADER,), prior, capture, None, documents)

    def at_content(
        self,
        prior: Decision,
        capture: Capture,
        *,
        kind: Kind | None = None,
        documents: Mapping[str, Capture] | None = None,
        told: Iterable[Statement | Need] | None = None,
    ) -> Decision:
        """Judge the content itself.

        ``kind``: what the bytes say the asset is, where that differs from what the headers claimed. ``told``:
        what :meth:`of_content` heard of the same content elsewhere; None: the content is read here.
        Raises ``OutOfOrder`` unless ``prior`` is an open decision of the headers stage.
        """
        asset = self._next(prior, Stage.HEADERS, kind)
        context = self._with(documents)
        heard = [*prior.heard, *self._hear((Carrier.STATUS, Carrier.HOUSE), capture, asset, context)]
        heard += self._hear(_CONTENT[asset.kind], capture, asset, context) if told is None else told
        asked = (*prior.asked, *self._asked(_CONTENT[asset.kind], capture))
        return self._decide(asset, Stage.CONTENT, heard, asked, capture.at)

    def of_content(
        self, capture: Capture, asset: Asset, *, documents: Mapping[str, Capture] | None = None
    ) -> tuple[Statement | Need, ...]:
        """What is said inside the content of ``asset``: all of :meth:`at_content` that costs time.

        It depends on the bytes, the signals and the context alone, so that another process can be asked.
        """
        return tuple(self._hear(_CONTENT[asset.kind], capture, asset, self._with(documents)))

    def unread(self, capture: Capture, asset: Asset, why: str) -> tuple[Statement, ...]:
        """What stands for :meth:`of_content` where nobody could read the content, for a reason in words."""
        return tuple(
            untold(name, carrier, capture, why)
            for carrier in _CONTENT[asset.kind]
            for name in self._readers[carrier]
        )

    def also(self, prior: Decision, inherited: Iterable[Statement], at: datetime) -> Decision:
        """The same stage once more, with statements that turned out to concern the asset."""
        needs = (Need(signal="", url=url) for url in prior.needs)  # still unread, whatever else turned out
        return self._decide(prior.asset, prior.stage, [*prior.heard, *inherited, *needs], prior.asked, at)

    def reconsider(self, asset: Asset, inherited: Iterable[Statement], at: datetime) -> Decision | None:
        """What newly inherited statements mean for an asset that was already kept.

        None: nothing. Otherwise a decision at the content stage that ends its stay; it never admits anything.
        """
        decision = self._decide(asset, Stage.CONTENT, inherited, (), at)
        return None if decision.outcome in OPEN else decision

    def same_bytes(self, before: Decision | Asset, other: str, at: datetime) -> Decision:
        """The end of an asset whose very bytes are reserved at ``other``, another URL.

        It joins what was already heard of it.
        """
        asset = before if isinstance(before, Asset) else before.asset
        prior = None if isinstance(before, Asset) else before
        nothing = Capture(url=asset.url, status=None, at=at)
        statement = Statement(
            signal=SAME_BYTES,
            purpose=Purpose.ANY,
            preference=Preference.DISALLOW,
            basis=Basis.STATED,
            evidence=quote(nothing, Carrier.EMBEDDED, "the same bytes", other),
        )
        heard = (*(prior.heard if prior else ()), statement)
        return self._decide(asset, Stage.CONTENT, heard, prior.asked if prior else (), at)

    def spread(self, decision: Decision) -> tuple[Statement, ...]:
        """The statements that every image taken from this page inherits.

        A word on images is passed on as it was said; any other reservation of the page is read onto its
        images. What a host file says is not passed on: it is asked again of the image's own host. A document
        that the page named and nobody fetched may have reserved them too.
        """
        said = [
            replace(statement, kind=Kind.IMAGE)
            if statement.kind is Kind.IMAGE
            else replace(statement, kind=Kind.IMAGE, basis=Basis.INFERRED)
            for statement in decision.heard
            if statement.evidence.carrier in PAGE
            and statement.preference is not Preference.ALLOW
            and statement.kind in (None, Kind.TEXT, Kind.IMAGE)
        ]
        if decision.needs:
            page = Capture(url=decision.asset.url, status=None, at=decision.at)
            said.append(
                Statement(
                    signal="house",
                    purpose=Purpose.ANY,
                    preference=Preference.UNREADABLE,
                    basis=Basis.STATED,
                    evidence=quote(page, Carrier.HOUSE, "named and not read", decision.needs[0]),
                    kind=Kind.IMAGE,
                )
            )
        return tuple(said)

    def of_images(self, page: Capture) -> dict[str, tuple[Statement, ...]]:
        """What a page permits of single images, by their URLs; the statements travel with the image.

        A reader that fails permits nothing.
        """
        permitted: dict[str, tuple[Statement, ...]] = {}
        for signal in self.signals.values():
            if signal.of_images is None:
                continue
            with suppress(Exception):
                for url, said in signal.of_images(page, self.context).items():
                    allowed = [one for one in said if one.preference is Preference.ALLOW][:ALIKE]
                    permitted[url] = (*permitted.get(url, ()), *allowed)
        return permitted

    def mentions(
        self, feed: Capture, asset: Asset, *, documents: Mapping[str, Capture] | None = None
    ) -> tuple[tuple[Statement, ...], tuple[str, ...]]:
        """What a feed or other document says about an asset it links to, and the documents still needed.

        The statements travel with the asset, as ``inherited``.
        """
        heard = self._hear((Carrier.DOCUMENT,), feed, asset, self._with(documents))
        return (
            tuple(item for item in heard if isinstance(item, Statement)),
            tuple(item.url for item in heard if isinstance(item, Need)),
        )

    def skip(
        self, before: Decision | Asset, reason: str, words: str, at: datetime, *, signal: str = "house"
    ) -> Decision:
        """Leave an asset for a reason of ours, such as its scope or type; it joins what was already heard.

        A reservation that was heard before stays the outcome.
        """
        asset = before if isinstance(before, Asset) else before.asset
        prior = None if isinstance(before, Asset) else before
        statement = Statement(
            signal=signal,
            purpose=Purpose.ANY,
            preference=Preference.DISALLOW,
            basis=Basis.STATED,
            evidence=quote(Capture(url=asset.url, status=None, at=at), Carrier.HOUSE, reason, words),
        )
        heard = (*(prior.heard if prior else ()), statement)
        stage = prior.stage if prior else Stage.HOST
        return self._decide(asset, stage, heard, prior.asked if prior else (), at)

    def _at_headers(
        self,
        carriers: tuple[Carrier, ...],
        prior: Decision,
        capture: Capture,
        kind: Kind | None,
        documents: Mapping[str, Capture] | None,
    ) -> Decision:
        asset = self._next(prior, Stage.HOST, kind)
        heard = [*prior.heard, *self._hear(carriers, capture, asset, self._with(documents))]
        asked = (*prior.asked, *self._asked(carriers, capture))
        return self._decide(asset, Stage.HEADERS, heard, asked, capture.at)

    def _with(self, documents: Mapping[str, Capture] | None) -> Context:
        return replace(self.context, documents=documents) if documents else self.context

    def _who_reads(self, path: str) -> dict[str, Reader]:
        carrier = _carrier_of(path)
        return {
            name: reader
            for name, reader in self._readers[carrier].items()
            if carrier is Carrier.ROBOTS_TXT or any(file.path == path for file in self.signals[name].host_files)
        }

    def _hear(self, carriers: Iterable[Carrier], capture: Capture, asset: Asset, context: Context) -> Heard:
        return few(
            item
            for carrier in carriers
            for name, reader in self._readers[carrier].items()
            for item in read(name, carrier, reader, capture, asset, context)
        )

    def _asked(self, carriers: Iterable[Carrier], capture: Capture) -> list[Asked]:
        standing = Standing.UNREACHABLE if capture.status is None else Standing.KNOWN
        return [
            Asked(
                signals=names,
                carrier=carrier,
                source=capture.url,
                standing=standing,
                status=capture.status,
                at=capture.at,
            )
            for carrier in carriers
            if (names := tuple(self._readers[carrier]))
        ]

    def _next(self, prior: Decision, expected: Stage, kind: Kind | None) -> Asset:
        if prior.stage is not expected:
            raise OutOfOrder(f"asked after {prior.stage.value}, but {expected.value} comes before")
        if prior.outcome not in OPEN or prior.needs:
            raise OutOfOrder(f"{prior.asset.url} was already {prior.outcome.value} at {prior.stage.value}")
        return prior.asset if kind in (None, prior.asset.kind) else replace(prior.asset, kind=kind)

    def _decide(
        self,
        asset: Asset,
        stage: Stage,
        found: Iterable[Statement | Need],
        asked: tuple[Asked, ...],
        at: datetime,
    ) -> Decision:
        found = few(found)
        heard = tuple(item for item in found if isinstance(item, Statement))
        verdict = self.policy.weigh(asset, stage, heard, self.signals)
        needs: tuple[str, ...] = ()
        if verdict.outcome in OPEN or verdict.outcome is Outcome.UNDETERMINED:
            needs = tuple(dict.fromkeys(item.url for item in found if isinstance(item, Need)))
        decision = Decision(
            asset=asset,
            stage=stage,
            outcome=Outcome.UNDETERMINED if needs else verdict.outcome,
            grounds=verdict.grounds,
            heard=heard,
            asked=asked,
            needs=needs,
            purposes=tuple(sorted(self.policy.purposes)),
            posture=self.policy.posture,
            reading=self.policy.reading,
            policy=self.digest,
            at=at,
            licence=None if needs else verdict.licence,
        )
        unpermitted = decision.collect and decision.outcome is not Outcome.LICENSED
        if unpermitted and self.policy.posture is Posture.OPT_IN:
            return self.skip(decision, "posture", "nothing that is accepted permits it", at)
        return decision


def to_fetch(decision: Decision, documents: Mapping[str, Capture]) -> list[str]:
    """The URLs to fetch before the stage is asked again with them and the ``documents`` it was asked with.

    None where nothing is missing, nor where it would be more than :data:`DOCUMENTS`: then the decision stands.
    """
    wanted = [url for url in decision.needs if url not in documents]
    return wanted if len(documents) + len(wanted) <= DOCUMENTS else []


_CONTENT: Mapping[Kind, tuple[Carrier, ...]] = {
    Kind.TEXT: (Carrier.HTML,),
    Kind.IMAGE: (Carrier.EMBEDDED,),
    Kind.PDF: (Carrier.EMBEDDED, Carrier.DOCUMENT),
    Kind.EPUB: (Carrier.DOCUMENT,),
}
"""The carriers that the content of each kind can hold."""


_ORIGIN = re.compile(r"[^:/?#]+://[^/?#]*")


def _at_origin(url: str, origin: str) -> str:
    """``url`` at another origin, its path and query letter by letter: rules are matched against both."""
    rest = _ORIGIN.sub("", url, count=1)
    return f"{origin}{rest}" if rest.startswith("/") else f"{origin}/{rest}"


def _carrier_of(path: str) -> Carrier:
    return Carrier.ROBOTS_TXT if path == ROBOTS else Carrier.HOST_FILE


def _owner(path: str, names: Iterable[str]) -> str:
    """The signal that a host file's silence is told under: its namesake, else the first that reads it."""
    names = tuple(names)
    namesake = PurePosixPath(path).stem
    return namesake if namesake in names else names[0]


def _host_files(signals: Iterable[Signal]) -> tuple[HostFile, ...]:
    """Each path once, robots.txt first because it may forbid asking for anything else."""
    files: dict[str, HostFile] = {}
    for signal in signals:
        for file in signal.host_files:
            if _carrier_of(file.path) not in signal.readers:
                raise ValueError(f"{signal.name} asks for {file.path} and does not read it")
            if files.setdefault(file.path, file) != file:
                raise ValueError(f"two signals declare {file.path} differently")
    return tuple(sorted(files.values(), key=lambda file: (file.path != ROBOTS, file.path)))
