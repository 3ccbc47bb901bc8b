"""The one place that writes while a crawl runs, and the order in which it does.

::

    evidence  →  decision  →  content  →  index  →  frontier        each durable before the next begins

Whatever interrupts it, there is never content without a decision to keep it, never a decision without what it
rests on, and no URL counts as done before all of that is on disk. Endings are buffered and written in groups,
because it is the fsync that costs. For one thread.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from crawler.corpus.evidence import ANSWER, HOP, answer_of, hops_of, reading_of
from crawler.corpus.items import Note
from crawler.corpus.store import check
from crawler.optout.codec import time_to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from crawler.corpus.corpus import Corpus
    from crawler.optout.model import Capture, Decision

B = TypeVar("B", contravariant=True)
R = TypeVar("R", covariant=True)
Batched = TypeVar("Batched")
Result = TypeVar("Result")

GROUP_ENDINGS = 256
GROUP_BYTES = 8_000_000


class Completes(Protocol[B, R]):
    """The part of a frontier that the journal needs."""

    def complete_many(self, batch: Sequence[B], /) -> R:
        """Make all of ``batch`` durable or raise."""
        ...


class Journal(Generic[Batched, Result]):
    """The endings of one run, on their way to disk."""

    def __init__(
        self,
        corpus: Corpus,
        frontier: Completes[Batched, Result],
        *,
        run: str,
        group_endings: int = GROUP_ENDINGS,
        group_bytes: int = GROUP_BYTES,
    ) -> None:
        """``group_endings``, ``group_bytes`` (compressed): when :attr:`due` becomes true."""
        if corpus.ledger is None:
            raise ValueError(f"{corpus.folder.path} was opened for reading")
        self._corpus = corpus
        self._ledger = corpus.ledger
        self._frontier = frontier
        self._run = run
        self._limits = group_endings, group_bytes
        self._endings = 0
        self._batch: list[Batched] = []
        self.recorded: Callable[[Decision], None] | None = None
        """Told of every decision that the ledger took in."""
        self.synced_at = time.monotonic()
        """When everything recorded was last on disk; monotonic seconds."""

    @property
    def unsynced(self) -> int:
        """Bytes that are recorded and not on disk yet."""
        return self._unsynced()

    @property
    def due(self) -> bool:
        """Whether it is time to :meth:`flush`, by number or by bytes; time itself is the caller's to watch."""
        endings, size = self._limits
        return self._endings >= endings or self._unsynced() >= size

    @property
    def pending(self) -> bool:
        """Whether anything waits for :meth:`flush`."""
        return bool(self._endings or self._batch)

    def pass_on(self, completion: Batched) -> None:
        """Buffer what the frontier is told about a URL that has not ended, such as that it is to be retried."""
        self._batch.append(completion)

    def record(
        self,
        decision: Decision,
        capture: Capture | None = None,
        *,
        note: Note | None = None,
        evidence: Iterable[tuple[Capture, str]] = (),
        reserved: Iterable[str] = (),
        freed: str | None = None,
        completion: Batched | None = None,
    ) -> int:
        """Buffer how one URL ended and return its ledger entry.

        ``capture``: what was fetched. Its content is kept if the decision is to collect it and not touched
        otherwise; the redirects that led to it are evidence either way. ``evidence``: what else the decision
        rests on, each with what it was read for; known readings cost nothing. ``reserved``: SHA-256 digests of
        the bytes that the decision reserves, of which only marks are written. ``freed``: the digest of bytes
        that the URL itself does not reserve. ``completion``: what the frontier is told once all of it is on
        disk.

        Raises ``Refused``, with nothing buffered, for content that is not to be kept as a whole.
        """
        keep = capture if capture is not None and decision.collect else None
        if keep is not None:
            check(decision, keep)
        readings = [
            {"sha256": self._corpus.evidence.add(reading, source), "at": time_to_text(reading.at)}
            for reading, source in _readings(capture, evidence, again=self._held(keep))
        ]
        item = _item(keep) if keep is not None else None
        shunned = self._corpus.shunned
        entry = self._ledger.append(
            decision,
            run=self._run,
            item=item,
            evidence=readings,
            reserved=shunned.told(reserved),
            freed=None if freed is None else shunned.lifted(freed, decision.asset.url),
        )
        if keep is not None:
            self._corpus.store.add(decision, keep, entry=entry, note=note or Note())
        if completion is not None:
            self._batch.append(completion)
        self._endings += 1
        if self.recorded is not None:
            self.recorded(decision)
        return entry

    def flush(self) -> Result | None:
        """Write what is buffered, layer by layer; returns what the frontier said, None if it was not asked.

        Where a layer fails, none after it is written and everything is kept for the next flush. An ``OSError``
        names the file. Whatever ``complete_many`` raises is passed on; see :meth:`drop`.
        """
        self._corpus.evidence.sync()
        self._ledger.sync()
        self._corpus.store.sync()
        self._corpus.index.commit()
        self._endings = 0
        self.synced_at = time.monotonic()
        if not self._batch:
            return None
        result = self._frontier.complete_many(tuple(self._batch))
        self._batch.clear()
        return result

    def before_content(self) -> Callable[[], Callable[[], None]]:
        """Write what has to be on disk before the content is, and return what writes the content.

        That may be called in a thread, and what it returns must be called afterwards, back here; then
        :meth:`flush` writes what is left. Nothing may be recorded and nothing removed in between.
        """
        self._corpus.evidence.sync()
        self._ledger.sync()
        return self._corpus.store.write

    def drop(self, lost: Callable[[Batched], bool]) -> int:
        """Forget completions that the frontier will never accept, such as those of a lost lease; how many.

        What was recorded with them stays: it happened.
        """
        kept = [completion for completion in self._batch if not lost(completion)]
        dropped = len(self._batch) - len(kept)
        self._batch = kept
        return dropped

    def _held(self, keep: Capture | None) -> bool:
        """Whether these bytes are there already, so that nothing but this answer's headers is new."""
        return keep is not None and self._corpus.store.holds(keep)

    def _unsynced(self) -> int:
        corpus = self._corpus
        return corpus.evidence.unsynced + self._ledger.unsynced + corpus.store.unsynced


def _item(keep: Capture) -> dict[str, Any]:
    """What the ledger says of what is kept: its bytes, and the answer that brought them."""
    return {"sha256": keep.digest, "bytes": len(keep.body), "answer": reading_of(answer_of(keep))}


def _readings(
    capture: Capture | None, evidence: Iterable[tuple[Capture, str]], *, again: bool
) -> Iterator[tuple[Capture, str]]:
    """The hops that led to the capture, its status and headers if its bytes are met ``again``, and the rest."""
    if capture is not None:
        yield from ((hop, HOP) for hop in hops_of(capture))
        if again:
            yield answer_of(capture), ANSWER
    for reading, source in evidence:
        yield from ((hop, HOP) for hop in hops_of(reading))
        yield reading, source
