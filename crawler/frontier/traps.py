"""What the embedded frontier knows of hosts that do not end: how much they offered, and where links are left.

Every call belongs inside a transaction.
"""

from __future__ import annotations

import sqlite3

from crawler.frontier.contract import Shut
from crawler.frontier.notes import storable


class Traps:
    """The table ``shut``, and what ``url`` says of a host."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def offered(self, domain: str, host: str, after: int, most: int) -> list[tuple[int, str]]:
        """At most so many URLs of a host behind a number, in the order in which they were new."""
        rows = self._sql.execute(
            "SELECT url.id, url.url FROM domain JOIN host ON host.domain = domain.id"
            " JOIN url ON url.host = host.id AND url.id > ?"
            " WHERE domain.name = ? AND host.name = ? ORDER BY url.id LIMIT ?",
            (after, storable(domain), storable(host), most),
        )
        return rows.fetchall()

    def size(self, domain: str) -> int:
        """How many URLs a domain has."""
        (found,) = self._sql.execute(
            "SELECT count(*) FROM domain JOIN host ON host.domain = domain.id JOIN url ON url.host = host.id"
            " WHERE domain.name = ?",
            (storable(domain),),
        ).fetchone()
        return int(found)

    def shut(self, where: Shut) -> None:
        """Remember a place; what was lasting stays so."""
        self._sql.execute(
            "INSERT INTO shut (name, pattern, reason, lasting) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET lasting = max(lasting, excluded.lasting)",
            (storable(where.name), storable(where.pattern), where.reason, where.lasting),
        )

    def shut_at(self, name: str) -> list[Shut]:
        """What is remembered of a host or domain."""
        rows = self._sql.execute("SELECT pattern, reason, lasting FROM shut WHERE name = ?", (storable(name),))
        return [
            Shut(name=name, pattern=pattern, reason=reason, lasting=bool(lasting))
            for pattern, reason, lasting in rows
        ]

    def reopen(self) -> None:
        """Forget what was shut until everything is asked again."""
        self._sql.execute("DELETE FROM shut WHERE lasting = 0")
