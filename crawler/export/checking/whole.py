"""An export verified: its files, what it says of itself, its rows, and its rows against the ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from crawler.audit.note import Verifier
from crawler.audit.verify.findings import MOST, Findings
from crawler.audit.verify.log import Signed
from crawler.audit.verify.seals import Seals, Unusable
from crawler.corpus.corpus import Corpus
from crawler.corpus.errors import CorpusError
from crawler.corpus.folder import CorpusFolder
from crawler.export.checking.again import Again, Seen
from crawler.export.checking.book import Book
from crawler.export.checking.listing import Listing
from crawler.export.checking.reading import Unreadable, needs_pyarrow, rows_of
from crawler.export.checking.row import Rows
from crawler.export.checking.said import Said, compare, read_said
from crawler.export.checking.sealed import Removed, check_policies, check_seal, keys_of, read_manifest
from crawler.export.columns import Table
from crawler.export.inputs import WRITING, versions_of
from crawler.export.made import STATE, MadeShard
from crawler.export.model import ExportError
from crawler.export.wishes import from_dict

NO_CORPUS = (
    "whether a row is missing, whether words are those of the page, and whatever else only ledger and archive "
    "show: name the corpus with --corpus"
)
"""What is not looked at without a corpus."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """What an auditor asks."""

    keys: Sequence[Verifier] = ()
    """The only keys that count; none: those that the corpus names itself, or without a corpus the export."""
    corpus: Path | None = None
    """The corpus that the export was made of."""
    since: Sequence[Path] = ()
    """Checkpoints that the auditor kept; the ledger of the corpus must have grown out of them."""
    heedful: str = ""
    """The version of this program; words are read again only where the same version read them."""
    texts: bool = False
    """Whether all rows are made again from the archive, and not only a sample."""


@dataclass(kw_only=True)
class Report:
    """What came of it."""

    findings: Findings
    """What does not hold, what is to be known, and how much was looked at."""
    keys: Sequence[Verifier] = ()
    """The keys that counted."""
    own_keys: bool = True
    """Whether these were taken from the export or the corpus itself."""
    sealed: Signed | None = None
    """The export's checkpoint, if it is signed by a key that counts."""
    size: int | None = None
    """Entries of the ledger of the corpus; None: nobody gave a corpus."""
    gone: Counter[str] = field(default_factory=Counter)
    """Rows that are not to be there any more, by why."""
    seen: Seen = field(default_factory=Seen)
    """What was made again from the archive, and what was not looked at."""

    @property
    def holds(self) -> bool:
        """Whether everything that was looked at holds."""
        return not self.findings.count


def verify(folder: Path, question: Question) -> Report:
    """Check the export in ``folder``, which is only read. Raises ``CorpusError`` for what cannot be checked."""
    report = Report(findings=Findings(folder=folder), own_keys=not question.keys)
    said = read_said(folder, report.findings)
    with ExitStack() as opened:
        listing = opened.enter_context(closing(Listing(folder, report.findings)))
        listing.read()
        if said is None:
            return report
        compare(folder, said, listing, report.findings)
        removed = opened.enter_context(closing(Removed()))
        removed.read(folder, listing, report.findings)
        check_policies(listing, report.findings)
        book = None
        if question.corpus is not None:
            corpus = CorpusFolder.read(question.corpus)
            if corpus.manifest.log != said.log:
                raise Unusable(
                    f"{folder} is no export of {question.corpus}, but of the ledger heedful/{said.log}"
                )
            book = opened.enter_context(closing(Book(corpus)))
        _seal(folder, said, listing, question, report, book)
        again = None
        if book is None:
            report.seen.unchecked.append(NO_CORPUS)
        elif question.corpus is not None:
            again = _again(question, said, report, opened)
        rows = Rows(listing, removed, book, again, report.findings, report.gone)
        looked = _rows(folder, said, listing, report, rows)
        if again is not None and book is not None:
            _from_archive(again, book, looked, report.seen.unchecked)
    return report


def _again(question: Question, said: Said, report: Report, opened: ExitStack) -> Again | None:
    """What makes rows again; None, and the findings are told: nothing can."""
    assert question.corpus is not None
    try:
        wanted = from_dict(said.wanted)
    except ExportError as error:
        report.findings.add(str(error), file=STATE)
        return None
    try:
        corpus = opened.enter_context(Corpus.read(question.corpus, untouched=True))
    except CorpusError as error:
        report.findings.add(f"the archive cannot be read: {error}", file=str(question.corpus))
        return None
    if report.size is not None and said.entries > report.size:
        report.findings.add(f"it speaks of {said.entries} entries, the ledger has {report.size}", file=STATE)
    now = versions_of(wanted, question.heedful)
    differences = tuple(
        f"{name} {said.versions.get(name, 'none')}, here {now.get(name, 'none')}"
        for name in sorted({*said.versions, *now} - WRITING)
        if said.versions.get(name) != now.get(name)
    )
    again = Again(corpus, said, wanted, differences, report.findings, every=question.texts)
    report.seen = again.seen
    return opened.enter_context(closing(again))


def _from_archive(again: Again, book: Book, looked: bool, unchecked: list[str]) -> None:
    """Make rows again, and find those that are missing."""
    try:
        again.compare()
        if looked:
            again.find_absent(book)
        else:
            unchecked.append("whether rows are missing, because not all shards were looked at")
    except CorpusError as error:
        unchecked.append(f"not everything could be read in the archive: {error}")
    except OSError as error:
        if error.errno is not None:
            raise
        unchecked.append(f"not everything could be read in the archive: {error.strerror}")


def _seal(
    folder: Path, said: Said, listing: Listing, question: Question, report: Report, book: Book | None
) -> None:
    """Check the export's checkpoint, and the ledger against it."""
    findings = report.findings
    manifest = read_manifest(folder, said, listing, findings)
    report.keys = question.keys
    if not report.keys:
        known = book.manifest if book is not None else manifest
        report.keys = [] if known is None else keys_of(known)
    if manifest is not None:
        report.sealed = check_seal(folder, said, manifest, report.keys, listing, findings)
    if book is None or question.corpus is None:
        return
    own = Findings(folder=question.corpus)
    seals = Seals(book.ledger, book.manifest.origin, report.keys, own)
    outside = [seals.outside(path) for path in question.since]
    for kept in outside:
        seals.compare(kept)
    book.read(report.keys, [*outside, *([report.sealed] if report.sealed else [])], own, then=said.entries)
    report.size = book.size
    for finding in own.found:
        inside = finding.file is not None and finding.file not in {str(path) for path in question.since}
        path = str(question.corpus / finding.file) if inside and finding.file else finding.file
        findings.add(**{**finding.as_dict(), "file": path})
    findings.count += max(0, own.count - MOST)
    for note in own.notes:
        findings.note(f"{question.corpus}: {note}")


def _rows(folder: Path, said: Said, listing: Listing, report: Report, rows: Rows) -> bool:
    """Check every row of every shard whose bytes are those that are listed; whether those were all."""
    findings = report.findings
    form, compressed = str(said.wanted.get("format")), said.wanted.get("compressed") is True
    if needs_pyarrow(form) and find_spec("pyarrow") is None:
        what = f"the rows were not looked at: {form} needs pyarrow, pip install 'heedful[export]'"
        if rows.book is not None:
            raise Unusable(what)
        findings.note(what)
        return False
    looked = True
    for table, told in said.tables.items():
        rows.begin(table, told.columns)
        for shard in told.shards:
            if all(listing.digest(file.path) == file.sha256 for file in shard.files) and shard.files:
                looked &= _shard(folder, form, compressed, table, shard, rows, findings)
            else:
                looked = False
                where = shard.files[0].path if shard.files else STATE
                findings.note(f"{where}: its rows were not looked at, because its bytes are not those listed")
    rows.end()
    return looked


def _shard(
    folder: Path, form: str, compressed: bool, table: Table, shard: MadeShard, rows: Rows, findings: Findings
) -> bool:
    """Check the rows of one shard; whether it could be read to its end."""
    where = shard.files[0].path
    count = 0
    try:
        for read in rows_of(folder, form, compressed, table, shard.number):
            count += 1
            rows.take_in(read, where)
    except Unreadable as error:
        findings.add(f"row {count + 1}: {error}", file=where)
        return False
    if count != shard.rows:
        findings.add(f"it has {count} rows, {STATE} says {shard.rows}", file=where)
    return True
