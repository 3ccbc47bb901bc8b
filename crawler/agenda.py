"""What a recheck still has to ask, and what it found out so far. It lives as long as one recheck."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from crawler.corpus.holds import State
from crawler.corpus.store import Store
from crawler.domains import host_of, politeness_domain
from crawler.optout.codec import statement_from_dict, statement_to_dict
from crawler.optout.host import origin_of
from crawler.optout.model import Kind, Statement


class Agenda:
    """The URLs that are kept, in a temporary database: it holds URLs and statements, never content."""

    def __init__(self, store: Store) -> None:
        """Everything that ``store`` keeps."""
        self._db = sqlite3.connect("")  # a private file that vanishes with the connection
        self._db.executescript(
            "CREATE TABLE item (url TEXT PRIMARY KEY, domain TEXT, origin TEXT, image INTEGER, entry INTEGER,"
            " state TEXT) WITHOUT ROWID;"
            "CREATE INDEX turn ON item (domain, origin, image, entry);"
            "CREATE TABLE page (url TEXT PRIMARY KEY, spread TEXT, untold TEXT) WITHOUT ROWID;"
        )
        self._db.executemany(
            "INSERT INTO item VALUES (?, ?, ?, ?, ?, NULL)"
            " ON CONFLICT DO UPDATE SET entry = max(entry, excluded.entry)",
            (
                (
                    item.url,
                    politeness_domain(host_of(item.url)),
                    origin_of(item.url),
                    item.kind is Kind.IMAGE,
                    item.entry,
                )
                for item in store.items()
            ),
        )

    def __len__(self) -> int:
        """How many URLs there are."""
        return int(self._db.execute("SELECT count(*) FROM item").fetchone()[0])

    def domains(self) -> list[str]:
        """The politeness domains, those that take longest first."""
        rows = self._db.execute("SELECT domain FROM item GROUP BY domain ORDER BY count(*), domain")
        return [domain for (domain,) in rows][::-1]

    def origins(self, domain: str) -> list[str]:
        """The origins of a domain."""
        rows = self._db.execute("SELECT DISTINCT origin FROM item WHERE domain = ? ORDER BY origin", (domain,))
        return [origin for (origin,) in rows]

    def urls(self, domain: str, origin: str) -> list[str]:
        """The URLs of an origin: pages before images, in the order in which they were kept."""
        rows = self._db.execute(
            "SELECT url FROM item WHERE domain = ? AND origin = ? ORDER BY image, entry", (domain, origin)
        )
        return [url for (url,) in rows]

    def state(self, url: str) -> State | None:
        """What was found out about a URL; None: nothing yet."""
        row = self._db.execute("SELECT state FROM item WHERE url = ?", (url,)).fetchone()
        return State(row[0]) if row and row[0] else None

    def found(self, url: str, state: State) -> None:
        """Remember what was found out about a URL."""
        self._db.execute("UPDATE item SET state = ? WHERE url = ?", (state.value, url))

    def counts(self, domain: str, origin: str) -> dict[str, int]:
        """How many URLs of an origin are in which state."""
        return dict(
            self._db.execute(
                "SELECT state, count(*) FROM item WHERE domain = ? AND origin = ? AND state IS NOT NULL"
                " GROUP BY state ORDER BY state",
                (domain, origin),
            )
        )

    def page(self, url: str) -> tuple[tuple[Statement, ...], tuple[Statement, ...]] | None:
        """What a page says that its images inherit, and why that could not be told; None: not asked yet."""
        row = self._db.execute("SELECT spread, untold FROM page WHERE url = ?", (url,)).fetchone()
        if row is None:
            return None
        spread, untold = (tuple(map(statement_from_dict, json.loads(part))) for part in row)
        return spread, untold

    def heard(self, url: str, spread: Iterable[Statement], untold: Iterable[Statement]) -> None:
        """Remember what a page says."""
        parts = (json.dumps(list(map(statement_to_dict, part))) for part in (spread, untold))
        self._db.execute("INSERT OR REPLACE INTO page VALUES (?, ?, ?)", (url, *parts))

    def close(self) -> None:
        """Forget everything."""
        self._db.close()
