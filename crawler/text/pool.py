"""The words of many items, read by worker processes, in the order of the items.

What a stranger's bytes do to an extractor ends in a worker: one that takes too long, dies or takes too much
memory is replaced, and the item that it was at becomes :class:`~crawler.text.model.Unread`.
"""

from __future__ import annotations

import os
import selectors
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

from crawler.corpus.items import Item
from crawler.text.child import Child, Gone
from crawler.text.extraction import require
from crawler.text.model import TOO_LONG, How, Unread, Words
from crawler.text.record import Place, place_of, read_at

PATIENCE = 20.0
"""Seconds that one page may keep a processor busy."""

DOCUMENTS = 6
"""How many times as long a document may take: it has hundreds of pages."""

BATCH = 8
"""Items handed to a worker at once."""

WINDOW = 64
"""Items for each worker that may be ahead of the one that is waited for."""

BUFFERED = 64 * 1024 * 1024
"""Characters that may wait for an earlier item, above which no more items are handed out."""

FALSE_STARTS = 3
"""Workers in a row that may end before they are ready; then there is something wrong with this machine."""

NO_WORKER = "no process that reads words can be started on this machine"


def read_words(
    archive: Path,
    items: Iterable[Item],
    how: How,
    *,
    workers: int | None = None,
    patience: float = PATIENCE,
) -> Generator[tuple[Item, Words | Unread], None, None]:
    """Each item with its words, in the order of ``items``, of which only a few are taken in ahead.

    ``archive``: the folder of WARC files. ``workers``: how many processes, None: one for each usable core, 0:
    none, where nothing bounds time and memory. ``patience``: seconds of a processor for a page; documents get
    six times as much, and by the clock either may take fifteen times that. Closing the iterator ends the
    workers. Raises ``MissingExtra`` at once, and ``OSError`` when no worker can be started.
    """
    require(how)
    if workers == 0:
        return ((item, read_at(archive, place_of(item), how)) for item in items)
    pool = _Pool(archive, how, workers or usable_cores(), patience)
    return pool.run(iter(items))


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Pool:
    """The workers of one call, and what is on its way."""

    def __init__(self, archive: Path, how: How, most: int, patience: float) -> None:
        self._archive = archive.absolute()
        self._how = how
        self._most = most
        self._patience = {
            "text": patience,
            "image": patience,
            "pdf": DOCUMENTS * patience,
            "epub": DOCUMENTS * patience,
        }
        self._children: list[Child] = []
        self._waiting: deque[tuple[int, Place]] = deque()
        self._items: dict[int, Item] = {}
        self._done: dict[int, Words | Unread] = {}
        self._buffered = 0
        self._taken = 0
        self._false_starts = 0

    def run(self, items: Iterator[Item]) -> Generator[tuple[Item, Words | Unread], None, None]:
        """All of :func:`read_words`."""
        try:
            head, more = 0, True
            while True:
                while more and self._room(head):
                    more = self._take(items)
                if head == self._taken:
                    return
                self._feed()
                if head not in self._done:
                    self._listen()
                    continue
                result = self._done.pop(head)
                self._buffered -= len(result.text) if isinstance(result, Words) else 0
                yield self._items.pop(head), result
                head += 1
                if head % BATCH == 0:
                    self._listen(wait=False)  # nobody is to be idle because much is to be handed on
        finally:
            for child in self._children:
                child.end()

    def _room(self, head: int) -> bool:
        return self._taken - head < WINDOW * self._most and self._buffered < BUFFERED

    def _take(self, items: Iterator[Item]) -> bool:
        item = next(items, None)
        if item is None:
            return False
        self._items[self._taken] = item
        self._waiting.append((self._taken, place_of(item)))
        self._taken += 1
        return True

    def _feed(self) -> None:
        """Hand out what waits; start workers for it."""
        while self._waiting:
            child = min(self._children, key=lambda child: len(child.at), default=None)
            busy = child is None or len(child.at) > BATCH // 2
            if busy and len(self._children) < self._most:
                child = self._start()
                if child is None:
                    continue
            elif busy:
                return
            assert child is not None
            share = min(BATCH, max(1, len(self._waiting) // self._most))
            child.give([self._waiting.popleft() for _ in range(share)])

    def _start(self) -> Child | None:
        """A new worker; None, and never again one more, where the system has only room for those there are."""
        try:
            child = Child(self._archive, self._how, self._patience)
        except OSError as error:
            if not self._children:
                raise OSError(None, f"{NO_WORKER}: {error.strerror}") from error
            self._most = len(self._children)
            return None
        self._children.append(child)
        return child

    def _listen(self, *, wait: bool = True) -> None:
        """Take in what was answered; ``wait`` until somebody has answered, or has taken too long."""
        with selectors.DefaultSelector() as selector:
            for child in self._children:
                selector.register(child.source, selectors.EVENT_READ, (child, False))
                if child.events & selectors.EVENT_WRITE:
                    selector.register(child.sink, selectors.EVENT_WRITE, (child, True))
            patience = max(0.0, min((child.left() for child in self._children), default=0.0)) if wait else 0.0
            ready = [key.data for key, _ in selector.select(patience)]
        for child, writes in ready:
            if child not in self._children:
                continue
            if writes:
                child.push()
                continue
            try:
                for number, result in child.pull():
                    self._false_starts = 0
                    self._keep(number, result)
            except Gone as gone:
                self._replace(child, str(gone))
                continue
            if child.last:
                self._retire(child)
        for child in [child for child in self._children if child.left() <= 0]:
            self._replace(child, TOO_LONG)

    def _keep(self, number: int, result: Words | Unread) -> None:
        self._done[number] = result
        self._buffered += len(result.text) if isinstance(result, Words) else 0

    def _replace(self, child: Child, why: str) -> None:
        """End a worker that is of no use any more; the item that it was at is what did it."""
        if child.ready and child.at:
            number, _ = child.at.popleft()
            self._keep(number, Unread(reason=why))
        elif not child.ready:
            self._false_starts += 1
            if self._false_starts >= FALSE_STARTS:
                raise OSError(None, NO_WORKER)
        self._retire(child)

    def _retire(self, child: Child) -> None:
        self._children.remove(child)
        child.end()
        self._waiting.extendleft(reversed(child.at))
