"""The files of a corpus: whether each ends where it should, and the index knows all of them.

No bytes before the ends are looked at; ``heedful verify`` does that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

from crawler.audit import blocks, checkpoints, pieces, salts, tail
from crawler.corpus import archive
from crawler.corpus.catchup import behind
from crawler.corpus.errors import Damaged
from crawler.corpus.folder import CorpusFolder
from crawler.corpus.index import ARCHIVE, EVIDENCE, REWRITING, Index
from crawler.doctor.model import Check, ok, problem, unchecked, warning

REPAIRED = "run the same crawl again: its opening cuts off what was not written to its end"
VERIFY = "say heedful verify, which names what is damaged; restore that from a copy"


def checks(folder: CorpusFolder) -> Iterator[Check]:
    """Ledger, checkpoints, index, evidence and archive."""
    yield _guarded("ledger", _ledger, folder)
    yield _guarded("checkpoint", _checkpoint, folder)
    index = Index.read(folder.index)
    try:
        yield _guarded("index", _index, folder, index)
        yield _guarded("evidence", _ends, folder, index, EVIDENCE)
        yield _guarded("archive", _ends, folder, index, ARCHIVE)
    finally:
        if index is not None:
            index.close()


def _guarded(name: str, look: object, *arguments: object) -> Check:
    assert callable(look)
    try:
        found = look(*arguments)
    except Damaged as error:
        return problem(name, str(error), VERIFY)
    except (OSError, sqlite3.Error) as error:
        return problem(name, f"it cannot be read ({error})", "let this user read it, or look at the disk")
    assert isinstance(found, Check)
    return found


def _ledger(folder: CorpusFolder) -> Check:
    book = folder.ledger
    found = tail.read(book)
    lines, torn = found or ([], b"")
    if found is None and blocks.names(book):
        return problem("ledger", f"{book / tail.NAME} is missing", VERIFY)
    if torn and not tail.cut_short(torn):
        raise tail.damaged(book, lines, len(lines), "it does not end where it should")
    count = pieces.count(book)
    if salts.stored(book) < count:
        raise salts.missing(book, salts.stored(book) + 1)
    said = f"{count:,} entries"
    if torn and not folder.in_use():
        return warning("ledger", f"{said}, and one that was not written to its end", REPAIRED)
    return ok("ledger", said)


def _checkpoint(folder: CorpusFolder) -> Check:
    last = checkpoints.last(folder.ledger)
    count = pieces.count(folder.ledger)
    if not last:
        if not count:
            return ok("checkpoint", "there is none yet, nor any entry")
        return warning("checkpoint", f"none is signed over {count:,} entries", "run the same crawl again")
    size, at = last[0].checkpoint.size, last[0].checkpoint.at
    if count < size:
        return problem("checkpoint", f"signed over {size:,} entries, but there are only {count:,}", VERIFY)
    age = "" if at is None else f", signed {_ago(datetime.now(UTC), at)} ago"
    said = f"over {size:,} of {count:,} entries{age}"
    if count > size and not folder.in_use():
        return warning("checkpoint", said, "run the same crawl again: its opening signs what is there")
    return ok("checkpoint", said)


def _index(folder: CorpusFolder, index: Index | None) -> Check:
    if index is None:
        if not pieces.count(folder.ledger):
            return ok("index", "there is none yet, nor any entry")
        return warning(
            "index", "it is missing or of another version", "run a crawl: its opening makes it again"
        )
    if folder.in_use():
        return unchecked("index", "it is being written")
    if behind(folder, index):
        return warning("index", "it does not know all that is there", "run a crawl: its opening catches up")
    return ok("index", "it knows all that is there")


def _ends(folder: CorpusFolder, index: Index | None, area: str) -> Check:
    place = folder.archive if area == ARCHIVE else folder.evidence
    names = archive.names(place)
    if not names:
        return ok(area, "no file yet")
    known = index.known_files(area) if index is not None else {}
    records, last_end = 0, 0
    for name in names:
        size = (place / name).stat().st_size
        end = known.get(name, 0)
        if end == REWRITING:
            return warning(area, f"{name} was being rewritten", "run a crawl: its opening finishes that")
        if end > size:
            raise Damaged(f"{place / name} has {size:,} bytes, but had {end:,} once")
        for where, _ in archive.walk(place, name, end):
            records, end = records + 1, where.end
        last_end = size - end
    said = f"{len(names):,} files"
    if last_end and not folder.in_use():
        return warning(area, f"{said}, the last with {last_end:,} bytes that are no whole record", REPAIRED)
    return ok(area, said + (f", {records:,} records beyond the index" if records else ""))


def _ago(now: datetime, then: datetime) -> str:
    seconds = max((now - then).total_seconds(), 0.0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return f"{seconds:,.0f} s"
