"""A whole export, from the corpus to its cards. The same call goes on after an interruption, and refreshes.

Nothing here decides what is withdrawn or reserved: what the store lists is what is kept, and what a recheck
holds back is left out. Should the ledger tell of anything that left while an export was made, it is gone
through again before it counts as finished.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.corpus.corpus import Corpus
from crawler.corpus.folder import MANIFEST
from crawler.export import pictures, state, wishes
from crawler.export.cards.deck import write_cards
from crawler.export.columns import Table
from crawler.export.groups import NearGroups
from crawler.export.inputs import Inputs, versions_of
from crawler.export.jsonl import Jsonl
from crawler.export.made import Counts, Made, MadeTable, Spoilt, Standing
from crawler.export.measuring import noting
from crawler.export.model import WINDOW, ExportError, Format, Wanted
from crawler.export.notes import FOLDER, Notes
from crawler.export.place import holding
from crawler.export.progress import Progress
from crawler.export.rows import ending_of
from crawler.export.selection import HELD, Selection, reserved_bytes, tables_of
from crawler.export.shards import Maker
from crawler.export.spool import Found, Spool
from crawler.export.survey import changed_since, survey
from crawler.export.tally import composition, ordered, together
from crawler.text.pool import read_words

if TYPE_CHECKING:
    from crawler.corpus.items import Item

LISTED = 1000
"""Damaged items that are listed of a whole export."""

PASSES = 5
"""How often an export is gone through while its corpus keeps losing items."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is to be made of which corpus, and where."""

    corpus: Path
    """The corpus folder."""
    folder: Path
    """The export folder: empty, not there yet, or this very export."""
    wanted: Wanted
    """What is asked for."""
    heedful: str
    """The version of this program."""
    workers: int | None = None
    """Processes that read words; None: as many as the machine has for us."""
    window: int = WINDOW
    """Ledger entries that a shard speaks for; for tests."""


def export(request: Request, told: Callable[[Progress], None] = lambda progress: None) -> Made:
    """Make the export, or what is left of it. ``told`` is called again and again while it goes on.

    Raises ``ExportError`` or ``CorpusError`` for what was asked for wrongly, and ``OSError``, naming the file,
    where the disk is full; what is finished then stays, and the same request goes on with it.
    """
    wishes.check(request.wanted)
    folder = request.folder.resolve()
    with Corpus.read(request.corpus) as corpus:
        manifest = corpus.folder.manifest
    with holding(folder, request.corpus):
        state.expect(folder, manifest, request.wanted)
        before = state.read(folder)
        state.begin(folder, manifest, request.wanted)
        for _ in range(PASSES):
            with Corpus.read(request.corpus) as corpus:
                made = _pass(request, folder, corpus, told)
            with Corpus.read(request.corpus) as corpus:
                if not changed_since(corpus, made.standing.entries):
                    break
        else:
            raise ExportError(
                f"{request.corpus} keeps losing items: export it when nothing else is at work on it"
            )
        made = state.dated(made, before)
        Spool(folder).clear()
        write_cards(folder, made, request.corpus)
        state.end(folder, made)
    return made


def _pass(request: Request, folder: Path, corpus: Corpus, told: Callable[[Progress], None]) -> Made:
    """Bring every shard up to date with the corpus as it is at this moment."""
    wanted = request.wanted
    manifest = (corpus.folder.path / MANIFEST).read_bytes()
    standing, holds = survey(corpus)
    reserved = reserved_bytes(corpus, holds, standing.entries) if standing.rechecks else frozenset()
    selection = Selection(
        corpus, holds, wanted, last=standing.entries, window=request.window, reserved=reserved
    )
    versions = versions_of(wanted, request.heedful)
    maker = Maker(
        corpus,
        folder,
        wanted,
        _layout(wanted),
        Inputs(wanted, versions, request.window),
        window=request.window,
        told=told,
    )
    read = partial(_read, corpus, request)
    if wanted.how.near:
        spool = Spool(folder)
        with NearGroups(folder / FOLDER / "groups.db") as groups:
            maker.spool(selection.windows(Table.TEXT), read, spool, groups)
            maker.texts(selection.windows(Table.TEXT), partial(_waiting, spool, request.window), groups.of)
    else:
        maker.texts(selection.windows(Table.TEXT), read)
    maker.images(selection.windows(Table.IMAGES))
    damaged = {one.entry for note in Notes(folder).every([Table.IMAGES]) for one in note.spoilt}

    def needed(sha256: str, ending: str) -> bool:
        return wanted.images == "files" and any(
            ending_of(item) == ending and item.entry not in damaged
            for item in selection.refers(sha256, Table.IMAGES)
        )

    files = pictures.tidy(folder, needed)
    return _made(request, folder, corpus, maker, manifest, standing, versions, files)


def _read(corpus: Corpus, request: Request, items: Iterable[Item]) -> Iterator[tuple[Item, Found]]:
    how = request.wanted.how
    results = read_words(corpus.folder.archive, items, how, workers=request.workers)
    return noting(corpus.folder.path, how, results)


def _waiting(spool: Spool, window: int, items: Iterable[Item]) -> Iterator[tuple[Item, Found]]:
    """The words of items from the spool, which has those of all their windows, by entry."""
    number = -1
    lines: Iterator[tuple[int, Found]] = iter(())
    for item in items:
        if item.entry // window != number:
            number = item.entry // window
            lines = spool.read(number)
        yield item, next(found for entry, found in lines if entry == item.entry)


def _layout(wanted: Wanted) -> Format:
    if wanted.format == "parquet":
        from crawler.export.parquet import Parquet

        return Parquet(wanted)
    if wanted.format == "webdataset":
        from crawler.export.webdataset import WebDataset

        return WebDataset(wanted)
    return Jsonl(wanted)


def _made(
    request: Request,
    folder: Path,
    corpus: Corpus,
    maker: Maker,
    manifest: bytes,
    standing: Standing,
    versions: dict[str, str],
    files: tuple[int, int],
) -> Made:
    notes = Notes(folder)
    tables = tuple(
        MadeTable(
            table=table,
            columns=maker.columns(table),
            shards=tuple(
                note.made(number)
                for number in notes.numbers(table)
                if (note := notes.read(table, number)) is not None and note.files
            ),
        )
        for table in tables_of(request.wanted)
    )
    total = together(note.tally for note in notes.every(Table))
    left = Counter(maker.progress.left)
    unread: Counter[str] = Counter()
    spoilt: list[Spoilt] = []
    empty = damaged = 0
    for note in notes.every(Table):
        left.update(note.left)
        unread.update(note.unread)
        empty, damaged = empty + note.empty, damaged + note.damaged
        spoilt += note.spoilt[: LISTED - len(spoilt)]
    held = left.pop(HELD, 0)
    return Made(
        wanted=request.wanted,
        at=datetime.now(UTC),
        corpus=corpus.folder.manifest,
        manifest=manifest,
        standing=standing,
        versions=versions,
        extractors=tuple(sorted(total.extractors)),
        tables=tables,
        counts=Counts(
            rows=total.rows,
            empty=empty,
            unread=ordered(unread),
            damaged=damaged,
            held_back=held,
            filtered=dict(sorted(left.items())),
            pictures=files[0],
            picture_bytes=files[1],
        ),
        composition=composition(total),
        damaged=tuple(spoilt),
    )
