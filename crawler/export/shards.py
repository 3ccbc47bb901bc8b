"""Shards: each is made of its window of items, unless the one that is there is still what it would become."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from crawler.corpus.errors import Damaged
from crawler.export import pictures
from crawler.export.columns import Column, Table, Type, columns_of
from crawler.export.made import Spoilt
from crawler.export.model import Format, Picture, Row, Wanted
from crawler.export.notes import Notes, ShardNote, made_file
from crawler.export.progress import Progress
from crawler.export.rows import image_row, picture_name, text_row
from crawler.export.spool import Found, Spool
from crawler.export.streams import closable
from crawler.text.model import Unread

if TYPE_CHECKING:
    from crawler.corpus.corpus import Corpus
    from crawler.corpus.items import Item
    from crawler.export.groups import NearGroups
    from crawler.export.inputs import Inputs
    from crawler.export.selection import Window

LISTED = 100
"""Damaged items that are listed of one shard."""

_SHARD = re.compile(r"[0-9]{5,}[._]")

F = TypeVar("F", bound=Found | None)

Reading = Callable[[Iterable["Item"]], Iterator[tuple["Item", Found]]]
"""Reads the words of items, in their order."""
Grouped = Callable[[int], str | None]
"""The group of nearly equal texts of an entry."""


class Maker:
    """Makes the shards of one pass over one corpus."""

    def __init__(
        self,
        corpus: Corpus,
        folder: Path,
        wanted: Wanted,
        layout: Format,
        inputs: Inputs,
        *,
        window: int,
        told: Callable[[Progress], None],
    ) -> None:
        """``told``: called again and again while it goes on."""
        self.progress = Progress()
        self._corpus = corpus
        self._folder = folder
        self._wanted = wanted
        self._layout = layout
        self._inputs = inputs
        self._window = window
        self._told = told
        self._notes = Notes(folder)
        self._columns = {table: columns_of(table, wanted.columns, near=wanted.how.near) for table in Table}
        self._pictured = any(column.type is Type.IMAGE for column in self._columns[Table.IMAGES])
        self._beside = self._pictured and wanted.images == "files"

    def columns(self, table: Table) -> tuple[Column, ...]:
        """The columns of a table."""
        return self._columns[table]

    def texts(self, windows: Iterable[Window], read: Reading, group: Grouped = lambda entry: None) -> None:
        """Make the shards of texts. All texts that are to be read go through ``read`` in one stream."""
        waiting: deque[tuple[Window, str]] = deque()
        seen: set[int] = set()

        def needed() -> Iterator[Item]:
            for window, inputs in self._changed(Table.TEXT, windows, seen, group):
                waiting.append((window, inputs))
                yield from window.items

        with closing(closable(read(needed()))) as words:
            for _, pairs in groupby(words, key=lambda pair: pair[0].entry // self._window):
                window, inputs = waiting.popleft()
                self._make(Table.TEXT, window.number, inputs, pairs, group)
        self._drop_others(Table.TEXT, seen)

    def images(self, windows: Iterable[Window]) -> None:
        """Make the shards of images."""
        seen: set[int] = set()
        for window, inputs in self._changed(Table.IMAGES, windows, seen):
            self._make(Table.IMAGES, window.number, inputs, ((item, None) for item in window.items))
        self._drop_others(Table.IMAGES, seen)

    def spool(self, windows: Iterable[Window], read: Reading, spool: Spool, groups: NearGroups) -> None:
        """Read all texts and have them grouped; what was read before an interruption is not read again."""
        waiting: deque[tuple[int, str]] = deque()
        numbers: list[int] = []

        def needed() -> Iterator[Item]:
            for window in windows:
                inputs = self._inputs.of(Table.TEXT, self._columns[Table.TEXT], window.items)
                if not window.items:
                    continue
                numbers.append(window.number)
                if not spool.has(window.number, inputs):
                    waiting.append((window.number, inputs))
                    yield from window.items

        with closing(closable(read(needed()))) as words:
            for _, pairs in groupby(words, key=lambda pair: pair[0].entry // self._window):
                spool.write(*waiting.popleft(), ((item.entry, found) for item, found in self._counted(pairs)))
        for number in numbers:
            for entry, found in spool.read(number):
                if not isinstance(found, Unread) and found.sketch is not None and self._fits(found):
                    groups.add(entry, found.sketch)
        groups.settle()
        self.progress.items = 0

    def _fits(self, found: Found) -> bool:
        """Whether words become a row."""
        if isinstance(found, Unread) or not found.text.strip():
            return False
        return not self._wanted.languages or found.language in self._wanted.languages

    def _changed(
        self, table: Table, windows: Iterable[Window], seen: set[int], group: Grouped = lambda entry: None
    ) -> Iterator[tuple[Window, str]]:
        """The windows whose shards are to be made, with their inputs; the others are counted."""
        for window in windows:
            for why, number in window.left.items():
                self.progress.left[why] = self.progress.left.get(why, 0) + number
            if not window.items:
                continue
            seen.add(window.number)
            inputs = self._inputs.of(table, self._columns[table], window.items, group)
            note = self._notes.read(table, window.number)
            if note is not None and self._stands(table, window, note, inputs):
                self.progress.kept += 1
                self.progress.items += len(window.items)
                self._told(self.progress)
            else:
                yield window, inputs

    def _stands(self, table: Table, window: Window, note: ShardNote, inputs: str) -> bool:
        """Whether the shard that is there is what it would become. One that lacks something is tried again."""
        if note.inputs != inputs or note.is_due:
            return False
        expected = list(self._layout.files(table, window.number)) if note.tally.rows else []
        if [file.path for file in note.files] != expected or not self._notes.holds(note):
            return False
        beside = window.items if table is Table.IMAGES and self._beside else ()
        return all(pictures.is_there(self._folder, item) for item in beside)

    def _make(
        self,
        table: Table,
        number: int,
        inputs: str,
        pairs: Iterable[tuple[Item, Found | None]],
        group: Grouped = lambda entry: None,
    ) -> None:
        """Make one shard. The one that is there goes first: it may hold what is not to be there any more."""
        before = self._notes.read(table, number)
        self._discard(table, number)
        note = ShardNote(inputs=inputs)
        with ExitStack() as open_shard:
            sink = None
            for item, found in self._counted(pairs):
                row = self._row(item, found, note, group)
                if row is None:
                    continue
                if sink is None:
                    sink = open_shard.enter_context(
                        self._layout.begin(self._folder, table, number, self._columns[table])
                    )
                sink.add(row)
                note.tally.add(item, row, table)
                self.progress.rows += 1
        if note.tally.rows:
            if table is Table.IMAGES and self._beside:
                pictures.sync()
            note.files = tuple(made_file(self._folder, path) for path in self._layout.files(table, number))
            self.progress.shards += 1
        note.attempted(before)
        self._notes.write(table, number, note)

    def _counted(self, pairs: Iterable[tuple[Item, F]]) -> Iterator[tuple[Item, F]]:
        for pair in pairs:
            self.progress.items += 1
            self._told(self.progress)
            yield pair

    def _row(self, item: Item, found: Found | None, note: ShardNote, group: Grouped) -> Row | None:
        """The row of an item; None, and counted, if there is none."""
        if isinstance(found, Unread) and not found.damaged:
            note.unread[found.reason] = note.unread.get(found.reason, 0) + 1
            return None
        try:
            if isinstance(found, Unread):
                raise Damaged(found.reason)
            if found is None:
                return image_row(item, self._corpus.entry(item.entry), self._picture(item))
            if not found.text.strip():
                note.empty += 1
                return None
            if not self._fits(found):
                note.left["language"] = note.left.get("language", 0) + 1
                return None
            return text_row(item, self._corpus.entry(item.entry), found, group(item.entry))
        except Damaged as error:
            note.damaged += 1
            self.progress.damaged += 1
            if len(note.spoilt) < LISTED:
                note.spoilt.append(Spoilt(url=item.url, entry=item.entry, why=str(error)))
            return None

    def _picture(self, item: Item) -> Picture | None:
        if not self._pictured:
            return None
        data = self._corpus.store.read(item).body
        if self._beside:
            return Picture(name=pictures.put(self._folder, item, data), data=None)
        return Picture(name=picture_name(item), data=data)

    def _drop_others(self, table: Table, seen: set[int]) -> None:
        """Delete the shards of which nothing is left, and what no note knows."""
        for number in self._notes.numbers(table):
            if number not in seen:
                self._discard(table, number)
        known = {
            file.path
            for number in self._notes.numbers(table)
            if (note := self._notes.read(table, number)) is not None
            for file in note.files
        }
        folder = self._folder / table.value
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if _SHARD.match(path.name) and path.relative_to(self._folder).as_posix() not in known:
                path.unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def _discard(self, table: Table, number: int) -> None:
        self._notes.drop(table, number)
        for path in self._layout.files(table, number):
            (self._folder / path).unlink(missing_ok=True)
