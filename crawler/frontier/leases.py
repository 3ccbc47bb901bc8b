"""Domains changing hands, and the turns of their hosts, as rows. Every call belongs inside a transaction."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from heapq import merge
from itertools import chain, islice, zip_longest

from crawler.frontier.contract import Lease, LeaseLost


@dataclass(frozen=True, slots=True)
class Candidate:
    """A domain that may be handed out, or topped up."""

    id: int
    name: str
    epoch: int
    owner: int | None
    room: int
    """How many more entries its holder may have in hand."""
    turn: int
    held: bool
    """The asking session holds it."""


class Leases:
    """The tables ``session``, ``domain`` and ``host``, and the state of ``url`` while it is not done."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection

    def take_over(self, worker: str) -> tuple[int, int]:
        """A new session under ``worker``'s name, and how many entries the one before had in hand."""
        freed = 0
        for (owner,) in self._sql.execute("SELECT id FROM session WHERE worker = ?", (worker,)).fetchall():
            for (domain,) in self._sql.execute("SELECT id FROM domain WHERE owner = ?", (owner,)).fetchall():
                freed += self.free(domain, tried=True)
        cursor = self._sql.execute("INSERT OR REPLACE INTO session (worker) VALUES (?)", (worker,))
        assert cursor.lastrowid is not None
        return cursor.lastrowid, freed

    def session_of(self, worker: str) -> int | None:
        """The session that works under this name now."""
        row = self._sql.execute("SELECT id FROM session WHERE worker = ?", (worker,)).fetchone()
        return None if row is None else int(row[0])

    def check(self, lease: Lease) -> int:
        """The number of the lease's domain; raises ``LeaseLost`` when it has changed hands."""
        row = self._sql.execute(
            "SELECT id FROM domain WHERE name = ? AND epoch = ? AND owner IS NOT NULL",
            (lease.domain, lease.epoch),
        ).fetchone()
        if row is None:
            raise LeaseLost(f"The lease on {lease.domain} (epoch {lease.epoch}) is lost.", (lease,))
        return int(row[0])

    def candidates(self, session: int, now: float, limit: int, per_domain: int) -> list[Candidate]:
        """The domains to serve next, longest waiting first."""
        free = self._sql.execute(
            "SELECT due, id, name, epoch, owner, out, turn FROM domain"
            " WHERE due <= ? AND owner IS NOT ? ORDER BY due, id LIMIT ?",
            (now, session, limit),
        ).fetchall()
        held = self._sql.execute(
            "SELECT since, id, name, epoch, owner, out, turn FROM domain"
            " WHERE owner = ? AND out < ? AND (more OR wake <= ?) ORDER BY since, id LIMIT ?",
            (session, per_domain, now, limit),
        ).fetchall()
        waiting = merge(
            ((row, False) for row in free), ((row, True) for row in held), key=lambda one: one[0][0]
        )
        return [
            Candidate(number, name, epoch, owner, per_domain - out if is_held else per_domain, turn, is_held)
            for (_, number, name, epoch, owner, out, turn), is_held in islice(waiting, limit)
        ]

    def hand_out(
        self, domain: Candidate, session: int, now: float, expires: float, seen: int
    ) -> tuple[int, list[int]]:
        """Lease ``domain`` to ``session``: the epoch, and the numbers of the entries; none: it is not leased.

        ``seen``: the last addition to what travels with URLs that the worker is shown.
        """
        epoch = domain.epoch
        if not domain.held:
            epoch += 1
            if domain.owner is not None:  # expired
                self._requeue(domain.id, tried=True)
        self._wake(domain.id, now)
        taken, turn = self._take(domain, seen)
        if not taken and not domain.held:  # an expired lease with nothing left behind it
            self.free(domain.id)
            return epoch, taken
        self._sql.execute(
            "UPDATE domain SET epoch = ?, owner = ?, due = ?, since = ?, turn = ? WHERE id = ?",
            (epoch, session, expires, now, turn, domain.id),
        )
        self.settle(domain.id)
        return epoch, taken

    def free(self, domain: int, *, polite: float | None = None, tried: bool = False) -> int:
        """End the domain's lease; what was in hand returns to the queue. How many entries that were."""
        freed = self._requeue(domain, tried=tried)
        self._sql.execute(
            "UPDATE domain SET owner = NULL, epoch = epoch + 1, polite = coalesce(?, polite) WHERE id = ?",
            (polite, domain),
        )
        self.settle(domain)
        return freed

    def settle(self, domain: int) -> None:
        """Make the domain's row say what its queues say."""
        self._sql.execute(
            "UPDATE domain SET"
            " more = EXISTS (SELECT 1 FROM host WHERE host.domain = domain.id AND host.more = 1),"
            " wake = (SELECT min(url.due) FROM url WHERE url.domain = domain.id AND state = 'waiting'),"
            " out = (SELECT count(*) FROM url WHERE url.domain = domain.id AND state = 'leased')"
            " WHERE id = ?",
            (domain,),
        )
        self._sql.execute(
            "UPDATE domain SET due = iif(more, polite, max(polite, wake)) WHERE id = ? AND owner IS NULL",
            (domain,),
        )

    def recount(self) -> None:
        """:meth:`settle` for every domain, after many URLs of many hosts were queued."""
        self._sql.execute(
            "UPDATE host SET more = EXISTS (SELECT 1 FROM url WHERE url.host = host.id AND state = 'queued')"
        )
        for (domain,) in self._sql.execute("SELECT id FROM domain").fetchall():
            self.settle(domain)

    def _requeue(self, domain: int, *, tried: bool) -> int:
        self._sql.execute(
            "UPDATE host SET more = 1"
            " WHERE id IN (SELECT host FROM url WHERE url.domain = ? AND state = 'leased')",
            (domain,),
        )
        return self._sql.execute(
            "UPDATE url SET state = 'queued', tries = tries + ? WHERE domain = ? AND state = 'leased'",
            (tried, domain),
        ).rowcount

    def _wake(self, domain: int, now: float) -> None:
        """What waited for a moment that has come is queued again."""
        self._sql.execute(
            "UPDATE host SET more = 1"
            " WHERE id IN (SELECT host FROM url WHERE url.domain = ? AND state = 'waiting' AND due <= ?)",
            (domain, now),
        )
        self._sql.execute(
            "UPDATE url SET state = 'queued', due = NULL WHERE domain = ? AND state = 'waiting' AND due <= ?",
            (domain, now),
        )

    def _take(self, domain: Candidate, seen: int) -> tuple[list[int], int]:
        """At most ``domain.room`` entries, and the domain's turn after them.

        The host that was served longest ago comes first.
        """
        hands: dict[int, list[int]] = {}
        room, turn = domain.room, domain.turn
        while room > 0:
            hosts = self._sql.execute(
                "SELECT id FROM host WHERE domain = ? AND more = 1 ORDER BY turn, id LIMIT ?",
                (domain.id, room),
            ).fetchall()
            if not hosts:
                break
            share = room // len(hosts)
            for (host,) in hosts:
                found = self._sql.execute(
                    "SELECT id FROM url WHERE host = ? AND state = 'queued' ORDER BY rank, id LIMIT ?",
                    (host, share + 1),
                ).fetchall()
                numbers = [number for (number,) in found[:share]]
                self._sql.executemany(
                    "UPDATE url SET state = 'leased', seen = ? WHERE id = ?",
                    [(seen, number) for number in numbers],
                )
                self._sql.execute(
                    "UPDATE host SET more = ?, turn = ? WHERE id = ?",
                    (len(found) > share, turn := turn + 1, host),
                )
                hands.setdefault(host, []).extend(numbers)
                room -= len(numbers)
        mixed = chain.from_iterable(zip_longest(*hands.values()))
        return [number for number in mixed if number is not None], turn
