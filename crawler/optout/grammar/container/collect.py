"""Where walkers put what they find, and the one place that keeps count of it.

A stranger's file can hold any number of pieces of any size. What is kept of them, and the work that is done to
find them, is bounded here; whatever a bound leaves out becomes trouble, never silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from crawler.optout.grammar.container.found import Metadata, Part
from crawler.optout.grammar.container.inflate import Inflated, Unpack

Sort = Literal["xmp", "iim", "manifests", "texts"]
"""The fields of :class:`Metadata` that hold parts."""

MIB = 1 << 20
PACKET = 4 * MIB
"""Octets kept of one part, other than a manifest store."""

ROOM: dict[Sort, int] = {"xmp": 16 * MIB, "iim": 2 * MIB, "manifests": 16 * MIB, "texts": 4 * MIB}
"""Octets kept of all parts of a sort together."""

PARTS = 64
"""Parts kept of a sort."""

STEPS = 10_000
"""Chunks, segments, boxes, items and directories that are looked at in one file."""

ROWS = 100_000
"""Tags in the directories of one file."""

UNPACKED = 32 * MIB
"""Octets that all compressed pieces of a file may inflate to together."""

PACKED = 64 * MIB
"""Octets that may be fed to unpack them, or looked through for smaller structures."""

BESIDE = "beside/"
"""How the locator begins of what belongs to another picture in the file: it can reserve, but not permit."""

REASONS = 4
"""Reasons told of trouble; more say nothing more."""


class Collector:
    """The parts of one file, in the order in which they were found.

    A walker reads ``data`` between two offsets, which is ``body`` or something unpacked from it, and hands in
    offsets instead of copies. What it hands in of ``body`` is remembered, so that :mod:`.scan` leaves it out.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.covered: list[tuple[int, int]] = []
        """Spans of ``body`` that were handed in, in no order."""
        self._parts: dict[Sort, list[Part]] = {sort: [] for sort in ROOM}
        self._room = dict(ROOM)
        self._steps = STEPS
        self._rows = ROWS
        self._unpacked = UNPACKED
        self._packed = PACKED
        self._reasons: dict[str, None] = {}
        self._counts: dict[str, int] = {}
        self._quiet = False
        self._beside = False

    def join(self, sort: Sort, data: bytes, spans: Sequence[tuple[int, int]], locator: str) -> None:
        """Take the pieces of ``data`` at ``spans``, end to end, as one part."""
        if data is self.body:
            self.covered += spans
        room = self._room_for(sort, sum(end - start for start, end in spans))
        if room is None:
            return
        view = memoryview(data)
        pieces: list[memoryview] = []
        for start, end in spans:
            piece = view[start : min(end, start + room)]
            room -= len(piece)
            pieces.append(piece)
            if not room:
                break
        self._keep(sort, b"".join(pieces), locator)

    def take(self, sort: Sort, data: bytes, locator: str) -> None:
        """Take all of ``data``, which stands nowhere in the file as it is, as one part."""
        room = self._room_for(sort, len(data))
        if room is not None:
            self._keep(sort, data[:room], locator)

    def take_document(self, data: bytes, locator: str) -> None:
        """Take a whole document as one packet, whatever its size: the caller has bounded it."""
        if data is self.body:
            self.covered.append((0, len(data)))
        self._keep("xmp", data, locator)

    def unpack(
        self, unpack: Unpack, data: bytes, spans: Sequence[tuple[int, int]], what: str, limit: int = PACKET
    ) -> bytes:
        """What the pieces of ``data`` at ``spans`` inflate to, as far as it was read; ``what``: for trouble."""
        if not self.read(sum(end - start for start, end in spans)):
            return b""
        view = memoryview(data)
        bound = min(limit, self._unpacked)
        result: Inflated = unpack((view[start:end] for start, end in spans), bound)
        self._unpacked -= len(result.data)
        if result.trouble:
            self.lost(f"{what} {result.trouble}")
        return result.data

    def lost(self, why: str) -> None:
        """Note that something may have been missed, and why."""
        if not self._quiet:
            self._note(why)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Meanwhile nothing is lost, other than by our own bounds: such structures are often faulty."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Meanwhile what is taken is another picture's, which the file holds beside the one that is shown."""
        before, self._beside = self._beside, True
        try:
            yield
        finally:
            self._beside = before

    def step(self) -> bool:
        """Whether one more piece of the file may be looked at."""
        self._steps -= 1
        if self._steps < 0:
            self._note(f"more than {STEPS} pieces")
        return self._steps >= 0

    def rows(self, count: int) -> bool:
        """Whether so many more tags may be looked at."""
        self._rows -= count
        if self._rows < 0:
            self._note(f"more than {ROWS} tags")
        return self._rows >= 0

    def read(self, octets: int) -> bool:
        """Whether so many more octets may be looked through."""
        self._packed -= octets
        if self._packed < 0:
            self._note("more packed data than is read")
        return self._packed >= 0

    def number(self, name: str) -> str:
        """A locator for the next piece of this name: ``name[0]``, ``name[1]``, …"""
        count = self._counts.get(name, 0)
        self._counts[name] = count + 1
        return f"{name}[{count}]"

    def cover(self, start: int, end: int) -> None:
        """Say that what stands between two offsets of ``body`` was handed in by other means."""
        self.covered.append((start, end))

    def full(self) -> bool:
        """Whether as many packets were taken as are kept."""
        return len(self._parts["xmp"]) >= PARTS or not self._room["xmp"]

    def found(self) -> Metadata:
        """Everything taken."""
        return Metadata(
            xmp=tuple(self._parts["xmp"]),
            iim=tuple(self._parts["iim"]),
            manifests=tuple(self._parts["manifests"]),
            texts=tuple(self._parts["texts"]),
            trouble="; ".join(self._reasons),
        )

    def _note(self, why: str) -> None:
        if len(self._reasons) < REASONS:
            self._reasons[why] = None

    def _room_for(self, sort: Sort, size: int) -> int | None:
        """How many octets of a part of ``size`` octets are kept; None: not even an empty one."""
        if len(self._parts[sort]) >= PARTS:
            self._note(f"more than {PARTS} {sort} parts")
            return None
        room = min(self._room[sort], ROOM[sort] if sort == "manifests" else PACKET)
        if size > room:
            self._note(f"{sort} parts too large to be kept")
        return room

    def _keep(self, sort: Sort, data: bytes, locator: str) -> None:
        if data:
            self._room[sort] -= len(data)
            self._parts[sort].append(Part(data, BESIDE + locator if self._beside else locator))
