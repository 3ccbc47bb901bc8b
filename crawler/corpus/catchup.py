"""Bring the index up to date with the files, cutting what a crash tore off their ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.audit import ledger
from crawler.audit.blocks import BLOCK
from crawler.audit.erasing import intent
from crawler.corpus import archive
from crawler.corpus.disk import TEMPORARY
from crawler.corpus.errors import Damaged
from crawler.corpus.index import ARCHIVE, EVIDENCE, LEDGER, REWRITING, Index
from crawler.corpus.items import item_of
from crawler.corpus.warc import capture_of
from crawler.optout.model import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crawler.corpus.folder import CorpusFolder
    from crawler.corpus.segments import Place
    from crawler.corpus.warc import Record

_EVERY = 5000
"""Rows staged at most before they are committed."""


def behind(folder: CorpusFolder, index: Index) -> bool:
    """Whether the files hold anything that the index does not know, or the other way round."""
    if intent(folder.ledger) is not None or ledger.count(folder.ledger) != index.last_entry():
        return True
    return any(_sizes(path, area) != index.known_files(area) for area, path in _areas(folder).items())


def catch_up(folder: CorpusFolder, index: Index, *, repair: bool) -> None:
    """Read into ``index`` what the files hold beyond it.

    ``repair``: this process is the writer; cut records that were not written to their end. Raises ``Damaged``
    where anything else is wrong: bytes were changed, or content has no decision.
    """
    if intent(folder.ledger) is not None:  # blocks were about to be rewritten
        index.forget_ledger()
    if ledger.count(folder.ledger) < index.last_entry() or any(
        not 0 <= indexed <= _sizes(path, area).get(name, -1) and not (area == ARCHIVE and indexed == REWRITING)
        for area, path in _areas(folder).items()
        for name, indexed in index.known_files(area).items()
    ):
        index.clear()  # files were taken away or set back: what is known of the others may be wrong too
    for name, indexed in index.known_files(ARCHIVE).items():
        if indexed == REWRITING:
            index.forget(name)
    last = _read_ledger(folder.ledger, index)

    def reading(place: Place, record: Record) -> None:
        digest = record.need("Heedful-Reading").removeprefix("sha256:")
        index.note_reading(place, digest, capture_of(record).digest)

    def item(place: Place, record: Record) -> None:
        found = item_of(place, record)
        if found.entry > last:
            raise Malformed(f"it rests on ledger entry {found.entry}, but there are only {last}")
        index.note_item(found)

    _read_archive(folder.evidence, EVIDENCE, index, reading, repair)
    _read_archive(folder.archive, ARCHIVE, index, item, repair)


def sweep(folder: Path) -> None:
    """Delete what a crash left of files that were not whole yet."""
    for path in folder.glob(f"*{TEMPORARY}"):
        path.unlink()


def _read_ledger(folder: Path, index: Index) -> int:
    known = index.last_entry()
    first, after = index.last_block() or (1 - BLOCK, None)
    for piece in ledger.pieces(folder, after, first + BLOCK):
        for number in range(max(known + 1, piece.first), piece.first + len(piece.lines)):
            try:
                index.note_entry(number, piece.entry(number).fields)
            except (LookupError, TypeError, ValueError) as error:
                raise piece.damaged(number, f"it is no good: {error!r}") from error
            known = number
        if piece.place is not None:
            index.note_block(piece.first, piece.place)
        index.commit()
    return known


def _read_archive(
    folder: Path, area: str, index: Index, note: Callable[[Place, Record], None], repair: bool
) -> None:
    for name in archive.names(folder):
        end = index.reached(area, name)
        for count, (place, record) in enumerate(archive.walk(folder, name, end), 1):
            try:
                if record.get("WARC-Type") != "warcinfo":
                    note(place, record)
            except (Malformed, ValueError) as error:
                raise Damaged(
                    f"{folder / name}: the record at byte {place.offset} is no good: {error}"
                ) from error
            index.note_end(area, place)
            end = place.end
            if count % _EVERY == 0:
                index.commit()
        if repair:
            archive.repair(folder, name, end)
        index.commit()


def _areas(folder: CorpusFolder) -> dict[str, Path]:
    return {LEDGER: folder.ledger, EVIDENCE: folder.evidence, ARCHIVE: folder.archive}


def _sizes(folder: Path, area: str) -> dict[str, int]:
    names = ledger.names(folder) if area == LEDGER else archive.names(folder)
    return {name: (folder / name).stat().st_size for name in names}
