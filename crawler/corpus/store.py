"""What was kept. One door in, which opens only for a decision, and one door out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from crawler.audit.entries import REMOVAL, WITHDRAWAL
from crawler.corpus.errors import Damaged
from crawler.corpus.items import Item, Note, describe, item_at, item_fields
from crawler.corpus.warc import capture_of, capture_record, prepared, record_begin, safe_url
from crawler.optout.codec import time_to_text
from crawler.optout.model import Capture, Decision, Fault, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from crawler.audit.ledger import Ledger
    from crawler.corpus.archive import Archive
    from crawler.corpus.index import Index
    from crawler.corpus.removed import Removed

WHOLE = frozenset({200, 203})
"""Statuses whose body is the content and all of it."""

_NOTHING = Note()


class Store:
    """The kept content of one corpus. What is added reaches the disk with :meth:`sync`."""

    def __init__(
        self, archive: Archive, index: Index, ledger: Ledger | None, removed: Removed | None = None
    ) -> None:
        """``ledger``, ``removed`` (the list for those who hold copies): None when the corpus is only read."""
        self._archive = archive
        self._index = index
        self._ledger = ledger
        self._removed = removed

    @property
    def unsynced(self) -> int:
        """Compressed bytes that are not on disk yet."""
        return self._archive.unsynced

    def add(self, decision: Decision, capture: Capture, *, entry: int, note: Note = _NOTHING) -> Item:
        """Keep ``capture``; the only way in. ``entry`` is the ledger's number of ``decision``.

        Returns the item that is there already if the same URL had the same bytes before. Raises ``Refused``
        unless the decision is to collect this URL and the capture is all of it.
        """
        check(decision, capture)
        url = safe_url(capture.url)
        for item in self._index.items(url=url):
            if item.sha256 == capture.digest:
                return item
        description = describe(decision, capture, note)
        fields = item_fields(description, entry)
        if capture.knows(prepared):
            rest = capture.parsed(prepared).rest
            place = self._archive.append_prepared(record_begin(capture, fields), rest, capture.at)
        else:
            place = self._archive.append(capture_record(capture, fields), capture.at)
        item = item_at(place, capture, description, entry)
        self._index.note_item(item)
        return item

    def sync(self) -> None:
        """Write and fsync what is buffered. An ``OSError`` names the file and leaves the rest buffered."""
        self._archive.sync()

    def write(self) -> Callable[[], None]:
        """As :meth:`sync`, but what it returns has to be called afterwards.

        It may be called in a thread, as long as nothing else is done with what is kept but reading it.
        """
        return self._archive.write()

    def holds(self, capture: Capture) -> bool:
        """Whether the very bytes of this capture are kept under its URL."""
        return any(item.sha256 == capture.digest for item in self.items(url=capture.url))

    def held(self, url: str) -> Item | None:
        """What was kept of ``url`` last, or None."""
        return max(self.items(url=url), key=lambda item: item.entry, default=None)

    def items(self, *, url: str | None = None, sha256: str | None = None) -> Iterator[Item]:
        """What was kept, all or of one URL or digest, oldest first."""
        return self._index.items(url=None if url is None else safe_url(url), sha256=sha256)

    def urls(self) -> Iterator[str]:
        """The URLs of all items that were committed, quicker than these, and not all of them there any more."""
        return self._index.urls()

    def read(self, item: Item) -> Capture:
        """The content of an item, checked against its digest; raises ``Damaged``."""
        capture = capture_of(self._archive.read(item.file, item.offset))
        if (capture.url, capture.digest) != (item.url, item.sha256):
            raise Damaged(f"{self._archive.folder / item.file}: byte {item.offset} holds something else")
        return capture

    def remove(
        self, *digests: str, reason: str, run: str, at: datetime, ticket: str | None = None
    ) -> tuple[Item, ...]:
        """Remove every item with one of these digests, under whatever URL; see :meth:`remove_each`."""
        return self.remove_each(dict.fromkeys(digests, reason), run=run, at=at, ticket=ticket)

    def remove_each(
        self,
        reasons: Mapping[str, str],
        *,
        run: str,
        at: datetime,
        ticket: str | None = None,
        withdrawal: int | None = None,
        wish: Mapping[str, Any] | None = None,
    ) -> tuple[Item, ...]:
        """Remove every item with one of these digests, each for its reason; the only way out.

        ``wish``: the fields of a withdrawal that is told in the same breath; its entry is the one before the
        first removal's, and says how many of these follow. ``withdrawal``: the entry of one that was told.

        Durable on return. The ledger keeps digest, URLs and reason; it is told first, so that a removal that a
        crash interrupts is finished when the corpus is next opened. Needs as much free space as the largest
        file concerned. Raises ``Fault`` while anything is unsynced: the journal is to be flushed before.
        """
        ledger = self._ledger
        if ledger is None or self._archive.unsynced or ledger.unsynced:
            raise Fault("a removal was asked for before what came earlier was on disk")
        reasons = {digest.lower(): reason for digest, reason in reasons.items()}
        found = {digest: tuple(self._index.items(sha256=digest)) for digest in reasons}
        gone = {digest: items for digest, items in found.items() if items}
        if wish is not None:
            withdrawal = ledger.append_other(WITHDRAWAL, run=run, at=at, **wish, removals=len(gone))
        told = []
        for digest, items in gone.items():
            said: dict[str, Any] = {"sha256": digest, "urls": sorted({item.url for item in items})}
            said |= {} if withdrawal is None else {"withdrawal": withdrawal}
            number = ledger.append_other(REMOVAL, run=run, at=at, reason=reasons[digest], ticket=ticket, **said)
            told.append(said | {"entry": number, "at": time_to_text(at)})
        ledger.sync()
        self._index.commit()
        self._rewrite()
        if self._removed is not None:
            self._removed.append(told)
        return tuple(item for items in gone.values() for item in items)

    def finish_removals(self) -> None:
        """Do what is left of removals that the ledger holds: in the archive, and in the list for others."""
        self._rewrite()
        if self._removed is not None:
            self._removed.mend(self._index.last_removal())

    def _rewrite(self) -> None:
        """Rewrite the files that hold what the ledger says is removed, each once."""
        for file, places in self._index.doomed().items():
            size = self._archive.rewrite(file, places, partial(self._index.rewriting, file))
            self._index.rewritten(file, places, size)


def check(decision: Decision, capture: Capture) -> None:
    """Raise ``Refused`` unless the decision is to collect this URL and the capture is all of it."""
    time_to_text(capture.at)  # raises ValueError here, where nothing is buffered yet, if the time has no zone
    if not decision.collect:
        raise Refused(
            f"{capture.url} is {decision.outcome.value} at {decision.stage.value}, not to be collected"
        )
    if capture.url != decision.asset.url:
        raise Refused(f"{capture.url} was offered with a decision about {decision.asset.url}")
    if capture.status not in WHOLE or not capture.complete or capture.failure is not None:
        why = capture.failure or ("cut short" if not capture.complete else f"status {capture.status}")
        raise Refused(f"{capture.url} is not whole: {why}")
