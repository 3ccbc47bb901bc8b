"""A corpus as a whole: the folder with everything in it, opened in the right order."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from crawler.audit import ledger
from crawler.audit.entries import DECISION, REMOVAL, Filter
from crawler.audit.ledger import Ledger
from crawler.corpus import tables, withdrawal
from crawler.corpus.archive import FILE_LIMIT, Archive
from crawler.corpus.catchup import behind, catch_up, sweep
from crawler.corpus.evidence import EvidenceStore
from crawler.corpus.folder import CorpusFolder
from crawler.corpus.index import Index
from crawler.corpus.removed import FILE as REMOVED
from crawler.corpus.removed import Removed
from crawler.corpus.shunned import Shunned
from crawler.corpus.store import Store

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from crawler.audit.checkpoint import Checkpoint
    from crawler.audit.entries import Entry
    from crawler.audit.note import Signer
    from crawler.corpus.manifest import Identity


class Corpus:
    """What a command works with. For reading only, unless it was opened with :meth:`open`."""

    def __init__(self, folder: CorpusFolder, index: Index, *, file_limit: int = FILE_LIMIT) -> None:
        """See :meth:`open` and :meth:`read`."""
        writable, identity = folder.writable, folder.manifest.identity
        software = " ".join(f"{name}/{version}" for name, version in folder.manifest.versions.items())
        info = (("software", software), ("operator", identity.operator or identity.contact))
        self.folder = folder
        self.index = index
        self.ledger = (
            Ledger(
                folder.ledger,
                origin=folder.manifest.origin,
                noted=index.note_entry,
                sealed=index.note_block,
            )
            if writable
            else None
        )
        self._reader = ledger.Reader(folder.ledger, index.block)
        evidence, content = (
            Archive(path, writable=writable, info=info, file_limit=file_limit)
            for path in (folder.evidence, folder.archive)
        )
        self.evidence = EvidenceStore(evidence, index)
        removed = Removed(folder.path / REMOVED, folder.ledger) if writable else None
        self.store = Store(content, index, self.ledger, removed)
        self._shunned: Shunned | None = None

    @classmethod
    def open(
        cls,
        path: Path,
        identity: Identity,
        *,
        versions: Mapping[str, str],
        at: datetime,
        file_limit: int = FILE_LIMIT,
    ) -> Corpus:
        """The corpus at ``path`` for writing, begun if there is none, and whole again after a crash.

        What was torn off is cut, removals are finished. ``file_limit``: bytes of a WARC file. Raises
        ``CorpusError``, also when the secret behind its marks is missing; it can then still be read.
        """
        folder = CorpusFolder.open(path, identity, versions=versions, at=at)
        try:
            sweep(folder.archive)
            sweep(folder.ledger)
            corpus = cls(folder, Index.open(folder.index), file_limit=file_limit)
            try:
                if folder.manifest.runs and folder.manifest.runs[-1].ended is None:
                    corpus.index.check()  # whatever ended the last run may have spoilt it
                catch_up(folder, corpus.index, repair=True)
            except sqlite3.DatabaseError:  # its pages are spoilt
                corpus.index.close()
                tables.discard(folder.index)
                corpus = cls(folder, Index.open(folder.index), file_limit=file_limit)
                catch_up(folder, corpus.index, repair=True)
            corpus._shunned = Shunned.open(folder.secret, corpus.index)
            corpus.store.finish_removals()
            withdrawal.finish(corpus)
        except BaseException:
            folder.close()
            raise
        return corpus

    @classmethod
    def change(cls, path: Path, *, at: datetime) -> Corpus:
        """The corpus at ``path`` for writing, as what it is; raises ``NotACorpus`` if there is none.

        See :meth:`open`.
        """
        manifest = CorpusFolder.read(path).manifest
        return cls.open(path, manifest.identity, versions=manifest.versions, at=at)

    @classmethod
    def read(cls, path: Path, *, untouched: bool = False) -> Corpus:
        """The corpus at ``path`` for reading. While a crawl writes to it, its last moments may be missing.

        ``untouched``: not even the time of a folder changes, as long as nothing else is at work on it.
        """
        folder = CorpusFolder.read(path)
        index = Index.read(folder.index, untouched=untouched and not folder.in_use())
        try:
            if index is not None and (folder.in_use() or not behind(folder, index)):
                return cls(folder, index)
            index = Index.in_memory(index)
            catch_up(folder, index, repair=False)
        except sqlite3.DatabaseError:
            index = Index.in_memory(None)
            catch_up(folder, index, repair=False)
        return cls(folder, index)

    @property
    def shunned(self) -> Shunned:
        """Which bytes were reserved. Raises ``ValueError`` when the corpus was opened for reading."""
        if self._shunned is None:
            raise ValueError(f"{self.folder.path} was opened for reading")
        return self._shunned

    def last_decision(self, url: str, *, after: int = 0, before: int | None = None) -> Entry | None:
        """The last decision about ``url`` in an entry between these two, of those that are on disk; or None.

        ``before``: None: no end. Raises ``Damaged``.
        """
        wanted = Filter(url=url)
        for number in reversed(self.index.entries(url)):
            if after < number and (before is None or number < before):
                entry = self._reader.entry(number)
                if entry.type == DECISION and wanted.matches(entry):
                    return entry
        return None

    def entries(self, wanted: Filter | None = None) -> Iterator[Entry]:
        """The ledger's entries, oldest first; one URL's without reading the others. Raises ``Damaged``."""
        if wanted is None or wanted.url is None:
            yield from ledger.entries(self.folder.ledger, wanted)
            return
        for number in self.index.entries(wanted.url):
            entry = self._reader.entry(number)
            if wanted.matches(entry):
                yield entry

    def entry(self, number: int) -> Entry:
        """One entry of the ledger, of those that are on disk. Raises ``Damaged`` if it is not there."""
        return self._reader.entry(number)

    def seal(self, signer: Signer, at: datetime) -> Checkpoint | None:
        """Sign a checkpoint over ledger and manifest as they are; None: nothing is new since the last.

        Raises ``Fault`` while anything is unsynced; the journal is to be flushed before.
        """
        book = self._book()
        if book.is_sealed((self.folder.manifest.seal,)):
            return None
        self.folder.note_key(str(signer.verifier), at=at)
        checkpoint = book.checkpoint(signer, at, extensions=(self.folder.manifest.seal,))
        self.index.commit()
        return checkpoint

    def erase(self, numbers: Collection[int], *, reason: str, run: str, at: datetime) -> int:
        """Erase what these entries say; returns the number of the entry that tells so. Durable on return.

        A checkpoint is to be signed over all of them before (:meth:`seal`). What has to outlast them is kept
        without their URLs: which bytes were removed, and marks of those that are reserved.
        """
        book = self._book()
        gone = [self.entry(number) for number in sorted(set(numbers))]
        removed = [
            {"entry": one.number}
            | {key: one.fields[key] for key in ("sha256", "withdrawal") if key in one.fields}
            for one in gone
            if one.type == REMOVAL
        ]
        key, marks = self.index.marks_of([one.number for one in gone])
        carried: dict[str, Any] = {"removed": removed} if removed else {}
        if marks:
            carried["reserved"] = {"key": key, "marks": marks}
        self.index.commit()
        number = book.erase(
            [one.number for one in gone],
            reason=reason,
            run=run,
            at=at,
            ready=self._forget_ledger,
            **carried,
        )
        catch_up(self.folder, self.index, repair=True)
        return number

    def _forget_ledger(self) -> None:
        self.index.commit()
        self.index.forget_ledger()
        self._reader.forget()

    def _book(self) -> Ledger:
        if self.ledger is None:
            raise ValueError(f"{self.folder.path} was opened for reading")
        return self.ledger

    def close(self) -> None:
        """Let go of the folder. What was not flushed is not written."""
        self.index.close()
        self.folder.close()

    def __enter__(self) -> Corpus:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
