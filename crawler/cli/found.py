"""Where in the stored evidence the quoted words stand, so that who reads a story can open the file and look."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from crawler.optout.model import EXCERPT_LIMIT, Carrier, Evidence

if TYPE_CHECKING:
    from crawler.corpus.evidence import EvidenceStore

FILES = frozenset({Carrier.ROBOTS_TXT, Carrier.HOST_FILE})
"""Carriers that are a whole file, which is stored as evidence."""

MOST_BODIES = 8
"""Files that are held in memory at once; each has at most a few megabytes."""

_LINE = re.compile(r"line ([0-9]{1,9})(?![0-9])")
_WORD = re.compile(r"\S+")


class Places:
    """Looks quotations up in the evidence of one corpus."""

    def __init__(self, evidence: EvidenceStore) -> None:
        self._evidence = evidence
        self._texts: dict[str, str | None] = {}

    def of(self, said: Evidence) -> str:
        """Where the words stand, in words; empty where the words themselves are all that is stored.

        Raises ``Damaged`` for evidence that cannot be read.
        """
        if not said.excerpt.strip() or said.locator == "unreachable":
            return ""
        if said.sha256 == hashlib.sha256(said.excerpt.encode("utf-8", "replace")).hexdigest():
            return ""
        text = self._text(said.sha256)
        if text is None:
            missing = said.carrier in FILES or len(said.excerpt) < EXCERPT_LIMIT
            return "the file it stands in is not in the stored evidence" if missing else ""
        named = _LINE.match(said.locator)
        places = list(_lines_with(text, said.excerpt, int(named[1]) if named else None))
        places = places or list(_anywhere(text, said.excerpt))
        if not places:
            return f"not word for word in the stored file, sha256 {said.sha256[:16]}…"
        return f"stored file, {'; '.join(places)}, sha256 {said.sha256[:16]}…"

    def _text(self, sha256: str) -> str | None:
        """The file with this digest as text; None: it is not there."""
        if sha256 not in self._texts:
            if len(self._texts) >= MOST_BODIES:
                self._texts.clear()
            captures = self._evidence.with_body(sha256) if re.fullmatch("[0-9a-f]{64}", sha256) else []
            self._texts[sha256] = captures[0].body.decode("utf-8-sig", "replace") if captures else None
        return self._texts[sha256]


def _lines_with(text: str, excerpt: str, named: int | None) -> Iterator[str]:
    """Where each line of the excerpt stands, the named line first, then the nearest before it; or nothing."""
    pieces = [piece.strip() for piece in excerpt.splitlines() if piece.strip()]
    lines = re.split(r"\r\n|\r|\n", text)
    found = []
    for piece in pieces:
        rows = [number for number, line in enumerate(lines, 1) if piece in line]
        if not rows:
            return
        before = [row for row in rows if named is not None and row <= named]
        row = before[-1] if before else rows[0]
        column = lines[row - 1].index(piece) + 1
        found.append(f"line {row}, columns {column} to {column + len(piece) - 1}")
    yield from found


def _anywhere(text: str, excerpt: str) -> Iterator[str]:
    """Where the excerpt begins if blanks are not looked at, as where a document was read and written again."""
    squeezed = "".join(excerpt.split())
    at = "".join(text.split()).find(squeezed)
    if at < 0:
        return
    for word in _WORD.finditer(text):
        if at < len(word[0]):
            start = word.start() + at
            row = text.count("\n", 0, start) + 1
            yield f"from line {row}, column {start - text.rfind(chr(10), 0, start)}"
            return
        at -= len(word[0])
