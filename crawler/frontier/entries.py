"""Entries as the rest of the program sees them, put together from their rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from crawler.frontier.contract import VIAS, Entry, State
from crawler.frontier.notes import Notes, fingerprint, storable
from crawler.optout.model import Kind, Outcome


class Entries:
    """Reading what is known of URLs. Raises ``ValueError`` for a row that a sound file would not hold."""

    def __init__(self, connection: sqlite3.Connection, notes: Notes) -> None:
        self._sql = connection
        self._notes = notes

    def find(self, url: str) -> int | None:
        """The number of ``url``; None: it was never offered."""
        address = storable(url)
        row = self._sql.execute(
            "SELECT id FROM url WHERE key = ? AND url = ?", (fingerprint(address), address)
        ).fetchone()
        return None if row is None else int(row[0])

    def read(self, numbers: Sequence[int]) -> list[Entry]:
        """The entries with these numbers, in this order."""
        wanted = json.dumps(list(numbers))
        pages = self._pages(wanted)
        carried = self._notes.read(wanted)
        rows = self._sql.execute(
            "SELECT url.id, key, url, kind, domain.name, host.name, depth, alt, caption, work, tries,"
            " seed, link_only, kept, state, outcome"
            " FROM url JOIN host ON host.id = url.host JOIN domain ON domain.id = url.domain"
            " WHERE url.id IN (SELECT value FROM json_each(?))",
            (wanted,),
        )
        found: dict[int, Entry] = {}
        for (
            number,
            key,
            url,
            kind,
            domain,
            host,
            depth,
            alt,
            caption,
            work,
            tries,
            *flags,
            state,
            outcome,
        ) in rows:
            if fingerprint(url) != key:
                raise ValueError(f"entry {number} was altered")
            inherited, hops = carried.get(number, ((), ()))
            seed, link_only, kept = map(bool, flags)
            found[number] = Entry(
                id=number,
                url=url,
                kind=Kind(kind),
                domain=domain,
                host=host,
                depth=depth,
                via=tuple(pages.get(number, ())),
                inherited=inherited,
                hops=hops,
                alt=alt,
                caption=caption,
                work=work,
                tries=tries,
                seed=seed,
                link_only=link_only,
                kept=kept,
                state=State(state),
                outcome=None if outcome is None else Outcome(outcome),
            )
        missing = [number for number in numbers if number not in found]
        if missing:
            raise ValueError(f"entry {missing[0]} is missing")
        return [found[number] for number in numbers]

    def _pages(self, wanted: str) -> dict[int, list[str]]:
        pages: dict[int, list[str]] = {}
        for number, page in self._sql.execute(
            "SELECT via.url, page.url FROM via JOIN page ON page.id = via.page"
            " WHERE via.url IN (SELECT value FROM json_each(?)) ORDER BY via.url, via.page",
            (wanted,),
        ):
            seen_on = pages.setdefault(number, [])
            if len(seen_on) < VIAS:
                seen_on.append(page)
        return pages
