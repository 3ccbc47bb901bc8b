"""Same bytes, same answer: what is reserved at one URL is kept from no other, whichever was met first.

Bytes that a decision reserves are marked (:mod:`crawler.corpus.shunned`). What comes later is compared with the
marks before it is kept; what was kept earlier, under any URL, is removed. Bytes that were withdrawn on request
(:mod:`crawler.corpus.withdrawal`) are kept from no URL either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.captures import now
from crawler.corpus.items import Item
from crawler.corpus.shunned import EMPTY
from crawler.corpus.warc import safe_url
from crawler.corpus.withdrawal import Withdrawals
from crawler.items import Visit
from crawler.job import Job
from crawler.optout.gate import DENYLIST, SAME_BYTES, WITHDRAWN, Gate
from crawler.optout.model import OPEN, Asset, Decision, Outcome
from crawler.tally import KEPT


@dataclass(frozen=True, kw_only=True, slots=True)
class Reserved:
    """A decision that reserves bytes which are kept, under its own URL or another."""

    decision: Decision
    """The decision; it is recorded."""
    entry: int
    """Its number in the ledger."""
    digests: tuple[str, ...]
    """The bytes."""
    counted: bool = False
    """Whether it corrects the tally, because the URL was counted as kept before."""


class Removals:
    """The rule, for one crawl."""

    def __init__(self, job: Job, gate: Gate, *, because: str = "reserved: ") -> None:
        """``because``: how the reason of a removal begins in the ledger, before the names of the signals."""
        self._because = because
        self._job = job
        self._gate = gate
        self._withdrawals = Withdrawals(job.corpus.index)
        self._began = job.corpus.ledger.count if job.corpus.ledger is not None else 0

    def judged(self, visit: Visit) -> Visit:
        """The visit, or what is left of it when its very bytes are reserved elsewhere or were withdrawn."""
        decision, capture = visit.decision, visit.capture
        if decision.outcome not in OPEN:
            return visit
        if capture is not None:
            other = self._job.corpus.shunned.reserved_at(capture.digest, visit.entry.url)
        else:
            other = self._gone(visit)
        withdrawn = self._withdrawals.of_bytes(capture.digest) if capture is not None else None
        if other is not None:
            decision = self._gate.same_bytes(decision, other, now())
        elif withdrawn is not None:
            decision = self._gate.skip(decision, WITHDRAWN, withdrawn, now(), signal=DENYLIST)
        else:
            return visit
        return replace(
            visit,
            decision=decision,
            capture=None,
            dropped=capture.digest if capture is not None else None,
            # What the page calls its images is in the bytes that are dropped.
            offers=tuple(replace(offer, alt=None, caption=None, work=None) for offer in visit.offers),
        )

    def reserves(self, decision: Decision, dropped: str | None = None) -> tuple[str, ...]:
        """Digests of the bytes that a decision reserves: those it dropped, and what is held of its URL.

        None of them when it only repeats what another URL says: there they are reserved.
        """
        if decision.outcome is not Outcome.RESERVED or _only_elsewhere(decision):
            return ()
        held = [item.sha256 for item in self._job.corpus.store.items(url=decision.asset.url)]
        seen = [dropped] if dropped not in (None, EMPTY) else []
        return tuple(dict.fromkeys((*seen, *held)))

    def frees(self, visit: Visit) -> str | None:
        """Digest of the bytes that the visit found, if its URL itself does not reserve them."""
        if visit.decision.collect and visit.capture is not None:
            return visit.capture.digest
        return visit.dropped if _only_elsewhere(visit.decision) else None

    def kept(self, digests: Iterable[str]) -> bool:
        """Whether any of these bytes are kept, under whatever URL."""
        store = self._job.corpus.store
        return any(True for digest in digests for _ in store.items(sha256=digest))

    def carry_out(self, reserved: Sequence[Reserved]) -> None:
        """Remove what these decisions reserve, with a decision on record for every other URL that it goes from.

        Wherever a crash falls, :meth:`finish` does the rest.
        """
        job = self._job
        own = {safe_url(one.decision.asset.url) for one in reserved}
        source = {digest: one for one in reversed(reserved) for digest in one.digests}
        doomed = self._by_url(source)
        twins: list[tuple[Decision, int]] = []
        for url, items in doomed.items():
            if url not in own:
                because = source[items[0].sha256].decision
                twins.append(self._tell(items[0], because.asset.url))
        job.journal.flush()  # what it reports as changed is remembered by the frontier
        for one in reserved:
            if one.counted:
                self._correct(one.decision, one.entry, doomed)
        for decision, entry in twins:
            self._correct(decision, entry, doomed)
        reasons = {digest: self._because + _signals(one.decision) for digest, one in source.items()}
        self._remove(doomed, reasons)

    def finish(self) -> None:
        """Remove what a crash left of earlier removals, and put that on record."""
        reasons: dict[str, str] = {}
        doomed: dict[str, list[Item]] = {}
        for item, other in self._job.corpus.shunned.unfinished():
            reasons[item.sha256] = "reserved: found so before the crawl was interrupted"
            if item.url not in doomed and item.url != other:
                self._tell(item, other)
            doomed.setdefault(item.url, []).append(item)
        if doomed:
            self._job.journal.flush()
            self._remove(doomed, reasons)

    def _gone(self, visit: Visit) -> str | None:
        """Where the bytes are reserved that a 304 confirmed, if they were removed after it was asked for."""
        corpus, entry = self._job.corpus, visit.entry
        if not entry.kept or corpus.store.held(entry.url) is not None:
            return None
        last = corpus.last_decision(entry.url, after=self._began)
        grounds = last.decision.grounds if last is not None else ()
        said = [one.evidence.excerpt for one in grounds if one.signal == SAME_BYTES]
        return said[0] if said else None

    def _by_url(self, digests: Iterable[str]) -> dict[str, list[Item]]:
        found: dict[str, list[Item]] = {}
        for digest in digests:
            for item in self._job.corpus.store.items(sha256=digest):
                found.setdefault(item.url, []).append(item)
        return found

    def _tell(self, item: Item, other: str) -> tuple[Decision, int]:
        asset = Asset(url=item.url, kind=item.kind, via=item.note.via[0] if item.note.via else None)
        decision = self._gate.same_bytes(asset, other, now())
        return decision, self._job.journal.record(decision)

    def _correct(self, decision: Decision, entry: int, doomed: Mapping[str, Sequence[Item]]) -> None:
        """Take back from the tally what this crawl counted as kept."""
        job, url = self._job, decision.asset.url
        before = job.corpus.last_decision(url, after=self._began, before=entry)
        if before is not None and before.fields.get("collect") and job.tally.count(KEPT, decision.asset.kind):
            new = (item.bytes for item in doomed.get(safe_url(url), ()) if item.entry > self._began)
            job.tally.remove(decision, sum(new))

    def _remove(self, doomed: Mapping[str, Sequence[Item]], reasons: Mapping[str, str]) -> None:
        job = self._job
        store = job.corpus.store
        # Before the removal: after it, nobody would know which URLs these were.
        job.frontier.gone(
            url for url, items in doomed.items() if all(item in items for item in store.items(url=url))
        )
        store.remove_each(reasons, run=job.run, at=now())


def _only_elsewhere(decision: Decision) -> bool:
    """Whether nothing but another URL's word on the same bytes reserves it."""
    return {ground.signal for ground in decision.grounds} == {SAME_BYTES}


def _signals(decision: Decision) -> str:
    return ", ".join(sorted({ground.signal for ground in decision.grounds}))
